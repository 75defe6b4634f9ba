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

interface Spent {
  at: number;
  points: number;
  isContent: boolean;
}

/** What one account has used. */
interface Account {
  counted: number;
  rate: RateLimit | undefined;
  /** Of the last hour, oldest first. */
  spent: Spent[];
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
      account = { counted: 0, rate: this.#rate && { ...this.#rate }, spent: [], active: 0 };
      this.#accounts.set(name, account);
    }
    return account;
  }

  #refusedBySecondary(account: Account, method: string, now: number): Answer | undefined {
    const limits = this.secondary;
    if (limits === undefined) return undefined;
    const isRead = method === 'GET' || method === 'HEAD';
    const isContent = !isRead && method !== 'DELETE';
    const asked: Spent = { at: now, points: isRead ? 1 : 5, isContent };
    if (account.active > limits.concurrent) return tooMuch(1, `more than ${limits.concurrent} at once`);
    account.spent = account.spent.filter(({ at }) => at > now - HOUR);
    const waits = [
      untilRoom(account.spent, MINUTE, limits.pointsPerMinute, asked.points, now, ({ points }) => points),
      isContent ? untilRoom(account.spent, MINUTE, limits.contentPerMinute, 1, now, contentOf) : 0,
      isContent ? untilRoom(account.spent, HOUR, limits.contentPerHour, 1, now, contentOf) : 0,
    ];
    const wait = Math.max(...waits);
    if (wait > 0) return tooMuch(Math.ceil(wait / 1000), `points, content, content an hour: ${waits} ms`);
    account.spent.push(asked);
    return undefined;
  }
}

function contentOf({ isContent }: Spent): number {
  return isContent ? 1 : 0;
}

/** How long it takes until the window, which slides, has room for `asked`; 0 when it has. */
function untilRoom(
  spent: readonly Spent[],
  window: number,
  most: number,
  asked: number,
  now: number,
  costOf: (one: Spent) => number,
): number {
  const inside = spent.filter(({ at }) => at > now - window);
  let total = asked + inside.reduce((sum, one) => sum + costOf(one), 0);
  let wait = 0;
  for (const one of inside) {
    if (total <= most) break;
    total -= costOf(one);
    wait = one.at + window - now;
  }
  return wait;
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
