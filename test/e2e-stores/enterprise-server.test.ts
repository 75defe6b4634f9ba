import { describe, expect } from 'vitest';
import { REPOSITORY, STORE } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess } from '../e2e/support/scenario.ts';
import {
  environmentStore,
  it,
  ORGANIZATION,
  ORGANIZATION_STORE,
  WITH_ORGANIZATION,
} from './support/stores.ts';

const PREFIX = '/api/v3';
const STORES = [STORE, environmentStore('a b/c'), ORGANIZATION_STORE, `dependabot@${REPOSITORY}`];
const INPUTS = {
  'secret-stores': STORES.join('\n'),
  'access-token-secret': 'COBO_ACCESS_TOKEN',
  'expires-at-variable': 'COBO_EXPIRES_AT',
};

describe('on a GitHub Enterprise Server', () => {
  it.concurrent('the runner names the API, path prefix included, and every request goes there', async ({
    open,
  }) => {
    const stage = await open({
      github: { pathPrefix: PREFIX },
      environments: ['a b/c'],
      grants: WITH_ORGANIZATION,
    });
    stage.github.addOrganization(ORGANIZATION);
    expect(stage.github.url).toMatch(/\/api\/v3$/);
    const result = await stage.run(INPUTS);
    expectSuccess(stage, result, { state: 'stored', stores: STORES });
    expect(
      stage.github.requests.map(({ path }) => path).filter((path) => !path.startsWith(`${PREFIX}/`)),
    ).toEqual([]);
    expect(
      stage.github.requests.some(({ path }) => path.includes('/actions/runs/')),
      'staleness',
    ).toBe(true);
  });

  it.concurrent('github-api-url goes before what the runner names, with or without a slash at its end', async ({
    open,
  }) => {
    const stage = await open({ github: { pathPrefix: PREFIX } });
    const nowhere = { github: { api_url: 'https://api.github.invalid' } };
    const result = await stage.run({ 'github-api-url': `${stage.github.url}/` }, nowhere);
    expectSuccess(stage, result, { state: 'stored' });
  });

  it.concurrent('a base URL without the prefix finds no store, and spends nothing', async ({ open }) => {
    const stage = await open({ github: { pathPrefix: PREFIX } });
    const result = await stage.run({ 'github-api-url': stage.github.origin });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'store-missing',
      says: [`\`${STORE}\``, 'HTTP 404'],
      remedy: /./,
    });
    expect(stage.cobo.requests).toEqual([]);
  });
});
