import { describe, expect, it } from 'vitest';
import { everywhere, GitHubFailure, type Purpose, refused } from '../../../src/github/failure.ts';
import type { PreparedStore } from '../../../src/github/store.ts';
import { NOON } from '../../support/clock.ts';
import { answer, seconds } from './support.ts';

const DOING = 'Writing the secret X into the store `s`';
const WRITING: Purpose = { method: 'PUT', doing: DOING, permission: '"Secrets: write"' };
const WRITER =
  "The workflow's own `GITHUB_TOKEN` cannot have that permission: use a fine-grained personal access token or a GitHub App token.";
const ACCESS = 'Check the name, and that `github-token` has access to it with the permission "Secrets: write".';
const LATER = 'Re-run the job later.';
const MOVED = 'The repository was renamed or moved. Use its new name in `secret-stores`.';
const OTHER = 'Check the store, and that `github-token` has the permission "Secrets: write".';
const SECONDARY = { message: 'You have exceeded a Secondary Rate Limit' };

function refusal(status: number, body: unknown = '', headers: Record<string, string> = {}, purpose = WRITING) {
  return refused(purpose, answer(status, body, headers), body, NOON);
}

it('a failure says what failed and why', () => {
  const said = { message: 'Writing the secret X into the store `s` failed: it broke.', remedy: LATER };
  const known = { code: 'github-unavailable', status: undefined, stopped: false, maybeDone: false };
  const failure = new GitHubFailure(WRITING, 'it broke');
  expect(failure).toMatchObject({ name: 'GitHubFailure', reason: 'it broke', ...said, ...known });
});

describe('a refusal', () => {
  it.each<[number, string, string, string]>([
    [429, '', 'github-unavailable', LATER],
    [500, 'archived', 'github-unavailable', LATER],
    [401, '', 'store-refused', '`github-token` is wrong, expired or revoked. Create a new one and store it.'],
    [403, 'Was Archived', 'store-refused', 'Unarchive the repository, or use another store.'],
    [403, '', 'store-refused', `\`github-token\` needs the permission "Secrets: write". ${WRITER}`],
    [404, '', 'store-missing', `${ACCESS} ${WRITER}`],
    [301, '', 'store-missing', MOVED],
    [307, '', 'store-missing', MOVED],
    [308, '', 'store-missing', MOVED],
    [422, '', 'github-refused', OTHER],
  ])('with %i "%s" is %s', (status, message, code, remedy) => {
    expect(refusal(status, { message })).toMatchObject({ status, code, remedy });
  });

  it.each<[number, unknown, string]>([
    [404, { message: 'Not Found' }, ', "Not Found"'],
    [404, { message: 'No. Not now. . ' }, ', "No. Not now"'],
    [404, { message: `the value ${'t'.repeat(60)} is bad` }, ', "the value […] is bad"'],
    [404, { message: { a: 1 } }, ''],
    [300, undefined, ''],
    [299, {}, ', which is not the status of success, so a proxy may have answered'],
  ])('is told: %i with %j', (status, body, rest) => {
    expect(refusal(status, body).reason).toBe(`GitHub returned HTTP ${status}${rest}`);
  });

  it.each([
    [301, 'https://api.github.test/repositories/42/actions', '/repositories/42'],
    [399, '/repositories/x', undefined],
    [400, '/repositories/42', undefined],
  ])('%i to %s names the place of the repository: %s', (status, location, movedTo) => {
    expect(refusal(status, '', { location }).movedTo).toBe(movedTo);
    expect(refusal(status).movedTo).toBeUndefined();
  });

  it.each([
    [299, true],
    [300, false],
    [499, false],
    [500, true],
  ])('of a write with %i leaves open whether it is done: %s', (status, maybeDone) => {
    expect(refusal(status).maybeDone).toBe(maybeDone);
    expect(refusal(status, '', {}, { ...WRITING, method: 'GET' }).maybeDone).toBe(false);
  });
});

const used = (resetAt: number, more: Record<string, string> = {}) => {
  return { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': seconds(resetAt), ...more };
};
const left = used(NOON, { 'x-ratelimit-remaining': '1' });
const date = new Date(NOON + 3_600_000).toUTCString();
const retryAfter = { 'retry-after': '17' };

it.each<[string, GitHubFailure, object | undefined]>([
  ['500', refusal(500), {}],
  ['503 with Retry-After', refusal(503, '', retryAfter), { afterMs: 17_000 }],
  ['503 with a reset', refusal(503, '', used(NOON + 30_000)), {}],
  ['429', refusal(429), {}],
  ['429 with Retry-After: 0', refusal(429, '', { 'retry-after': '0' }), { afterMs: 0 }],
  ['403 with a reset', refusal(403, '', used(NOON + 30_000)), { afterMs: 31_000 }],
  ['403 with a reset that is over', refusal(403, '', used(NOON - 30_000)), { afterMs: 1_000 }],
  ['403 with a reset after hours', refusal(403, '', used(NOON + 7_200_000)), { afterMs: 3_600_000 }],
  ["403 with a reset by GitHub's clock", refusal(403, '', used(NOON + 3_630_000, { date })), { afterMs: 31_000 }],
  ['403 with Retry-After and a reset', refusal(403, '', used(NOON + 900_000, retryAfter)), { afterMs: 17_000 }],
  ['403 with an invalid Retry-After', refusal(403, '', { 'retry-after': 'soon' }), { afterMs: 60_000 }],
  ['403 with an invalid reset', refusal(403, '', used(Number.NaN)), { afterMs: 60_000 }],
  ['403 that says so, with requests left', refusal(403, SECONDARY, left), { afterMs: 60_000 }],
  ['403 with requests left', refusal(403, '', left), undefined],
  ['a plain 403', refusal(403, { message: 'Resource not accessible' }), undefined],
  ['404 with no requests left', refusal(404, SECONDARY, used(NOON)), undefined],
])('whether the same request may succeed after %s', (_what, { again, code }, expected) => {
  expect(again).toEqual(expected);
  expect(code === 'github-unavailable').toBe(expected !== undefined);
});

it('what fails in a store does not stop the others, and says whether it was surely not done', async () => {
  const store = { label: 'x' } as PreparedStore;
  const lost = new GitHubFailure(WRITING, 'the connection was cut', { maybeDone: true });
  const tasks = [refusal(404), undefined, lost, new TypeError('a secret')];
  const ended = everywhere([store, store, store, store], 'RT', async (_, index) => {
    if (tasks[index] !== undefined) throw tasks[index];
  });
  expect(await ended).toEqual([
    { store, label: 'x', name: 'RT', reason: 'GitHub returned HTTP 404', refused: true },
    { store, label: 'x', name: 'RT', reason: 'the connection was cut', refused: false },
    { store, label: 'x', name: 'RT', reason: 'an unexpected error', refused: false },
  ]);
});
