import { describe, expect } from 'vitest';
import { REPOSITORY, SECRET, STORE } from '../../emulators/stage.ts';
import { asked, expectSuccess, it } from './support/scenario.ts';

describe('a rotation', () => {
  it.concurrent('is repeated three times, each fed from the secret that the one before stored', async ({
    open,
  }) => {
    const stage = await open();
    let used = stage.refreshToken;
    for (const runId of [1, 2, 3]) {
      stage.github.addRun(REPOSITORY, { id: runId, created_at: stage.github.clock + 1000 });
      const result = await stage.run({ 'refresh-token': used }, { github: { run_id: String(runId) } });
      expectSuccess(stage, result, { state: 'stored', used });
      const stored = stage.github.secretValue(STORE, SECRET) ?? '';
      expect(stage.cobo.state(used)).toBe('spent');
      expect(stage.cobo.livingRefreshTokens()).toEqual([stored]);
      expect(stage.cobo.isLivingAccessToken(result.outputs['access-token'] ?? '')).toBe(true);
      used = stored;
    }
    expect(asked(stage.cobo)).toEqual(Array(3).fill('POST /v2/oauth/token'));
    expect(stage.cobo.requests.map(({ verdict }) => verdict.split(',')[0])).toEqual(
      Array(3).fill('signature ok'),
    );
  });

  it.concurrent('without write-back hands out the rotated refresh token, and asks nothing of GitHub', async ({
    open,
  }) => {
    const stage = await open();
    const result = await stage.run({ 'refresh-token-secret': undefined, 'github-token': undefined });
    expectSuccess(stage, result, { state: 'delivered' });
    expect(result.outputs['refresh-token']).toBe(stage.cobo.livingRefreshTokens()[0]);
    expect(result.masks).toContain(result.outputs['refresh-token']);
    expect(stage.github.requests).toEqual([]);
    expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.refreshToken);
  });

  it.concurrent('keeps the refresh token when Cobo sends no new one', async ({ open }) => {
    const stage = await open({ cobo: { omitRefreshToken: true } });
    const result = await stage.run();
    expectSuccess(stage, result, { state: 'kept' });
    expect(stage.cobo.state(stage.refreshToken)).toBe('living');
    expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.refreshToken);
    expect(stage.cobo.isLivingAccessToken(result.outputs['access-token'] ?? '')).toBe(true);
  });

  it.concurrent('writes to another repository when the store names it', async ({ open }) => {
    const stage = await open();
    const other = 'other-org/vault';
    stage.github.addRepository(other);
    stage.github.setGrant(stage.writer, { repo: other, secrets: 'write' });
    const store = `repository@${other}`;
    const result = await stage.run({ 'secret-stores': store });
    expectSuccess(stage, result, { state: 'stored', stores: [store] });
    expect(stage.github.secretValue(STORE, SECRET), "the workflow's own repository").toBe(stage.refreshToken);
  });

  it.concurrent('writes to every store that is named, each with its own encryption key', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    const stores = [STORE, `environment:cobo@${REPOSITORY}`, `dependabot@${REPOSITORY}`];
    const result = await stage.run({ 'secret-stores': 'repository\n\n  environment:cobo\ndependabot' });
    expectSuccess(stage, result, { state: 'stored', stores });
    expect(new Set(stores.map((store) => stage.github.secretValue(store, SECRET))).size).toBe(1);
  });

  it.concurrent('stores the access token and its expiry after the refresh token', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    const result = await stage.run({
      'access-token-secret': 'cobo_access_token',
      'expires-at-variable': 'COBO_EXPIRES_AT',
      'secret-stores': 'repository\nenvironment:cobo\ndependabot',
    });
    const stores = [STORE, `environment:cobo@${REPOSITORY}`];
    expectSuccess(stage, result, { state: 'stored', stores });
    const { 'access-token': accessToken, 'expires-at': expiresAt } = result.outputs;
    for (const store of stores) {
      expect(stage.github.secretValue(store, 'COBO_ACCESS_TOKEN')).toBe(accessToken);
      expect(stage.github.variableValue(store, 'COBO_EXPIRES_AT')).toBe(expiresAt);
    }
    const writes = asked(stage.github).filter(
      (line) => /^(PUT|POST|PATCH) /.test(line) && !/PROBE/.test(line),
    );
    expect(writes.slice(0, 3).every((line) => line.endsWith(SECRET))).toBe(true);
    expect(writes).toHaveLength(3 + 3 + 2);
  });

  it.concurrent('is left out while the stored access token is valid for long enough', async ({ open }) => {
    const stage = await open();
    const expiresAt = new Date(Date.now() + 3600_000).toISOString();
    const stored = { 'access-token': 'stored-access-token', 'expires-at': expiresAt };
    const result = await stage.run({ ...stored, 'min-validity': '600', 'access-token-env': 'COBO_TOKEN' });
    expectSuccess(stage, result, { state: 'reused', secrets: ['stored-access-token'] });
    expect(result.outputs).toMatchObject({ 'access-token': 'stored-access-token', 'token-type': 'Bearer' });
    expect(result.env['COBO_TOKEN']).toBe('stored-access-token');
    expect([...stage.cobo.requests, ...stage.github.requests]).toEqual([]);

    const short = await stage.run({ ...stored, 'min-validity': '7200' });
    expectSuccess(stage, short, { state: 'stored', secrets: ['stored-access-token'] });
    expect(short.outputs['access-token']).not.toBe('stored-access-token');
  });
});
