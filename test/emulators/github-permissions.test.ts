import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GitHubEmulator } from '../../emulators/github.ts';
import { call, ENVIRONMENT, messageOf, startOcto, TOKEN } from './github-client.ts';

let github: GitHubEmulator;

beforeEach(async () => {
  github = await startOcto();
});

afterEach(async () => {
  expect(github.errors).toEqual([]);
  await github.close();
});

describe('permissions', () => {
  const environment = `/repos/octo/app/environments/${encodeURIComponent(ENVIRONMENT)}`;
  const table: [string, string][] = [
    ['secrets', '/repos/octo/app/actions/secrets'],
    ['environments', `${environment}/secrets`],
    ['environments', `${environment}/variables`],
    ['variables', '/repos/octo/app/actions/variables'],
    ['dependabot_secrets', '/repos/octo/app/dependabot/secrets'],
    ['organization_secrets', '/orgs/octo/actions/secrets'],
    ['organization_variables', '/orgs/octo/actions/variables'],
    ['actions', '/repos/octo/app/actions/runs/1'],
  ];

  test.each(table)('%s is what %s asks for', async (permission, path) => {
    const owner = path.startsWith('/orgs') ? { org: 'octo' } : { repo: 'octo/app' };
    const status = async (line: string) => (await call(github, line)).status;
    github.addRun('octo/app', { id: 1, created_at: '2026-08-01T10:00:00Z' });
    const others = Object.fromEntries(table.filter(([name]) => name !== permission).map(([name]) => [name, 'write']));
    github.setGrant(TOKEN, { ...owner, ...others });
    const refused = await call(github, `GET ${path}`);
    expect([refused.status, messageOf(refused)]).toEqual([403, 'Resource not accessible by personal access token']);
    github.setGrant(TOKEN, { ...owner, [permission]: 'read' });
    expect(await status(`GET ${path}`)).toBe(200);
    expect(await status(`DELETE ${path}/A`)).toBe(permission === 'actions' ? 404 : 403);
    github.setGrant(TOKEN, { ...owner, [permission]: 'write' });
    expect(await status(`DELETE ${path}/A`)).toBe(404);
    github.revoke(TOKEN, path.startsWith('/orgs') ? 'octo' : 'octo/app');
    expect(await status(`GET ${path}`)).toBe(404);
  });

  test('an unknown token, none, no User-Agent, another version', async () => {
    const line = 'GET /repos/octo/app/actions/secrets';
    const bad = await call(github, line, undefined, { authorization: 'Bearer x' });
    expect([bad.status, messageOf(bad)]).toEqual([401, 'Bad credentials']);
    expect((await call(github, line, undefined, { authorization: `token ${TOKEN}` })).status).toBe(200);
    expect((await call(github, line, undefined, { 'user-agent': '' })).status).toBe(403);
    expect((await call(github, line, undefined, { 'x-github-api-version': '1999-01-01' })).status).toBe(400);
    github.revoke(TOKEN);
    expect((await call(github, line)).status).toBe(401);
  });

  test('an environment or repository that is not there', async () => {
    github.setGrant(TOKEN, { repo: 'octo/none', secrets: 'write' });
    for (const path of ['/repos/octo/app/environments/none/secrets', '/repos/octo/none/actions/secrets', '/x', '/%']) {
      expect([path, (await call(github, `GET ${path}`)).status]).toEqual([path, 404]);
    }
    expect(() => github.secretValue('environment:none@octo/app', 'A')).toThrow('no such store');
  });
});
