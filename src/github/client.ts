import type { Clock } from '../clock.ts';
import { type HttpAnswer, type HttpOptions, type Sender, TransportError } from '../http.ts';
import { limiter, retry } from '../retry.ts';
import { duration, type Log, parseJson } from '../text.ts';
import { Budget } from './budget.ts';
import {
  GitHubFailure,
  isAnswerLost,
  isRateLimit,
  isStatus,
  isUnanswered,
  onceMore,
  type Purpose,
  Refused,
  reasonOf,
  tryAgain,
} from './failure.ts';
import { endsWithTheRun, heedsPauses, isHurried, limitsOf, type Manner } from './manner.ts';
import { newName } from './reading.ts';

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
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the base URL, with a leading slash, its segments encoded. */
  path: string;
  /** The statuses that count as success. */
  expect: readonly number[];
  manner: Manner;
  /** Makes the body of each attempt. `last`: why the attempt before failed. */
  body?(last: unknown): Promise<object>;
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
    let last: unknown;
    let refusals = 0;
    try {
      const reply = await retry(() => this.#turn(call, last), {
        maxAttempts: isHurried(call.manner, stop()) ? 1 : maxAttempts,
        clock,
        ...(call.manner === 'keep' ? {} : { signal: stop() }),
        tryAgain: (error) => {
          if (isStatus(error, 422)) refusals++;
          return tryAgain(error, clock) ?? onceMore(error, call, refusals);
        },
        onRetry: (error, waitMs, number) => {
          maybeDone ||= isAnswerLost(error);
          last = error;
          // The failure of another request, which this attempt had to send first, says which one.
          const why = error instanceof GitHubFailure ? error.message : `${reasonOf(error)}.`;
          log.info(
            `Attempt ${number} at GitHub (${call.method} ${call.path}) failed: ${why} Trying again in ${duration(waitMs)}.`,
          );
        },
      });
      return { ...reply, maybeDone };
    } catch (error) {
      const moved = error instanceof Refused ? await this.#limit(() => newName(this, error)) : undefined;
      throw this.#failure(call, error, maybeDone || isAnswerLost(error), moved);
    }
  }

  /**
   * One attempt of a request, in the place of another call that waits for it.
   * @param last why the attempt before failed
   * @throws GitHubFailure
   */
  async once(call: Call, last?: unknown): Promise<Reply> {
    try {
      return { ...(await this.#attempt(call, last)), maybeDone: false };
    } catch (error) {
      throw this.#failure(call, error, isAnswerLost(error));
    }
  }

  /** An attempt when GitHub's last pause is over and a place is free: another pause may begin meanwhile. */
  async #turn(call: Call, last: unknown): Promise<Omit<Reply, 'maybeDone'>> {
    const { clock, stop } = this.#access;
    const quietMs = () => (heedsPauses(call.manner, stop()) ? this.#quietUntil - clock.now() : 0);
    for (;;) {
      if (quietMs() > 0) {
        if (call.manner === 'sweep')
          throw new GitHubFailure(call, 'GitHub asked for a pause', undefined, true);
        await clock.sleep(quietMs(), stop());
      }
      const reply = await this.#limit(async () => (quietMs() > 0 ? undefined : this.#attempt(call, last)));
      if (reply !== undefined) return reply;
    }
  }

  async #attempt(call: Call, last: unknown): Promise<Omit<Reply, 'maybeDone'>> {
    const { apiUrl, clock, http, httpOptions, stop, token } = this.#access;
    const { manner, method } = call;
    const body = call.body === undefined ? undefined : await call.body(last);
    if (endsWithTheRun(manner)) stop().throwIfAborted();
    const sentAt = clock.now();
    // The first attempt to write a record or a refresh token has its room reserved.
    const isReserved = last === undefined && method !== 'GET' && (manner === 'record' || manner === 'keep');
    this.budget.count(method, isReserved);
    const { options, done } = limitsOf(manner, stop(), clock, httpOptions.timeoutMs);
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
          ...options,
          maxBytes: call.maxBytes ?? MAX_ANSWER_BYTES,
          newConnection: isUnanswered(last),
        },
      )
      .finally(done);
    this.#heed(answer, sentAt);
    const json = parseJson(answer.body.toString('utf8'));
    if (call.expect.includes(answer.status)) return { status: answer.status, json };
    const refused = new Refused(answer, json);
    const pauseMs = isRateLimit(refused) ? tryAgain(refused, clock)?.afterMs : undefined;
    if (pauseMs !== undefined) {
      this.#quietUntil = Math.max(this.#quietUntil, clock.now() + pauseMs);
    }
    throw refused;
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

  #failure(call: Call, error: unknown, maybeDone: boolean, moved?: string): unknown {
    if (error instanceof GitHubFailure) {
      error.maybeDone ||= maybeDone;
      return error;
    }
    const stopped = this.#access.stop().aborted;
    const options = { cause: error, maybeDone };
    if (error instanceof Refused) {
      const reason = `${error.message}${moved === undefined ? '' : `, the repository is now \`${moved}\``}`;
      return new GitHubFailure(call, reason, error.answer.status, isRateLimit(error), options);
    }
    if (error instanceof TransportError) {
      return new GitHubFailure(call, error.message, undefined, false, { ...options, stopped });
    }
    if (!stopped) return error;
    return new GitHubFailure(call, 'the run stopped first', undefined, false, { ...options, stopped });
  }
}

/**
 * How far GitHub's clock is ahead. Half of a second is added, because the header leaves the fraction out. What
 * the two seconds of the header's noise and the time that the answer took explain is no difference.
 */
function clockOffset(date: number, sentAt: number, receivedAt: number): number {
  const offset = Math.round(date + 500 - (sentAt + receivedAt) / 2);
  return Math.abs(offset) < CLOCK_NOISE_MS + (receivedAt - sentAt) / 2 ? 0 : offset;
}
