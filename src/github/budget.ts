import type { Clock } from '../clock.ts';
import { limiter } from '../retry.ts';

/** GitHub's documented secondary limits, for one minute. */
const WINDOW_MS = 60_000;
const MOST_WRITES = 80;
const MOST_POINTS = 900;
/** A read costs one. */
const POINTS_OF_A_WRITE = 5;
/** Longer than anything may come between a reservation and its write: one that is never used must not count on. */
const LONGEST_RESERVED_MS = 10 * WINDOW_MS;

/** What GitHub's hourly limit leaves, and when the rest comes back, milliseconds since 1970. */
export function rateLimitIn(headers: Record<string, string>) {
  const { 'x-ratelimit-remaining': remaining = '', 'x-ratelimit-reset': reset = '' } = headers;
  if (!/^\d{1,9}$/.test(remaining) || !/^\d{1,12}$/.test(reset)) return undefined;
  return { remaining: Number(remaining), resetAt: Number(reset) * 1000 };
}

/** What a run has sent to GitHub within a minute, held against GitHub's limits. */
export class Budget {
  #sent: { at: number; isWrite: boolean }[] = [];
  /** When room was reserved for each write that is not sent yet. */
  #reserved: number[] = [];
  readonly #inTurn = limiter(1);
  #hourly = { remaining: Number.POSITIVE_INFINITY, resetAt: 0 };

  constructor(private readonly clock: Clock) {}

  /** Counts a request that is about to be sent. @param isReserved whether room is reserved for it if it is a write */
  count(method: string, isReserved = false): void {
    const isWrite = method !== 'GET';
    if (isWrite && isReserved) this.#reserved.shift();
    this.#sent.push({ at: this.clock.now(), isWrite });
  }

  /** Reads what the headers of an answer tell of the hourly limit. */
  heed(headers: Record<string, string>): void {
    const told = rateLimitIn(headers);
    if (told === undefined) return;
    const { remaining, resetAt } = this.#hourly;
    // Answers may overtake each other: the latest window counts, and the lowest number in it.
    if (told.resetAt > resetAt || (told.resetAt === resetAt && told.remaining < remaining)) this.#hourly = told;
  }

  /** What the hourly limit leaves, when that is less than so many requests, as far as GitHub has told. */
  shortOf(requests: number) {
    return this.#hourly.remaining < requests ? this.#hourly : undefined;
  }

  /**
   * Waits until there is room for these writes, and counts them before they are sent. Of more than fit into any
   * minute it counts as many as fit, at the start of a fresh one. Those who come later wait behind.
   * @param sleep waits so many milliseconds; what it throws ends the waiting
   * @returns how many were counted
   */
  reserve(writes: number, sleep: (ms: number) => Promise<unknown>): Promise<number> {
    return this.#inTurn(async () => {
      for (let ms = this.#waitMs(writes); ms > 0; ms = this.#waitMs(writes)) await sleep(ms);
      const fitting = Math.min(writes, MOST_WRITES);
      this.#reserved.push(...Array<number>(fitting).fill(this.clock.now()));
      return fitting;
    });
  }

  /** Reserves anew what is not sent yet: Cobo may have asked for a wait that is longer than that counts. */
  renew(): void {
    this.#reserved.fill(this.clock.now());
  }

  /** Milliseconds until these writes fit into the minute, or nothing else is in it. */
  #waitMs(writes: number): number {
    const now = this.clock.now();
    this.#reserved = this.#reserved.filter((at) => at > now - LONGEST_RESERVED_MS);
    // What is not sent yet is sent now at the earliest.
    const counted = [...this.#sent, ...this.#reserved.map(() => ({ at: now, isWrite: true }))];
    let start = now - WINDOW_MS;
    // The clock may have been set back.
    const taken = counted.filter(({ at }) => at > start && at <= now);
    for (const { at } of taken) {
      const left = taken.filter((one) => one.at > start);
      const allWrites = writes + left.filter(({ isWrite }) => isWrite).length;
      const reads = left.length + writes - allWrites;
      if (allWrites <= MOST_WRITES && reads + allWrites * POINTS_OF_A_WRITE <= MOST_POINTS) break;
      start = at;
    }
    return start + WINDOW_MS - now;
  }
}
