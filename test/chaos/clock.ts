import type { Clock } from '../../src/clock.ts';

/** Turns of the event loop without anything under way before time moves on. */
const QUIET_TURNS = 6;
const MINUTE_MS = 60_000;

/** Where the next story begins: nonces only grow, and so must time within one process. */
let begin = Date.UTC(2026, 2, 1, 12);

interface Timer {
  at: number;
  ring(): void;
}

/**
 * The clock of one story. Time passes only when nothing else happens: when every request is answered, or will
 * never be, the next timer rings. So what two processes do at once, they do in the right order.
 */
export class StoryClock implements Clock {
  /** Whether nothing is under way. */
  isIdle: () => boolean = () => true;
  #now = begin;
  #isRunning = false;
  readonly #timers = new Set<Timer>();

  readonly now = (): number => this.#now;
  readonly random = (): number => 0.5;

  skip(ms: number): void {
    this.#now += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        takeBack();
        reject(signal?.reason);
      };
      const takeBack = this.after(ms, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Calls `ring` in so many milliseconds. @returns what takes that back */
  after(ms: number, ring: () => void): () => void {
    const timer = { at: this.#now + ms, ring };
    this.#timers.add(timer);
    if (!this.#isRunning) void this.#run();
    return () => this.#timers.delete(timer);
  }

  /** The story is over: the next one begins later. */
  close(): void {
    this.#timers.clear();
    begin = Math.ceil(this.#now / MINUTE_MS + 1) * MINUTE_MS;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let quiet = 0; this.#timers.size > 0; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.isIdle() ? quiet + 1 : 0;
      if (quiet < QUIET_TURNS) continue;
      quiet = 0;
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (next === undefined) continue;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
    this.#isRunning = false;
  }
}
