import { getOctokit } from '@actions/github';
import { beforeEach, describe, expect, test } from 'vitest';
import { type GitHubEmulator, startGitHub } from '../../emulators/github.ts';
import { faultsIn } from './github-schema.ts';
import {
  call,
  ENVIRONMENT,
  EVERYTHING,
  IN_ENVIRONMENT,
  jsonOf,
  SECRETS,
  STORES,
  sealed,
  sealedFor,
  startOcto,
  statuses,
  TOKEN,
  VARIABLES,
} from './octo.ts';

const RUN = { id: 7, created_at: '2026-08-01T10:00:00Z', run_started_at: '2026-08-02T10:00:00Z', run_attempt: 2 };
let github: GitHubEmulator;
let id: number;

beforeEach(async () => {
  github = await startOcto();
  id = github.addRepository('octo/app');
});

describe.each(STORES)('secrets in $store', ({ store, path, created }) => {
  test('are created, replaced, described, listed and deleted', async () => {
    github.setClock(Date.parse('2026-08-01T10:00:00.789Z'));
    const first = { ...(await sealed(github, path, 'one "é漢"\n')), ...created };
    expect(await statuses(github, `GET ${path}/A_Token`, [`PUT ${path}/a_token`, first])).toEqual([404, 201]);
    expect(github.secretValue(store, 'A_TOKEN')).toBe('one "é漢"\n');

    github.setClock(Date.parse('2026-08-01T10:00:05.001Z'));
    const second = { ...(await sealed(github, path, 'two')), ...created };
    expect(await statuses(github, [`PUT ${path}/A_TOKEN`, second])).toEqual([204]);
    expect(github.secretValue(store, 'a_token')).toBe('two');
    const described = await call(github, `GET ${path}/A_Token`);
    const times = { created_at: '2026-08-01T10:00:00Z', updated_at: '2026-08-01T10:00:05Z' };
    expect(jsonOf(described)).toEqual({ name: 'A_TOKEN', ...times, ...created });
    expect(described.headers.date).toBe('Sat, 01 Aug 2026 10:00:05 GMT');
    expect(jsonOf(await call(github, `GET ${path}`))).toEqual({ total_count: 1, secrets: [jsonOf(described)] });

    expect(await statuses(github, `DELETE ${path}/A_TOKEN`, `DELETE ${path}/A_TOKEN`)).toEqual([204, 404]);
    expect(github.secretNames(store)).toEqual([]);
    expect(github.requests.map(({ verdict }) => verdict)).toContain('sealed box opened, A_TOKEN created');
  });

  test('are refused for a wrong name, box, key or size, or when the store is full', async () => {
    const key = jsonOf(await call(github, `GET ${path}/public-key`));
    const good = { ...sealedFor(key, 'x'), ...created };
    const put = async (body: object, name = 'A') => {
      const { status, ...answer } = await call(github, `PUT ${path}/${name}`, body);
      return status === 422 ? jsonOf({ status, ...answer }).message : status;
    };
    const refused = expect.any(String);
    for (const name of ['1A', 'GITHUB_A', 'A-B', 'a%20b'])
      expect([name, await put(good, name)]).toEqual([name, refused]);
    expect(await put({ ...good, encrypted_value: 'x'.repeat(80) })).toBe('Improperly encrypted secret');
    expect(await put({ ...good, encrypted_value: '%' })).toEqual(refused);
    expect(await put({ ...created, key_id: good.key_id })).toEqual(refused);
    expect(await put({ ...good, key_id: '1' })).toContain('key_id');
    expect(await put({ ...created, ...sealedFor(key, 'x'.repeat(48 * 1024)) })).toBe(201);
    expect(await put({ ...created, ...sealedFor(key, 'x'.repeat(48 * 1024 + 1)) })).toEqual(refused);

    const limit = store.startsWith('organization') ? 1000 : 100;
    for (let n = 1; n < limit; n += 1) github.setSecret(store, `S_${n}`, 'x');
    expect(await put(good, 'ONE_MORE')).toContain('limit');
    expect(await put(good, 'S_1')).toBe(204);
    const page = await call(github, `GET ${path}?per_page=40&page=2`);
    expect(jsonOf(page)).toMatchObject({ total_count: limit });
    expect(page.headers.link).toContain('page=3');
  });
});

test('the secret of an organization wants a visibility on every PUT', async () => {
  const path = '/orgs/octo/actions/secrets';
  const body = await sealed(github, path, 'x');
  const put = async (more: object) => (await statuses(github, [`PUT ${path}/A`, { ...body, ...more }]))[0];
  for (const [visibility, selected_repository_ids, status] of [
    [undefined, undefined, 422],
    ['some', undefined, 422],
    ['selected', 'x', 422],
    ['selected', [id + 77], 422],
    ['all', [id], 422],
    ['selected', [id], 201],
  ]) {
    expect(await put({ visibility, selected_repository_ids })).toBe(status);
  }
  const audience = { visibility: 'selected', selectedRepositoryIds: [id] };
  expect(github.secretMeta('organization:octo', 'A')).toMatchObject(audience);
  const selected_repositories_url = `${github.url}${path}/A/repositories`;
  expect(jsonOf(await call(github, `GET ${path}/A`))).toMatchObject({ selected_repositories_url });
  const repository = { id, name: 'app', full_name: 'octo/app', owner: { login: 'octo' } };
  const selected = jsonOf(await call(github, `GET ${path}/A/repositories`));
  expect(selected).toMatchObject({ total_count: 1, repositories: [repository] });
  // Accepted without repositories: then nobody is selected.
  expect(await put({ visibility: 'selected' })).toBe(204);
  expect(github.secretMeta('organization:octo', 'A')?.selectedRepositoryIds).toEqual([]);
  expect(await put({ visibility: 'private' })).toBe(204);
});

test.each([
  ['repository@octo/app', VARIABLES, {}],
  [`environment:${ENVIRONMENT}@octo/app`, `/repos/octo/app/${IN_ENVIRONMENT}/variables`, {}],
  ['organization:octo', '/orgs/octo/actions/variables', { visibility: 'private' }],
])('variables in %s', async (store, path, more) => {
  const made = (name: string): [string, object] => [`POST ${path}`, { name, value: '1', ...more }];
  const set = (name: string, value: string): [string, object] => [`PATCH ${path}/${name}`, { value }];
  const steps = await statuses(github, set('EXPIRES', '1'), made('expires'), made('EXPIRES'), set('expires', '2'));
  expect(steps).toEqual([404, 201, 409, 204]);
  expect(github.variableValue(store, 'Expires')).toBe('2');
  const read = jsonOf(await call(github, `GET ${path}/EXPIRES`));
  expect(read).toMatchObject({ name: 'EXPIRES', value: '2', ...more });
  expect(await statuses(github, `DELETE ${path}/EXPIRES`)).toEqual([204]);
  expect(github.variableNames(store)).toEqual([]);
  const bare = await statuses(
    github,
    [`POST ${path}`, { name: 'A', value: '1' }],
    'GET /repos/octo/app/dependabot/variables',
  );
  expect(bare).toEqual([store.startsWith('organization') ? 422 : 201, 404]);
});

test('a run carries every field, and what is wrong with an answer is told', async () => {
  github.addRun('octo/app', RUN);
  const path = '/repos/octo/app/actions/runs/7';
  const body = jsonOf<Record<string, unknown>>(await call(github, `GET ${path}`));
  expect(body).toMatchObject({ ...RUN, status: 'in_progress', repository: { full_name: 'octo/app' } });
  expect(await statuses(github, 'GET /repos/octo/app/actions/runs/8')).toEqual([404]);
  const { head_commit: _, ...incomplete } = body;
  for (const [status, answer, fault] of [
    [200, incomplete, " must have required property 'head_commit'"],
    [200, { ...body, created_at: '2026' }, '/created_at must match format "date-time"'],
    [201, {}, 'GET /repos/{owner}/{repo}/actions/runs/{run_id} never answers 201'],
    [404, {}, undefined],
  ] as const) {
    expect(faultsIn('GET', path, status, JSON.stringify(answer))).toEqual(fault === undefined ? [] : [fault]);
  }
  expect(faultsIn('GET', '/repos/octo/app', 200, '{}')).toEqual(['GET /repos/octo/app is not described']);
});

test.each(['2022-11-28', '2026-03-10'])('octokit works with API version %s', async (version) => {
  const { rest } = getOctokit(TOKEN, { baseUrl: github.url });
  const repo = { owner: 'octo', repo: 'app', headers: { 'x-github-api-version': version } };
  const { data: key } = await rest.actions.getRepoPublicKey(repo);
  github.setClock(Date.parse('2026-08-01T10:00:00.900Z'));
  const secret = { ...repo, secret_name: 'A' };
  expect((await rest.actions.createOrUpdateRepoSecret({ ...secret, ...sealedFor(key, 'one') })).status).toBe(201);
  github.setClock(Date.parse('2026-08-01T10:00:07.100Z'));
  expect((await rest.actions.createOrUpdateRepoSecret({ ...secret, ...sealedFor(key, 'two') })).status).toBe(204);
  const list = await rest.actions.listRepoSecrets({ ...repo, per_page: 100 });
  expect(list.headers['x-github-api-version-selected']).toBe(version);
  const [createdAt, updatedAt] = ['2026-08-01T10:00:00Z', '2026-08-01T10:00:07Z'];
  expect(list.data.secrets).toEqual([{ name: 'A', created_at: createdAt, updated_at: updatedAt }]);
  const meta = { name: 'A', createdAt: Date.parse(createdAt), updatedAt: Date.parse(updatedAt) };
  expect(github.secretMeta('repository@octo/app', 'A')).toEqual(meta);
  expect((await rest.actions.deleteRepoSecret(secret)).status).toBe(204);
  await expect(rest.actions.deleteRepoSecret(secret)).rejects.toThrow('Not Found');

  github.addRun('octo/app', RUN);
  await rest.actions.createRepoVariable({ ...repo, name: 'EXPIRES', value: '1' });
  await rest.actions.updateRepoVariable({ ...repo, name: 'EXPIRES', value: '2' });
  expect((await rest.actions.getRepoVariable({ ...repo, name: 'expires' })).data.value).toBe('2');
  expect((await rest.actions.getWorkflowRun({ ...repo, run_id: 7 })).data.run_attempt).toBe(2);
});

describe('permissions', () => {
  const table: [string, string][] = [
    ['secrets', SECRETS],
    ['environments', `/repos/octo/app/${IN_ENVIRONMENT}/secrets`],
    ['environments', `/repos/octo/app/${IN_ENVIRONMENT}/variables`],
    ['variables', VARIABLES],
    ['dependabot_secrets', '/repos/octo/app/dependabot/secrets'],
    ['organization_secrets', '/orgs/octo/actions/secrets'],
    ['organization_variables', '/orgs/octo/actions/variables'],
    ['actions', '/repos/octo/app/actions/runs/1'],
  ];

  test.each(table)('%s is what %s asks for', async (permission, path) => {
    const owner = path.startsWith('/orgs') ? { org: 'octo' } : { repo: 'octo/app' };
    github.addRun('octo/app', { id: 1, created_at: RUN.created_at });
    const others = Object.fromEntries(table.filter(([name]) => name !== permission).map(([name]) => [name, 'write']));
    github.setGrant(TOKEN, { ...owner, ...others });
    const refused = await call(github, `GET ${path}`);
    expect([refused.status, jsonOf(refused).message]).toEqual([
      403,
      'Resource not accessible by personal access token',
    ]);
    github.setGrant(TOKEN, { ...owner, [permission]: 'read' });
    const readOnly = permission === 'actions' ? 404 : 403;
    expect(await statuses(github, `GET ${path}`, `DELETE ${path}/A`)).toEqual([200, readOnly]);
    github.setGrant(TOKEN, { ...owner, [permission]: 'write' });
    expect(await statuses(github, `DELETE ${path}/A`)).toEqual([404]);
    github.revoke(TOKEN, Object.values(owner)[0]);
    expect(await statuses(github, `GET ${path}`)).toEqual([404]);
  });

  test.each([
    [401, { authorization: 'Bearer x' }],
    [200, { authorization: `token ${TOKEN}` }],
    [403, { 'user-agent': '' }],
    [400, { 'x-github-api-version': '2026-03-11' }],
  ])('%i for %j', async (status, headers: Record<string, string>) => {
    expect((await call(github, `GET ${SECRETS}`, undefined, headers)).status).toBe(status);
    github.revoke(TOKEN);
    expect(await statuses(github, `GET ${SECRETS}`)).toEqual([401]);
  });

  test.each(['/repos/octo/app/environments/none/secrets', '/repos/octo/none/actions/secrets', '/x', '/%'])(
    '404 for %s',
    async (path) => {
      github.setGrant(TOKEN, { repo: 'octo/none', secrets: 'write' });
      expect(await statuses(github, `GET ${path}`)).toEqual([404]);
      expect(() => github.secretValue('environment:none@octo/app', 'A')).toThrow('no such store');
    },
  );
});

describe('a repository', () => {
  test.each(STORES.filter(({ path }) => !path.startsWith('/orgs')))('$store is found by its number', async (one) => {
    const tail = one.path.replace(/^\/repos\/octo\/app\//i, '');
    const path = `/repositories/${id}/${tail}`;
    const body = await sealed(github, path, 'one');
    expect(await statuses(github, [`PUT ${path}/A`, body], [`PUT ${one.path}/A`, body])).toEqual([201, 204]);
    expect(github.secretValue(one.store, 'A')).toBe('one');
    expect(jsonOf(await call(github, `GET ${path}`))).toMatchObject({ total_count: 1 });
    expect(await statuses(github, `DELETE ${path}/A`, `GET /repositories/77/${tail}`)).toEqual([204, 404]);
    github.setGrant(TOKEN, { repo: 'octo/app' });
    expect(await statuses(github, `GET ${path}`)).toEqual([403]);
  });

  test('that was renamed redirects, a GET by 301, a write by 307, and octokit follows', async () => {
    const body = await sealed(github, SECRETS, 'new');
    github.setSecret('repository@octo/app', 'A', 'x');
    github.renameRepository('octo/app', 'other/new');
    const places = [
      [`GET ${SECRETS}?per_page=100`, 301, 'actions/secrets?per_page=100'],
      [`PUT ${SECRETS}/A`, 307, 'actions/secrets/A'],
      [`GET /repos/octo/app/${IN_ENVIRONMENT}/secrets`, 301, `${IN_ENVIRONMENT}/secrets`],
    ] as const;
    for (const [line, status, tail] of places) {
      const answer = await call(github, line, line.startsWith('PUT') ? body : undefined);
      const location = `${github.url}/repositories/${id}/${tail}`;
      expect([answer.status, answer.headers.location]).toEqual([status, location]);
      expect(jsonOf(answer)).toMatchObject({ url: location });
    }
    expect(github.secretValue('repository@other/new', 'A')).toBe('x');
    const { rest } = getOctokit(TOKEN, { baseUrl: github.url });
    const repo = { owner: 'octo', repo: 'app' };
    expect((await rest.actions.listRepoSecrets(repo)).data.total_count).toBe(1);
    await rest.actions.createOrUpdateRepoSecret({ ...repo, secret_name: 'A', ...body });
    expect(github.secretValue('repository@other/new', 'A')).toBe('new');
  });

  test('that was renamed stays hidden from who may not see it, and gives way to a new one of its name', async () => {
    github.renameRepository('octo/app', 'octo/new');
    github.revoke(TOKEN, 'octo/new');
    expect(await statuses(github, `GET ${SECRETS}`)).toEqual([404]);
    expect(() => github.renameRepository('octo/none', 'octo/x')).toThrow('no such repository');
    expect(github.addRepository('octo/app')).not.toBe(id);
    github.setGrant(TOKEN, { repo: 'octo/app', secrets: 'read' });
    expect(await statuses(github, `GET ${SECRETS}`)).toEqual([200]);
    expect(() => github.renameRepository('octo/new', 'octo/app')).toThrow('taken');
  });

  test('that is archived is read-only', async () => {
    const body = await sealed(github, SECRETS, 'x');
    github.setSecret('repository@octo/app', 'A', 'old');
    github.archiveRepository('octo/app');
    for (const line of [`PUT ${SECRETS}/A`, `DELETE ${SECRETS}/A`, `POST ${VARIABLES}`]) {
      const refused = await call(github, line, line.startsWith('DELETE') ? undefined : body);
      expect([refused.status, jsonOf(refused).message]).toEqual([403, 'Repository was archived so is read-only.']);
    }
    expect(await statuses(github, `GET ${SECRETS}`)).toEqual([200]);
    github.archiveRepository('octo/app', false);
    expect(await statuses(github, [`PUT ${SECRETS}/A`, body])).toEqual([204]);
  });
});

test('every change is written down: when, where, what, and by whom', async () => {
  const at = Date.parse('2026-08-01T10:00:00.500Z');
  github.setClock(at);
  const path = `/repos/octo/app/${IN_ENVIRONMENT}/secrets`;
  await call(github, `PUT ${path}/a`, await sealed(github, path, 'one'));
  await call(github, `PUT ${path}/A`, await sealed(github, path, 'two'));
  const steps: [string, object][] = [
    [`POST ${VARIABLES}`, { name: 'v', value: '1' }],
    [`PATCH ${VARIABLES}/V`, { value: '2' }],
    [`PATCH ${VARIABLES}/V`, { name: 'w' }],
  ];
  await statuses(github, `DELETE ${path}/A`, `DELETE ${path}/A`, ...steps, `DELETE ${VARIABLES}/W`);
  github.setSecret('organization:octo', 'B', 'past the API');
  github.removeSecret('organization:octo', 'b');
  const secret = { at, what: 'secret', store: `environment:${ENVIRONMENT}@octo/app`, name: 'A', token: TOKEN };
  const variable = { at, what: 'variable', store: 'repository@octo/app', name: 'V', token: TOKEN };
  const unsigned = { at, what: 'secret', store: 'organization:octo', name: 'B' };
  expect(github.writes).toEqual([
    { ...secret, operation: 'create', value: 'one' },
    { ...secret, operation: 'update', value: 'two' },
    { ...secret, operation: 'delete' },
    { ...variable, operation: 'create', value: '1' },
    { ...variable, operation: 'update', value: '2' },
    { ...variable, operation: 'delete' },
    { ...variable, operation: 'create', name: 'W', value: '2' },
    { ...variable, operation: 'delete', name: 'W' },
    { ...unsigned, operation: 'create', value: 'past the API' },
    { ...unsigned, operation: 'delete' },
  ]);
});

test('a GitHub Enterprise Server lives under a prefix, and its clock may be off', async () => {
  const server = await startGitHub({ pathPrefix: '/api/v3', now: () => 1_785_000_000_000, clockSkewMs: 60_000 });
  server.addRepository('octo/app');
  server.addToken({ token: TOKEN, grants: EVERYTHING });
  const answer = await call(server, `GET ${SECRETS}`);
  expect([answer.status, answer.headers.date]).toEqual([200, new Date(1_785_000_060_000).toUTCString()]);
  expect(server.requests[0]?.path).toBe(`/api/v3${SECRETS}`);
  await server.close();
});
