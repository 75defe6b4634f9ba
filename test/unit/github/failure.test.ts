import { describe, expect, it } from 'vitest';
import { GitHubFailure, type Purpose, reasonOf, refused, unanswered } from '../../../src/github/failure.ts';
import { NOON } from '../../support/clock.ts';
import { answer, cut, seconds, unreachable } from './support.ts';

const WRITING: Purpose = {
  method: 'PUT',
  doing: 'Writing the secret X into the store `s`',
  permission: '"Secrets: write"',
};
const WRITER =
  "The workflow's own `GITHUB_TOKEN` cannot have that permission: use a fine-grained personal access token or a GitHub App token.";
const LATER = 'Re-run the job later.';
const MOVED = 'The repository was renamed or moved. Use its new name in `secret-stores`.';
const OTHER = 'Check the store, and that `github-token` has the permission "Secrets: write".';
const SECONDARY = { message: 'You have exceeded a Secondary Rate Limit' };

function refusal(status: number, body: unknown = '', headers: Record<string, string> = {}, purpose = WRITING) {
  return refused(purpose, answer(status, body, headers), body, NOON);
}

describe('a failure', () => {
  it('says what failed and why', () => {
    const failure = new GitHubFailure(WRITING, 'it broke');
    expect(failure).toMatchObject({
      name: 'GitHubFailure',
      message: 'Writing the secret X into the store `s` failed: it broke.',
      reason: 'it broke',
      status: undefined,
      isLimit: false,
      stopped: false,
      maybeDone: false,
    });
    const cause = new Error('why');
    const more = { cause, maybeDone: true, stopped: true };
    expect(new GitHubFailure(WRITING, 'it broke', more)).toMatchObject(more);
  });

  it.each<[number | undefined, string, string, string]>([
    [undefined, 'no answer', 'github-unavailable', LATER],
    ...[500, 599, 429].map((status): [number, string, string, string] => [status, 'r', 'github-unavailable', LATER]),
    [401, 'r', 'store-refused', '`github-token` is wrong, expired or revoked. Create a new one and store it.'],
    [
      403,
      'Repository was Archived so is read-only',
      'store-refused',
      'Unarchive the repository, or use another store.',
    ],
    [403, 'r', 'store-refused', `\`github-token\` needs the permission "Secrets: write". ${WRITER}`],
    [
      404,
      'r',
      'store-missing',
      `Check the name, and that \`github-token\` has access to it with the permission "Secrets: write". ${WRITER}`,
    ],
    ...[301, 307, 308].map((status): [number, string, string, string] => [status, 'r', 'store-missing', MOVED]),
    ...[200, 302, 400, 409, 422, 499].map((status): [number, string, string, string] => [
      status,
      'r',
      'github-refused',
      OTHER,
    ]),
  ])('with status %s (%s) is %s', (status, reason, code, remedy) => {
    const isLimit = status === 429;
    expect(new GitHubFailure(WRITING, reason, { status, isLimit })).toMatchObject({ code, remedy });
  });
});

describe('a refusal', () => {
  it.each<[string, number, unknown, string]>([
    ['with what GitHub says', 404, { message: 'Not Found' }, ', "Not Found"'],
    ['without a full stop at its end', 404, { message: 'No. Not now. . ' }, ', "No. Not now"'],
    ['without what may be a token', 404, { message: `the value ${'t'.repeat(60)} is bad` }, ', "the value […] is bad"'],
    ['by its status, when there is no message', 404, { error: 'x' }, ''],
    ['by its status, when the message is no text', 404, { message: { a: 1 } }, ''],
    ['by its status, when it is no JSON', 300, undefined, ''],
    ['as that of a proxy', 299, {}, ', which is not the status of success, so a proxy may have answered'],
  ])('is told %s', (_what, status, body, rest) => {
    expect(refusal(status, body).reason).toBe(`GitHub returned HTTP ${status}${rest}`);
  });

  it.each([
    ['the place', 301, 'https://api.github.test/repositories/42/actions', '/repositories/42'],
    ['no repository by its number', 301, 'https://api.github.test/repos/a/b', undefined],
    ['no number', 307, '/repositories/x', undefined],
    ['nothing', 301, undefined, undefined],
    ['a place, in an answer that is no redirect', 400, '/repositories/42', undefined],
  ])('names %s of a repository that has moved', (_what, status, location, movedTo) => {
    expect(refusal(status, '', location === undefined ? {} : { location }).movedTo).toBe(movedTo);
  });

  it.each([
    ['any 429', 429, {}, {}, true],
    ['a 403 with Retry-After', 403, {}, { 'retry-after': '1' }, true],
    ['a 403 with no requests left', 403, {}, { 'x-ratelimit-remaining': '0' }, true],
    ['a 403 that says so', 403, SECONDARY, {}, true],
    ['a 403 with requests left', 403, {}, { 'x-ratelimit-remaining': '10' }, false],
    ['a plain 403', 403, { message: 'Resource not accessible' }, {}, false],
    ['a 404 with no requests left', 404, {}, { 'x-ratelimit-remaining': '0' }, false],
    ['a 503 with Retry-After', 503, {}, { 'retry-after': '1' }, false],
  ])('may be a rate limit: %s', (_what, status, body, headers, isLimit) => {
    const failure = refusal(status, body, headers);
    expect(failure.isLimit).toBe(isLimit);
    expect(failure.code === 'github-unavailable').toBe(isLimit || status === 503);
  });
});

it.each([
  ['a connection that was cut', cut(), true],
  ['no connection', unreachable(), false],
])('%s leaves no answer, and may be tried again', (_what, error, sent) => {
  const about = { reason: error.message, status: undefined, code: 'github-unavailable', again: {} };
  expect(unanswered(WRITING, error)).toMatchObject({ ...about, cause: error, maybeDone: sent });
  expect(unanswered({ ...WRITING, method: 'GET' }, error)).toMatchObject({ ...about, maybeDone: false });
});

it('a defect is no failure of GitHub', () => {
  const defect = new TypeError('x');
  expect(unanswered(WRITING, defect)).toBe(defect);
});

it.each([
  [299, true],
  [300, false],
  [404, false],
  [499, false],
  [500, true],
])('a write that is answered with %i may be done: %s', (status, maybeDone) => {
  expect(refusal(status).maybeDone).toBe(maybeDone);
  expect(refusal(status, '', {}, { ...WRITING, method: 'GET' }).maybeDone).toBe(false);
});

it.each([
  [refusal(404), 'GitHub returned HTTP 404'],
  [new TypeError('a secret'), 'an unexpected error'],
  ['a secret', 'an unexpected error'],
])('the reason of %s is "%s"', (error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});

describe('it may be tried again', () => {
  const used = (reset: string, more: Record<string, string> = {}) => ({
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': reset,
    ...more,
  });
  const date = new Date(NOON + 3_600_000).toUTCString();
  const retryAfter = { 'retry-after': '17' };

  it.each<[string, GitHubFailure, object | undefined]>([
    ['500', refusal(500), {}],
    ['503 with Retry-After', refusal(503, '', retryAfter), { afterMs: 17_000 }],
    ['503 with a reset', refusal(503, '', used(seconds(NOON + 30_000))), {}],
    ['429', refusal(429), {}],
    ['429 with Retry-After: 0', refusal(429, '', { 'retry-after': '0' }), { afterMs: 0 }],
    ['429 with a reset', refusal(429, '', used(seconds(NOON + 30_000))), { afterMs: 31_000 }],
    ['403 with a reset', refusal(403, '', used(seconds(NOON + 30_000))), { afterMs: 31_000 }],
    ['403 with a reset that is over', refusal(403, '', used(seconds(NOON - 30_000))), { afterMs: 1_000 }],
    [
      '403 with a reset and requests left',
      refusal(403, SECONDARY, { ...used(seconds(NOON)), 'x-ratelimit-remaining': '1' }),
      { afterMs: 60_000 },
    ],
    [
      "403 with a reset by GitHub's clock, an hour ahead",
      refusal(403, '', used(seconds(NOON + 3_630_000), { date })),
      { afterMs: 31_000 },
    ],
    [
      '403 with Retry-After and a reset',
      refusal(403, '', used(seconds(NOON + 900_000), retryAfter)),
      { afterMs: 17_000 },
    ],
    ['403 with a reset that is no number', refusal(403, '', used('soon')), { afterMs: 60_000 }],
    ['403 that names no time', refusal(403, SECONDARY), { afterMs: 60_000 }],
    ['a plain 403', refusal(403), undefined],
    ['499 with Retry-After', refusal(499, '', retryAfter), undefined],
    ['422', refusal(422), undefined],
    ['a success that was not expected', refusal(200), undefined],
  ])('after %s', (_what, { again }, expected) => {
    expect(again).toEqual(expected);
  });
});
