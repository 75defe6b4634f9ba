import { describe, expect } from 'vitest';
import { SECRET, STORE } from '../../emulators/stage.ts';
import { expectSuccess, it } from './support/scenario.ts';

describe('what a run hands out', () => {
  it.concurrent('is every output of the contract, and nothing else', async ({ open }) => {
    const stage = await open({ cobo: { expiresIn: 7200 } });
    const before = Date.now();
    const result = await stage.run({ 'access-token-env': 'COBO_ACCESS_TOKEN' });
    const after = Date.now();
    expectSuccess(stage, result, { state: 'stored' });
    const accessToken = stage.cobo.history.at(-1)?.issued?.accessToken;
    expect(Object.keys(result.outputs).sort()).toEqual([
      'access-token',
      'app-key',
      'expires-at',
      'expires-in',
      'scope',
      'token-state',
      'token-type',
    ]);
    expect(result.outputs).toMatchObject({
      'access-token': accessToken,
      'token-type': 'Bearer',
      scope: '',
      'expires-in': '7200',
      'app-key': stage.cobo.client.appKeyHex,
    });
    const expiresAt = result.outputs['expires-at'] ?? '';
    expect(expiresAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Date.parse(expiresAt)).toBeGreaterThanOrEqual(before + 7200_000 - 1000);
    expect(Date.parse(expiresAt)).toBeLessThanOrEqual(after + 7200_000);
    expect(result.env).toEqual({ COBO_ACCESS_TOKEN: accessToken });
    expect(result.masks).toContain(accessToken);
    expect(result.masks).toContain(stage.github.secretValue(STORE, SECRET));
    expect(result.state).toEqual({});
    expect(result.paths).toEqual([]);
  });

  it.concurrent('is told in UTC wherever the runner stands', async ({ open }) => {
    const stage = await open();
    const result = await stage.run({}, { env: { TZ: 'Pacific/Kiritimati' } });
    expectSuccess(stage, result, { state: 'stored' });
    const left = Date.parse(result.outputs['expires-at'] ?? '') - Date.now();
    expect(left / 3600_000).toBeGreaterThan(11);
    expect(left / 3600_000).toBeLessThan(13);
  });

  it.concurrent('is summed up for the reader of the run', async ({ open }) => {
    const stage = await open();
    const result = await stage.run({ 'cobo-environment': 'sandbox' });
    expectSuccess(stage, result, { state: 'stored' });
    expect(result.rawSummary).toContain('### Cobo access token');
    expect(result.rawSummary).toContain('sandbox');
    expect(result.rawSummary).toContain(result.outputs['expires-at']);
    expect(result.rawSummary).toContain(`\`${SECRET}\` in \`${STORE}\``);
    expect(result.rawSummary).not.toContain('envelope');
  });

  it.concurrent('does not depend on a runner that knows summaries', async ({ open }) => {
    const stage = await open();
    const result = await stage.run({}, { env: { GITHUB_STEP_SUMMARY: undefined } });
    expect(result.exitCode).toBe(0);
    expect(result.outputs['token-state']).toBe('stored');
    expect(result.rawSummary).toBe('');
  });

  it.concurrent('holds no secret in the debug log, which names each request', async ({ open }) => {
    const stage = await open();
    const changes = { 'access-token-secret': 'COBO_ACCESS_TOKEN', 'org-id': stage.cobo.client.orgId };
    const result = await stage.run(changes, { debug: true });
    expectSuccess(stage, result, { state: 'stored' });
    const debug = result.debug.join('\n');
    expect(debug).toMatch(/POST 127\.0\.0\.1:\d+\/v2\/oauth\/token: HTTP 200/);
    expect(debug).toMatch(/PUT 127\.0\.0\.1:\d+\/repos\/.*\/COBO_REFRESH_TOKEN: HTTP 204, request E000:/);
    expect(result.log).toContain('##[debug]POST');
  });
});
