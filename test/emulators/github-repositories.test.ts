import { getOctokit } from '@actions/github';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GitHubEmulator } from '../../emulators/github.ts';
import { call, ENVIRONMENT, messageOf, sealed, startOcto, TOKEN } from './github-client.ts';

let github: GitHubEmulator;
let id: number;

beforeEach(async () => {
  github = await startOcto();
  id = github.addRepository('octo/app');
});

afterEach(async () => {
  expect(github.errors).toEqual([]);
  await github.close();
});

const inEnvironment = `environments/${encodeURIComponent(ENVIRONMENT)}/secrets`;

test.each([
  ['repository@octo/app', 'actions/secrets'],
  [`environment:${ENVIRONMENT}@octo/app`, inEnvironment],
  ['dependabot@octo/app', 'dependabot/secrets'],
])('%s is found by the number of its repository too', async (store, tail) => {
  const path = `/repositories/${id}/${tail}`;
  const body = await sealed(github, path, 'one');
  expect((await call(github, `PUT ${path}/A`, body)).status).toBe(201);
  expect((await call(github, `PUT /repos/octo/app/${tail}/A`, body)).status).toBe(204);
  expect(github.secretValue(store, 'A')).toBe('one');
  expect(JSON.parse((await call(github, `GET ${path}`)).body)).toMatchObject({ total_count: 1 });
  expect((await call(github, `DELETE ${path}/A`)).status).toBe(204);
  expect((await call(github, `GET /repositories/77/${tail}`)).status).toBe(404);
  github.setGrant(TOKEN, { repo: 'octo/app' });
  expect((await call(github, `GET ${path}`)).status).toBe(403);
});

describe('a renamed repository', () => {
  const old = '/repos/octo/app/actions/secrets';

  test('redirects: a GET by 301, a write by 307', async () => {
    const body = await sealed(github, old, 'x');
    github.renameRepository('octo/app', 'octo/new');
    const read = await call(github, `GET ${old}?per_page=100`);
    const location = `${github.url}/repositories/${id}/actions/secrets?per_page=100`;
    expect([read.status, read.headers.location]).toEqual([301, location]);
    expect(JSON.parse(read.body)).toMatchObject({ message: 'Moved Permanently', url: location });
    const write = await call(github, `PUT ${old}/A`, body);
    expect([write.status, write.headers.location]).toEqual([307, `${github.url}/repositories/${id}/actions/secrets/A`]);
    const environment = await call(github, `GET /repos/octo/app/${inEnvironment}`);
    expect(environment.headers.location).toBe(`${github.url}/repositories/${id}/${inEnvironment}`);
    expect(github.secretNames('repository@octo/new')).toEqual([]);
    expect((await call(github, `PUT /repos/octo/new/actions/secrets/A`, body)).status).toBe(201);
    expect(github.secretNames('repository@octo/app')).toEqual(['A']);
  });

  test('is followed by octokit', async () => {
    github.setSecret('repository@octo/app', 'A', 'x');
    const body = await sealed(github, old, 'new');
    github.renameRepository('octo/app', 'other/new');
    const { rest } = getOctokit(TOKEN, { baseUrl: github.url });
    const repo = { owner: 'octo', repo: 'app' };
    expect((await rest.actions.listRepoSecrets(repo)).data.total_count).toBe(1);
    await rest.actions.createOrUpdateRepoSecret({ ...repo, secret_name: 'A', ...body });
    expect(github.secretValue('repository@other/new', 'A')).toBe('new');
  });

  test('stays hidden from who may not see it, and gives way to a new one of its name', async () => {
    github.renameRepository('octo/app', 'octo/new');
    github.revoke(TOKEN, 'octo/new');
    expect((await call(github, `GET ${old}`)).status).toBe(404);
    expect(() => github.renameRepository('octo/none', 'octo/x')).toThrow('no such repository');
    const next = github.addRepository('octo/app');
    expect(next).not.toBe(id);
    github.setGrant(TOKEN, { repo: 'octo/app', secrets: 'read' });
    expect((await call(github, `GET ${old}`)).status).toBe(200);
    expect(() => github.renameRepository('octo/new', 'octo/app')).toThrow('taken');
  });
});

test('an archived repository is read-only', async () => {
  const path = '/repos/octo/app/actions/secrets';
  const body = await sealed(github, path, 'x');
  github.setSecret('repository@octo/app', 'A', 'old');
  github.archiveRepository('octo/app');
  for (const line of [`PUT ${path}/A`, `DELETE ${path}/A`, 'POST /repos/octo/app/actions/variables']) {
    const refused = await call(github, line, line.startsWith('DELETE') ? undefined : body);
    expect([refused.status, messageOf(refused)]).toEqual([403, 'Repository was archived so is read-only.']);
  }
  expect((await call(github, `GET ${path}`)).status).toBe(200);
  github.archiveRepository('octo/app', false);
  expect((await call(github, `PUT ${path}/A`, body)).status).toBe(204);
});

test('every change is written down: when, where, what, and by whom', async () => {
  const at = Date.parse('2026-08-01T10:00:00.500Z');
  github.setClock(at);
  const path = `/repos/octo/app/${inEnvironment}`;
  const store = `environment:${ENVIRONMENT}@octo/app`;
  const variables = '/repos/octo/app/actions/variables';
  await call(github, `PUT ${path}/a`, await sealed(github, path, 'one'));
  await call(github, `PUT ${path}/A`, await sealed(github, path, 'two'));
  await call(github, `DELETE ${path}/A`);
  await call(github, `DELETE ${path}/A`);
  await call(github, `POST ${variables}`, { name: 'v', value: '1' });
  await call(github, `PATCH ${variables}/V`, { value: '2' });
  await call(github, `PATCH ${variables}/V`, { name: 'w' });
  await call(github, `DELETE ${variables}/W`);
  github.setSecret('organization:octo', 'B', 'past the API');
  github.removeSecret('organization:octo', 'b');
  const secret = { at, what: 'secret', store, name: 'A', token: TOKEN };
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
