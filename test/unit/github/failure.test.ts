import { describe, expect, it } from 'vitest';
import {
  GitHubFailure,
  isAnswerLost,
  isRateLimit,
  isStatus,
  isUnanswered,
  onceMore,
  Refused,
  reasonOf,
  tryAgain,
} from '../../../src/github/failure.ts';
import { HeldClock, NOON } from '../../support/clock.ts';
import { answer, cut, seconds, unreachable } from './support.ts';

const PURPOSE = { doing: 'Writing the secret X into the store `s`', permission: '"Secrets: write"' };
const WRITER =
  "The workflow's own `GITHUB_TOKEN` cannot have that permission: use a fine-grained personal access token or a GitHub App token.";

const MOVED = 'The repository was renamed or moved. Use its new name in `secret-stores`.';
const OTHER = 'Check the store, and that `github-token` has the permission "Secrets: write".';

/** Status, reason, whether it is a rate limit; code and remedy. */
type Advice = [number | undefined, string, boolean, string, string];

function refused(status: number, body: unknown = '', headers: Record<string, string> = {}): Refused {
  const given = answer(status, body, headers);
  return new Refused(given, body);
}

/** A failure as it comes out of a call. */
function failed(cause: Refused | Error): GitHubFailure {
  const status = cause instanceof Refused ? cause.answer.status : undefined;
  return new GitHubFailure(PURPOSE, cause.message, status, false, { cause });
}

describe('a failure', () => {
  it('says what failed and why, and is not done by default', () => {
    const failure = new GitHubFailure(PURPOSE, 'GitHub returned HTTP 500', 500, false);
    expect(failure).toMatchObject({
      name: 'GitHubFailure',
      message: 'Writing the secret X into the store `s` failed: GitHub returned HTTP 500.',
      reason: 'GitHub returned HTTP 500',
      status: 500,
      stopped: false,
      maybeDone: false,
    });
  });

  it('keeps why it was stopped, whether it may be done, and its cause', () => {
    const cause = cut();
    const failure = new GitHubFailure(PURPOSE, 'r', undefined, false, {
      cause,
      stopped: true,
      maybeDone: true,
    });
    expect(failure).toMatchObject({ cause, stopped: true, maybeDone: true });
  });

  it.each<Advice>([
    [undefined, 'no answer', false, 'github-unavailable', 'Re-run the job later.'],
    [500, 'r', false, 'github-unavailable', 'Re-run the job later.'],
    [599, 'r', false, 'github-unavailable', 'Re-run the job later.'],
    [429, 'r', false, 'github-unavailable', 'Re-run the job later.'],
    [403, 'r', true, 'github-unavailable', 'Re-run the job later.'],
    [
      401,
      'r',
      false,
      'store-refused',
      '`github-token` is wrong, expired or revoked. Create a new one and store it.',
    ],
    [
      403,
      'Repository was Archived so is read-only',
      false,
      'store-refused',
      'Unarchive the repository, or use another store.',
    ],
    [403, 'r', false, 'store-refused', `\`github-token\` needs the permission "Secrets: write". ${WRITER}`],
    [
      404,
      'r',
      false,
      'store-missing',
      `Check the name, and that \`github-token\` has access to it with the permission "Secrets: write". ${WRITER}`,
    ],
    ...[301, 307, 308].map((status): Advice => [status, 'r', false, 'store-missing', MOVED]),
    ...[200, 302, 400, 409, 422, 499].map((status): Advice => [status, 'r', false, 'github-refused', OTHER]),
  ])('with status %s (%s, limit: %s) is %s', (status, reason, isLimit, code, remedy) => {
    expect(new GitHubFailure(PURPOSE, reason, status, isLimit)).toMatchObject({ code, remedy });
  });
});

describe('a refusal is told', () => {
  it.each([
    ['with what GitHub says', { message: 'Not Found' }, ', "Not Found"'],
    ['without a full stop at its end', { message: 'Not accessible. . ' }, ', "Not accessible"'],
    ['with a full stop within it', { message: 'No. Not now' }, ', "No. Not now"'],
    [
      'without what may be a token',
      { message: `the value ${'t'.repeat(60)} is bad` },
      ', "the value […] is bad"',
    ],
    ['by its status, when there is no message', { error: 'x' }, ''],
    ['by its status, when the message is no text', { message: { a: 1 } }, ''],
    ['by its status, when it is no JSON', undefined, ''],
  ])('%s', (_name, json, rest) => {
    expect(refused(404, json).message).toBe(`GitHub returned HTTP 404${rest}`);
  });
});

it.each([
  [299, 'GitHub returned HTTP 299, which is not the status of success, so a proxy may have answered, "Fine"'],
  [300, 'GitHub returned HTTP 300, "Fine"'],
])('a refusal with status %i may be that of a proxy', (status, message) => {
  expect(refused(status, { message: 'Fine' }).message).toBe(message);
});

it.each([
  [refused(422), 422, true],
  [refused(422), 404, false],
  [failed(refused(422)), 422, false],
  [new Error('422'), 422, false],
])('%s is status %i: %s', (error, status, expected) => {
  expect(isStatus(error, status)).toBe(expected);
});

it.each([
  [refused(404), 'GitHub returned HTTP 404'],
  [cut(), 'the connection was cut'],
  [failed(cut()), 'the connection was cut'],
  [new TypeError('a secret'), 'an unexpected error'],
  ['a secret', 'an unexpected error'],
])('the reason of %s is "%s"', (error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});

describe('a rate limit', () => {
  it.each([
    ['any 429', 429, {}, {}, true],
    ['a 403 with Retry-After', 403, {}, { 'retry-after': '1' }, true],
    ['a 403 with no requests left', 403, {}, { 'x-ratelimit-remaining': '0' }, true],
    ['a 403 that says so', 403, { message: 'You have exceeded a Secondary Rate Limit' }, {}, true],
    ['a 403 with requests left', 403, {}, { 'x-ratelimit-remaining': '10' }, false],
    ['a plain 403', 403, { message: 'Resource not accessible' }, {}, false],
    ['a 404 with no requests left', 404, {}, { 'x-ratelimit-remaining': '0' }, false],
    ['a 503 with Retry-After', 503, {}, { 'retry-after': '1' }, false],
  ])('%s', (_what, status, body, headers, expected) => {
    expect(isRateLimit(refused(status, body, headers))).toBe(expected);
  });
});

describe('an answer is lost', () => {
  it.each([
    ['a connection that was cut', cut(), true],
    ['no connection', unreachable(), false],
    ['500', refused(500), true],
    ['499', refused(499), false],
    ['a success that is not documented', refused(299), true],
    ['a redirect', refused(300), false],
    ['404', refused(404), false],
    ['a request within the attempt', failed(cut()), false],
    ['a defect', new TypeError('x'), false],
  ])('%s', (_what, error, expected) => {
    expect(isAnswerLost(error)).toBe(expected);
  });
});

it.each([
  ['a connection that was cut', cut(), true],
  ['no connection', unreachable(), true],
  ['a request within the attempt that had none', failed(cut()), true],
  ['500', refused(500), false],
  ['a request within the attempt that was refused', failed(refused(500)), false],
  ['nothing', undefined, false],
])('without an answer: %s', (_what, error, expected) => {
  expect(isUnanswered(error)).toBe(expected);
});

describe('it is tried again', () => {
  const clock = new HeldClock();
  const used = (reset: string, more: Record<string, string> = {}) => ({
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': reset,
    ...more,
  });
  const SECONDARY = { message: 'You have exceeded a secondary rate limit' };
  const date = new Date(NOON + 3_600_000).toUTCString();

  it.each([
    ['a connection that was cut', cut(), {}],
    ['no connection', unreachable(), {}],
    ['500', refused(500), {}],
    ['503 with Retry-After', refused(503, '', { 'retry-after': '17' }), { afterMs: 17_000 }],
    ['503 with a reset', refused(503, '', used(seconds(NOON + 30_000))), {}],
    ['429', refused(429), {}],
    ['429 with Retry-After', refused(429, '', { 'retry-after': '17' }), { afterMs: 17_000 }],
    ['429 with Retry-After: 0', refused(429, '', { 'retry-after': '0' }), { afterMs: 0 }],
    ['429 with a reset', refused(429, '', used(seconds(NOON + 30_000))), { afterMs: 31_000 }],
    ['403 with a reset', refused(403, '', used(seconds(NOON + 30_000))), { afterMs: 31_000 }],
    ['403 with a reset that is over', refused(403, '', used(seconds(NOON - 30_000))), { afterMs: 1_000 }],
    ['403 with a reset of twelve digits', refused(403, '', used('0'.repeat(12))), { afterMs: 1_000 }],
    [
      '403 with a reset and requests left',
      refused(403, SECONDARY, { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': seconds(NOON) }),
      { afterMs: 60_000 },
    ],
    [
      "403 with a reset by GitHub's clock, an hour ahead",
      refused(403, '', used(seconds(NOON + 3_630_000), { date })),
      { afterMs: 31_000 },
    ],
    [
      '403 with Retry-After and a reset',
      refused(403, '', used(seconds(NOON + 900_000), { 'retry-after': '5' })),
      { afterMs: 5_000 },
    ],
    ['403 with no reset', refused(403, '', { 'x-ratelimit-remaining': '0' }), { afterMs: 60_000 }],
    ['403 with a reset that is no number', refused(403, '', used('soon')), { afterMs: 60_000 }],
    ['403 with a reset with more before it', refused(403, '', used('in 5')), { afterMs: 60_000 }],
    ['403 with a reset with more behind it', refused(403, '', used('5 s')), { afterMs: 60_000 }],
    ['403 with a reset of thirteen digits', refused(403, '', used('1'.repeat(13))), { afterMs: 60_000 }],
    ['403 that names no time', refused(403, SECONDARY), { afterMs: 60_000 }],
    ['a request within the attempt that may be tried again', failed(refused(503)), {}],
    ['a request within the attempt that was cut', failed(cut()), {}],
    ['a request within the attempt that was refused', failed(refused(404)), undefined],
    ['a plain 403', refused(403), undefined],
    ['499', refused(499), undefined],
    ['422', refused(422), undefined],
    ['a success that was not expected', refused(200), undefined],
    ['a defect', new TypeError('x'), undefined],
  ])('after %s', (_what, error, expected) => {
    expect(tryAgain(error, clock)).toEqual(expected);
  });
});

describe('it is tried once more', () => {
  const PUT = { method: 'PUT', manner: 'extra' };
  const KEEP = { method: 'PUT', manner: 'keep' };

  it.each([
    ['a first 422', refused(422), PUT, 1, { afterMs: 0 }],
    ['a second 422', refused(422), PUT, 2, undefined],
    ['a 422 of another method', refused(422), { method: 'POST', manner: 'extra' }, 1, undefined],
    ['another refusal', refused(404), PUT, 1, undefined],
    ['a first 422 of what must be kept', refused(422), KEEP, 1, { afterMs: 0 }],
    ['a second 422 of what must be kept', refused(422), KEEP, 2, {}],
    ['any refusal of what must be kept', refused(401), KEEP, 0, {}],
    ['any failure within an attempt to keep', failed(refused(404)), KEEP, 0, {}],
    ['a failure within another attempt', failed(refused(404)), PUT, 0, undefined],
    ['a defect, even of what must be kept', new TypeError('x'), KEEP, 0, undefined],
  ])('after %s', (_what, error, call, refusals, expected) => {
    expect(onceMore(error, call, refusals)).toEqual(expected);
  });
});
