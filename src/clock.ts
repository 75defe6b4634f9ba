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

/**
 * Milliseconds since the process began, for durations. Not `performance.now()`, which says the same: the
 * first look at `performance` loads a part of Node that takes milliseconds.
 */
export function uptimeMs(): number {
  return process.uptime() * 1000;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => wait(ms, undefined, signal ? { signal } : {}),
  random: Math.random,
};
