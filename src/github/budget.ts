import type { Clock } from '../clock.ts';

/** GitHub's documented secondary limits, for one minute. */
const WINDOW_MS = 60_000;
const MOST_POINTS = 900;
const MOST_WRITES = 80;
const READ_POINTS = 1;
const WRITE_POINTS = 5;

/** What a run has sent to GitHub within a minute, held against GitHub's limits. */
export class Budget {
  readonly #clock: Clock;
  #sent: { at: number; points: number; writes: number; isReserved: boolean }[] = [];
  #reserving: Promise<void> = Promise.resolve();
  #remaining: number | undefined;
  #resetAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts a request that is about to be sent.
   * @param isReserved whether it takes the place of a write that was counted ahead: the minute begins now
   */
  count(method: string, isReserved = false): void {
    const ahead = isReserved ? this.#sent.findIndex((one) => one.isReserved) : -1;
    if (ahead >= 0) this.#sent.splice(ahead, 1);
    this.#add(method !== 'GET', false);
  }

  #add(isWrite: boolean, isReserved: boolean): void {
    const points = isWrite ? WRITE_POINTS : READ_POINTS;
    this.#sent.push({ at: this.#clock.now(), points, writes: isWrite ? 1 : 0, isReserved });
  }

  /** Reads `x-ratelimit-remaining` and `x-ratelimit-reset` (seconds since 1970) of an answer. */
  heed(headers: Record<string, string>): void {
    const remaining = headers['x-ratelimit-remaining'] ?? '';
    const reset = headers['x-ratelimit-reset'] ?? '';
    if (!/^\d{1,9}$/.test(remaining) || !/^\d{1,12}$/.test(reset)) return;
    const resetAt = Number(reset) * 1000;
    // Answers may overtake each other: the latest window counts, and the lowest number in it.
    const known = this.#resetAt ?? 0;
    if (resetAt < known || (resetAt === known && Number(remaining) > (this.#remaining ?? 0))) return;
    this.#remaining = Number(remaining);
    this.#resetAt = resetAt;
  }

  /**
   * Whether so many more requests are within the hourly limit, as far as GitHub has told.
   * @returns `undefined` when they are, or else what is left and when the rest comes back (ms since 1970)
   */
  shortOf(requests: number): { remaining: number; resetAt: number } | undefined {
    if (this.#remaining === undefined || this.#resetAt === undefined) return undefined;
    return this.#remaining < requests ? { remaining: this.#remaining, resetAt: this.#resetAt } : undefined;
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
      for (let count = 0; count < fitting; count++) this.#add(true, true);
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
    if (writes > MOST_WRITES) return this.#freeAt(this.#sent.length, now);
    let points = this.#sent.reduce((sum, one) => sum + one.points, writes * WRITE_POINTS);
    let count = this.#sent.reduce((sum, one) => sum + one.writes, writes);
    let leaving = 0;
    for (const one of this.#sent) {
      if (points <= MOST_POINTS && count <= MOST_WRITES) break;
      points -= one.points;
      count -= one.writes;
      leaving++;
    }
    return this.#freeAt(leaving, now);
  }

  /** Milliseconds until the first `count` requests are older than the window. */
  #freeAt(count: number, now: number): number {
    const last = this.#sent[count - 1];
    return last === undefined ? 0 : last.at + WINDOW_MS - now;
  }
}
