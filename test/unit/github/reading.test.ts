import { describe, expect, it } from 'vitest';
import { GitHub } from '../../../src/github/client.ts';
import {
  listSecrets,
  newName,
  readKey,
  readSecret,
  readVisibility,
  type SecretFacts,
} from '../../../src/github/reading.ts';
import { NOON } from '../../support/clock.ts';
import { answer, cut, iso, REPO, type Step, storeOf, world } from './support.ts';

const STORE = storeOf('repository');
const ORG = storeOf('organization:octo-org');
const PATH = `/repos/${REPO}/actions/secrets`;
const KEY = Buffer.alloc(32, 7).toString('base64');

function scripted(...steps: Step[]) {
  const given = world({ maxAttempts: 1 });
  given.http.on(/./, ...steps);
  return { ...given, github: new GitHub(given.access) };
}

const malformed = (what: string, label = STORE.label) =>
  expect.objectContaining({
    name: 'GitHubFailure',
    code: 'github-refused',
    status: 200,
    message: `Reading ${what} of the store \`${label}\` failed: the answer is malformed or incomplete.`,
  });

const entry = (name: unknown, created: unknown = iso(NOON), updated: unknown = iso(NOON + 1_000)) => ({
  name,
  created_at: created,
  updated_at: updated,
});

describe('the encryption key', () => {
  it('is read with its id', async () => {
    const { github, http } = scripted(answer(200, { key_id: '12', key: KEY }));
    expect(await readKey(github, STORE)).toEqual({ keyId: '12', publicKey: Buffer.alloc(32, 7) });
    expect(http.lines).toEqual([`GET ${PATH}/public-key`]);
  });

  it.each([
    ['no JSON', '<html>'],
    ['no id', { key: KEY }],
    ['an empty id', { key_id: '', key: KEY }],
    ['an id that is no text', { key_id: 12, key: KEY }],
    ['no key', { key_id: '12' }],
    ['a key that is no text', { key_id: '12', key: 5 }],
    ['31 bytes', { key_id: '12', key: Buffer.alloc(31).toString('base64') }],
    ['33 bytes', { key_id: '12', key: Buffer.alloc(33).toString('base64') }],
  ])('is refused with %s', async (_what, body) => {
    const { github } = scripted(answer(200, body));
    await expect(readKey(github, STORE)).rejects.toEqual(malformed('the encryption key'));
  });

  it('says what it needs where it is refused', async () => {
    const { github } = scripted(answer(403));
    await expect(readKey(github, STORE)).rejects.toMatchObject({
      message:
        'Reading the encryption key of the store `repository@octo-org/octo-repo` failed: GitHub returned HTTP 403.',
      code: 'store-refused',
      remedy: expect.stringContaining('"Secrets: write"'),
    });
  });

  it('is read in a run that has stopped, to keep a token', async () => {
    const { github, signals } = scripted(answer(200, { key_id: '12', key: KEY }));
    signals.send('SIGINT');
    await expect(readKey(github, STORE, 'keep')).resolves.toMatchObject({ keyId: '12' });
    await expect(readKey(github, STORE)).rejects.toMatchObject({ stopped: true });
  });
});

describe('the list of secrets', () => {
  it('tells times and visibility by name, in upper case', async () => {
    const { github, http } = scripted(
      answer(200, { total_count: 7, secrets: [entry('a_b'), { ...entry('C'), visibility: 'all' }] }),
    );
    const times = { createdAt: NOON, updatedAt: NOON + 1_000 };
    expect(await listSecrets(github, STORE)).toEqual({
      total: 7,
      secrets: new Map<string, SecretFacts>([
        ['A_B', { ...times, visibility: undefined }],
        ['C', { ...times, visibility: 'all' }],
      ]),
    });
    expect(http.lines).toEqual([`GET ${PATH}?per_page=100`]);
  });

  it.each([
    ['no JSON', '<html>', 'the list of secrets'],
    ['no list', { total_count: 0 }, 'the list of secrets'],
    ['no number', { total_count: '1', secrets: [] }, 'the list of secrets'],
    ['no creation time', { total_count: 1, secrets: [entry('A', 5)] }, 'the times of a secret'],
    ['no update time', { total_count: 1, secrets: [entry('A', iso(NOON), 'soon')] }, 'the times of a secret'],
  ])('is refused with %s', async (_what, body, what) => {
    const { github } = scripted(answer(200, body));
    await expect(listSecrets(github, STORE)).rejects.toEqual(malformed(what));
  });

  it('says what it is where it is refused', async () => {
    const { github } = scripted(answer(404));
    await expect(listSecrets(github, STORE)).rejects.toThrow(
      'Reading the list of secrets of the store `repository@octo-org/octo-repo` failed: GitHub returned HTTP 404.',
    );
  });
});

describe('one secret', () => {
  it('tells its times', async () => {
    const { github, http } = scripted(answer(200, entry('X')));
    expect(await readSecret(github, STORE, 'X')).toEqual({
      createdAt: NOON,
      updatedAt: NOON + 1_000,
      visibility: undefined,
    });
    expect(http.lines).toEqual([`GET ${PATH}/X`]);
  });

  it('may be missing', async () => {
    const { github } = scripted(answer(404));
    expect(await readSecret(github, STORE, 'X')).toBeUndefined();
  });

  it('says what it is where it is refused', async () => {
    const { github } = scripted(answer(403));
    await expect(readSecret(github, STORE, 'X')).rejects.toThrow(
      'Reading the secret X of the store `repository@octo-org/octo-repo` failed: GitHub returned HTTP 403.',
    );
  });

  it.each([
    ['a run that goes on, by default', undefined, false],
    ['a cancelled run that deletes its records', 'tidy', true],
  ] as const)('is read for %s', async (_what, manner, isSent) => {
    const { github, http, signals } = scripted(answer(404));
    signals.send('SIGINT');
    await readSecret(github, STORE, 'X', manner).catch(() => undefined);
    expect(http.sent.length > 0).toBe(isSent);
  });
});

describe("who may use an organization's secret", () => {
  const facts = (visibility: unknown): SecretFacts => ({ createdAt: NOON, updatedAt: NOON, visibility });
  const repositories = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({ id: from + index }));
  const page = (total: unknown, list: unknown) => answer(200, { total_count: total, repositories: list });
  const what = 'the repositories of the secret X';

  it.each(['all', 'private'])('%s: nothing else to read', async (visibility) => {
    const { github, http } = scripted();
    expect(await readVisibility(github, ORG, 'X', facts(visibility))).toEqual({ visibility });
    expect(http.sent).toEqual([]);
  });

  it.each([undefined, 'public', 5])('%s is refused', async (visibility) => {
    const { github } = scripted();
    const failure = malformed('the visibility of the secret X', ORG.label);
    await expect(readVisibility(github, ORG, 'X', facts(visibility))).rejects.toEqual(failure);
  });

  it.each<[string, Step[], number]>([
    ['no repository', [page(0, [])], 0],
    ['one', [page(1, repositories(1, 1))], 1],
    ['a hundred', [page(100, repositories(1, 100))], 100],
    ['more than a page', [page(101, repositories(1, 100)), page(101, repositories(101, 1))], 101],
    ['pages that overlap', [page(3, repositories(1, 2)), page(3, repositories(2, 2))], 3],
    ['more than GitHub counts', [page(1, repositories(1, 2))], 2],
  ])('selected: %s', async (_what, pages, count) => {
    const { github, http } = scripted(...pages);
    expect(await readVisibility(github, ORG, 'X', facts('selected'))).toEqual({
      visibility: 'selected',
      selected_repository_ids: Array.from({ length: count }, (_, index) => index + 1),
    });
    expect(http.lines).toEqual(
      pages.map((_, index) => `GET /orgs/octo-org/actions/secrets/X/repositories?per_page=100&page=${index + 1}`),
    );
    expect(http.sent[0]?.options.maxBytes).toBe(16 * 1024 * 1024);
  });

  it.each<[string, Step[], string]>([
    ['fewer than GitHub counts', [page(2, repositories(1, 1)), page(2, [])], '1 of 2'],
    ['the same page twice', [page(3, repositories(1, 2)), page(3, repositories(1, 2))], '2 of 3'],
    ['an id that is no number', [page(1, [{ id: '1' }])], '0 of 1'],
  ])('selected, with %s: refused, with the counts', async (_what, pages, counts) => {
    const { github } = scripted(...pages);
    await expect(readVisibility(github, ORG, 'X', facts('selected'))).rejects.toMatchObject({
      code: 'github-refused',
      message: `Reading ${what} of the store \`organization:octo-org\` failed: GitHub lists only ${counts}, so \`github-token\` may not see all of them.`,
    });
  });

  it.each<[string, Step[]]>([
    ['no list', [page(1, undefined)]],
    ['no count', [page('1', [])]],
    ['no JSON', [answer(200, '<html>')]],
  ])('selected, with %s: refused', async (_what, pages) => {
    const { github } = scripted(...pages);
    await expect(readVisibility(github, ORG, 'X', facts('selected'))).rejects.toEqual(malformed(what, ORG.label));
  });

  it('selected: refused where there is no end of pages', async () => {
    let number = 0;
    const { github, http } = scripted();
    http.on(/./, ...Array.from({ length: 1001 }, () => () => page(5000, repositories(++number, 1))));
    await expect(readVisibility(github, ORG, 'X', facts('selected'))).rejects.toEqual(malformed(what, ORG.label));
    expect(http.sent).toHaveLength(1000);
  });
});

describe('the new name of a repository', () => {
  const LONG = 'a-rather-long-organization/and-a-repository-with-a-long-name';

  it.each<[string, Step, string | undefined]>([
    ['is read', answer(200, { full_name: LONG }), LONG],
    ['is unknown where it is refused', answer(404), undefined],
    ['is unknown where it is no name', answer(200, { full_name: 'x\n::error::y/z' }), undefined],
    ['is unknown where it is no text', answer(200, { full_name: 5 }), undefined],
    ['is unknown where the answer is lost', cut(), undefined],
  ])('%s', async (_what, step, name) => {
    const { github, http } = scripted(step);
    expect(await newName(github, '/repositories/42')).toBe(name);
    expect(http.lines).toEqual(['GET /repositories/42']);
  });
});
