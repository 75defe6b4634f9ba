import type { Clock } from './clock.ts';
import type { HttpOptions, Sender } from './http.ts';
import type { Log } from './text.ts';

/** What calls of Cobo and of GitHub have in common. */
export interface Network {
  http: Sender;
  httpOptions: Pick<HttpOptions, 'timeoutMs' | 'onDone'>;
  clock: Clock;
  log: Log;
  maxAttempts: number;
}

export interface TryAgain {
  /** Milliseconds that the other side asked to wait: 0 is at once, and left out means with backoff. */
  afterMs?: number;
}

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  maxAttempts: number;
  clock: Clock;
  /** Ends a wait early, and lets no other attempt begin: the failure before it is final then. */
  signal?: AbortSignal | undefined;
  /** Says whether a failure may be tried again; `undefined` makes it final. */
  tryAgain(error: unknown): TryAgain | undefined;
  /** Told before each wait, with the number of the attempt that failed. */
  onRetry(waitMs: number, attempt: number): void;
}

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 8_000;

/**
 * Runs `attempt` until it succeeds, fails for good, or has failed `maxAttempts` times, and throws the last failure.
 * In between it waits as the other side asked, or else exponentially longer: half of 0.5 s, 1 s, 2 s … 8 s, and a
 * random share of the other half, so that many clients do not come back in step.
 */
export async function retry<T>(attempt: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  const { clock, signal } = policy;
  for (let number = 1; ; number++) {
    try {
      return await attempt();
    } catch (error) {
      const again = number < policy.maxAttempts && !signal?.aborted ? policy.tryAgain(error) : undefined;
      if (again === undefined) throw error;
      const longest = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (number - 1));
      const waitMs = again.afterMs ?? Math.round((longest / 2) * (1 + clock.random()));
      policy.onRetry(waitMs, number);
      const wait = waitMs > 0 ? clock.sleep(waitMs, signal) : undefined;
      await wait?.catch(() => {
        throw error;
      });
    }
  }
}

/**
 * Milliseconds that the `Retry-After` header (RFC 9110, section 10.2.3: seconds, or an HTTP date) of an answer asks
 * to wait, `undefined` when it is missing or invalid.
 */
export function retryAfterMs(headers: Record<string, string>, nowMs: number): number | undefined {
  const text = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse takes nearly everything for a date.
  const date = /^[A-Z][a-z]+, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - serverNow(headers, nowMs));
}

/** The time by the clock that the times in an answer belong to, its `Date` header; this machine's without one. */
export function serverNow(headers: Record<string, string>, nowMs: number): number {
  const date = Date.parse(headers.date ?? '');
  return Number.isNaN(date) ? nowMs : date;
}

/** Lets at most `most` tasks run at once; the others wait in order. */
export function limiter(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      // The place is handed on, so that no other task can take it.
      if (next) next();
      else free++;
    }
  };
}
