import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limiter, type RetryPolicy, retry, retryAfterMs, type TryAgain } from '../../src/retry.ts';
import { HeldClock } from '../support/clock.ts';
import { RUNS } from './support.ts';

const FAILURE = new Error('it failed');
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What comes of an attempt that fails with the given wishes, one after the other, and succeeds then. */
async function run(wishes: (TryAgain | undefined)[], policy: Partial<RetryPolicy> = {}, random = 0.5) {
  const clock = new HeldClock(0, () => random);
  const told: number[][] = [];
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    if (attempts <= wishes.length) throw FAILURE;
    return 'done';
  };
  const tryAgain = () => wishes[attempts - 1];
  const onRetry = (...args: number[]) => told.push(args);
  const ended = await retry(attempt, { maxAttempts: 10, clock, tryAgain, onRetry, ...policy }).catch((error) => error);
  return { ended, slept: clock.waits, attempts, told };
}

describe('retry', () => {
  it.each([
    ['the first attempt succeeds', [], 10, 'done', 1],
    ['a later one succeeds', [{}, {}], 10, 'done', 3],
    ['all attempts are used up', [{}, {}, {}], 3, FAILURE, 3],
    ['one attempt is all there is', [{}], 1, FAILURE, 1],
    ['a failure is final', [{}, undefined], 10, FAILURE, 2],
  ])('ends when %s, and waits between attempts alone', async (_what, wishes, maxAttempts, ended, attempts) => {
    const made = await run(wishes, { maxAttempts });
    expect(made).toMatchObject({ ended, attempts });
    expect([made.slept.length, made.told.length]).toEqual([attempts - 1, attempts - 1]);
  });

  it.each([
    [0, [250, 500, 1000, 2000, 4000, 4000, 4000]],
    [0.5, [375, 750, 1500, 3000, 6000, 6000, 6000]],
    [0.9999999, [500, 1000, 2000, 4000, 8000, 8000, 8000]],
  ])('waits twice as long each time, up to 8 s, half of it by chance (%f)', async (random, expected) => {
    const failures = expected.map(() => ({}));
    expect((await run(failures, {}, random)).slept).toEqual(expected);
  });

  it('waits exactly as asked, not at all when asked for nothing, and tells it beforehand', async () => {
    const told = [12_345, 0].map((waitMs, index) => [waitMs, index + 1]);
    const made = await run([{ afterMs: 12_345 }, { afterMs: 0 }]);
    expect(made).toEqual({ ended: 'done', attempts: 3, slept: [12_345], told });
  });

  it('ends a wait when a signal arrives: the failure before it is final', async () => {
    const stop = new AbortController();
    const made = await run([{ afterMs: 5000 }], { signal: stop.signal, onRetry: () => stop.abort() });
    expect(made).toMatchObject({ ended: FAILURE, slept: [5000], attempts: 1 });
  });

  it.each([0, 1])('begins no other attempt after a signal: %i ms', async (afterMs) => {
    const made = await run([{ afterMs }], { signal: AbortSignal.abort() });
    expect(made).toEqual({ ended: FAILURE, slept: [], attempts: 1, told: [] });
  });
});

const now = Date.UTC(1994, 10, 6, 8, 49, 7);
const later = 'Sun, 06 Nov 1994 08:49:37 GMT';

it.each([
  ['120', undefined, 120_000],
  [' 3 ', undefined, 3000],
  // Seconds count whatever clock the other side has, and a date by that clock, where the answer tells it.
  ['5', later, 5000],
  [later, undefined, 30_000],
  [later, 'Sun, 06 Nov 1994 08:49:27 GMT', 10_000],
  [later, 'soon', 30_000],
  ['Sun, 06 Nov 1994 08:00:00 GMT', undefined, 0],
  // The older format of RFC 850.
  ['Sunday, 06-Nov-94 08:49:37 GMT', undefined, 30_000],
])('Retry-After: %j in an answer dated %j asks for %i ms', (value, date, expected) => {
  expect(retryAfterMs({ 'retry-after': value, ...(date && { date }) }, now)).toBe(expected);
});

it.each([
  ...['', 'soon', 'Sun, soon GMT', '1.5', '-1', '1e3', '9999999999', '1994-11-06', '5, 10', 'in 5', '5 s'],
  ...[`- ${later}`, `${later}.`, 'Sun, 06 Nov 1994 08:49:37'],
])('Retry-After: %j is ignored, and may be missing', (value) => {
  expect(retryAfterMs({ 'retry-after': value }, now)).toBeUndefined();
  expect(retryAfterMs({}, now)).toBeUndefined();
});

it('a limiter lets as many run as it may and never more, in order, whatever fails', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(fc.boolean()), async (most, plan) => {
      const limit = limiter(most);
      let running = 0;
      let highest = 0;
      let begun: boolean[] = [];
      const task = async (fails: boolean) => {
        begun.push(fails);
        running += 1;
        highest = Math.max(highest, running);
        await turn();
        running -= 1;
        if (fails) throw FAILURE;
      };
      // Twice: what has ended must have given its place back.
      for (const round of [plan, plan]) {
        [highest, begun] = [0, []];
        const settled = await Promise.allSettled(round.map((fails) => limit(() => task(fails))));
        expect(settled.map(({ status }) => status === 'rejected')).toEqual(round);
        expect(begun).toEqual(round);
        expect(highest).toBe(Math.min(most, round.length));
      }
    }),
    { numRuns: RUNS },
  );
});
