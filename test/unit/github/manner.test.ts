import { describe, expect, it } from 'vitest';
import { limitsOf, type Manner } from '../../../src/github/manner.ts';
import { HeldClock } from '../../support/clock.ts';
import { settle } from './support.ts';

const RUNNING = new AbortController().signal;
const STOPPED = AbortSignal.abort('cancelled');

it.each<[string, Manner, AbortSignal, number, object]>([
  ['the run', 'read', RUNNING, 30_000, { timeoutMs: 30_000, signal: RUNNING }],
  ['time alone', 'keep', STOPPED, 30_000, { timeoutMs: 30_000 }],
  ['time alone', 'extra', STOPPED, 30_000, { timeoutMs: 30_000 }],
  ['three seconds', 'tidy', STOPPED, 30_000, { timeoutMs: 3_000 }],
  ['less, where there is less', 'tidy', STOPPED, 2_000, { timeoutMs: 2_000 }],
  ['three seconds, or the run', 'sweep', RUNNING, 30_000, { timeoutMs: 3_000, signal: RUNNING }],
])('%s may end a %s', (_what, manner, stop, timeoutMs, limits) => {
  expect(limitsOf(manner, stop, RUNNING, new HeldClock(), timeoutMs)).toEqual(limits);
});

describe.each<Manner>(['record', 'tidy'])('a %s under way', (manner) => {
  function underWay() {
    const clock = new HeldClock();
    const stop = new AbortController();
    const over = new AbortController();
    const limits = limitsOf(manner, stop.signal, over.signal, clock, 30_000);
    return { clock, stop, over, limits };
  }

  it('has all the time of the run, and three seconds when it stops', async () => {
    const { clock, limits, stop } = underWay();
    let wake: () => void = () => undefined;
    clock.meanwhile = () => new Promise<void>((resolve) => (wake = resolve));
    await settle();
    expect(clock.waits).toEqual([]);
    stop.abort('cancelled');
    await settle();
    expect(clock.waits).toEqual([3_000]);
    expect(limits).toMatchObject({ timeoutMs: 30_000, signal: { aborted: false } });
    wake();
    await settle();
    expect(limits.signal?.aborted).toBe(true);
  });

  it.each([
    ['before the run stops', true, []],
    ['within them', false, [3_000]],
  ])('is not ended when it is over %s', async (_what, isBefore, waits) => {
    const { clock, limits, over, stop } = underWay();
    if (isBefore) over.abort();
    clock.meanwhile = () => over.abort();
    stop.abort('cancelled');
    await settle();
    expect(clock.waits).toEqual(waits);
    expect(limits.signal?.aborted).toBe(false);
  });
});
