import type { Clock } from '../clock.ts';
import type { HttpAnswer, HttpOptions, Sender } from '../http.ts';
import { limiter, retry, type TryAgain } from '../retry.ts';
import { duration, field, type Log, parseJson } from '../text.ts';
import { Budget } from './budget.ts';
import { GitHubFailure, type Purpose, refused, unanswered } from './failure.ts';
import { isRepository } from './grammar.ts';
import { limitsOf, MANNERS, type Manner } from './manner.ts';

export interface GitHubAccess {
  http: Sender;
  httpOptions: Pick<HttpOptions, 'timeoutMs' | 'onDone'>;
  clock: Clock;
  log: Log;
  maxAttempts: number;
  /** Base URL of the REST API, without a slash at its end; may have a path (GitHub Enterprise Server). */
  apiUrl: string;
  token: string;
  /** The stop signal of the run, asked for at each use. */
  stop(): AbortSignal;
}

export interface Call extends Purpose {
  /** Below the base URL, with a leading slash, its segments encoded. */
  path: string;
  /** The statuses that count as success. */
  expect: readonly number[];
  manner: Manner;
  /** Makes the body of each attempt, and may call GitHub for it. `last`: why the attempt before failed. */
  body?(last: GitHubFailure | undefined): Promise<object>;
  /** Most bytes of the answer. Default 1 MiB. */
  maxBytes?: number;
}

export interface Reply {
  status: number;
  /** The parsed body; `undefined` when it is not JSON. */
  json: unknown;
  /** Whether an earlier attempt, whose answer was lost, may have done it already. */
  maybeDone: boolean;
}

const MOST_IN_FLIGHT = 10;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** The Date header counts whole seconds, so a smaller difference means nothing. */
const CLOCK_NOISE_MS = 2_000;

/** GitHub's REST API, as far as this action uses it. */
export class GitHub {
  readonly budget: Budget;
  readonly #access: GitHubAccess;
  readonly #limit = limiter(MOST_IN_FLIGHT);
  #offsetMs = 0;
  #lastDate: number | undefined;
  /** A rate limit belongs to the token, not to a request: until then nothing else is sent either. */
  #quietUntil = 0;
  #tokenExpiry = '';

  constructor(access: GitHubAccess) {
    this.#access = access;
    this.budget = new Budget(access.clock);
  }

  /** The time on GitHub's clock, milliseconds since 1970; this machine's before the first answer. */
  now(): number {
    return this.#access.clock.now() + this.#offsetMs;
  }

  /** GitHub's clock at the last answer, milliseconds since 1970, whole seconds. */
  get lastDate(): number {
    return this.#lastDate ?? Math.floor(this.now() / 1000) * 1000;
  }

  /** How far GitHub's clock is ahead of this machine's, milliseconds. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** When the token expires (ms since 1970); `undefined` where GitHub has not said. */
  get tokenExpiresAt(): number | undefined {
    const time = Date.parse(this.#tokenExpiry);
    return Number.isNaN(time) ? undefined : time;
  }

  /** Sends a request, again where that may help. @throws GitHubFailure */
  async call(call: Call): Promise<Reply> {
    const { clock, log, maxAttempts, stop } = this.#access;
    let maybeDone = false;
    let last: GitHubFailure | undefined;
    try {
      const reply = await retry(() => this.#attempt(call, last), {
        maxAttempts: call.manner === 'sweep' ? 1 : maxAttempts,
        clock,
        ...(call.manner === 'keep' ? {} : { signal: stop() }),
        tryAgain: (error) => (error instanceof GitHubFailure ? tryAgain(call, error, last) : undefined),
        onRetry: (error, waitMs, number) => {
          if (!(error instanceof GitHubFailure)) return;
          maybeDone ||= error.maybeDone;
          last = error;
          log.info(
            `Attempt ${number} at GitHub (${call.method} ${call.path}) failed: ${error.reason}. Trying again in ${duration(waitMs)}.`,
          );
        },
      });
      return { ...reply, maybeDone };
    } catch (error) {
      throw await this.#final(call, error, maybeDone);
    }
  }

  async #attempt(call: Call, last: GitHubFailure | undefined): Promise<Omit<Reply, 'maybeDone'>> {
    // It may be made with another call, which needs a place of its own.
    const body = await call.body?.(last);
    return this.#limit(async () => {
      await this.#waitOut(call);
      return this.#send(call, body, last);
    });
  }

  /** Waits until a pause that GitHub asked for is over; another may begin meanwhile. */
  async #waitOut(call: Call): Promise<void> {
    const { clock, stop } = this.#access;
    for (;;) {
      const ms = this.#quietUntil - clock.now();
      if (ms <= 0 || call.manner === 'keep' || (call.manner === 'tidy' && stop().aborted)) return;
      if (call.manner === 'sweep') throw new GitHubFailure(call, 'GitHub asked for a pause');
      await clock.sleep(ms, stop());
    }
  }

  async #send(call: Call, body: object | undefined, last: GitHubFailure | undefined) {
    const { apiUrl, clock, http, httpOptions, stop, token } = this.#access;
    const { manner, method } = call;
    if (!MANNERS[manner].beginsLate) stop().throwIfAborted();
    const sentAt = clock.now();
    // The first attempt to write a record or a refresh token has its room reserved.
    const isReserved = last === undefined && method !== 'GET' && (manner === 'record' || manner === 'keep');
    this.budget.count(method, isReserved);
    const over = new AbortController();
    const answer = await http
      .send(
        {
          method,
          url: new URL(apiUrl + call.path),
          headers: {
            Accept: 'application/vnd.github+json',
            Authorization: `Bearer ${token}`,
            'User-Agent': 'cobo-refresh-action',
            'X-GitHub-Api-Version': '2022-11-28',
            ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        {
          ...httpOptions,
          ...limitsOf(manner, stop(), over.signal, clock, httpOptions.timeoutMs),
          maxBytes: call.maxBytes ?? MAX_ANSWER_BYTES,
          newConnection: last !== undefined && last.status === undefined,
        },
      )
      .catch((error: unknown) => {
        throw unanswered(call, error);
      })
      .finally(() => over.abort());
    this.#heed(answer, sentAt);
    const json = parseJson(answer.body.toString('utf8'));
    if (call.expect.includes(answer.status)) return { status: answer.status, json };
    const failure = refused(call, answer, json, clock.now());
    const pauseMs = failure.isLimit ? (failure.again?.afterMs ?? 0) : 0;
    this.#quietUntil = Math.max(this.#quietUntil, clock.now() + pauseMs);
    throw failure;
  }

  /** What every answer tells: the time, the token's expiry, and what is left of the rate limit. */
  #heed({ headers }: HttpAnswer, sentAt: number): void {
    const date = Date.parse(headers.date ?? '');
    if (!Number.isNaN(date)) {
      this.#lastDate = date;
      this.#offsetMs = clockOffset(date, sentAt, this.#access.clock.now());
    }
    this.#tokenExpiry = headers['github-authentication-token-expiration'] ?? this.#tokenExpiry;
    this.budget.heed(headers);
  }

  /** The error of a call that failed for good. */
  async #final(call: Call, error: unknown, maybeDone: boolean): Promise<unknown> {
    const stopped = this.#access.stop().aborted;
    if (!(error instanceof GitHubFailure)) {
      if (!stopped) return error;
      return new GitHubFailure(call, 'the run stopped first', { cause: error, maybeDone, stopped });
    }
    error.maybeDone ||= maybeDone;
    error.stopped = stopped && error.status === undefined;
    if (error.movedTo === undefined || call.manner === 'sweep') return error;
    const name = await newName(this, error.movedTo);
    if (name === undefined) return error;
    return new GitHubFailure(call, `${error.reason}, the repository is now \`${name}\``, error);
  }
}

/** Whether and when an attempt may follow one that failed. */
function tryAgain(call: Call, failure: GitHubFailure, last: GitHubFailure | undefined): TryAgain | undefined {
  if (failure.again !== undefined) return failure.again;
  // The encryption key may have been rotated: it is read anew. A second refusal in a row means something else.
  if (failure.status === 422 && call.method === 'PUT' && last?.status !== 422) return { afterMs: 0 };
  // GitHub refuses now and then what it takes a moment later.
  return call.manner === 'keep' ? {} : undefined;
}

/**
 * How far GitHub's clock is ahead. Half of a second is added, because the header leaves the fraction out. What
 * the two seconds of the header's noise and the time that the answer took explain is no difference.
 */
function clockOffset(date: number, sentAt: number, receivedAt: number): number {
  const offset = Math.round(date + 500 - (sentAt + receivedAt) / 2);
  return Math.abs(offset) < CLOCK_NOISE_MS + (receivedAt - sentAt) / 2 ? 0 : offset;
}

/** The name, `owner/name`, of the repository at `path`; `undefined` when the token may not see it. */
async function newName(github: GitHub, path: string): Promise<string | undefined> {
  const doing = 'Reading the new name of a repository';
  const call: Call = { method: 'GET', path, expect: [200], doing, permission: '"Metadata: read"', manner: 'sweep' };
  // The failure that led here says enough.
  const reply = await github.call(call).catch(() => undefined);
  const name = field(reply?.json, 'full_name');
  return typeof name === 'string' && isRepository(name) ? name : undefined;
}
