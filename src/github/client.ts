import type { Clock } from '../clock.ts';
import { type HttpAnswer, type HttpOptions, type Sender, TransportError } from '../http.ts';
import type { Log } from '../log.ts';
import { retry, retryAfterMs, serverNow, type TryAgain } from '../retry.ts';
import { duration, field, parseJson, remoteText } from '../text.ts';
import { GitHubFailure } from './failure.ts';
import { limiter } from './limit.ts';

export interface GitHubAccess {
  http: Sender;
  httpOptions: Omit<HttpOptions, 'maxBytes' | 'signal'>;
  clock: Clock;
  log: Log;
  maxAttempts: number;
  /** Base URL of the REST API, without a slash at its end; may have a path (GitHub Enterprise Server). */
  apiUrl: string;
  token: string;
  /** Ends requests and waits early; requests that linger within seconds. */
  signal: AbortSignal;
  /** Ends waits alone: what would be tried again later has failed. */
  impatience: AbortSignal;
}

export interface CallOptions {
  body?: unknown;
  /** Limits that differ from the usual ones: for clearing up in a run that was cancelled. */
  hurried?: boolean;
  /**
   * Tries again after any refusal but 422, which has a cure of its own: for what must not be given up, and
   * because GitHub refuses now and then what it takes a moment later.
   */
  stubborn?: boolean;
  /**
   * Gives a request that is under way some seconds when the run is cancelled: for what has to be undone then.
   * Cut off, it might still be done, after it was undone.
   */
  lingering?: boolean;
}

/** GitHub's REST API, reduced to what this action asks of it. */
export interface GitHub {
  /**
   * Sends a request, again where that may help, and gives the parsed JSON of a 2XX answer.
   * @param path below the base URL, with a leading slash, its segments encoded
   * @throws GitHubFailure
   */
  call(method: string, path: string, options?: CallOptions): Promise<unknown>;
  /** How far GitHub's clock is ahead of this machine's, in milliseconds; 0 before the first answer. */
  clockOffsetMs(): number;
}

const MOST_IN_FLIGHT = 10;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** GitHub's limits are counted by the hour, so no honest wait is longer. */
const LONGEST_WAIT_MS = 3_600_000;
/** GitHub's advice for a secondary limit that names no time. */
const SECONDARY_LIMIT_WAIT_MS = 60_000;
const HURRIED = { timeoutMs: 3_000, maxAttempts: 1 };
/** The Date header counts whole seconds, so a smaller difference means nothing. */
const CLOCK_NOISE_MS = 2_000;

export function gitHub(access: GitHubAccess): GitHub {
  const limit = limiter(MOST_IN_FLIGHT);
  // Made when somebody waits, which is seldom: `AbortSignal.any` takes time that the first request would wait for.
  let waits: AbortSignal | undefined;
  const waitSignal = () => {
    waits ??= AbortSignal.any([access.signal, access.impatience]);
    return waits;
  };
  /** For requests that linger: aborts some seconds after the run was cancelled. */
  let late: AbortSignal | undefined;
  const lateSignal = () => {
    late ??= delayed(access.signal, access.clock);
    return late;
  };
  let offsetMs = 0;
  /** A rate limit is one of the token, not of a request: until then nothing else is sent either. */
  let quietUntil = 0;

  async function turn(method: string, path: string, options: CallOptions): Promise<unknown> {
    const quietMs = quietUntil - access.clock.now();
    if (quietMs > 0 && !options.hurried) await quiet(quietMs);
    return attempt(method, path, options);
  }

  async function quiet(ms: number): Promise<void> {
    try {
      await access.clock.sleep(ms, waitSignal());
    } catch (error) {
      throw new GitHubFailure('GitHub asked for a pause, which was cut short', undefined, { cause: error });
    }
  }

  async function attempt(method: string, path: string, options: CallOptions): Promise<unknown> {
    const { body, hurried, lingering } = options;
    // What has not begun when the run is cancelled never begins.
    const signal = lingering && !access.signal.aborted ? lateSignal() : access.signal;
    const sentAt = access.clock.now();
    const answer = await access.http.send(
      {
        method,
        url: new URL(access.apiUrl + path),
        headers: {
          Accept: 'application/vnd.github+json',
          Authorization: `Bearer ${access.token}`,
          'User-Agent': 'cobo-refresh-action',
          'X-GitHub-Api-Version': '2022-11-28',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      {
        ...access.httpOptions,
        maxBytes: MAX_ANSWER_BYTES,
        ...(hurried ? { timeoutMs: HURRIED.timeoutMs } : { signal }),
      },
    );
    offsetMs = clockOffset(answer, sentAt, access.clock.now()) ?? offsetMs;
    const json = parseJson(answer.body.toString('utf8'));
    if (answer.status >= 200 && answer.status < 300) return json;
    const failure = new StatusFailure(answer, json);
    const pauseMs = isRefusedForNow(answer) ? tryAgain(failure, access.clock)?.afterMs : undefined;
    if (pauseMs !== undefined) {
      quietUntil = Math.max(quietUntil, access.clock.now() + Math.min(pauseMs, LONGEST_WAIT_MS));
    }
    throw failure;
  }

  return {
    clockOffsetMs: () => offsetMs,
    async call(method, path, options = {}) {
      let maybeDone = false;
      try {
        return await retry(() => limit(() => turn(method, path, options)), {
          maxAttempts: options.hurried ? HURRIED.maxAttempts : access.maxAttempts,
          clock: access.clock,
          get signal() {
            return waitSignal();
          },
          tryAgain: (error) =>
            tryAgain(error, access.clock) ?? (options.stubborn ? tryStubbornly(error) : undefined),
          maxWaitMs: LONGEST_WAIT_MS,
          longerWait: 'clip',
          onRetry: (error, waitMs, number) => {
            maybeDone ||= isAnswerLost(error);
            const reason = error instanceof Error ? error.message : '';
            access.log.info(
              `Attempt ${number} at GitHub (${method} ${path}) failed: ${reason}. Trying again in ${duration(waitMs)}.`,
            );
          },
        });
      } catch (error) {
        if (error instanceof StatusFailure)
          throw new GitHubFailure(error.message, plainStatus(error, access.clock), { maybeDone });
        if (error instanceof TransportError)
          throw new GitHubFailure(error.message, undefined, { cause: error, maybeDone });
        throw error;
      }
    },
  };
}

/** Aborts as long after `signal` as a request in a hurry may take. */
function delayed(signal: AbortSignal, clock: Clock): AbortSignal {
  const controller = new AbortController();
  signal.addEventListener('abort', () => clock.sleep(HURRIED.timeoutMs).then(() => controller.abort()), {
    once: true,
  });
  return controller.signal;
}

/** An answer with any status but 2XX. */
class StatusFailure extends Error {
  readonly answer: HttpAnswer;

  constructor(answer: HttpAnswer, json: unknown) {
    const message = remoteText(field(json, 'message')).replace(/[.\s]+$/, '');
    super(`GitHub answered HTTP ${answer.status}${message ? `, "${message}"` : ''}`);
    this.answer = answer;
  }
}

function isRefusedForNow({ status }: HttpAnswer): boolean {
  return status === 403 || status === 429;
}

/** Whether GitHub may have done what was asked although the attempt failed. */
function isAnswerLost(error: unknown): boolean {
  return error instanceof TransportError
    ? error.sent
    : error instanceof StatusFailure && error.answer.status >= 500;
}

/** GitHub tells some rate limits by 403: nobody must take them for a missing permission. */
function plainStatus(failure: StatusFailure, clock: Clock): number {
  const { status } = failure.answer;
  return status === 403 && tryAgain(failure, clock) !== undefined ? 429 : status;
}

function tryAgain(error: unknown, clock: Clock): TryAgain | undefined {
  if (error instanceof TransportError) return {};
  if (!(error instanceof StatusFailure)) return undefined;
  const { status, headers } = error.answer;
  const asked = waitAsked(headers, clock);
  if (status === 403 && asked === undefined) {
    return /secondary rate limit/i.test(error.message) ? { afterMs: SECONDARY_LIMIT_WAIT_MS } : undefined;
  }
  if (status !== 403 && status !== 429 && status < 500) return undefined;
  return asked === undefined ? {} : { afterMs: asked };
}

function tryStubbornly(error: unknown): TryAgain | undefined {
  return error instanceof StatusFailure && error.answer.status !== 422 ? {} : undefined;
}

function waitAsked(headers: HttpAnswer['headers'], clock: Clock): number | undefined {
  const retryAfter = retryAfterMs(headers, clock.now());
  if (retryAfter !== undefined) return retryAfter;
  const reset = headers['x-ratelimit-reset'];
  if (headers['x-ratelimit-remaining'] !== '0' || reset === undefined || !/^\d{1,12}$/.test(reset))
    return undefined;
  return Math.max(0, Number(reset) * 1000 - serverNow(headers, clock.now())) + 1000;
}

function clockOffset(answer: HttpAnswer, sentAt: number, receivedAt: number): number | undefined {
  const date = Date.parse(answer.headers.date ?? '');
  if (Number.isNaN(date)) return undefined;
  const offset = Math.round(date + 500 - (sentAt + receivedAt) / 2);
  return Math.abs(offset) < CLOCK_NOISE_MS ? 0 : offset;
}
