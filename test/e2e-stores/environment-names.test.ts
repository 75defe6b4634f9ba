import { describe, expect } from 'vitest';
import { SECRET, STORE } from '../../emulators/stage.ts';
import { expectSuccess } from '../e2e/support/scenario.ts';
import { environmentStore, it } from './support/stores.ts';

/** The name, and how it is to be sent in a path (RFC 3986). */
const NAMES: [name: string, encoded: string][] = [
  ['cobo', 'cobo'],
  ['Cobo production', 'Cobo%20production'],
  ['tests/cobo/eu', 'tests%2Fcobo%2Feu'],
  ['prüfung 試験 🔑', 'pr%C3%BCfung%20%E8%A9%A6%E9%A8%93%20%F0%9F%94%91'],
  ['100% + a&b?c#d', '100%25%20%2B%20a%26b%3Fc%23d'],
  ['mail@cobo', 'mail%40cobo'],
  ['%2e%2e', '%252e%252e'],
  ['a:b', 'a%3Ab'],
];

describe('the environment', () => {
  it.concurrent.for(NAMES)('named %s receives all three values', async ([name, encoded], { open }) => {
    const stage = await open({ environments: [name] });
    const store = environmentStore(name);
    const result = await stage.run({
      'secret-stores': `environment:${name}`,
      'access-token-secret': 'COBO_ACCESS_TOKEN',
      'expires-at-variable': 'COBO_EXPIRES_AT',
    });
    expectSuccess(stage, result, { state: 'stored', stores: [store] });
    expect(stage.github.secretValue(store, 'COBO_ACCESS_TOKEN')).toBe(result.outputs['access-token']);
    expect(stage.github.variableValue(store, 'COBO_EXPIRES_AT')).toBe(result.outputs['expires-at']);
    const segments = stage.github.requests.map(({ path }) => path.split('/environments/')[1]?.split('/')[0]);
    expect(new Set(segments.filter((segment) => segment !== undefined))).toEqual(new Set([encoded]));
    expect(stage.github.secretValue(STORE, SECRET), "the repository's own secret").toBe(stage.refreshToken);
  });

  it.concurrent('of another repository is named with both', async ({ open }) => {
    const stage = await open();
    const other = 'other-org/vault.of_keys';
    stage.github.addRepository(other, { environments: ['tests/cobo'] });
    stage.github.setGrant(stage.writer, { repo: other, environments: 'write' });
    const store = environmentStore('tests/cobo', other);
    const result = await stage.run({ 'secret-stores': store });
    expectSuccess(stage, result, { state: 'stored', stores: [store] });
  });

  it.concurrent('is one store, however its name is written around', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    const stores = '\n  environment:cobo  \n\n\tenvironment: cobo\r\nenvironment:COBO\n';
    const result = await stage.run({ 'secret-stores': stores });
    expectSuccess(stage, result, { state: 'stored', stores: [environmentStore('cobo')] });
    const puts = stage.github.requests.filter(
      ({ method, path }) => method === 'PUT' && path.endsWith(`/${SECRET}`),
    );
    expect(puts).toHaveLength(1);
  });
});
