import type { Clock } from '../clock.ts';
import { ActionError, type ErrorCode } from '../errors.ts';
import { type HttpAnswer, TransportError } from '../http.ts';
import { retryAfterMs, serverNow, type TryAgain } from '../retry.ts';
import { field, remoteText } from '../text.ts';

/** GitHub's advice for a secondary limit that names no time. */
const SECONDARY_LIMIT_WAIT_MS = 60_000;
/** GitHub counts its limits by the hour, so no honest wait is longer. */
const LONGEST_WAIT_MS = 3_600_000;

/** What was asked of GitHub, in words for people. */
export interface Purpose {
  /** Completes "… failed", such as "Reading the encryption key of the store `x`". */
  doing: string;
  /** What a fine-grained token or an app needs for it, such as `"Secrets: write"`. */
  permission: string;
}

/** A request to GitHub that failed for good. */
export class GitHubFailure extends ActionError {
  override readonly name = 'GitHubFailure';
  /** What happened, without what it was for: `GitHub returned HTTP 500`. */
  readonly reason: string;
  /** `undefined` when no whole answer arrived. */
  readonly status: number | undefined;
  /** Whether it failed only because the run stopped. */
  readonly stopped: boolean;
  /** Whether GitHub may have done it all the same: the answer to one of the attempts was lost. */
  maybeDone: boolean;

  /** @param isLimit whether GitHub refused because of a rate limit, which it may do with 403 */
  constructor(
    { doing, permission }: Purpose,
    reason: string,
    status: number | undefined,
    isLimit: boolean,
    options: ErrorOptions & { stopped?: boolean; maybeDone?: boolean } = {},
  ) {
    const { code, remedy } = adviceFor(reason, status, isLimit, permission);
    super(code, `${doing} failed: ${reason}.`, remedy, options);
    this.reason = reason;
    this.status = status;
    this.stopped = options.stopped ?? false;
    this.maybeDone = options.maybeDone ?? false;
  }
}

/** The workflow's own token is the usual cause, so every refusal mentions it. */
const WRITER =
  "The workflow's own `GITHUB_TOKEN` cannot have that permission: use a fine-grained personal access token or a GitHub App token.";

function adviceFor(
  reason: string,
  status: number | undefined,
  isLimit: boolean,
  permission: string,
): { code: ErrorCode; remedy: string } {
  if (status === undefined || status >= 500 || status === 429 || isLimit) {
    return { code: 'github-unavailable', remedy: 'Re-run the job later.' };
  }
  if (status === 401) {
    return {
      code: 'store-refused',
      remedy: '`github-token` is wrong, expired or revoked. Create a new one and store it.',
    };
  }
  if (/archived/i.test(reason)) {
    return { code: 'store-refused', remedy: 'Unarchive the repository, or use another store.' };
  }
  if (status === 301 || status === 307 || status === 308) {
    return {
      code: 'store-missing',
      remedy: 'The repository was renamed or moved. Use its new name in `secret-stores`.',
    };
  }
  if (status === 404) {
    return {
      code: 'store-missing',
      remedy: `Check the name, and that \`github-token\` has access to it with the permission ${permission}. ${WRITER}`,
    };
  }
  if (status === 403) {
    return {
      code: 'store-refused',
      remedy: `\`github-token\` needs the permission ${permission}. ${WRITER}`,
    };
  }
  return {
    code: 'github-refused',
    remedy: `Check the store, and that \`github-token\` has the permission ${permission}.`,
  };
}

/** An answer with a status that was not expected. */
export class Refused extends Error {
  readonly answer: HttpAnswer;
  readonly json: unknown;

  constructor(answer: HttpAnswer, json: unknown) {
    const message = remoteText(field(json, 'message')).replace(/[.\s]+$/, '');
    const hint =
      answer.status < 300 ? ', which is not the status of success, so a proxy may have answered' : '';
    super(`GitHub returned HTTP ${answer.status}${hint}${message ? `, "${message}"` : ''}`);
    this.answer = answer;
    this.json = json;
  }
}

export function isStatus(error: unknown, status: number): boolean {
  return error instanceof Refused && error.answer.status === status;
}

export function reasonOf(error: unknown): string {
  if (error instanceof GitHubFailure) return error.reason;
  return error instanceof Refused || error instanceof TransportError ? error.message : 'an unexpected error';
}

/** GitHub reports some rate limits with 403: nobody must take them for a missing permission. */
export function isRateLimit({ answer, message }: Refused): boolean {
  const { status, headers } = answer;
  if (status === 429) return true;
  return (
    status === 403 &&
    (headers['retry-after'] !== undefined ||
      headers['x-ratelimit-remaining'] === '0' ||
      /secondary rate limit/i.test(message))
  );
}

/** Whether GitHub may have done what was asked although the attempt failed. */
export function isAnswerLost(error: unknown): boolean {
  if (error instanceof TransportError) return error.sent;
  // A success that GitHub does not document was answered by something in front of it.
  return error instanceof Refused && (error.answer.status < 300 || error.answer.status >= 500);
}

/** Whether the attempt, or the request within it that failed it, had no whole answer. */
export function isUnanswered(error: unknown): boolean {
  return rootOf(error) instanceof TransportError;
}

/** An attempt may have failed because of another request that it needed. */
function rootOf(error: unknown): unknown {
  return error instanceof GitHubFailure ? error.cause : error;
}

export function tryAgain(error: unknown, clock: Clock): TryAgain | undefined {
  const root = rootOf(error);
  if (root instanceof TransportError) return {};
  if (!(root instanceof Refused)) return undefined;
  const { status, headers } = root.answer;
  if (!isRateLimit(root)) return status >= 500 ? afterMs(retryAfterMs(headers, clock.now())) : undefined;
  const asked = waitAsked(headers, clock);
  return afterMs(status === 403 ? (asked ?? SECONDARY_LIMIT_WAIT_MS) : asked);
}

function afterMs(ms: number | undefined): TryAgain {
  return ms === undefined ? {} : { afterMs: Math.min(ms, LONGEST_WAIT_MS) };
}

/**
 * What must be kept is tried again after any refusal, because GitHub refuses now and then what it takes a
 * moment later. Otherwise a first 422 is tried again at once, with the encryption key read anew.
 */
export function onceMore(
  error: unknown,
  { method, manner }: { method: string; manner: string },
  refusals: number,
): TryAgain | undefined {
  const isKnown = error instanceof Refused || error instanceof GitHubFailure;
  if (isStatus(error, 422) && method === 'PUT' && refusals === 1) return { afterMs: 0 };
  return manner === 'keep' && isKnown ? {} : undefined;
}

function waitAsked(headers: HttpAnswer['headers'], clock: Clock): number | undefined {
  const retryAfter = retryAfterMs(headers, clock.now());
  if (retryAfter !== undefined) return retryAfter;
  const reset = headers['x-ratelimit-reset'];
  if (headers['x-ratelimit-remaining'] !== '0' || reset === undefined || !/^\d{1,12}$/.test(reset)) {
    return undefined;
  }
  return Math.max(0, Number(reset) * 1000 - serverNow(headers, clock.now())) + 1000;
}
