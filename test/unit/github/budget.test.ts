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

function count(method: string, times: number, isReserved?: boolean): void {
  for (let time = 0; time < times; time++) budget.count(method, isReserved);
}

/** How long a reservation waits, and how much it gets. */
async function reserve(writes: number): Promise<{ got: number; waited: number }> {
  const began = clock.now();
  const got = await budget.reserve(writes, sleep);
  return { got, waited: clock.now() - began };
}

/** Plays steps such as `reserve 2, PUT reserved, wait 10000, GET 3`. */
async function play(history: string): Promise<void> {
  for (const step of history.split(', ')) {
    const [what = '', number = ''] = step.split(' ');
    if (what === 'reserve') await reserve(Number(number));
    else if (what === 'wait') clock.skip(Number(number));
    else if (what === 'renew') budget.renew();
    else if (number === 'reserved') budget.count(what, true);
    else count(what, Number(number));
  }
}

describe('room for writes', () => {
  it.each<[string, number, number]>([
    ['PUT 0', 80, 0],
    ['PUT 79', 1, 0],
    ['PUT 80', 1, 60_000],
    ['POST 80', 1, 60_000],
    // A read is one of 900 points, and a write five.
    ['GET 550, PUT 69', 1, 0],
    ['GET 551, PUT 69', 1, 60_000],
    // It comes back for each request a minute after it.
    ['GET 400, wait 10000, GET 500', 1, 50_000],
    ['PUT 80, wait 59999', 1, 1],
    ['PUT 80, wait 60000', 1, 0],
    // For more than fit into any minute, all others have to be a minute old.
    ['PUT 0', 81, 0],
    ['PUT 1, wait 20000, PUT 1, wait 15000', 81, 45_000],
    // A reserved write counts once: from the moment at which it is sent, or for ten minutes.
    ['reserve 1, PUT reserved', 79, 0],
    ['reserve 1, PUT reserved', 80, 60_000],
    ['reserve 1, PUT 1', 79, 60_000],
    ['reserve 1, wait 90000, PUT reserved, wait 10000', 80, 50_000],
    ['reserve 80, GET reserved', 1, 600_000],
    ['reserve 80, wait 500000, renew, wait 500000', 1, 120_000],
    ['reserve 80, wait 599999', 1, 60_000],
    ['reserve 80, wait 600000', 1, 0],
  ])('after %s, %i writes wait %i ms', async (history, writes, waited) => {
    await play(history);
    expect(await reserve(writes)).toEqual({ got: Math.min(writes, 80), waited });
  });

  it('is taken by what is reserved, as if it were sent now', async () => {
    await reserve(80);
    clock.skip(300_000);
    clock.meanwhile = () => count('PUT', 40, true);
    expect(await reserve(40)).toEqual({ got: 40, waited: 60_000 });
  });

  it('forgets requests of a future that a clock has taken back', async () => {
    let now = NOON;
    const back = new Budget(new HeldClock(() => now));
    for (let time = 0; time < 80; time++) back.count('PUT');
    now -= 1;
    expect(await back.reserve(1, () => Promise.reject(new Error('no wait')))).toBe(1);
  });
});

it('those who wait go one after the other, also where the wait of one was ended', async () => {
  count('PUT', 80);
  const order: unknown[] = [];
  clock.meanwhile = () => void order.push('sleeps');
  const stopped = budget.reserve(1, () => Promise.reject('stopped')).catch((error: unknown) => order.push(error));
  const turns = [1, 2].map((number) => budget.reserve(1, sleep).then(() => order.push(number)));
  await Promise.all([stopped, ...turns]);
  expect(order).toEqual(['sleeps', 'stopped', 1, 2]);
  expect(clock.waits).toEqual([60_000]);
});

it('what is sent never comes to more than 80 writes and 900 points in any minute', async () => {
  const step = fc.record({ ahead: fc.nat(30_000), reads: fc.nat(200), writes: fc.integer({ min: 1, max: 80 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (plan) => {
      clock = new HeldClock();
      budget = new Budget(clock);
      const sent: { at: number; points: number }[] = [];
      const send = (method: string, points: number, times: number) => {
        count(method, times, method === 'PUT');
        for (let one = 0; one < times; one++) sent.push({ at: clock.now(), points });
      };
      for (const { ahead, reads, writes } of plan) {
        clock.skip(ahead);
        await reserve(writes);
        send('PUT', 5, writes);
        const since = sent.filter(({ at }) => at > clock.now() - 60_000);
        expect(since.filter(({ points }) => points === 5).length).toBeLessThanOrEqual(80);
        expect(since.reduce((sum, { points }) => sum + points, 0)).toBeLessThanOrEqual(900);
        send('GET', 1, reads);
      }
    }),
    RUNS,
  );
});

const resetAt = NOON + 60_000;
const limit = (remaining: number | string, reset = seconds(resetAt)) => {
  return { 'x-ratelimit-remaining': String(remaining), 'x-ratelimit-reset': reset };
};

it.each([
  ['nothing that GitHub has told', [], undefined],
  ['the lowest number of a window', [limit(5), limit(3), limit(4)], 3],
  ['the latest window', [limit(5), limit(9, seconds(NOON + 3_660_000))], 9],
  ['no earlier window', [limit(5), limit(1, seconds(NOON - 60_000))], 5],
  ['nine digits', [limit('999999999')], 999_999_999],
  ['a reset of twelve digits', [limit(1, '999999999999')], 1],
])('the hourly limit is taken from %s', (_what, answers, remaining) => {
  for (const headers of answers) budget.heed(headers);
  expect(budget.shortOf(remaining ?? 1_000_000)).toBeUndefined();
  if (remaining !== undefined) expect(budget.shortOf(remaining + 1)).toMatchObject({ remaining });
});

it.each([
  { 'x-ratelimit-remaining': '0' },
  { 'x-ratelimit-reset': '1' },
  ...['none', '-1', '0x5', 'of 0', '1234567890'].map((remaining) => limit(remaining)),
  ...['99999999999s', 'at 99999999999', '1234567890123'].map((reset) => limit(0, reset)),
])('the hourly limit is left as it is by %j', (headers) => {
  budget.heed(limit(7));
  budget.heed(headers);
  expect(budget.shortOf(8)).toEqual({ remaining: 7, resetAt });
  expect(budget.shortOf(7)).toBeUndefined();
});
