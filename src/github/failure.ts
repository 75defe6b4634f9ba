import { ActionError, type ErrorCode } from '../errors.ts';
import { type HttpAnswer, TransportError } from '../http.ts';
import { retryAfterMs, serverNow, type TryAgain } from '../retry.ts';
import { field, remoteText } from '../text.ts';
import { rateLimitIn } from './budget.ts';

/** GitHub's advice for a secondary limit that names no time. */
const SECONDARY_LIMIT_WAIT_MS = 60_000;
/** GitHub counts its limits by the hour, so no honest wait is longer. */
const LONGEST_WAIT_MS = 3_600_000;

/** What is asked of GitHub. */
export interface Purpose {
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Completes "… failed", such as "Reading the encryption key of the store `x`". */
  doing: string;
  /** What a fine-grained token or an app needs for it, such as `"Secrets: write"`. */
  permission: string;
}

interface Facts extends ErrorOptions {
  /** Left out when no whole answer arrived. */
  status?: number | undefined;
  /** Whether GitHub refused because of a rate limit, which it may do with 403. */
  isLimit?: boolean;
  /** Why and when the same request may succeed. */
  again?: TryAgain | undefined;
  /** The path of the repository that GitHub redirects to. */
  movedTo?: string | undefined;
  maybeDone?: boolean;
  stopped?: boolean;
}

/** A request to GitHub that failed: one attempt of it, or all. */
export class GitHubFailure extends ActionError {
  override readonly name = 'GitHubFailure';
  /** What happened, without what it was for: `GitHub returned HTTP 500`. */
  readonly reason: string;
  readonly status: number | undefined;
  readonly isLimit: boolean;
  readonly again: TryAgain | undefined;
  readonly movedTo: string | undefined;
  /** Whether GitHub may have done it all the same: the answer to one of the attempts was lost. */
  maybeDone: boolean;
  /** Whether it failed only because the run stopped. */
  stopped: boolean;

  constructor(purpose: Purpose, reason: string, facts: Facts = {}) {
    const [code, remedy] = adviceFor(reason, facts, purpose.permission);
    super(code, `${purpose.doing} failed: ${reason}.`, remedy, { cause: facts.cause });
    this.reason = reason;
    this.status = facts.status;
    this.isLimit = facts.isLimit ?? false;
    this.again = facts.again;
    this.movedTo = facts.movedTo;
    this.maybeDone = facts.maybeDone ?? false;
    this.stopped = facts.stopped ?? false;
  }
}

/** The workflow's own token is the usual cause, so every refusal mentions it. */
const WRITER =
  "The workflow's own `GITHUB_TOKEN` cannot have that permission: use a fine-grained personal access token or a GitHub App token.";

function adviceFor(reason: string, { status, isLimit }: Facts, permission: string): [ErrorCode, string] {
  if (status === undefined || status >= 500 || isLimit) return ['github-unavailable', 'Re-run the job later.'];
  if (status === 401) {
    return ['store-refused', '`github-token` is wrong, expired or revoked. Create a new one and store it.'];
  }
  if (/archived/i.test(reason)) {
    return ['store-refused', 'Unarchive the repository, or use another store.'];
  }
  if ([301, 307, 308].includes(status)) {
    return ['store-missing', 'The repository was renamed or moved. Use its new name in `secret-stores`.'];
  }
  if (status === 404) {
    return [
      'store-missing',
      `Check the name, and that \`github-token\` has access to it with the permission ${permission}. ${WRITER}`,
    ];
  }
  if (status === 403) {
    return ['store-refused', `\`github-token\` needs the permission ${permission}. ${WRITER}`];
  }
  return ['github-refused', `Check the store, and that \`github-token\` has the permission ${permission}.`];
}

/** The failure of an attempt that brought no whole answer; any other error as it is. */
export function unanswered(purpose: Purpose, error: unknown): unknown {
  if (!(error instanceof TransportError)) return error;
  const maybeDone = purpose.method !== 'GET' && error.sent;
  return new GitHubFailure(purpose, error.message, { cause: error, again: {}, maybeDone });
}

/**
 * The failure of an attempt whose answer has an unexpected status.
 * @param json the parsed body
 * @param nowMs this machine's time, milliseconds since 1970
 */
export function refused(purpose: Purpose, answer: HttpAnswer, json: unknown, nowMs: number): GitHubFailure {
  const { status, headers } = answer;
  const message = remoteText(field(json, 'message')).replace(/[.\s]+$/, '');
  const hint = status < 300 ? ', which is not the status of success, so a proxy may have answered' : '';
  const isLimit = isRateLimit(answer, message);
  const afterMs = isLimit ? limitMs(answer, nowMs) : retryAfterMs(headers, nowMs);
  const moved = status < 400 ? /\/repositories\/\d+/.exec(headers['location'] ?? '') : null;
  return new GitHubFailure(purpose, `GitHub returned HTTP ${status}${hint}${message ? `, "${message}"` : ''}`, {
    status,
    isLimit,
    again: isLimit || status >= 500 ? after(afterMs) : undefined,
    movedTo: moved?.[0],
    // A success that GitHub does not document was answered by something in front of it.
    maybeDone: purpose.method !== 'GET' && (status < 300 || status >= 500),
  });
}

/** GitHub reports some rate limits with 403: nobody must take them for a missing permission. */
function isRateLimit({ status, headers }: HttpAnswer, message: string): boolean {
  if (status !== 403) return status === 429;
  const { 'retry-after': retryAfter, 'x-ratelimit-remaining': remaining } = headers;
  return retryAfter !== undefined || remaining === '0' || /secondary rate limit/i.test(message);
}

/** How long a rate limit lasts, `undefined` when GitHub leaves that open. */
function limitMs({ status, headers }: HttpAnswer, nowMs: number): number | undefined {
  const retryAfter = retryAfterMs(headers, nowMs);
  if (retryAfter !== undefined) return retryAfter;
  const limit = rateLimitIn(headers);
  if (limit?.remaining === 0) return Math.max(0, limit.resetAt - serverNow(headers, nowMs)) + 1000;
  return status === 403 ? SECONDARY_LIMIT_WAIT_MS : undefined;
}

/** With backoff, where GitHub leaves the time open. */
function after(ms: number | undefined): TryAgain {
  return ms === undefined ? {} : { afterMs: Math.min(ms, LONGEST_WAIT_MS) };
}

/** Why something failed, in words for people. */
export function reasonOf(error: unknown): string {
  return error instanceof GitHubFailure ? error.reason : 'an unexpected error';
}
