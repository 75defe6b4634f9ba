import type { Clock } from '../clock.ts';

/** GitHub's documented secondary limits, for one minute. */
const WINDOW_MS = 60_000;
const MOST_POINTS = 900;
const MOST_WRITES = 80;
const A_READ = { points: 1, writes: 0 };
const A_WRITE = { points: 5, writes: 1 };

/** Longer than anything may come between a reservation and its write: one that is never used must not count on. */
const LONGEST_RESERVED_MS = 10 * WINDOW_MS;

interface Sent {
  at: number;
  points: number;
  writes: number;
}

/** What GitHub's hourly limit leaves, and when the rest comes back, milliseconds since 1970. */
export interface RateLimit {
  remaining: number;
  resetAt: number;
}

/** Reads `x-ratelimit-remaining` and `x-ratelimit-reset` (seconds since 1970). */
export function rateLimitIn(headers: Record<string, string>): RateLimit | undefined {
  const remaining = headers['x-ratelimit-remaining'] ?? '';
  const reset = headers['x-ratelimit-reset'] ?? '';
  if (!/^\d{1,9}$/.test(remaining) || !/^\d{1,12}$/.test(reset)) return undefined;
  return { remaining: Number(remaining), resetAt: Number(reset) * 1000 };
}

/** What a run has sent to GitHub within a minute, held against GitHub's limits. */
export class Budget {
  readonly #clock: Clock;
  #sent: Sent[] = [];
  /** When room was reserved for each write that is not sent yet. */
  #reserved: number[] = [];
  #reserving: Promise<void> = Promise.resolve();
  #limit: RateLimit | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts a request that is about to be sent.
   * @param isReserved whether it uses room that was reserved: its minute begins now
   */
  count(method: string, isReserved = false): void {
    if (isReserved) this.#reserved.shift();
    this.#sent.push({ at: this.#clock.now(), ...(method === 'GET' ? A_READ : A_WRITE) });
  }

  /** Reads what the headers of an answer tell of the hourly limit. */
  heed(headers: Record<string, string>): void {
    const told = rateLimitIn(headers);
    const known = this.#limit;
    if (told === undefined) return;
    // Answers may overtake each other: the latest window counts, and the lowest number in it.
    const isOld = known !== undefined && told.resetAt < known.resetAt;
    const isHigher = told.resetAt === known?.resetAt && told.remaining > known.remaining;
    if (!isOld && !isHigher) this.#limit = told;
  }

  /** What the hourly limit leaves, when that is less than so many requests, as far as GitHub has told. */
  shortOf(requests: number): RateLimit | undefined {
    return this.#limit !== undefined && this.#limit.remaining < requests ? this.#limit : undefined;
  }

  /**
   * Waits until there is room for these writes, and counts them before they are sent. Of more than fit into any
   * minute it counts as many as fit, at the start of a fresh one. Those who come later wait behind.
   * @param sleep waits so many milliseconds; what it throws ends the waiting
   * @returns how many were counted
   */
  async reserve(writes: number, sleep: (ms: number) => Promise<unknown>): Promise<number> {
    const turn = this.#reserving.then(async () => {
      for (let ms = this.#waitMs(writes); ms > 0; ms = this.#waitMs(writes)) await sleep(ms);
      const fitting = Math.min(writes, MOST_WRITES);
      for (let count = 0; count < fitting; count++) this.#reserved.push(this.#clock.now());
      return fitting;
    });
    this.#reserving = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  #waitMs(writes: number): number {
    const now = this.#clock.now();
    this.#sent = this.#sent.filter(({ at }) => at > now - WINDOW_MS && at <= now);
    this.#reserved = this.#reserved.filter((at) => at > now - LONGEST_RESERVED_MS);
    // What is not sent yet is sent now at the earliest.
    const taken = [...this.#sent, ...this.#reserved.map(() => ({ at: now, ...A_WRITE }))];
    // For more writes than fit into any minute, all that was sent has to leave it.
    let points = taken.reduce((sum, one) => sum + one.points, writes * A_WRITE.points);
    let count = taken.reduce((sum, one) => sum + one.writes, writes);
    let leaving = 0;
    for (const one of taken) {
      if (points <= MOST_POINTS && count <= MOST_WRITES) break;
      points -= one.points;
      count -= one.writes;
      leaving++;
    }
    return freeAt(taken, leaving, now);
  }
}

/** Milliseconds until the first `count` requests are older than the window. */
function freeAt(taken: readonly Sent[], count: number, now: number): number {
  const last = taken[count - 1];
  return last === undefined ? 0 : last.at + WINDOW_MS - now;
}
