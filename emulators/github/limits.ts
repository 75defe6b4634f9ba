import type { Answer } from '../server.ts';
import { refusal } from './answers.ts';

/** The primary rate limit of one token, or of all tokens of one account. */
export interface RateLimit {
  limit: number;
  remaining: number;
  /** Milliseconds since 1970; then it is `limit` again, for an hour. */
  resetAt: number;
  /** How the refusal is answered: GitHub uses both. Default 403. */
  status?: 403 | 429;
}

/** The documented secondary limits: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
export interface SecondaryLimits {
  /** A GET costs 1, a write 5. Default 900. */
  pointsPerMinute: number;
  /** Requests that create content: POST, PUT, PATCH. Default 80. */
  contentPerMinute: number;
  /** Default 500. */
  contentPerHour: number;
  /** Requests under way at once. Default 100. */
  concurrent: number;
}

export const DOCUMENTED_LIMITS: SecondaryLimits = {
  pointsPerMinute: 900,
  contentPerMinute: 80,
  contentPerHour: 500,
  concurrent: 100,
};

const MINUTE = 60_000;
const HOUR = 3_600_000;
const USUAL = 5000;

/** What was used within so many milliseconds; the window slides. */
class Window {
  readonly #ms: number;
  /** Oldest first. Those before `#first` are out of the window. */
  readonly #used: { at: number; cost: number }[] = [];
  #first = 0;
  #sum = 0;

  constructor(ms: number) {
    this.#ms = ms;
  }

  add(cost: number, now: number): void {
    this.#used.push({ at: now, cost });
    this.#sum += cost;
  }

  /** How long it takes until there is room for `asked` more; 0 when there is. */
  untilRoom(asked: number, most: number, now: number): number {
    this.#slide(now);
    let total = this.#sum + asked;
    let wait = 0;
    for (let index = this.#first; total > most; index++) {
      const one = this.#used[index];
      if (one === undefined) break;
      total -= one.cost;
      wait = one.at + this.#ms - now;
    }
    return wait;
  }

  #slide(now: number): void {
    for (let one = this.#used[this.#first]; one !== undefined && one.at <= now - this.#ms; ) {
      this.#sum -= one.cost;
      this.#first += 1;
      one = this.#used[this.#first];
    }
    // Now and then, so that a long run stays fast.
    if (this.#first < 1_000) return;
    this.#used.splice(0, this.#first);
    this.#first = 0;
  }
}

/** What one account has used. */
interface Account {
  counted: number;
  rate: RateLimit | undefined;
  points: Window;
  content: Window;
  contentOfHour: Window;
  active: number;
}

/** Counts what each account uses, and refuses what is too much. */
export class Limits {
  secondary: SecondaryLimits | undefined;
  readonly #accounts = new Map<string, Account>();
  #rate: RateLimit | undefined;

  /** The limit as the account that has used most of it has it; undefined when there is none. */
  get rate(): RateLimit | undefined {
    const copies = [...this.#accounts.values()].flatMap(({ rate }) => (rate === undefined ? [] : [rate]));
    return copies.sort((one, other) => one.remaining - other.remaining)[0] ?? this.#rate;
  }

  /** Every account gets a copy of its own. */
  set rate(rate: RateLimit | undefined) {
    this.#rate = rate;
    for (const account of this.#accounts.values()) account.rate = rate && { ...rate };
  }

  /** A request has come in; gives what to call when it is over. */
  enter(name: string): () => void {
    const account = this.#account(name);
    account.active += 1;
    return () => {
      account.active -= 1;
    };
  }

  /** Counts a request, or refuses it. */
  use(name: string, method: string, now: number): Answer | undefined {
    const account = this.#account(name);
    account.counted += 1;
    return refusedByRate(account.rate, now) ?? this.#refusedBySecondary(account, method, now);
  }

  /** The headers that tell how much is left. */
  headers(name: string, now: number): Record<string, string> {
    const account = this.#account(name);
    // Without a limit set nobody runs out: the count starts again long before.
    const used = account.counted % 1000;
    const usual: RateLimit = { limit: USUAL, remaining: USUAL - used, resetAt: now + HOUR };
    const { limit, remaining, resetAt } = account.rate ?? usual;
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-used': String(limit - remaining),
      'x-ratelimit-reset': String(Math.ceil(resetAt / 1000)),
      'x-ratelimit-resource': 'core',
    };
  }

  #account(name: string): Account {
    let account = this.#accounts.get(name);
    if (account === undefined) {
      const windows = { points: new Window(MINUTE), content: new Window(MINUTE), contentOfHour: new Window(HOUR) };
      account = { counted: 0, rate: this.#rate && { ...this.#rate }, ...windows, active: 0 };
      this.#accounts.set(name, account);
    }
    return account;
  }

  #refusedBySecondary(account: Account, method: string, now: number): Answer | undefined {
    const limits = this.secondary;
    if (limits === undefined) return undefined;
    const isRead = method === 'GET' || method === 'HEAD';
    const isContent = !isRead && method !== 'DELETE';
    const cost = isRead ? 1 : 5;
    if (account.active > limits.concurrent) return tooMuch(1, `more than ${limits.concurrent} at once`);
    const { points, content, contentOfHour } = account;
    const waits = [
      points.untilRoom(cost, limits.pointsPerMinute, now),
      isContent ? content.untilRoom(1, limits.contentPerMinute, now) : 0,
      isContent ? contentOfHour.untilRoom(1, limits.contentPerHour, now) : 0,
    ];
    const wait = Math.max(...waits);
    if (wait > 0) return tooMuch(Math.ceil(wait / 1000), `points, content, content an hour: ${waits} ms`);
    points.add(cost, now);
    if (!isContent) return undefined;
    content.add(1, now);
    contentOfHour.add(1, now);
    return undefined;
  }
}

function refusedByRate(rate: RateLimit | undefined, now: number): Answer | undefined {
  if (rate === undefined) return undefined;
  if (now >= rate.resetAt) {
    rate.remaining = rate.limit;
    rate.resetAt = now + HOUR;
  }
  if (rate.remaining > 0) {
    rate.remaining -= 1;
    return undefined;
  }
  return refusal(rate.status ?? 403, 'API rate limit exceeded for user ID 1.');
}

function tooMuch(seconds: number, why: string): Answer {
  const told = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  const answer = refusal(403, told, `secondary rate limit (${why})`);
  answer.headers['retry-after'] = String(seconds);
  return answer;
}
