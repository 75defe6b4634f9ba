import { type HttpAnswer, type HttpOptions, TransportError } from '../http.ts';
import { limiter, type Network, retry } from '../retry.ts';
import { duration, field, parseJson } from '../text.ts';
import { Budget } from './budget.ts';
import { GitHubFailure, type Purpose, refused } from './failure.ts';
import { isRepository } from './grammar.ts';

export interface GitHubAccess extends Network {
  /** Base URL of the REST API, without a slash at its end; may have a path (GitHub Enterprise Server). */
  apiUrl: string;
  token: string;
  /** The stop signal of the run, asked for at each use. */
  stop(): AbortSignal;
}

/** Told before each attempt, with why the one before failed. */
export type OnAttempt = (last: GitHubFailure | undefined) => unknown;

export interface Call extends Purpose {
  /** Below the base URL, with a leading slash, its segments encoded. */
  path: string;
  /** The statuses that count as success. */
  expect: readonly number[];
  manner: Manner;
  /** Makes the body of each attempt, and may call GitHub for it. `last`: why the attempt before failed. */
  body?(last: GitHubFailure | undefined): Promise<object>;
}

export interface Reply {
  status: number;
  /** The parsed body; `undefined` when it is not JSON. */
  json: unknown;
  /** Whether an earlier attempt, whose answer was lost, may have done it already. */
  maybeDone: boolean;
}

/** How much a call matters. */
export type Manner = keyof typeof MANNERS;

/**
 * What follows from it: whether an attempt may begin after the run has stopped, what becomes of one that is under
 * way then (it has three seconds left where it `lingers`), and of one that comes into a pause that GitHub asked for.
 */
const MANNERS = {
  read: { beginsLate: false, underWay: 'ends', inPause: 'waits' },
  /** Cut off at once, it could still be done, after the record was deleted. */
  record: { beginsLate: false, underWay: 'lingers', inPause: 'waits' },
  /** What a post step has to know before it can store a refresh token. */
  need: { beginsLate: true, underWay: 'goes on', inPause: 'goes on' },
  /** Stores a refresh token. Nothing ends its waits either, and every refusal is tried again. */
  keep: { beginsLate: true, underWay: 'goes on', inPause: 'goes on' },
  /** Stores what comes with it. */
  extra: { beginsLate: true, underWay: 'goes on', inPause: 'waits' },
  /** Deletes a record of this run, or reads what that takes in a post step. */
  tidy: { beginsLate: true, underWay: 'lingers', inPause: 'waits unless stopped' },
  /** What a run can do without: one attempt of three seconds. */
  sweep: { beginsLate: false, underWay: 'ends', inPause: 'fails' },
} as const;

/** What a cancelled run still has time for, before the runner sends SIGTERM. */
const LINGER_MS = 3_000;
const MOST_IN_FLIGHT = 10;
/** A hundred repositories of a real organization can be more than a megabyte. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** The Date header counts whole seconds, so a smaller difference means nothing. */
const CLOCK_NOISE_MS = 2_000;

/** GitHub's REST API, as far as this action uses it. */
export class GitHub {
  readonly budget: Budget;
  /** How far GitHub's clock is ahead of this machine's, milliseconds. */
  offsetMs = 0;
  /** When the token expires (ms since 1970); `undefined` where GitHub has not said. */
  tokenExpiresAt: number | undefined;
  readonly #limit = limiter(MOST_IN_FLIGHT);
  #lastDate: number | undefined;
  /** A rate limit belongs to the token, not to a request: until then nothing else is sent either. */
  #quietUntil = 0;

  constructor(private readonly access: GitHubAccess) {
    this.budget = new Budget(access.clock);
  }

  /** The time on GitHub's clock, milliseconds since 1970; this machine's before the first answer. */
  now(): number {
    return this.access.clock.now() + this.offsetMs;
  }

  /** GitHub's clock at the last answer, milliseconds since 1970, whole seconds. */
  get lastDate(): number {
    return this.#lastDate ?? Math.floor(this.now() / 1000) * 1000;
  }

  /** Sends a request, again where that may help. @throws GitHubFailure */
  async call(call: Call): Promise<Reply> {
    const { clock, log, maxAttempts, stop } = this.access;
    const what = `at GitHub (${call.method} ${call.path})`;
    let last: GitHubFailure | undefined;
    let maybeDone = false;
    try {
      const reply = await retry(() => this.#attempt(call, last), {
        maxAttempts: call.manner === 'sweep' ? 1 : maxAttempts,
        clock,
        signal: MANNERS[call.manner].inPause === 'goes on' ? undefined : stop(),
        tryAgain(error) {
          if (!(error instanceof GitHubFailure)) return undefined;
          const isRefusedAnew = error.status === 422 && last?.status !== 422;
          maybeDone ||= error.maybeDone;
          last = error;
          if (error.again !== undefined) return error.again;
          // The encryption key may have been rotated: it is read anew. Two refusals in a row mean something else.
          if (isRefusedAnew && call.method === 'PUT') return { afterMs: 0 };
          // GitHub refuses now and then what it takes a moment later.
          return call.manner === 'keep' ? {} : undefined;
        },
        onRetry(waitMs, number) {
          log.info(`Attempt ${number} ${what} failed: ${last?.reason}. Trying again in ${duration(waitMs)}.`);
        },
      });
      return { ...reply, maybeDone };
    } catch (error) {
      const stopped = stop().aborted;
      if (!(error instanceof GitHubFailure || stopped)) throw error;
      const failure = error instanceof GitHubFailure ? error : new GitHubFailure(call, 'the run stopped first');
      failure.maybeDone ||= maybeDone;
      failure.stopped = stopped && failure.status === undefined;
      const { movedTo, reason, status } = failure;
      const name = movedTo === undefined || call.manner === 'sweep' ? undefined : await newName(this, movedTo);
      if (name === undefined) throw failure;
      throw new GitHubFailure(call, `${reason}, the repository is now \`${name}\``, { status, maybeDone });
    }
  }

  async #attempt(call: Call, last: GitHubFailure | undefined) {
    // It may be made with another call, which needs a place of its own.
    const body = await call.body?.(last);
    return this.#limit(async () => {
      await this.#mayBegin(call);
      return this.#send(call, body, last);
    });
  }

  /** Waits until a pause that GitHub asked for is over; another may begin meanwhile. */
  async #mayBegin(call: Call): Promise<void> {
    const { clock, stop } = this.access;
    const { beginsLate, inPause } = MANNERS[call.manner];
    while (inPause !== 'goes on' && this.#quietUntil > clock.now()) {
      if (inPause === 'fails') throw new GitHubFailure(call, 'GitHub asked for a pause');
      if (inPause === 'waits unless stopped' && stop().aborted) return;
      const pause = clock.sleep(this.#quietUntil - clock.now(), stop());
      await (inPause === 'waits unless stopped' ? pause.catch(() => undefined) : pause);
    }
    if (!beginsLate) stop().throwIfAborted();
  }

  async #send(call: Call, body: object | undefined, last: GitHubFailure | undefined) {
    const { apiUrl, clock, http, httpOptions, token } = this.access;
    const { manner, method } = call;
    const headers = {
      Accept: 'application/vnd.github+json',
      Authorization: `Bearer ${token}`,
      'User-Agent': 'cobo-refresh-action',
      'X-GitHub-Api-Version': '2022-11-28',
      ...(body && { 'Content-Type': 'application/json' }),
    };
    const request = { method, url: new URL(apiUrl + call.path), headers, ...(body && { body: JSON.stringify(body) }) };
    const over = new AbortController();
    const options = {
      ...httpOptions,
      ...this.#limits(manner, over.signal),
      maxBytes: MAX_ANSWER_BYTES,
      newConnection: last !== undefined && last.status === undefined,
    };
    const sentAt = clock.now();
    // The first attempt to write a record or a refresh token has its room reserved.
    this.budget.count(method, last === undefined && (manner === 'record' || manner === 'keep'));
    const sending = http.send(request, options).catch((cause: unknown) => {
      if (!(cause instanceof TransportError)) throw cause;
      throw new GitHubFailure(call, cause.message, { cause, again: {}, maybeDone: method !== 'GET' && cause.sent });
    });
    const answer = await sending.finally(() => over.abort());
    this.#heed(answer, sentAt);
    const { status } = answer;
    const json = parseJson(answer.body.toString('utf8'));
    if (call.expect.includes(status)) return { status, json };
    const failure = refused(call, answer, json, clock.now());
    // Below 500, a failure that may be tried again is a rate limit.
    const pauseMs = status < 500 ? (failure.again?.afterMs ?? 0) : 0;
    this.#quietUntil = Math.max(this.#quietUntil, clock.now() + pauseMs);
    throw failure;
  }

  /** What may end an attempt that begins now. @param over aborts when the attempt has ended */
  #limits(manner: Manner, over: AbortSignal): Pick<HttpOptions, 'signal' | 'timeoutMs'> {
    const { clock, stop } = this.access;
    const { timeoutMs } = this.access.httpOptions;
    const { underWay } = MANNERS[manner];
    const shortMs = Math.min(LINGER_MS, timeoutMs);
    const signal = stop();
    if (underWay === 'goes on') return { timeoutMs };
    if (underWay === 'ends') return { timeoutMs: manner === 'sweep' ? shortMs : timeoutMs, signal };
    if (signal.aborted) return { timeoutMs: shortMs };
    const late = new AbortController();
    const end = () => late.abort();
    const linger = () => void clock.sleep(LINGER_MS, over).then(end, () => undefined);
    signal.addEventListener('abort', linger, { signal: over });
    return { timeoutMs, signal: late.signal };
  }

  /** What every answer tells: the time, the token's expiry, and what is left of the rate limit. */
  #heed({ headers }: HttpAnswer, sentAt: number): void {
    const receivedAt = this.access.clock.now();
    const date = Date.parse(headers.date ?? '');
    if (!Number.isNaN(date)) {
      this.#lastDate = date;
      // Half of a second is added, because the header leaves the fraction out.
      const offset = Math.round(date + 500 - (sentAt + receivedAt) / 2);
      const noise = CLOCK_NOISE_MS + Math.abs(receivedAt - sentAt) / 2;
      // A slow answer that fits what is known tells nothing new.
      if (Math.abs(offset - this.offsetMs) >= noise) this.offsetMs = offset;
    }
    const expiresAt = Date.parse(headers['github-authentication-token-expiration'] ?? '');
    if (!Number.isNaN(expiresAt)) this.tokenExpiresAt = expiresAt;
    this.budget.heed(headers);
  }
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
