import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { parse } from 'yaml';
import { REPOSITORY, SECRET, STORE } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess } from '../e2e/support/scenario.ts';
import { expression, furnish } from './support/furnish.ts';
import { type Run, RunnerModel } from './support/runner-model.ts';
import { environmentStore, it } from './support/stores.ts';
import { record } from './support/workflow.ts';

const ENVIRONMENT = environmentStore('cobo');
const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const ROTATE = read('.github/workflows/rotate.yml');

/** The workflow that the comment at the top of rotate.yml shows. */
const CALLER = ROTATE.split('\n')
  .filter((line) => line.startsWith('#     '))
  .map((line) => line.slice('#     '.length))
  .join('\n');

function resultOf(run: Run) {
  const result = run.jobs.at(-1)?.steps[0]?.result;
  if (result === undefined) throw new Error('this run has not come to the action');
  return result;
}

/** The caller, with secrets that it passes by name. */
const BY_NAME = CALLER.replace(
  'secrets: inherit',
  [
    'secrets:',
    `      private-key: ${expression('secrets.COBO_APP_SECRET')}`,
    `      refresh-token: ${expression('secrets.COBO_REFRESH_TOKEN')}`,
    `      github-token: ${expression('secrets.SECRETS_WRITER_TOKEN')}`,
  ].join('\n'),
);

describe('rotate.yml', () => {
  it('names its inputs and secrets as the action does, and passes each of them on', () => {
    const action = record(record(parse(read('action.yml')))['inputs']);
    const root = record(parse(ROTATE));
    const call = record(record(root['on'])['workflow_call']);
    const own = ['environment', 'concurrency-group', 'runs-on'];
    const names = [...Object.keys(record(call['inputs'])), ...Object.keys(record(call['secrets']))];
    const shared = names.filter((name) => !own.includes(name));
    expect(shared.filter((name) => !Object.hasOwn(action, name))).toEqual([]);
    const job = record(record(root['jobs'])['rotate']);
    const steps = job['steps'];
    const given = record(record(Array.isArray(steps) ? steps[0] : undefined)['with']);
    expect(Object.keys(given).sort()).toEqual([...shared].sort());
    for (const name of shared) expect(String(given[name]), name).toContain(name);
    // What is left out makes no sense in a job that does nothing but rotate.
    const leftOut = Object.keys(action).filter((name) => !shared.includes(name));
    expect(leftOut.sort()).toEqual(['access-token', 'access-token-env', 'expires-at', 'min-validity']);
    // The defaults of the action, where there are both.
    for (const name of ['cobo-environment', 'timeout-seconds', 'max-attempts']) {
      expect(record(record(call['inputs'])[name])['default'], name).toBe(record(action[name])['default']);
    }
  });

  it.concurrent('rotates in the environment for a caller that inherits, three queued runs one after the other', async ({
    open,
  }) => {
    const stage = await open({
      environments: ['cobo'],
      grants: [{ repo: REPOSITORY, environments: 'write', actions: 'read' }],
    });
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    // The caller's own job is in no environment: it knows what the repository knows.
    stage.github.setVariable(STORE, 'COBO_CLIENT_ID', stage.cobo.client.clientId);
    const model = new RunnerModel(stage);
    const runs = [model.queue(CALLER), model.queue(CALLER), model.queue(CALLER)];
    await model.work();
    for (const run of runs) {
      expectSuccess(stage, resultOf(run), { state: 'stored', stores: [ENVIRONMENT] });
      expect(run.jobs.map(({ name }) => name)).toEqual(['rotate / rotate']);
      // Outputs that hold no secret reach the caller.
      expect(run.jobs[0]).toMatchObject({ droppedOutputs: [], outputs: { 'token-state': 'stored' } });
    }
    expect(stage.cobo.livingRefreshTokens()).toEqual([stage.github.secretValue(ENVIRONMENT, SECRET)]);
    const last = runs.map((run) => resultOf(run).outputs['access-token']).at(-1);
    expect(stage.github.secretValue(ENVIRONMENT, 'COBO_ACCESS_TOKEN')).toBe(last);
    expect(stage.github.variableNames(ENVIRONMENT)).toContain('COBO_EXPIRES_AT');
  });

  it.concurrent('takes secrets by name, and other stores', async ({ open }) => {
    const stage = await open({ environments: ['cobo', 'tests/eu'] });
    const { cobo, github } = stage;
    furnish(stage, STORE, stage.refreshToken);
    const byName = BY_NAME.replace(
      'environment: cobo',
      [
        'environment: tests/eu',
        '      secret-stores: |',
        '        repository',
        '        environment:tests/eu',
      ].join('\n'),
    );
    const model = new RunnerModel(stage);
    const [first, second] = [model.queue(byName), model.queue(byName)];
    await model.work();
    const stores = [STORE, environmentStore('tests/eu')];
    expectSuccess(stage, resultOf(first), { state: 'stored', stores });
    expect(github.secretNames(ENVIRONMENT)).toEqual([]);
    // As its comment says: these secrets were read when the run was queued.
    expectFailure(stage, resultOf(second), {
      state: 'unspent',
      code: 'token-stale',
      says: ['when the run was queued'],
      remedy: 'environment secret',
      coboLied: true,
    });
    expect(cobo.livingRefreshTokens()).toEqual([github.secretValue(STORE, SECRET)]);
  });

  it.concurrent('writes a token that came by name to where the next run reads it', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    const { cobo, github } = stage;
    furnish(stage, STORE, stage.refreshToken);
    for (let run = 0; run < 2; run++) {
      const model = new RunnerModel(stage);
      const queued = model.queue(BY_NAME);
      await model.work();
      expectSuccess(stage, resultOf(queued), { state: 'stored', stores: [STORE] });
    }
    expect(github.secretNames(ENVIRONMENT)).toEqual([]);
    expect(cobo.livingRefreshTokens()).toEqual([github.secretValue(STORE, SECRET)]);
  });

  it.concurrent('makes a dry run', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    furnish(stage, ENVIRONMENT, stage.refreshToken);
    stage.github.setVariable(STORE, 'COBO_CLIENT_ID', stage.cobo.client.clientId);
    const model = new RunnerModel(stage);
    const run = model.queue(CALLER.replace('environment: cobo', 'environment: cobo\n      dry-run: true'));
    await model.work();
    expectSuccess(stage, resultOf(run), { state: 'unspent', stores: [ENVIRONMENT] });
    expect(stage.cobo.requests).toEqual([]);
  });
});
