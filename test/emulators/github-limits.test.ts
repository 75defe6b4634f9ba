import { beforeEach, describe, expect, test } from 'vitest';
import type { GitHubEmulator } from '../../emulators/github.ts';
import { call, EVERYTHING, jsonOf, SECRETS, startOcto, statuses, TOKEN, VARIABLES } from './octo.ts';

const LIST = `GET ${SECRETS}`;
const NOON = Date.parse('2026-08-01T12:00:00Z');
const MINUTE = 60_000;
let github: GitHubEmulator;
let now: number;

beforeEach(async () => {
  github = await startOcto();
  now = NOON;
  github.setClock(() => now);
});

/** Sends so many requests, one after the other; gives how often each status came. */
async function send(count: number, line: string, token = TOKEN): Promise<Record<number, number>> {
  const seen: Record<number, number> = {};
  for (let n = 0; n < count; n += 1) {
    const body = line.startsWith('PATCH') ? { value: String(n) } : undefined;
    const { status = 0 } = await call(github, line, body, { authorization: `Bearer ${token}` });
    seen[status] = (seen[status] ?? 0) + 1;
  }
  return seen;
}

describe('the primary limit', () => {
  test.each([403, 429] as const)('counts down, refuses with %i, and comes back', async (status) => {
    github.rateLimit = { limit: 60, remaining: 1, resetAt: NOON + 90_500, status };
    expect((await call(github, LIST)).headers['x-ratelimit-remaining']).toBe('0');
    const refused = await call(github, LIST);
    expect([refused.status, jsonOf(refused).message]).toEqual([
      status,
      expect.stringMatching('^API rate limit exceeded'),
    ]);
    expect(refused.headers).toMatchObject({
      'x-ratelimit-limit': '60',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-used': '60',
      'x-ratelimit-reset': String((NOON + 91_000) / 1000),
    });
    expect(refused.headers).not.toHaveProperty('retry-after');
    expect(github.rateLimit).toMatchObject({ remaining: 0 });
    now = NOON + 91_000;
    expect((await call(github, LIST)).headers['x-ratelimit-remaining']).toBe('59');
  });

  test('counts for each account by itself', async () => {
    for (const token of ['a1', 'a2']) github.addToken({ token, grants: EVERYTHING, account: 'a' });
    github.rateLimit = { limit: 5000, remaining: 3, resetAt: NOON + MINUTE };
    expect(await send(2, LIST, 'a1')).toEqual({ 200: 2 });
    expect(await send(2, LIST, 'a2')).toEqual({ 200: 1, 403: 1 });
    expect(await send(1, LIST)).toEqual({ 200: 1 });
    github.rateLimit = undefined;
    expect(await send(1, LIST, 'a1')).toEqual({ 200: 1 });
  });

  test('is told on every answer, refusals and answers on demand included', async () => {
    github.faults.add({ fault: { kind: 'status', status: 503, body: '{}', when: 'before' } });
    for (const [line, status, remaining] of [
      [LIST, 503, '5000'],
      ['GET /x', 404, '4999'],
      [LIST, 200, '4998'],
    ] as const) {
      expect(await call(github, line)).toMatchObject({ status, headers: { 'x-ratelimit-remaining': remaining } });
    }
  });
});

describe('the secondary limits', () => {
  test('900 points a minute: a read costs 1, a write 5', async () => {
    github.secondaryLimits = true;
    // 50 writes are 250 points; 650 reads fit.
    expect(await send(50, `DELETE ${VARIABLES}/A`)).toEqual({ 404: 50 });
    now += 30_000;
    expect(await send(651, LIST)).toEqual({ 200: 650, 403: 1 });
    const refused = await call(github, LIST);
    expect(refused.headers['retry-after']).toBe('30');
    expect(jsonOf(refused).message).toContain('You have exceeded a secondary rate limit');
    now += 30_000;
    expect(await send(251, LIST)).toEqual({ 200: 250, 403: 1 });
  });

  test('80 requests a minute that create content, and 500 an hour', async () => {
    github.setVariable('repository@octo/app', 'V', '0');
    github.secondaryLimits = true;
    expect(await send(82, `PATCH ${VARIABLES}/V`)).toEqual({ 204: 80, 403: 2 });
    // Reads and deletions go on.
    expect(await statuses(github, LIST, `DELETE ${VARIABLES}/A`)).toEqual([200, 404]);
    github.secondaryLimits = { contentPerMinute: 1000, pointsPerMinute: 10_000 };
    now += MINUTE;
    expect(await send(421, `PATCH ${VARIABLES}/V`)).toEqual({ 204: 420, 403: 1 });
    now += 58 * MINUTE;
    expect((await call(github, `PATCH ${VARIABLES}/V`, { value: 'x' })).headers['retry-after']).toBe('60');
    now += MINUTE;
    expect(await send(81, `PATCH ${VARIABLES}/V`)).toEqual({ 204: 80, 403: 1 });
  });

  test('hold for each account by itself', async () => {
    github.setVariable('repository@octo/app', 'V', '0');
    github.secondaryLimits = { contentPerMinute: 2 };
    github.addToken({ token: 'other', grants: EVERYTHING });
    for (const token of [TOKEN, 'other']) {
      expect(await send(3, `PATCH ${VARIABLES}/V`, token)).toEqual({ 204: 2, 403: 1 });
    }
    github.secondaryLimits = false;
    expect(await send(1, `PATCH ${VARIABLES}/V`)).toEqual({ 204: 1 });
  });

  test('so many at once', async () => {
    github.secondaryLimits = { concurrent: 3 };
    // None is processed before all five have come in.
    let waiting = 0;
    const run = async (): Promise<void> => {
      waiting += 1;
      await expect.poll(() => waiting, { interval: 2 }).toBe(5);
    };
    github.faults.add({ times: 5, fault: { kind: 'hook', when: 'before', run } });
    const answers = await Promise.all(Array.from({ length: 5 }, () => call(github, LIST)));
    const refused = answers.filter(({ status }) => status === 403);
    expect(refused.length).toBeGreaterThanOrEqual(2);
    expect(refused[0]?.headers['retry-after']).toBe('1');
    expect(await send(2, LIST)).toEqual({ 200: 2 });
  });
});

test('a token tells when it expires, and does', async () => {
  const expiration = async (line = LIST) => {
    const { status, headers } = await call(github, line);
    return [status, headers['github-authentication-token-expiration']];
  };
  expect(await expiration()).toEqual([200, undefined]);
  github.setTokenExpiration(TOKEN, new Date('2026-08-01T12:00:30.500Z'));
  expect(await expiration()).toEqual([200, '2026-08-01 12:00:30 UTC']);
  expect(await expiration('GET /x')).toEqual([404, '2026-08-01 12:00:30 UTC']);
  now += 30_000;
  expect((await expiration())[0]).toBe(401);
  github.setTokenExpiration(TOKEN, '2026-12-01 10:00:00 +0200');
  expect(await expiration()).toEqual([200, '2026-12-01 10:00:00 +0200']);
  github.setTokenExpiration(TOKEN, undefined);
  expect(await expiration()).toEqual([200, undefined]);
});
