import { describe, expect, it } from 'vitest';
import { endsWithTheRun, heedsPauses, isHurried, limitsOf, type Manner } from '../../../src/github/manner.ts';
import { HeldClock } from '../../support/clock.ts';
import { settle } from './support.ts';

const RUNNING = new AbortController().signal;
const CANCELLED = AbortSignal.abort('cancelled');
const GIVEN_UP = AbortSignal.abort('given up');

describe('what each manner means', () => {
  it.each<[Manner, boolean, boolean, boolean]>([
    ['read', false, true, true],
    ['record', false, true, true],
    ['keep', false, false, false],
    ['extra', false, true, false],
    ['tidy', false, true, false],
    ['sweep', true, true, true],
  ])('%s: hurried %s, heeds pauses %s, ends with the run %s', (manner, hurried, heeds, ends) => {
    for (const stop of [RUNNING, GIVEN_UP]) {
      expect(isHurried(manner, stop)).toBe(hurried);
      expect(heedsPauses(manner, stop)).toBe(heeds);
    }
    expect(endsWithTheRun(manner)).toBe(ends);
  });

  it('a cancelled run has no time to tidy', () => {
    expect(isHurried('tidy', CANCELLED)).toBe(true);
    expect(heedsPauses('tidy', CANCELLED)).toBe(false);
    expect(heedsPauses('read', CANCELLED)).toBe(true);
  });
});

describe('what ends an attempt', () => {
  const clock = new HeldClock();

  it.each<[string, Manner, AbortSignal, number, object]>([
    ['the run', 'read', RUNNING, 30_000, { timeoutMs: 30_000, signal: RUNNING }],
    ['time alone', 'keep', CANCELLED, 30_000, { timeoutMs: 30_000 }],
    ['time alone', 'extra', CANCELLED, 30_000, { timeoutMs: 30_000 }],
    ['three seconds', 'tidy', CANCELLED, 30_000, { timeoutMs: 3_000 }],
    ['less, where there is less', 'tidy', CANCELLED, 2_000, { timeoutMs: 2_000 }],
    ['three seconds, or the run', 'sweep', RUNNING, 30_000, { timeoutMs: 3_000, signal: RUNNING }],
  ])('%s: %s', (_what, manner, stop, timeoutMs, options) => {
    const limits = limitsOf(manner, stop, clock, timeoutMs);
    expect(limits.options).toEqual(options);
    expect(limits.done()).toBeUndefined();
  });
});

describe.each<Manner>(['record', 'tidy'])('a %s under way', (manner) => {
  function underWay() {
    const clock = new HeldClock();
    const stop = new AbortController();
    return { clock, stop, ...limitsOf(manner, stop.signal, clock, 30_000) };
  }

  it('has all the time of the run', async () => {
    const { clock, options } = underWay();
    await settle();
    expect(options).toMatchObject({ timeoutMs: 30_000, signal: { aborted: false } });
    expect(clock.waits).toEqual([]);
  });

  it('ends three seconds after the run stops, and not before', async () => {
    const { clock, options, stop } = underWay();
    let wake: () => void = () => undefined;
    clock.meanwhile = () => new Promise<void>((resolve) => (wake = resolve));
    stop.abort('cancelled');
    await settle();
    expect(clock.waits).toEqual([3_000]);
    expect(options.signal?.aborted).toBe(false);
    wake();
    await settle();
    expect(options.signal?.aborted).toBe(true);
  });

  it('counts no seconds when it is over', async () => {
    const { clock, done, options, stop } = underWay();
    done();
    stop.abort('cancelled');
    await settle();
    expect(clock.waits).toEqual([]);
    expect(options.signal?.aborted).toBe(false);
  });

  it('stops counting when it is over within them', async () => {
    const { clock, done, options, stop } = underWay();
    clock.meanwhile = done;
    stop.abort('cancelled');
    await settle();
    expect(options.signal?.aborted).toBe(false);
  });
});
