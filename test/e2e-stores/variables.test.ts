import { describe, expect } from 'vitest';
import { REPOSITORY, STORE } from '../../emulators/stage.ts';
import { expectSuccess } from '../e2e/support/scenario.ts';
import {
  environmentStore,
  it,
  ORGANIZATION,
  ORGANIZATION_STORE,
  WITH_ORGANIZATION,
  written,
} from './support/stores.ts';

const NAME = 'COBO_EXPIRES_AT';
const WITH_VARIABLES = [STORE, environmentStore('a/b c'), ORGANIZATION_STORE];
const STORES = [...WITH_VARIABLES, `dependabot@${REPOSITORY}`];
const INPUTS = { 'secret-stores': STORES.join('\n'), 'expires-at-variable': 'cobo_expires_at' };

describe('the variable with the expiry', () => {
  it.concurrent('is created in each store that has variables, and updated by the next run', async ({
    open,
  }) => {
    const stage = await open({ environments: ['a/b c'], grants: WITH_ORGANIZATION });
    const { github } = stage;
    github.addOrganization(ORGANIZATION);
    const first = await stage.run(INPUTS);
    expectSuccess(stage, first, { state: 'stored', stores: STORES });
    for (const store of WITH_VARIABLES) {
      expect(github.variableNames(store), store).toEqual([NAME]);
      expect(github.variableValue(store, NAME), store).toBe(first.outputs['expires-at']);
    }
    expect(written(stage).filter(({ name, line }) => name === NAME && line.startsWith('POST '))).toHaveLength(
      3,
    );

    github.resetLog();
    // A later expiry, so that an update that did not come about would show.
    stage.cobo.behaviour.expiresIn = 50_000;
    const used = stage.cobo.livingRefreshTokens()[0] ?? '';
    github.addRun(REPOSITORY, { id: 2, created_at: github.clock + 1000 });
    const jobStarted = { github: { run_id: '2' }, eventPathMtime: new Date(Date.now() + 1000) };
    const second = await stage.run({ ...INPUTS, 'refresh-token': used }, jobStarted);
    expectSuccess(stage, second, { state: 'stored', stores: STORES, used });
    expect(second.outputs['expires-at']).not.toBe(first.outputs['expires-at']);
    for (const store of WITH_VARIABLES) {
      expect(github.variableValue(store, NAME), store).toBe(second.outputs['expires-at']);
    }
    expect(
      written(stage).filter(({ name, line }) => name === NAME && line.startsWith('PATCH ')),
    ).toHaveLength(3);
  });

  it.concurrent('is written where it came or went after it was looked up', async ({ open }) => {
    const stage = await open({ environments: ['one', 'two'] });
    const { cobo, github } = stage;
    const [one, two] = [environmentStore('one'), environmentStore('two')];
    github.setVariable(one, NAME, 'old');
    const run = () => {
      github.setVariable(two, NAME, 'made by somebody else');
    };
    cobo.faults.add({ fault: { kind: 'hook', when: 'before', run } });
    const gone = { method: 'PATCH', path: /environments\/one\// };
    github.faults.add({ match: gone, fault: { kind: 'status', status: 404, when: 'before' } });
    const result = await stage.run({
      'secret-stores': `${one}\n${two}`,
      'expires-at-variable': NAME,
      'max-attempts': '1',
    });
    const lines = written(stage)
      .filter(({ name }) => name === NAME)
      .map(({ line, status }) => `${line.split(' ')[0]} ${/environments\/(\w+)/.exec(line)?.[1]} ${status}`);
    expect(lines.filter((line) => line.includes('two'))).toEqual(['POST two 409', 'PATCH two 204']);
    expect(lines.filter((line) => line.includes('one')).slice(0, 2)).toEqual([
      'PATCH one 404',
      'POST one 409',
    ]);
    expect(github.variableValue(two, NAME)).toBe(result.outputs['expires-at']);
  });

  it.concurrent('holds the moment in UTC, to the second, that the access token really dies', async ({
    open,
  }) => {
    const stage = await open();
    const before = Math.floor(Date.now() / 1000) * 1000;
    const result = await stage.run({ 'expires-at-variable': NAME });
    expectSuccess(stage, result, { state: 'stored' });
    const value = stage.github.variableValue(STORE, NAME) ?? '';
    expect(value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Date.parse(value)).toBeGreaterThanOrEqual(before + 43199_000);
    expect(Date.parse(value)).toBeLessThanOrEqual(Date.now() + 43199_000);
  });
});
