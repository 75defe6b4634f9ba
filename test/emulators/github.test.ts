import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitHubEmulator, startGitHub } from '../../emulators/github.ts';
import { call, ENVIRONMENT, EVERYTHING, messageOf, STORES, sealed, startOcto, TOKEN } from './github-client.ts';

let github: GitHubEmulator;

beforeEach(async () => {
  github = await startOcto();
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
