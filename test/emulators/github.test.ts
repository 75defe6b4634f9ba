import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitHubEmulator, type Grant, rateLimitFault, startGitHub } from '../../emulators/github.ts';
import { call, messageOf, sealed, TOKEN } from './github-client.ts';

const ENVIRONMENT = 'münchen/pro duction@1';
const STORES = [
  { store: 'repository@octo/app', path: '/repos/octo/app/actions/secrets', created: {} },
  {
    store: `environment:${ENVIRONMENT}@octo/app`,
    path: `/repos/octo/app/environments/${encodeURIComponent(ENVIRONMENT)}/secrets`,
    created: {},
  },
  { store: 'organization:octo', path: '/orgs/octo/actions/secrets', created: { visibility: 'all' } },
  { store: 'dependabot@octo/app', path: '/repos/Octo/App/dependabot/secrets', created: {} },
] as const;
const EVERYTHING: Grant[] = [
  {
    repo: 'octo/app',
    secrets: 'write',
    environments: 'write',
    dependabot_secrets: 'write',
    variables: 'write',
    actions: 'read',
  },
  { org: 'octo', organization_secrets: 'write', organization_variables: 'write' },
];

let github: GitHubEmulator;

beforeEach(async () => {
  github = await startGitHub();
  github.addRepository('octo/app', { environments: [ENVIRONMENT] });
  github.addOrganization('octo');
  github.addToken({ token: TOKEN, grants: EVERYTHING });
});

afterEach(() => github.close());

describe.each(STORES)('secrets in $store', ({ store, path, created }) => {
  test('are created, replaced, described, listed and deleted', async () => {
    github.setClock(Date.parse('2026-08-01T10:00:00.789Z'));
    expect((await call(github, `GET ${path}/A_Token`)).status).toBe(404);
    const first = { ...(await sealed(github, path, 'one "é漢"\n')), ...created };
    expect((await call(github, `PUT ${path}/a_token`, first)).status).toBe(201);
    expect(github.secretValue(store, 'A_TOKEN')).toBe('one "é漢"\n');

    github.setClock(Date.parse('2026-08-01T10:00:05.001Z'));
    const second = { ...(await sealed(github, path, 'two')), ...created };
    expect((await call(github, `PUT ${path}/A_TOKEN`, second)).status).toBe(204);
    expect(github.secretValue(store, 'a_token')).toBe('two');
    const described = await call(github, `GET ${path}/A_Token`);
    const shape = {
      name: 'A_TOKEN',
      created_at: '2026-08-01T10:00:00Z',
      updated_at: '2026-08-01T10:00:05Z',
      ...created,
    };
    expect(JSON.parse(described.body)).toEqual(shape);
    expect(described.headers.date).toBe('Sat, 01 Aug 2026 10:00:05 GMT');
    expect(JSON.parse((await call(github, `GET ${path}`)).body)).toEqual({
      total_count: 1,
      secrets: [shape],
    });

    expect((await call(github, `DELETE ${path}/A_TOKEN`)).status).toBe(204);
    expect((await call(github, `DELETE ${path}/A_TOKEN`)).status).toBe(404);
    expect(github.secretNames(store)).toEqual([]);
    expect(github.requests.map(({ verdict }) => verdict)).toContain('sealed box opened, A_TOKEN created');
  });

  test('are refused for a wrong name, box, key or size', async () => {
    const good = { ...(await sealed(github, path, 'x')), ...created };
    for (const name of ['1A', 'GITHUB_A', 'A-B', 'a%20b']) {
      expect([name, (await call(github, `PUT ${path}/${name}`, good)).status]).toEqual([name, 422]);
    }
    const broken = { ...good, encrypted_value: randomBytes(60).toString('base64') };
    expect(messageOf(await call(github, `PUT ${path}/A`, broken))).toBe('Improperly encrypted secret');
    expect((await call(github, `PUT ${path}/A`, { ...good, encrypted_value: '%' })).status).toBe(422);
    expect((await call(github, `PUT ${path}/A`, { ...created, key_id: good.key_id })).status).toBe(422);
    expect((await call(github, `PUT ${path}/A`, { ...good, key_id: '1' })).status).toBe(422);
    const most = { ...(await sealed(github, path, 'x'.repeat(48 * 1024))), ...created };
    expect((await call(github, `PUT ${path}/A`, most)).status).toBe(201);
    const more = { ...(await sealed(github, path, 'x'.repeat(48 * 1024 + 1))), ...created };
    expect((await call(github, `PUT ${path}/A`, more)).status).toBe(422);
    github.rotateKey(store);
    const stale = await call(github, `PUT ${path}/A`, good);
    expect([stale.status, messageOf(stale)]).toEqual([422, expect.stringContaining('key_id')]);
  });

  test('have a limit', async () => {
    const limit = store.startsWith('organization') ? 1000 : 100;
    for (let n = 0; n < limit; n += 1) github.setSecret(store, `S_${n}`, 'x');
    const body = { ...(await sealed(github, path, 'y')), ...created };
    const refused = await call(github, `PUT ${path}/ONE_MORE`, body);
    expect([refused.status, messageOf(refused)]).toEqual([422, expect.stringContaining('limit')]);
    expect((await call(github, `PUT ${path}/S_0`, body)).status).toBe(204);
    const page = await call(github, `GET ${path}?per_page=40&page=2`);
    expect(JSON.parse(page.body)).toMatchObject({ total_count: limit });
    expect(page.headers.link).toContain('page=3');
  });
});

describe('an organization', () => {
  const path = '/orgs/octo/actions/secrets';

  test('wants a visibility on every PUT', async () => {
    const body = await sealed(github, path, 'x');
    const id = github.addRepository('octo/app');
    const put = async (more: object) => (await call(github, `PUT ${path}/A`, { ...body, ...more })).status;
    expect(await put({})).toBe(422);
    expect(await put({ visibility: 'some' })).toBe(422);
    expect(await put({ visibility: 'selected', selected_repository_ids: 'x' })).toBe(422);
    expect(await put({ visibility: 'selected', selected_repository_ids: [id + 77] })).toBe(422);
    expect(await put({ visibility: 'all', selected_repository_ids: [id] })).toBe(422);
    expect(await put({ visibility: 'selected', selected_repository_ids: [id] })).toBe(201);
    expect(github.secretMeta('organization:octo', 'A')).toMatchObject({
      visibility: 'selected',
      selectedRepositoryIds: [id],
    });
    const one = JSON.parse((await call(github, `GET ${path}/A`)).body) as Record<string, unknown>;
    expect(one['selected_repositories_url']).toBe(`${github.url}${path}/A/repositories`);
    const selected = JSON.parse((await call(github, `GET ${path}/A/repositories`)).body) as object;
    expect(selected).toMatchObject({
      total_count: 1,
      repositories: [{ id, name: 'app', full_name: 'octo/app', owner: { login: 'octo' } }],
    });
    // Accepted without repositories: then nobody is selected.
    expect(await put({ visibility: 'selected' })).toBe(204);
    expect(github.secretMeta('organization:octo', 'A')?.selectedRepositoryIds).toEqual([]);
    expect(await put({ visibility: 'private' })).toBe(204);
  });
});

describe('variables', () => {
  test.each([
    ['repository@octo/app', '/repos/octo/app/actions/variables', {}],
    [
      `environment:${ENVIRONMENT}@octo/app`,
      `/repos/octo/app/environments/${encodeURIComponent(ENVIRONMENT)}/variables`,
      {},
    ],
    ['organization:octo', '/orgs/octo/actions/variables', { visibility: 'private' }],
  ])('in %s', async (store, path, more) => {
    expect((await call(github, `PATCH ${path}/EXPIRES`, { value: '1' })).status).toBe(404);
    if (store.startsWith('organization')) {
      expect((await call(github, `POST ${path}`, { name: 'expires', value: '1' })).status).toBe(422);
    }
    expect((await call(github, `POST ${path}`, { name: 'expires', value: '1', ...more })).status).toBe(201);
    expect((await call(github, `POST ${path}`, { name: 'EXPIRES', value: '1', ...more })).status).toBe(409);
    expect((await call(github, `PATCH ${path}/expires`, { value: '2' })).status).toBe(204);
    expect(github.variableValue(store, 'Expires')).toBe('2');
    const read = await call(github, `GET ${path}/EXPIRES`);
    expect(JSON.parse(read.body)).toMatchObject({ name: 'EXPIRES', value: '2', ...more });
    expect((await call(github, `DELETE ${path}/EXPIRES`)).status).toBe(204);
    expect(github.variableNames(store)).toEqual([]);
  });

  test('do not exist for Dependabot', async () => {
    expect((await call(github, 'GET /repos/octo/app/dependabot/variables')).status).toBe(404);
  });
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
    const others = Object.fromEntries(
      table.filter(([name]) => name !== permission).map(([name]) => [name, 'write']),
    );
    github.setGrant(TOKEN, { ...owner, ...others });
    const refused = await call(github, `GET ${path}`);
    expect([refused.status, messageOf(refused)]).toEqual([
      403,
      'Resource not accessible by personal access token',
    ]);
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
    for (const path of [
      '/repos/octo/app/environments/none/secrets',
      '/repos/octo/none/actions/secrets',
      '/x',
      '/%',
    ]) {
      expect([path, (await call(github, `GET ${path}`)).status]).toEqual([path, 404]);
    }
    expect(() => github.secretValue('environment:none@octo/app', 'A')).toThrow('no such store');
  });
});

test('a run tells when it was queued', async () => {
  github.addRun('octo/app', {
    id: 7,
    created_at: '2026-08-01T10:00:00Z',
    run_started_at: '2026-08-02T10:00:00Z',
    run_attempt: 2,
  });
  expect(JSON.parse((await call(github, 'GET /repos/octo/app/actions/runs/7')).body)).toMatchObject({
    id: 7,
    created_at: '2026-08-01T10:00:00Z',
    run_started_at: '2026-08-02T10:00:00Z',
    run_attempt: 2,
  });
  expect((await call(github, 'GET /repos/octo/app/actions/runs/8')).status).toBe(404);
});

test('a GitHub Enterprise Server lives under a prefix, and its clock may be off', async () => {
  const server = await startGitHub({
    pathPrefix: '/api/v3',
    now: () => 1_785_000_000_000,
    clockSkewMs: 60_000,
  });
  server.addRepository('octo/app');
  server.addToken({ token: TOKEN, grants: EVERYTHING });
  const answer = await call(server, 'GET /repos/octo/app/actions/secrets');
  expect(answer.status).toBe(200);
  expect(Date.parse(answer.headers.date ?? '')).toBe(1_785_000_060_000);
  expect(server.requests[0]?.path).toBe('/api/v3/repos/octo/app/actions/secrets');
  await server.close();
});

test('rate limits are told the way GitHub tells them', async () => {
  const line = 'GET /repos/octo/app/actions/secrets';
  github.faults.add({ fault: rateLimitFault({ retryAfterSeconds: 3 }) });
  github.faults.add({ fault: rateLimitFault({ resetEpochSeconds: 1_785_000_000 }, 429) });
  const secondary = await call(github, line);
  expect([secondary.status, secondary.headers['retry-after']]).toEqual([403, '3']);
  expect(messageOf(secondary)).toContain('secondary rate limit');
  const { status, headers } = await call(github, line);
  expect([status, headers['x-ratelimit-remaining'], headers['x-ratelimit-reset']]).toEqual([
    429,
    '0',
    '1785000000',
  ]);
  expect((await call(github, line)).status).toBe(200);
});
