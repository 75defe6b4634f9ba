import type { Clock } from '../../src/clock.ts';

/** 2026-03-01T12:00:00Z: what a held clock shows first. */
export const NOON = Date.UTC(2026, 2, 1, 12, 0, 0);

/**
 * A clock whose waits take no time: it stands still, or runs with `base`, and jumps ahead where somebody sleeps.
 * Every wait is recorded.
 */
export class HeldClock implements Clock {
  /** Milliseconds of each wait, in order. */
  readonly waits: number[] = [];
  /** What happens elsewhere while somebody sleeps. */
  meanwhile: () => void | Promise<void> = () => undefined;
  readonly random: () => number;
  readonly #base: () => number;
  #ahead = 0;
  #alarms: { at: number; ring: () => void }[] = [];

  /** @param base milliseconds since 1970, such as `Date.now` for a clock that runs */
  constructor(base: number | (() => number) = NOON, random: () => number = () => 0.5) {
    this.#base = typeof base === 'number' ? () => base : base;
    this.random = random;
  }

  readonly now = (): number => this.#base() + this.#ahead;

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const until = this.now() + ms;
    this.waits.push(ms);
    await this.meanwhile();
    signal?.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    this.skipTo(until);
    signal?.throwIfAborted();
  }

  /** Moves on by `ms`. */
  skip(ms: number): void {
    this.skipTo(this.now() + ms);
  }

  /** Jumps ahead; what was to happen on the way happens. */
  skipTo(until: number): void {
    this.#ahead += Math.max(0, until - this.now());
    const due = this.#alarms.filter(({ at }) => at <= this.now());
    this.#alarms = this.#alarms.filter(({ at }) => at > this.now());
    for (const { ring } of due) ring();
  }

  /** Calls `ring` when the clock has gone on by `ms`. */
  alarm(ms: number, ring: () => void): void {
    this.#alarms.push({ at: this.now() + ms, ring });
  }

  /** Forgets what was to happen. */
  clear(): void {
    this.#alarms = [];
  }
}
