import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limiter, type RetryPolicy, retry, retryAfterMs, serverNow, type TryAgain } from '../../src/retry.ts';
import { HeldClock } from '../support/clock.ts';
import { RUNS } from './support.ts';

const FAILURE = new Error('it failed');
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What comes of an attempt that fails with the given wishes, one after the other, and succeeds then. */
async function run(wishes: (TryAgain | undefined)[], policy: Partial<RetryPolicy> = {}, random = 0.5) {
  const clock = new HeldClock(0, () => random);
  const told: unknown[][] = [];
  let attempts = 0;
  const outcome = retry(
    async () => {
      attempts += 1;
      if (attempts <= wishes.length) throw FAILURE;
      return 'done';
    },
    {
      maxAttempts: 10,
      clock,
      tryAgain: () => wishes[attempts - 1],
      onRetry: (...args) => told.push(args),
      ...policy,
    },
  );
  const ended = await outcome.catch((error: unknown) => error);
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
    ['the least', 0, [250, 500, 1000, 2000, 4000, 4000, 4000]],
    ['the middle', 0.5, [375, 750, 1500, 3000, 6000, 6000, 6000]],
    ['the most', 0.9999999, [500, 1000, 2000, 4000, 8000, 8000, 8000]],
  ])('waits twice as long each time, up to 8 s: %s of chance', async (_what, random, expected) => {
    const failures = expected.map(() => ({}));
    expect((await run(failures, {}, random)).slept).toEqual(expected);
  });

  it('waits exactly as asked, not at all when asked for nothing, and tells it beforehand', async () => {
    const { ended, slept, told } = await run([{ afterMs: 12_345 }, { afterMs: 0 }]);
    expect([ended, slept]).toEqual(['done', [12_345]]);
    expect(told).toEqual([
      [FAILURE, 12_345, 1],
      [FAILURE, 0, 2],
    ]);
  });

  it('ends a wait when a signal arrives: the failure before it is final', async () => {
    const stop = new AbortController();
    const onRetry = () => stop.abort();
    const made = await run([{ afterMs: 5000 }], { signal: stop.signal, onRetry });
    expect(made).toMatchObject({ ended: FAILURE, slept: [5000], attempts: 1 });
  });

  it.each([0, 1])('begins no other attempt after a signal: %i ms', async (afterMs) => {
    const made = await run([{ afterMs }], { signal: AbortSignal.abort() });
    expect(made).toEqual({ ended: FAILURE, slept: [], attempts: 1, told: [] });
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 7);
  const date = 'Sun, 06 Nov 1994 08:49:27 GMT';

  it.each([
    ['seconds', { 'retry-after': '120' }, 120_000],
    ['seconds with blanks around', { 'retry-after': ' 3 ' }, 3000],
    ['zero seconds', { 'retry-after': '0' }, 0],
    ['seconds, whatever clock the other side has', { 'retry-after': '5', date }, 5000],
    ['a date in the future', { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 30_000],
    ['a date in the past', { 'retry-after': 'Sun, 06 Nov 1994 08:00:00 GMT' }, 0],
    ['a date in the older format of RFC 850', { 'retry-after': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 30_000],
    ['a date, by the clock of whoever answered', { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT', date }, 10_000],
  ])('understands %s', (_what, headers, expected) => {
    expect(retryAfterMs(headers, now)).toBe(expected);
  });

  it('is nothing when there is no such header', () => {
    expect(retryAfterMs({}, now)).toBeUndefined();
  });

  it.each([
    ...['', 'soon', 'Sun, soon GMT', '1.5', '-1', '1e3', '9999999999', '1994-11-06', '5, 10', 'in 5', '5 s'],
    ...['- Sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT.', 'Sun, 06 Nov 1994 08:49:37'],
  ])('ignores %j', (value) => {
    expect(retryAfterMs({ 'retry-after': value }, now)).toBeUndefined();
  });
});

describe('the time at the other side', () => {
  it.each([
    ['what its Date header says', { date: 'Sun, 06 Nov 1994 08:49:37 GMT' }, Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['the time of this machine without one', {}, 5],
    ['the time of this machine with nonsense in it', { date: 'soon' }, 5],
  ])('is %s', (_what, headers, expected) => {
    expect(serverNow(headers, 5)).toBe(expected);
  });
});

describe('a limiter', () => {
  /** Tasks that end when they are told to, and which of them have begun. */
  function tasks(most: number, count: number) {
    const limit = limiter(most);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const begin = (number: number) =>
      limit(() => {
        begun.push(number);
        return new Promise<number>((resolve) => ends.push(() => resolve(number)));
      });
    const all = Array.from({ length: count }, (_, number) => begin(number));
    const end = async (index: number) => {
      ends[index]?.();
      await turn();
    };
    return { begin, begun, all, end };
  }

  it('lets so many run at once, and the others in order, and gives what each gives', async () => {
    const { all, begun, end } = tasks(2, 5);
    expect(begun).toEqual([0, 1]);
    await end(1);
    expect(begun).toEqual([0, 1, 2]);
    await end(0);
    await end(2);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    await end(3);
    await end(4);
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
  });

  it('hands a place on, so that no newcomer takes it', async () => {
    const { all, begin, begun, end } = tasks(1, 2);
    const newcomer = all[0]?.then(() => begin(99));
    await end(0);
    expect(begun).toEqual([0, 1]);
    await end(1);
    await end(2);
    expect(begun).toEqual([0, 1, 99]);
    expect(await newcomer).toBe(99);
  });

  it('never lets more run, whatever fails, and as many as it may', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(fc.boolean()), async (most, plan) => {
        const limit = limiter(most);
        let running = 0;
        let highest = 0;
        const task = async (fails: boolean) => {
          running += 1;
          highest = Math.max(highest, running);
          await turn();
          running -= 1;
          if (fails) throw FAILURE;
        };
        // Twice: what has ended must have given its place back.
        for (const round of [plan, plan]) {
          highest = 0;
          const settled = await Promise.allSettled(round.map((fails) => limit(() => task(fails))));
          expect(settled.map(({ status }) => status === 'rejected')).toEqual(round);
          expect(highest).toBe(Math.min(most, round.length));
        }
      }),
      { numRuns: RUNS },
    );
  });
});
