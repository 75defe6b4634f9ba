import { describe, expect } from 'vitest';
import { REPOSITORY, SECRET, STORE } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess } from '../e2e/support/scenario.ts';
import { everythingIn, it } from './support/stores.ts';

const OTHER = 'other-org/integration.tests';
const STORE_OF_OTHER = `repository@${OTHER}`;

describe('another repository', () => {
  it.concurrent('receives the tokens, and the own one stays as it was', async ({ open }) => {
    const stage = await open({ grants: [everythingIn(REPOSITORY), everythingIn(OTHER)] });
    stage.github.addRepository(OTHER);
    const result = await stage.run({
      'secret-stores': STORE_OF_OTHER,
      'access-token-secret': 'COBO_ACCESS_TOKEN',
      'expires-at-variable': 'COBO_EXPIRES_AT',
    });
    expectSuccess(stage, result, { state: 'stored', stores: [STORE_OF_OTHER] });
    expect(stage.github.secretValue(STORE_OF_OTHER, 'COBO_ACCESS_TOKEN')).toBe(
      result.outputs['access-token'],
    );
    expect(stage.github.variableValue(STORE_OF_OTHER, 'COBO_EXPIRES_AT')).toBe(result.outputs['expires-at']);
    expect(stage.github.secretNames(STORE)).toEqual([SECRET]);
    expect(stage.github.variableNames(STORE)).toEqual([]);
    expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.refreshToken);
  });

  it.concurrent('is kept in step with the own one, each under its own key', async ({ open }) => {
    const stage = await open({ grants: [everythingIn(REPOSITORY), everythingIn(OTHER)] });
    stage.github.addRepository(OTHER);
    const result = await stage.run({ 'secret-stores': `repository\n${STORE_OF_OTHER}` });
    expectSuccess(stage, result, { state: 'stored', stores: [STORE, STORE_OF_OTHER] });
    const boxes = stage.github.requests
      .filter(({ method, path }) => method === 'PUT' && path.endsWith(SECRET))
      .map(({ body }) => (JSON.parse(body) as { key_id: string }).key_id);
    expect(new Set(boxes).size).toBe(2);
  });

  it.concurrent('that the token does not cover ends the run unspent, by its name', async ({ open }) => {
    const stage = await open();
    stage.github.addRepository(OTHER);
    const result = await stage.run({ 'secret-stores': `repository\n${STORE_OF_OTHER}` });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'store-missing',
      says: [`\`${STORE_OF_OTHER}\``],
      remedy: /may not see it.*"Secrets: write"/,
    });
    expect(stage.cobo.requests).toEqual([]);
  });
});
