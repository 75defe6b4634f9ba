import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { limiter, type RetryPolicy, retry, retryAfterMs, serverNow, type TryAgain } from '../../src/retry.ts';
import { HeldClock } from '../support/clock.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] || 50) };

const FAILURE = new Error('it failed');

/** What comes of an attempt that fails with the given wishes, one after the other, and succeeds then. */
async function run(wishes: (TryAgain | undefined)[], policy: Partial<RetryPolicy> = {}, random = 0.5) {
  const clock = new HeldClock(0, () => random);
  const told: { error: unknown; waitMs: number; attempt: number }[] = [];
  const numbers: number[] = [];
  const outcome = retry(
    async (number) => {
      numbers.push(number);
      if (number <= wishes.length) throw FAILURE;
      return 'done';
    },
    {
      maxAttempts: 10,
      clock,
      tryAgain: () => wishes[numbers.length - 1],
      maxWaitMs: 60_000,
      longerWait: 'give-up',
      onRetry: (error, waitMs, attempt) => told.push({ error, waitMs, attempt }),
      ...policy,
    },
  );
  const [settled] = await Promise.allSettled([outcome]);
  return { settled, slept: clock.waits, numbers, told };
}

const DONE = { status: 'fulfilled', value: 'done' };
const FAILED = { status: 'rejected', reason: FAILURE };

describe('how often it is tried', () => {
  it('tries once when the first attempt succeeds', async () => {
    expect(await run([])).toMatchObject({ settled: DONE, numbers: [1], slept: [], told: [] });
  });

  it('numbers the attempts from 1', async () => {
    expect(await run([{}, {}])).toMatchObject({ settled: DONE, numbers: [1, 2, 3] });
  });

  it('throws the failure once all attempts are used up', async () => {
    const { settled, numbers } = await run([{}, {}, {}], { maxAttempts: 3 });
    expect({ settled, numbers }).toEqual({ settled: FAILED, numbers: [1, 2, 3] });
  });

  it('does not wait after the last attempt', async () => {
    expect((await run([{}, {}], { maxAttempts: 2 })).slept).toHaveLength(1);
  });

  it('tries once when one attempt is all there is', async () => {
    expect(await run([{}], { maxAttempts: 1 })).toMatchObject({ settled: FAILED, numbers: [1], slept: [] });
  });

  it('throws a final failure at once', async () => {
    expect(await run([undefined])).toMatchObject({ settled: FAILED, numbers: [1], slept: [], told: [] });
  });

  it('works without anybody to tell', async () => {
    const clock = new HeldClock(0);
    let left = 1;
    const value = await retry(
      async () => {
        if (left-- > 0) throw FAILURE;
        return 'done';
      },
      { maxAttempts: 2, clock, tryAgain: () => ({}), maxWaitMs: 1000, longerWait: 'clip' },
    );
    expect(value).toBe('done');
  });
});

describe('how long it waits by itself', () => {
  const eightFailures = Array.from({ length: 8 }, () => ({}));

  it.each([
    ['the least', 0, [250, 500, 1000, 2000, 4000, 4000, 4000, 4000]],
    ['the middle', 0.5, [375, 750, 1500, 3000, 6000, 6000, 6000, 6000]],
    ['the most', 0.9999999, [500, 1000, 2000, 4000, 8000, 8000, 8000, 8000]],
  ])('doubles up to 8 s, %s of chance', async (_what, random, expected) => {
    expect((await run(eightFailures, {}, random)).slept).toEqual(expected);
  });

  it('cuts its own waits to the longest that is obeyed', async () => {
    const { slept } = await run([{}, {}, {}], { maxWaitMs: 700, longerWait: 'clip' }, 0.5);
    expect(slept).toEqual([375, 700, 700]);
  });

  it('stays within half and the whole of each step, whatever chance says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async (random) => {
        const { slept } = await run(eightFailures, {}, random);
        for (const [index, ms] of slept.entries()) {
          const step = Math.min(8000, 500 * 2 ** index);
          expect(ms).toBeGreaterThanOrEqual(step / 2);
          expect(ms).toBeLessThanOrEqual(step);
        }
      }),
      RUNS,
    );
  });
});

describe('how long it waits when the other side says so', () => {
  it('waits exactly as asked', async () => {
    expect((await run([{ afterMs: 12_345 }])).slept).toEqual([12_345]);
  });

  it('does not wait at all when asked for nothing', async () => {
    const { settled, slept, numbers } = await run([{ afterMs: 0 }]);
    const waited = slept.reduce((sum, ms) => sum + ms, 0);
    expect({ settled, waited, numbers }).toEqual({ settled: DONE, waited: 0, numbers: [1, 2] });
  });

  it('obeys the longest wait', async () => {
    expect((await run([{ afterMs: 60_000 }])).slept).toEqual([60_000]);
  });

  it('gives up when a longer one is asked for', async () => {
    expect(await run([{ afterMs: 60_001 }])).toMatchObject({ settled: FAILED, slept: [], told: [] });
  });

  it('cuts a longer one when it must not give up', async () => {
    const { settled, slept } = await run([{ afterMs: 60_001 }], { longerWait: 'clip' });
    expect({ settled, slept }).toEqual({ settled: DONE, slept: [60_000] });
  });
});

describe('what others learn of it', () => {
  it('tells each failure, the wait that follows and the number of the attempt', async () => {
    const { told } = await run([{ afterMs: 7 }, { afterMs: 0 }]);
    expect(told).toEqual([
      { error: FAILURE, waitMs: 7, attempt: 1 },
      { error: FAILURE, waitMs: 0, attempt: 2 },
    ]);
  });
});

describe('a signal', () => {
  it('ends a wait, and the failure before it is final', async () => {
    const stop = new AbortController();
    const onRetry = () => stop.abort();
    const { settled, slept, numbers } = await run([{ afterMs: 5000 }], { signal: stop.signal, onRetry });
    expect({ settled, slept, numbers }).toEqual({ settled: FAILED, slept: [5000], numbers: [1] });
  });

  it.each([0, 1])(
    'that has arrived lets no other attempt begin after %i ms, and none is told',
    async (afterMs) => {
      const { settled, slept, numbers, told } = await run([{ afterMs }], { signal: AbortSignal.abort() });
      expect({ settled, slept, numbers, told }).toEqual({
        settled: FAILED,
        slept: [],
        numbers: [1],
        told: [],
      });
    },
  );
});

describe('Retry-After', () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 7);
  const zone = process.env['TZ'];

  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  it.each([
    ['seconds', '120', 120_000],
    ['seconds with blanks around', ' 3 ', 3000],
    ['zero seconds', '0', 0],
    ['a date in the future', 'Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['a date in the past', 'Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ])('understands %s', (_what, value, expected) => {
    expect(retryAfterMs({ 'retry-after': value }, now)).toBe(expected);
  });

  // RFC 9110, section 5.6.7: a recipient must accept all three formats.
  it.each([
    ['RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT'],
    ['asctime', 'Sun Nov  6 08:49:37 1994'],
  ])('understands a date in the older format of %s', (_what, value) => {
    process.env['TZ'] = 'UTC';
    expect(retryAfterMs({ 'retry-after': value }, now)).toBe(30_000);
  });

  it('takes a date of asctime, which names no zone, as UTC on a runner in another zone', () => {
    process.env['TZ'] = 'America/New_York';
    expect(retryAfterMs({ 'retry-after': 'Sun Nov  6 08:49:37 1994' }, now)).toBe(30_000);
  });

  it('counts a date by the clock of whoever answered: that of this machine may be off', () => {
    const headers = {
      date: 'Sun, 06 Nov 1994 08:49:27 GMT',
      'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT',
    };
    expect(retryAfterMs(headers, now)).toBe(10_000);
  });

  it('counts seconds from now, whatever clock the other side has', () => {
    expect(retryAfterMs({ date: 'Sun, 06 Nov 1994 08:49:27 GMT', 'retry-after': '5' }, now)).toBe(5000);
  });

  it('is nothing when there is no such header', () => {
    expect(retryAfterMs({}, now)).toBeUndefined();
  });

  it.each([
    ['an empty text', ''],
    ['words', 'soon'],
    ['a weekday and nonsense', 'Sun, soon'],
    ['a fraction', '1.5'],
    ['a negative number', '-1'],
    ['an exponent', '1e3'],
    ['a number of ten digits', '9999999999'],
    ['a year by itself', '1994-11-06'],
    ['two numbers', '5, 10'],
    ['a number with more before it', 'in 5'],
    ['a date with more before it', '- Sun, 06 Nov 1994 08:49:37 GMT'],
  ])('ignores %s', (_what, value) => {
    expect(retryAfterMs({ 'retry-after': value }, now)).toBeUndefined();
  });
});

describe('the time at the other side', () => {
  const now = Date.UTC(2026, 7, 1);

  it('is what its Date header says', () => {
    expect(serverNow({ date: 'Sun, 06 Nov 1994 08:49:37 GMT' }, now)).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
  });

  it.each([
    ['no Date header', {}],
    ['nonsense in it', { date: 'soon' }],
  ])('is the time of this machine with %s', (_what, headers) => {
    expect(serverNow(headers, now)).toBe(now);
  });
});

describe('a limiter', () => {
  /** Tasks that end when they are told to, and which of them have begun. */
  function tasks(most: number, count: number) {
    const limit = limiter(most);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const all = Array.from({ length: count }, (_, number) =>
      limit(() => {
        begun.push(number);
        return new Promise<number>((resolve) => ends.push(() => resolve(number)));
      }),
    );
    const end = async (index: number) => {
      ends[index]?.();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { limit, begun, all, end };
  }

  it('lets so many run at once, and the others in order', async () => {
    const { begun, end } = tasks(2, 5);
    expect(begun).toEqual([0, 1]);
    await end(1);
    expect(begun).toEqual([0, 1, 2]);
    await end(0);
    await end(2);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });

  it('gives what each task gives', async () => {
    const { all, end } = tasks(1, 2);
    await end(0);
    await end(1);
    await expect(Promise.all(all)).resolves.toEqual([0, 1]);
  });

  it('hands a place on, so that no newcomer takes it', async () => {
    const { begun, end, limit } = tasks(1, 2);
    const later = limit(async () => void begun.push(99));
    await end(0);
    expect(begun).toEqual([0, 1]);
    await end(1);
    await later;
    expect(begun).toEqual([0, 1, 99]);
  });

  it('gives the place of a task that failed back', async () => {
    const limit = limiter(1);
    await expect(limit(() => Promise.reject(FAILURE))).rejects.toBe(FAILURE);
    await expect(limit(async () => 'done')).resolves.toBe('done');
    await expect(limit(async () => 'again')).resolves.toBe('again');
  });

  it('lets as many run as before when all have ended', async () => {
    const { all, end, limit } = tasks(2, 3);
    await end(0);
    await end(1);
    await end(2);
    await Promise.all(all);
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all(Array.from({ length: 6 }, () => limit(work)));
    expect(most).toBe(2);
  });
});
