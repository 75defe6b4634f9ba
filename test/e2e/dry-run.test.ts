import { describe, expect } from 'vitest';
import { REPOSITORY, SECRET, STORE } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess, it } from './support/scenario.ts';

describe('a dry run', () => {
  it.concurrent('reports every check, spends nothing and leaves nothing behind', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    const environment = `environment:cobo@${REPOSITORY}`;
    const before = stage.github.secretMeta(STORE, SECRET);
    const result = await stage.run({ 'dry-run': 'true', 'secret-stores': 'repository\nenvironment:cobo' });
    expectSuccess(stage, result, { state: 'unspent', stores: [environment] });
    for (const said of ['inputs and key are right', STORE, environment, 'can be written', 'not stale']) {
      expect(result.rawSummary).toContain(said);
    }
    expect(result.log).toContain('Nothing was spent, nothing stays behind');
    expect(stage.cobo.requests).toEqual([]);
    expect(stage.github.secretMeta(STORE, SECRET)).toEqual(before);
    expect(stage.github.secretNames(environment)).toEqual([]);
    expect(Object.keys(result.outputs).sort()).toEqual(['app-key', 'token-state']);
  });

  it.concurrent('without write-back says that staleness was not checked', async ({ open }) => {
    const stage = await open();
    const result = await stage.run({ 'dry-run': 'true', 'refresh-token-secret': undefined });
    expectSuccess(stage, result, { state: 'unspent' });
    expect(result.rawSummary).toContain('| Staleness | not checked');
    expect([...stage.cobo.requests, ...stage.github.requests]).toEqual([]);
  });

  it.concurrent('fails as the real run would, at a store that refuses', async ({ open }) => {
    const stage = await open({ grants: [{ repo: REPOSITORY, secrets: 'read' }] });
    const result = await stage.run({ 'dry-run': 'true' });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'store-refused',
      says: [STORE],
      remedy: '`GITHUB_TOKEN`',
    });
  });

  it.concurrent('is not cut short by a stored access token that is still valid', async ({ open }) => {
    const stage = await open();
    const stored = { 'access-token': 'stored-access-token', 'expires-at': '2999-01-01T00:00:00Z' };
    const result = await stage.run({ ...stored, 'dry-run': 'true' });
    expectSuccess(stage, result, { state: 'unspent', secrets: ['stored-access-token'] });
    expect(stage.github.requests.length).toBeGreaterThan(0);
  });
});
