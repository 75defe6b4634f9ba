import type { Clock } from '../clock.ts';
import { type HttpOptions, type Sender, TransportError } from '../http.ts';
import { limiter, retry } from '../retry.ts';
import { duration, field, type Log, parseJson, remoteText } from '../text.ts';
import { Budget } from './budget.ts';
import {
  GitHubFailure,
  isAnswerLost,
  isRateLimit,
  isStatus,
  onceMore,
  type Purpose,
  Refused,
  reasonOf,
  tryAgain,
} from './failure.ts';

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

/**
 * How much a call matters.
 *
 * - `read`: ends when the run stops.
 * - `record`: a request under way gets some seconds when the run is cancelled. Cut off, it could still be
 *   done, after the record was deleted.
 * - `keep`: stores a refresh token. Nothing stops it, no pause for another request holds it back, and every
 *   refusal is tried again.
 * - `extra`: stores what comes with it. A request under way is not stopped, but waits are.
 * - `tidy`: deletes a record of this run. When the run was cancelled it has one attempt of some seconds.
 * - `sweep`: deletes what an older run has left. It has one attempt of some seconds, and waits for nothing.
 */
export type Manner = 'read' | 'record' | 'keep' | 'extra' | 'tidy' | 'sweep';

export interface Call extends Purpose {
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the base URL, with a leading slash, its segments encoded. */
  path: string;
  /** The statuses that count as success. */
  expect: readonly number[];
  manner: Manner;
  /** Makes the body of each attempt. `refused`: the attempt before was answered 422. */
  body?(refused: boolean): Promise<object>;
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
/** GitHub counts its limits by the hour, so no honest wait is longer. */
const LONGEST_WAIT_MS = 3_600_000;
/** What a cancelled run still has time for, before the runner sends SIGTERM. */
export const LINGER_MS = 3_000;
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
    const time = Date.parse(this.#tokenExpiry.replace(/^(\S+) (\S+) UTC$/, '$1T$2Z'));
    return Number.isNaN(time) ? undefined : time;
  }

  /** Sends a request, again where that may help. @throws GitHubFailure */
  async call(call: Call): Promise<Reply> {
    const { clock, log, maxAttempts } = this.#access;
    let maybeDone = false;
    let last: unknown;
    let refusals = 0;
    try {
      const reply = await retry(() => this.#turn(call, last), {
        maxAttempts: this.#isHurried(call) ? 1 : maxAttempts,
        clock,
        ...(call.manner === 'keep' ? {} : { signal: this.#access.stop() }),
        tryAgain: (error) => {
          if (isStatus(error, 422)) refusals++;
          return tryAgain(error, clock) ?? onceMore(error, call, refusals);
        },
        maxWaitMs: LONGEST_WAIT_MS,
        longerWait: 'clip',
        onRetry: (error, waitMs, number) => {
          maybeDone ||= isAnswerLost(error);
          last = error;
          log.info(
            `Attempt ${number} at GitHub (${call.method} ${call.path}) failed: ${reasonOf(error)}. Trying again in ${duration(waitMs)}.`,
          );
        },
      });
      return { ...reply, maybeDone };
    } catch (error) {
      throw await this.#failure(call, error);
    }
  }

  /** One attempt of a request, within an attempt of another. @throws GitHubFailure */
  async once(call: Call): Promise<Reply> {
    try {
      return { ...(await this.#attempt(call, undefined)), maybeDone: false };
    } catch (error) {
      throw await this.#failure(call, error);
    }
  }

  #isHurried({ manner }: Call): boolean {
    return manner === 'sweep' || (manner === 'tidy' && this.#access.stop().reason === 'cancelled');
  }

  async #turn(call: Call, last: unknown): Promise<Omit<Reply, 'maybeDone'>> {
    const { clock, stop } = this.#access;
    const quietMs = this.#quietUntil - clock.now();
    if (quietMs > 0 && call.manner !== 'keep' && !this.#isHurried(call)) await clock.sleep(quietMs, stop());
    return this.#limit(() => {
      if (['read', 'record', 'sweep'].includes(call.manner)) stop().throwIfAborted();
      return this.#attempt(call, last);
    });
  }

  async #attempt(call: Call, last: unknown): Promise<Omit<Reply, 'maybeDone'>> {
    const { apiUrl, clock, http, httpOptions, token } = this.#access;
    const body = call.body === undefined ? undefined : await call.body(isStatus(last, 422));
    const sentAt = clock.now();
    // Records and refresh tokens have reserved their room before.
    if (last !== undefined || (call.manner !== 'record' && call.manner !== 'keep')) {
      this.budget.count(call.method);
    }
    const { options, done } = this.#limits(call);
    const answer = await http
      .send(
        {
          method: call.method,
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
          newConnection: last instanceof TransportError,
        },
      )
      .finally(done);
    const date = Date.parse(answer.headers.date ?? '');
    if (!Number.isNaN(date)) {
      this.#lastDate = date;
      this.#offsetMs = clockOffset(date, sentAt, clock.now());
    }
    this.#tokenExpiry = answer.headers['github-authentication-token-expiration'] ?? this.#tokenExpiry;
    this.budget.heed(answer.headers);
    const json = parseJson(answer.body.toString('utf8'));
    if (call.expect.includes(answer.status)) return { status: answer.status, json };
    const refused = new Refused(answer, json);
    const pauseMs = isRateLimit(refused) ? tryAgain(refused, clock)?.afterMs : undefined;
    if (pauseMs !== undefined) {
      this.#quietUntil = Math.max(this.#quietUntil, clock.now() + Math.min(pauseMs, LONGEST_WAIT_MS));
    }
    throw refused;
  }

  /** What may end this attempt, and what to call when it is over. */
  #limits(call: Call): {
    options: Partial<Pick<HttpOptions, 'signal' | 'timeoutMs'>>;
    done: () => void;
  } {
    const { manner } = call;
    const { clock, httpOptions } = this.#access;
    const stop = this.#access.stop();
    const done = () => undefined;
    if (manner === 'keep' || manner === 'extra') return { options: {}, done };
    if (this.#isHurried(call)) {
      const timeoutMs = Math.min(LINGER_MS, httpOptions.timeoutMs);
      return { options: { timeoutMs, ...(manner === 'sweep' ? { signal: stop } : {}) }, done };
    }
    if (manner !== 'record') return { options: { signal: stop }, done };
    const late = new AbortController();
    const linger = () => void clock.sleep(LINGER_MS).then(() => late.abort());
    stop.addEventListener('abort', linger, { once: true });
    return { options: { signal: late.signal }, done: () => stop.removeEventListener('abort', linger) };
  }

  async #failure(call: Call, error: unknown): Promise<unknown> {
    if (error instanceof GitHubFailure) return error;
    const cause = { cause: error };
    if (error instanceof Refused) {
      const moved = await this.#newName(error);
      const reason = `${error.message}${moved === undefined ? '' : `, the repository is now \`${moved}\``}`;
      return new GitHubFailure(call, reason, error.answer.status, isRateLimit(error), cause);
    }
    const stopped = this.#access.stop().aborted;
    if (error instanceof TransportError) {
      return new GitHubFailure(call, error.message, undefined, false, { ...cause, stopped });
    }
    if (!stopped) return error;
    return new GitHubFailure(call, 'the run stopped first', undefined, false, { ...cause, stopped });
  }

  /** `owner/name` of a repository that GitHub redirects to by number, where the token may see it. */
  async #newName({ answer, json }: Refused): Promise<string | undefined> {
    const target = `${answer.headers.location ?? ''} ${remoteText(field(json, 'url'))}`;
    const id = /\/repositories\/(\d{1,15})\b/.exec(target)?.[1];
    if (answer.status < 300 || answer.status > 399 || id === undefined) return undefined;
    try {
      const path = `/repositories/${id}`;
      const found = await this.#attempt(
        { method: 'GET', path, expect: [200], manner: 'read', doing: '', permission: '' },
        undefined,
      );
      return remoteText(field(found.json, 'full_name')) || undefined;
    } catch {
      // The old error says enough.
      return undefined;
    }
  }
}

/** Half of a second is added, because the header leaves the fraction out. */
function clockOffset(date: number, sentAt: number, receivedAt: number): number {
  const offset = Math.round(date + 500 - (sentAt + receivedAt) / 2);
  return Math.abs(offset) < CLOCK_NOISE_MS ? 0 : offset;
}
