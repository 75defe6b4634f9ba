import { describe, expect, it } from 'vitest';
import { type GitHub, gitHub } from '../../../src/github/client.ts';
import { GitHubFailure } from '../../../src/github/failure.ts';
import { type HttpAnswer, TransportError } from '../../../src/http.ts';
import { answer, ScriptedHttp } from '../support/github-script.ts';
import { accessTo, NOON, thrownBy } from '../support/github-world.ts';

// What mutation testing found nobody looking at.

const OK = answer(200, {});
const BUSY = (seconds: number | string) => answer(429, {}, { 'retry-after': String(seconds) });

function talkingTo(steps: (HttpAnswer | Error)[], maxAttempts = 1, signal?: AbortSignal) {
  const http = new ScriptedHttp(...steps);
  const { access, clock } = accessTo(http, { maxAttempts, ...(signal ? { signal } : {}) });
  return { github: gitHub(access), clock, http };
}

async function failureOf(github: GitHub, method = 'PUT'): Promise<GitHubFailure> {
  const error = await thrownBy(github.call(method, '/path'));
  if (error instanceof GitHubFailure) return error;
  throw error;
}

describe('a pause that GitHub asks for', () => {
  it.each([
    ['429 with Retry-After', BUSY(30), [30_000]],
    ['403 with Retry-After', answer(403, {}, { 'retry-after': '7' }), [7_000]],
    ['403 about a secondary rate limit', answer(403, { message: 'A secondary rate limit.' }), [60_000]],
    ['429 longer than any honest one', BUSY(999_999), [3_600_000]],
    ['429 without a time', answer(429, {}), []],
    ['403 for want of a permission', answer(403, { message: 'Forbidden' }), []],
    ['503, which is no limit of the token', answer(503, {}, { 'retry-after': '30' }), []],
  ])('holds back the next request, too: %s', async (_what, first, waits) => {
    const { github, clock, http } = talkingTo([first, OK]);
    await failureOf(github);
    await github.call('GET', '/other');
    expect(clock.waits).toEqual(waits);
    expect(http.sent).toHaveLength(2);
  });

  it('is the longest of those that were asked for', async () => {
    const { github, clock } = talkingTo([BUSY(60), BUSY(5), OK]);
    await Promise.all([failureOf(github), failureOf(github)]);
    await github.call('GET', '/other');
    expect(clock.waits).toEqual([60_000]);
  });

  it('is over when its time has come', async () => {
    const { github, clock } = talkingTo([BUSY(60), OK]);
    await failureOf(github);
    clock.time += 60_000;
    await github.call('GET', '/other');
    expect(clock.waits).toEqual([]);
  });

  it('does not hold back what clears up in a hurry', async () => {
    const { github, clock } = talkingTo([BUSY(60), OK]);
    await failureOf(github);
    await github.call('DELETE', '/other', { hurried: true });
    expect(clock.waits).toEqual([]);
  });

  it('can be cut short, and then nothing is sent', async () => {
    const cancel = new AbortController();
    const { github, clock, http } = talkingTo([BUSY(60), OK], 1, cancel.signal);
    await failureOf(github);
    clock.meanwhile = () => cancel.abort();
    const failure = await failureOf(github);
    expect(failure.message).toBe('GitHub asked for a pause, which was cut short');
    expect(failure.status).toBeUndefined();
    expect(failure.cause).toBeDefined();
    expect(http.sent).toHaveLength(1);
  });
});

describe('whether GitHub may have done what it then refused', () => {
  const REFUSED = answer(422, {});
  const cut = new TransportError('the connection was cut', true);
  const never = new TransportError('the connection was refused', false);

  it.each([
    ['after an answer that was lost', [cut, REFUSED], true],
    ['after no connection', [never, REFUSED], false],
    ['after a 500', [answer(500), REFUSED], true],
    ['after a 503', [answer(503), REFUSED], true],
    ['after a 429', [answer(429), REFUSED], false],
    ['at the first attempt', [REFUSED], false],
    ['after a lost answer and no connection', [cut, never, REFUSED], true],
    ['when no whole answer ever came', [cut, never, never], true],
    ['when no connection ever came about', [never, never, never], false],
  ])('%s', async (_what, steps, maybeDone) => {
    const { github } = talkingTo(steps, 3);
    expect((await failureOf(github)).maybeDone).toBe(maybeDone);
  });

  it('is no by default', () => {
    expect(new GitHubFailure('text', 422).maybeDone).toBe(false);
    expect(new GitHubFailure('text', 422, { maybeDone: true }).maybeDone).toBe(true);
  });
});

describe('what GitHub says', () => {
  it('ends once, however GitHub ends it', async () => {
    const { github } = talkingTo([answer(422, { message: 'Validation failed. . ..' })]);
    expect((await failureOf(github)).message).toBe('GitHub answered HTTP 422, "Validation failed"');
  });

  it.each([
    [-1_500, 2_000],
    [-1_499, 0],
    [2_500, -2_000],
    [2_499, 0],
  ])('of its clock counts from two seconds on: this machine is %i ms ahead', async (ahead, offset) => {
    const { github, clock } = talkingTo([answer(200, {}, { date: new Date(NOON).toUTCString() })]);
    clock.time = NOON + ahead;
    await github.call('GET', '/path');
    expect(github.clockOffsetMs()).toBe(offset);
  });
});
