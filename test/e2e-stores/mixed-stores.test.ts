import { describe, expect } from 'vitest';
import { REPOSITORY, SECRET, STORE } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess } from '../e2e/support/scenario.ts';
import {
  environmentStore,
  everythingIn,
  it,
  ORGANIZATION,
  ORGANIZATION_STORE,
  WITH_ORGANIZATION,
} from './support/stores.ts';

const OTHER = 'other-org/vault';
const STORES = [
  STORE,
  environmentStore('tests/cobo'),
  environmentStore('cobo', OTHER),
  `repository@${OTHER}`,
  ORGANIZATION_STORE,
  `dependabot@${REPOSITORY}`,
];

describe('stores of every kind in one run', () => {
  it.concurrent('hold the same tokens, each opened with a key of its own', async ({ open }) => {
    const stage = await open({
      environments: ['tests/cobo'],
      grants: [...WITH_ORGANIZATION, everythingIn(OTHER)],
    });
    stage.github.addOrganization(ORGANIZATION);
    stage.github.addRepository(OTHER, { environments: ['cobo'] });
    const result = await stage.run({
      'secret-stores': STORES.join('\n'),
      'access-token-secret': 'COBO_ACCESS_TOKEN',
      'expires-at-variable': 'COBO_EXPIRES_AT',
    });
    expectSuccess(stage, result, { state: 'stored', stores: STORES });
    const [refreshToken] = stage.cobo.livingRefreshTokens();
    for (const store of STORES) {
      expect(stage.github.secretValue(store, SECRET), store).toBe(refreshToken);
      expect(stage.github.secretValue(store, 'COBO_ACCESS_TOKEN'), store).toBe(
        result.outputs['access-token'],
      );
      const expected = store.startsWith('dependabot') ? undefined : result.outputs['expires-at'];
      expect(stage.github.variableValue(store, 'COBO_EXPIRES_AT'), store).toBe(expected);
    }
    for (const store of STORES) expect(result.rawSummary).toContain(`\`${SECRET}\` in \`${store}\``);
  });

  it.concurrent('are as stale as the first of them that is read: a queued run is refused for its Dependabot store', async ({
    open,
  }) => {
    const stage = await open({ environments: ['cobo'] });
    const { github } = stage;
    const stores = { 'secret-stores': 'environment:cobo\ndependabot' };
    github.setSecret(environmentStore('cobo'), SECRET, stage.refreshToken, github.clock - 5 * 60_000);
    github.setSecret(`dependabot@${REPOSITORY}`, SECRET, stage.refreshToken, github.clock - 5 * 60_000);
    github.addRun(REPOSITORY, { id: 9, created_at: github.clock - 10 * 60_000 });
    const result = await stage.run(stores, { github: { run_id: '9' } });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'token-stale',
      says: [`\`dependabot@${REPOSITORY}\``, 'when the run was queued'],
      remedy: 'Run the job again',
      stores: [environmentStore('cobo')],
    });
    expect(stage.cobo.requests).toEqual([]);
  });
});
