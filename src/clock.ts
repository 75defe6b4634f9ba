import { setTimeout as wait } from 'node:timers/promises';

/** Time and chance, handed in so that tests can hold them still. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms` milliseconds, rejects at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number in [0, 1). */
  random(): number;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => wait(ms, undefined, signal ? { signal } : {}),
  random: Math.random,
};

/** Milliseconds since the process began. `performance.now()` says the same, but takes milliseconds to load. */
export const uptimeMs = (): number => process.uptime() * 1000;
