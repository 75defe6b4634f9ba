import type { Clock } from '../src/clock.ts';

/** A clock whose waits take no time: it runs with the real one, and jumps ahead where somebody sleeps. */
export class VirtualClock implements Clock {
  readonly random: () => number;
  #ahead = 0;
  #alarms: { at: number; ring: () => void }[] = [];

  constructor(random: () => number) {
    this.random = random;
  }

  readonly now = (): number => Date.now() + this.#ahead;

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const until = this.now() + ms;
    signal?.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    this.skipTo(until);
    signal?.throwIfAborted();
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
