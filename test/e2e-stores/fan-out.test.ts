import { describe, expect } from 'vitest';
import { SECRET, STORE, type Stage } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess, warnings } from '../e2e/support/scenario.ts';
import { example, expression, furnish } from './support/furnish.ts';
import { type Run, RunnerModel } from './support/runner-model.ts';
import { environmentStore, it } from './support/stores.ts';
import { testSteps } from './support/test-steps.ts';

const ENVIRONMENT = environmentStore('cobo');
const SUITES = ['wallets', 'transactions', 'policies', 'webhooks'];

/** The same workflow, with everything in the repository's own secrets. */
const IN_REPOSITORY = example('rotate-then-matrix')
  .replaceAll(/^ {4}environment: cobo\n/gm, '')
  .replaceAll('secret-stores: environment:cobo', 'secret-stores: repository');

/** The result of the rotation in a run. */
function rotationOf(run: Run) {
  const result = run.jobs.find(({ name }) => name === 'rotate')?.steps[0]?.result;
  if (result === undefined) throw new Error('this run has rotated nothing');
  return result;
}

function testsOf(run: Run): (string | undefined)[] {
  return run.jobs.filter(({ name }) => name === 'test').map(({ conclusion }) => conclusion);
}

function expectOneLivingToken({ cobo, github }: Stage, store: string): void {
  expect(cobo.livingRefreshTokens()).toEqual([github.secretValue(store, SECRET)]);
  expect(cobo.history.filter(({ operation }) => operation === 'replay')).toEqual([]);
}

describe('rotate once, then a matrix', () => {
  it.concurrent('each job of the matrix reads the fresh token from the environment', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const { seen, play } = testSteps(stage);
    const model = new RunnerModel(stage, play);
    const run = model.queue(example('rotate-then-matrix'));
    await model.work();
    expectSuccess(stage, rotationOf(run), { state: 'stored', stores: [ENVIRONMENT] });
    expect(run.conclusion).toBe('success');
    expect(seen.map(({ name }) => name).sort()).toEqual(SUITES.map((suite) => `Test ${suite}`).sort());
    const fresh = rotationOf(run).outputs['access-token'];
    for (const { token, status } of seen) expect({ token, status }).toEqual({ token: fresh, status: 200 });
    expect(stage.cobo.requests.filter(({ path }) => path === '/v2/oauth/token')).toHaveLength(1);
    expectOneLivingToken(stage, ENVIRONMENT);
  });

  it.concurrent('with repository secrets the jobs of the matrix see what was there when the run was queued', async ({
    open,
  }) => {
    const stage = await open();
    furnish(stage, STORE, stage.refreshToken);
    const { seen, play } = testSteps(stage);
    const model = new RunnerModel(stage, play);
    const run = model.queue(IN_REPOSITORY);
    await model.work();
    expectSuccess(stage, rotationOf(run), { state: 'stored' });
    expect(stage.github.secretValue(STORE, 'COBO_ACCESS_TOKEN')).toBe(
      rotationOf(run).outputs['access-token'],
    );
    // Stored it is, but these jobs will never see it: there was none when the run was queued.
    expect(seen.map(({ token }) => token)).toEqual(SUITES.map(() => undefined));
    expect(testsOf(run)).toEqual(SUITES.map(() => 'failure'));
  });

  it.concurrent('an output does not bring the token into another job', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const { seen, play } = testSteps(stage);
    const model = new RunnerModel(stage, play);
    const outputs = [
      '    outputs:',
      `      token: ${expression('steps.cobo.outputs.access-token')}`,
      `      state: ${expression('steps.cobo.outputs.token-state')}`,
      '    steps:',
      '      - id: cobo',
      '        uses: org/',
    ];
    const byOutput = example('rotate-then-matrix')
      .replace('    steps:\n      - uses: org/', () => outputs.join('\n'))
      .replaceAll(expression('secrets.COBO_ACCESS_TOKEN'), expression('needs.rotate.outputs.token'));
    const run = model.queue(byOutput);
    await model.work();
    const [rotate] = run.jobs;
    expect(rotate).toMatchObject({ droppedOutputs: ['token'], outputs: { state: 'stored' } });
    expect(seen.map(({ token }) => token)).toEqual(SUITES.map(() => undefined));
  });
});

describe('two runs are queued, and the second waits for the first', () => {
  it.concurrent('with an environment both rotate, each from the token that the other left', async ({
    open,
  }) => {
    const stage = await open({ environments: ['cobo'] });
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const { seen, play } = testSteps(stage);
    const model = new RunnerModel(stage, play);
    const runs = [model.queue(example('rotate-then-matrix')), model.queue(example('rotate-then-matrix'))];
    await model.work();
    for (const run of runs) {
      expectSuccess(stage, rotationOf(run), { state: 'stored', stores: [ENVIRONMENT] });
      expect(warnings(rotationOf(run))).toEqual([]);
      expect(testsOf(run)).toEqual(SUITES.map(() => 'success'));
    }
    expect(seen.map(({ status }) => status)).toEqual(Array(2 * SUITES.length).fill(200));
    expectOneLivingToken(stage, ENVIRONMENT);
  });

  it.concurrent('with the repository the second is refused as stale, unspent; a re-run reads afresh', async ({
    open,
  }) => {
    const stage = await open();
    furnish(stage, STORE, stage.refreshToken);
    const model = new RunnerModel(stage);
    const first = model.queue(IN_REPOSITORY);
    const second = model.queue(IN_REPOSITORY);
    await model.work();
    expectSuccess(stage, rotationOf(first), { state: 'stored' });
    expectFailure(stage, rotationOf(second), {
      state: 'unspent',
      code: 'token-stale',
      says: [`\`${STORE}\``, 'when the run was queued', 'another run has rotated the token'],
      remedy: /Run the job again.*environment secret/,
      // The token in hand was spent by the first run, as the error says.
      coboLied: true,
    });
    expect(second.conclusion).toBe('failure');
    expect(testsOf(second)).toEqual(['skipped']);
    expectOneLivingToken(stage, STORE);

    model.queueAgain(second);
    await model.work();
    const used = stage.cobo.history.findLast(({ operation }) => operation === 'refresh')?.spent ?? '';
    expectSuccess(stage, rotationOf(second), { state: 'stored', used });
    expectOneLivingToken(stage, STORE);
  });

  it.concurrent('without a concurrency group the environment still refuses the one that comes too late', async ({
    open,
  }) => {
    const stage = await open({ environments: ['cobo'] });
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    // Another run rotates while this job is between its start and its checks.
    const other = stage.cobo.issueRefreshToken();
    const run = () => {
      stage.github.setSecret(ENVIRONMENT, SECRET, other, stage.github.clock + 60_000);
    };
    const match = { method: 'GET', path: /public-key$/ };
    stage.github.faults.add({ match, fault: { kind: 'hook', when: 'before', run } });
    const delayed = { method: 'GET', path: /secrets\/COBO_REFRESH_TOKEN$/ };
    stage.github.faults.add({ match: delayed, fault: { kind: 'hook', when: 'before', run } });
    const model = new RunnerModel(stage);
    const queued = model.queue(example('scheduled-rotation'));
    await model.work();
    expectFailure(stage, rotationOf(queued), {
      state: 'unspent',
      code: 'token-stale',
      says: [`\`${ENVIRONMENT}\``, 'when the job started'],
      remedy: 'Run the job again',
      stores: [ENVIRONMENT],
    });
    expect(stage.cobo.requests).toEqual([]);
    expect(stage.github.secretValue(ENVIRONMENT, SECRET)).toBe(other);
  });
});

describe('many runs in one concurrency group', () => {
  it.concurrent('all have their turn with `queue: max`', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const model = new RunnerModel(stage);
    const runs = Array.from({ length: 4 }, () => model.queue(example('scheduled-rotation')));
    await model.work();
    expect(runs.map(({ conclusion }) => conclusion)).toEqual(Array(4).fill('success'));
    expectOneLivingToken(stage, ENVIRONMENT);
  });

  it.concurrent('of those that wait the newest alone has it without, and no token is lost', async ({
    open,
  }) => {
    const stage = await open({ environments: ['cobo'] });
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const model = new RunnerModel(stage);
    const single = example('scheduled-rotation').replace('  queue: max\n', '');
    const runs = Array.from({ length: 4 }, () => model.queue(single));
    await model.work();
    const conclusions = runs.map(({ conclusion }) => conclusion);
    expect(conclusions).toEqual(['success', 'cancelled', 'cancelled', 'success']);
    expect(stage.cobo.history.filter(({ operation }) => operation === 'refresh')).toHaveLength(2);
    expectOneLivingToken(stage, ENVIRONMENT);
  });
});

describe('the model of the runner', () => {
  it.concurrent('gives a job that names no environment none of its secrets', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    const model = new RunnerModel(stage);
    const run = model.queue(example('scheduled-rotation').replace('    environment: cobo\n', ''));
    await model.work();
    const result = rotationOf(run);
    expect(result.outputs['token-state']).toBe('unspent');
    expect(result.log).toContain('The input `private-key` is empty');
    expect(stage.github.requests).toEqual([]);
  });
});
