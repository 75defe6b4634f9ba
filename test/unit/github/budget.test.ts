import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Budget } from '../../../src/github/budget.ts';
import { HeldClock, NOON } from '../../support/clock.ts';
import { RUNS, seconds } from './support.ts';

let clock: HeldClock;
let budget: Budget;

beforeEach(() => {
  clock = new HeldClock();
  budget = new Budget(clock);
});

const sleep = (ms: number) => clock.sleep(ms);

function count(method: string, times: number): void {
  for (let time = 0; time < times; time++) budget.count(method);
}

/** How long a reservation waits, and how much it gets. */
async function reserve(writes: number): Promise<{ got: number; waited: number }> {
  const began = clock.now();
  const got = await budget.reserve(writes, sleep);
  return { got, waited: clock.now() - began };
}

describe('room for writes', () => {
  it.each([
    [0, 1, 0],
    [0, 80, 0],
    [40, 40, 0],
    [79, 1, 0],
    [80, 1, 60_000],
    [41, 40, 60_000],
    [80, 80, 60_000],
  ])('after %i writes, %i more wait %i ms', async (before, writes, waited) => {
    count('PUT', before);
    expect(await reserve(writes)).toEqual({ got: writes, waited });
  });

  it.each(['PUT', 'POST', 'PATCH', 'DELETE'])('is taken by %s', async (method) => {
    count(method, 80);
    expect(await reserve(1)).toEqual({ got: 1, waited: 60_000 });
  });

  it.each([
    [895, 0],
    [896, 60_000],
    [900, 60_000],
  ])('is taken by reads, a point each: after %i, one write waits %i ms', async (times, waited) => {
    count('GET', times);
    expect(await reserve(1)).toEqual({ got: 1, waited });
  });

  it('is taken by reads and writes together, five points a write', async () => {
    count('GET', 550);
    count('PUT', 69);
    // 550 + 345 + 5 points.
    expect(await reserve(1)).toEqual({ got: 1, waited: 0 });
    expect(await reserve(1)).toEqual({ got: 1, waited: 60_000 });
  });

  it('comes back as soon as enough points have', async () => {
    count('GET', 400);
    clock.skip(10_000);
    count('GET', 500);
    expect(await reserve(1)).toEqual({ got: 1, waited: 50_000 });
  });

  it('comes back for each request a minute after it', async () => {
    count('PUT', 79);
    clock.skip(10_000);
    count('PUT', 1);
    expect(await reserve(1)).toEqual({ got: 1, waited: 50_000 });
    clock.skip(9_999);
    expect(await reserve(79)).toEqual({ got: 79, waited: 1 });
  });

  it.each([
    [59_999, 1],
    [60_000, 0],
    [60_001, 0],
  ])('%i ms after the last request it takes %i ms more', async (passed, waited) => {
    count('PUT', 80);
    clock.skip(passed);
    expect(await reserve(1)).toEqual({ got: 1, waited });
  });

  it('forgets requests of a future that a clock has taken back', async () => {
    let now = NOON;
    const back = new Budget(new HeldClock(() => now));
    for (let time = 0; time < 80; time++) back.count('PUT');
    now -= 1;
    expect(await back.reserve(1, () => Promise.reject(new Error('no wait')))).toBe(1);
  });
});

describe('more writes than fit into any minute', () => {
  it.each([81, 200])('%i begin with eighty of them', async (writes) => {
    expect(await reserve(writes)).toEqual({ got: 80, waited: 0 });
    for (let time = 0; time < 80; time++) budget.count('PUT', true);
    expect(await reserve(1)).toEqual({ got: 1, waited: 60_000 });
  });

  it.each(['GET', 'PUT'])('wait until the last %s is a minute old', async (method) => {
    budget.count(method);
    clock.skip(20_000);
    budget.count(method);
    clock.skip(15_000);
    expect(await reserve(81)).toEqual({ got: 80, waited: 45_000 });
  });
});

describe('a reserved write', () => {
  it('does not count twice when it is sent', async () => {
    await reserve(80);
    for (let time = 0; time < 79; time++) budget.count('PUT', true);
    clock.skip(60_000);
    expect(await reserve(79)).toMatchObject({ waited: 0 });
  });

  it('counts beside one that was not reserved', async () => {
    await reserve(79);
    budget.count('PUT');
    expect(await reserve(1)).toEqual({ got: 1, waited: 60_000 });
  });

  it('counts from the moment at which it is sent', async () => {
    await reserve(80);
    clock.skip(90_000);
    for (let time = 0; time < 80; time++) budget.count('PUT', true);
    clock.skip(10_000);
    expect(await reserve(1)).toEqual({ got: 1, waited: 50_000 });
  });

  it('counts as long as it is not sent, as if it were sent now', async () => {
    await reserve(80);
    clock.skip(300_000);
    clock.meanwhile = () => {
      for (let time = 0; time < 40; time++) budget.count('PUT', true);
    };
    expect(await reserve(40)).toEqual({ got: 40, waited: 60_000 });
  });

  it.each([
    [599_999, 60_000],
    [600_000, 0],
  ])('that is never sent counts for ten minutes: after %i ms, another waits %i ms', async (passed, waited) => {
    await reserve(80);
    clock.skip(passed);
    expect(await reserve(1)).toEqual({ got: 1, waited });
  });

  it('takes no place of another', async () => {
    count('PUT', 40);
    budget.count('PUT', true);
    count('PUT', 39);
    expect(await reserve(1)).toEqual({ got: 1, waited: 60_000 });
  });
});

describe('those who wait', () => {
  it('go one after the other', async () => {
    count('PUT', 80);
    const order: number[] = [];
    clock.meanwhile = () => void order.push(0);
    const turns = [1, 2, 3].map((number) => budget.reserve(1, sleep).then(() => order.push(number)));
    await Promise.all(turns);
    expect(order).toEqual([0, 1, 2, 3]);
    expect(clock.waits).toEqual([60_000]);
  });

  it('are not held up by one whose wait was ended', async () => {
    count('PUT', 80);
    const first = budget.reserve(1, () => Promise.reject(new Error('stopped')));
    const second = budget.reserve(2, sleep);
    await expect(first).rejects.toThrow('stopped');
    await expect(second).resolves.toBe(2);
  });

  it('never come to more than 80 writes and 900 points in any minute', async () => {
    const steps = fc.array(
      fc.record({ ahead: fc.nat(30_000), reads: fc.nat(200), writes: fc.integer({ min: 1, max: 120 }) }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const time = new HeldClock();
        const shared = new Budget(time);
        const sent: { at: number; points: number; writes: number }[] = [];
        for (const { ahead, reads, writes } of plan) {
          time.skip(ahead);
          for (let left = writes; left > 0; ) {
            const got = await shared.reserve(left, (ms) => time.sleep(ms));
            for (let one = 0; one < got; one++) {
              shared.count('PUT', true);
              sent.push({ at: time.now(), points: 5, writes: 1 });
            }
            left -= got;
            const since = sent.filter(({ at }) => at > time.now() - 60_000);
            expect(since.reduce((sum, one) => sum + one.writes, 0)).toBeLessThanOrEqual(80);
            expect(since.reduce((sum, one) => sum + one.points, 0)).toBeLessThanOrEqual(900);
          }
          for (let one = 0; one < reads; one++) {
            shared.count('GET');
            sent.push({ at: time.now(), points: 1, writes: 0 });
          }
        }
      }),
      RUNS,
    );
  });
});

describe('the hourly limit', () => {
  const limit = (remaining: number | string, reset: number | string = seconds(NOON + 60_000)) => ({
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(reset),
  });

  it('is no limit before GitHub has told one', () => {
    expect(budget.shortOf(1_000_000)).toBeUndefined();
  });

  it.each([
    [3, 3, undefined],
    [3, 4, { remaining: 3, resetAt: NOON + 60_000 }],
    [0, 0, undefined],
    [0, 1, { remaining: 0, resetAt: NOON + 60_000 }],
    [5000, 600, undefined],
  ])('of %i covers %i requests, or says what is left', (remaining, requests, short) => {
    budget.heed(limit(remaining));
    expect(budget.shortOf(requests)).toEqual(short);
  });

  it.each([
    ['no headers', {}],
    ['no reset', { 'x-ratelimit-remaining': '0' }],
    ['no remaining requests', { 'x-ratelimit-reset': '1' }],
    ['words', limit('none')],
    ['a negative number', limit(-1)],
    ['a number with more behind it', limit('0 left')],
    ['a number with more before it', limit('of 0')],
    ['a reset with more behind it', limit(0, '99999999999s')],
    ['a reset with more before it', limit(0, 'at 99999999999')],
    ['ten digits', limit('1234567890')],
    ['a reset of thirteen digits', limit(0, '1234567890123')],
  ])('is left as it is by %s', (_what, headers) => {
    budget.heed(limit(7));
    budget.heed(headers);
    expect(budget.shortOf(8)).toEqual({ remaining: 7, resetAt: NOON + 60_000 });
    expect(budget.shortOf(7)).toBeUndefined();
  });

  it.each([
    ['the lowest number of a window', [limit(5), limit(3), limit(4)], 3],
    ['the latest window', [limit(5), limit(9, seconds(NOON + 3_660_000))], 9],
    ['no earlier window', [limit(5), limit(1, seconds(NOON - 60_000))], 5],
    ['nine digits', [limit('999999999')], 999_999_999],
    ['a reset of twelve digits', [limit(1, '999999999999')], 1],
  ])('is taken from %s', (_what, answers, remaining) => {
    for (const headers of answers) budget.heed(headers);
    expect(budget.shortOf(remaining)).toBeUndefined();
    expect(budget.shortOf(remaining + 1)).toMatchObject({ remaining });
  });
});
