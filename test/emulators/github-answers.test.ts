import { getOctokit } from '@actions/github';
import sodium from 'libsodium-wrappers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GitHubEmulator } from '../../emulators/github.ts';
import { call, messageOf, startOcto, TOKEN } from './github-client.ts';
import { faultsIn } from './github-schema.ts';

const RUN = {
  id: 7,
  created_at: '2026-08-01T10:00:00Z',
  run_started_at: '2026-08-02T10:00:00Z',
  run_attempt: 2,
};
let github: GitHubEmulator;

beforeEach(async () => {
  await sodium.ready;
  github = await startOcto();
});

afterEach(async () => {
  expect(github.errors).toEqual([]);
  await github.close();
});

describe("held against GitHub's own description", () => {
  test('a run carries every field', async () => {
    github.addRun('octo/app', RUN);
    const answer = await call(github, 'GET /repos/octo/app/actions/runs/7');
    const body = JSON.parse(answer.body) as Record<string, unknown>;
    expect(body).toMatchObject({ ...RUN, status: 'in_progress', repository: { full_name: 'octo/app' } });
    expect((await call(github, 'GET /repos/octo/app/actions/runs/8')).status).toBe(404);

    const { head_commit: _, ...incomplete } = body;
    const path = '/repos/octo/app/actions/runs/7';
    expect(faultsIn('GET', path, 200, JSON.stringify(incomplete))).toEqual([
      " must have required property 'head_commit'",
    ]);
    expect(faultsIn('GET', path, 200, JSON.stringify({ ...body, created_at: '2026' }))).toEqual([
      '/created_at must match format "date-time"',
    ]);
    expect(faultsIn('GET', path, 201, '{}')).toHaveLength(1);
    expect(faultsIn('GET', '/repos/octo/app', 200, '{}')).toHaveLength(1);
  });

  test('a hundred repositories of an organization, over a megabyte when asked for', async () => {
    const ids = Array.from({ length: 130 }, (_, n) => github.addRepository(`octo/repo-${n}`));
    github.setSecret('organization:octo', 'A', 'x', github.clock, {
      visibility: 'selected',
      selectedRepositoryIds: ids,
    });
    const line = 'GET /orgs/octo/actions/secrets/A/repositories?per_page=100';
    const plain = await call(github, line);
    const body = JSON.parse(plain.body) as { total_count: number; repositories: { id: number }[] };
    expect([body.total_count, body.repositories.map(({ id }) => id)]).toEqual([130, ids.slice(0, 100)]);
    expect(plain.headers.link).toContain('page=2');
    github.padDescriptionsTo = 10_000;
    const large = await call(github, line);
    expect(large.bytes.length).toBeGreaterThan(1_200_000);
    expect(plain.bytes.length).toBeLessThan(600_000);
  });
});

describe.each(['2022-11-28', '2026-03-10'])('octokit with API version %s', (version) => {
  const headers = { 'x-github-api-version': version };

  test('writes, lists, reads and deletes secrets', async () => {
    const { rest } = getOctokit(TOKEN, { baseUrl: github.url });
    const repo = { owner: 'octo', repo: 'app', headers };
    const { data: key } = await rest.actions.getRepoPublicKey(repo);
    const seal = (value: string) => {
      const box = sodium.crypto_box_seal(value, Buffer.from(key.key, 'base64'));
      return { encrypted_value: Buffer.from(box).toString('base64'), key_id: key.key_id };
    };
    github.setClock(Date.parse('2026-08-01T10:00:00.900Z'));
    const put = async (value: string) =>
      (await rest.actions.createOrUpdateRepoSecret({ ...repo, secret_name: 'A', ...seal(value) })).status;
    expect(await put('one')).toBe(201);
    github.setClock(Date.parse('2026-08-01T10:00:07.100Z'));
    expect(await put('two')).toBe(204);
    const list = await rest.actions.listRepoSecrets({ ...repo, per_page: 100 });
    expect(list.headers['x-github-api-version-selected']).toBe(version);
    expect(list.data).toEqual({
      total_count: 1,
      secrets: [{ name: 'A', created_at: '2026-08-01T10:00:00Z', updated_at: '2026-08-01T10:00:07Z' }],
    });
    expect(github.secretMeta('repository@octo/app', 'A')).toEqual({
      name: 'A',
      createdAt: Date.parse('2026-08-01T10:00:00Z'),
      updatedAt: Date.parse('2026-08-01T10:00:07Z'),
    });
    const gone = await rest.actions.deleteRepoSecret({ ...repo, secret_name: 'A' });
    expect(gone.status).toBe(204);
    await expect(rest.actions.deleteRepoSecret({ ...repo, secret_name: 'A' })).rejects.toThrow('Not Found');
  });

  test('writes variables, and reads a run', async () => {
    github.addRun('octo/app', RUN);
    const { rest } = getOctokit(TOKEN, { baseUrl: github.url });
    const repo = { owner: 'octo', repo: 'app', headers };
    await rest.actions.createRepoVariable({ ...repo, name: 'EXPIRES', value: '1' });
    await rest.actions.updateRepoVariable({ ...repo, name: 'EXPIRES', value: '2' });
    expect((await rest.actions.getRepoVariable({ ...repo, name: 'expires' })).data.value).toBe('2');
    expect((await rest.actions.getWorkflowRun({ ...repo, run_id: 7 })).data.run_attempt).toBe(2);
  });
});

test('other versions are refused', async () => {
  const line = 'GET /repos/octo/app/actions/secrets';
  const refused = await call(github, line, undefined, { 'x-github-api-version': '2026-03-11' });
  expect([refused.status, messageOf(refused)]).toEqual([400, expect.stringContaining('2026-03-11')]);
  const without = await call(github, line, undefined, { 'x-github-api-version': '2022-11-28' });
  expect(without.headers['x-github-api-version-selected']).toBe('2022-11-28');
});

test('one 422, and a login page in place of an answer, on demand', async () => {
  const line = 'GET /repos/octo/app/actions/secrets/public-key';
  github.faults.add({ fault: { kind: 'status', status: 422, body: '{"message":"odd"}', when: 'before' } });
  const page = {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: '<html><form action="/login"></html>',
  };
  github.faults.add({ fault: { kind: 'status', ...page, when: 'after' } });
  const answers = [await call(github, line), await call(github, line), await call(github, line)];
  expect(answers.map(({ status }) => status)).toEqual([422, 200, 200]);
  expect(answers[1]?.body).toBe(page.body);
  expect(github.requests.map(({ fault }) => fault)).toEqual(['status', 'status', undefined]);
});
