import type { Clock } from './clock.ts';

/** Why and when to try again: at once when `afterMs` is 0, with backoff when it is left out. */
export interface TryAgain {
  /** Milliseconds that the other side asked to wait. */
  afterMs?: number;
}

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  maxAttempts: number;
  clock: Clock;
  /** Ends a wait early, and lets no other attempt begin: the failure before it is final then. */
  signal?: AbortSignal;
  /** Says whether a failure may be tried again; `undefined` makes it final. */
  tryAgain(error: unknown): TryAgain | undefined;
  /** Told before each wait. */
  onRetry(error: unknown, waitMs: number, attempt: number): void;
}

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 8_000;

/**
 * Runs `attempt` until it succeeds, fails for good, or has failed `maxAttempts` times. Between attempts it
 * waits as the other side asked, or else exponentially longer: half of 0.5 s, 1 s, 2 s … 8 s, and a random
 * share of the other half, so that many clients do not come back in step. Throws the last failure, also when
 * a wait is ended early.
 */
export async function retry<T>(attempt: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await attempt();
    } catch (error) {
      const again = number < policy.maxAttempts ? policy.tryAgain(error) : undefined;
      if (again === undefined || policy.signal?.aborted) throw error;
      const waitMs = again.afterMs ?? backoff(number, policy.clock);
      policy.onRetry(error, waitMs, number);
      try {
        if (waitMs > 0) await policy.clock.sleep(waitMs, policy.signal);
      } catch {
        // The wait was ended early: there will be no other attempt.
        throw error;
      }
    }
  }
}

function backoff(attempt: number, clock: Clock): number {
  const full = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * clock.random());
}

/**
 * Milliseconds that the `Retry-After` header (RFC 9110, section 10.2.3: seconds, or an HTTP date) asks to
 * wait, `undefined` when it is missing or invalid.
 * @param headers of the answer, names in lower case
 */
export function retryAfterMs(headers: Record<string, string>, nowMs: number): number | undefined {
  const text = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse takes nearly everything for a date.
  const date = /^[A-Z][a-z]+, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - serverNow(headers, nowMs));
}

/**
 * The time on the clock of whoever answered, milliseconds since 1970: times in an answer are times of that
 * clock, and this machine's may be off. Without a `Date` header it is this machine's.
 */
export function serverNow(headers: Record<string, string>, nowMs: number): number {
  const date = Date.parse(headers.date ?? '');
  return Number.isNaN(date) ? nowMs : date;
}

/** Lets at most `most` tasks run at once; the others wait in order. */
export function limiter(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      // The place is handed on, so that no other task can take it.
      if (next) next();
      else running--;
    }
  };
}
