import { ActionError, type ErrorCode } from '../errors.ts';
import type { HttpAnswer } from '../http.ts';
import { retryAfterMs, serverNow, type TryAgain } from '../retry.ts';
import { field, remoteText } from '../text.ts';
import { rateLimitIn } from './budget.ts';
import type { PreparedStore } from './store.ts';

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

type Facts = ErrorOptions & Partial<Pick<GitHubFailure, 'status' | 'again' | 'movedTo' | 'maybeDone'>>;

/** A request to GitHub that failed: one attempt of it, or all. */
export class GitHubFailure extends ActionError {
  override readonly name = 'GitHubFailure';
  /** `undefined` when no whole answer arrived. */
  readonly status: number | undefined;
  /** Set where GitHub is not available: when the same request may succeed. */
  readonly again: TryAgain | undefined;
  /** The path of the repository that GitHub redirects to. */
  readonly movedTo: string | undefined;
  /** Whether GitHub may have done it all the same: the answer to one of the attempts was lost. */
  maybeDone: boolean;
  /** Whether it failed only because the run stopped. */
  stopped = false;

  /** @param reason what happened, without what it was for: `GitHub returned HTTP 500` */
  constructor(
    purpose: Purpose,
    readonly reason: string,
    { status, again, movedTo, maybeDone = false, cause }: Facts = {},
  ) {
    const isUnavailable = status === undefined || again !== undefined;
    const [code, remedy]: Advice = isUnavailable
      ? ['github-unavailable', 'Re-run the job later.']
      : adviceFor(status, reason, purpose.permission);
    super(code, `${purpose.doing} failed: ${reason}.`, remedy, { cause });
    this.status = status;
    this.again = again;
    this.movedTo = movedTo;
    this.maybeDone = maybeDone;
  }
}

type Advice = [ErrorCode, string];

/** The workflow's own token is the usual cause, so every refusal mentions it. */
const WRITER =
  "The workflow's own `GITHUB_TOKEN` cannot have that permission: use a fine-grained personal access token or a GitHub App token.";

function adviceFor(status: number, reason: string, permission: string): Advice {
  if (/archived/i.test(reason)) return ['store-refused', 'Unarchive the repository, or use another store.'];
  const needed = `the permission ${permission}`;
  const moved: Advice = ['store-missing', 'The repository was renamed or moved. Use its new name in `secret-stores`.'];
  const advice: Record<number, Advice> = {
    301: moved,
    307: moved,
    308: moved,
    401: ['store-refused', '`github-token` is wrong, expired or revoked. Create a new one and store it.'],
    403: ['store-refused', `\`github-token\` needs ${needed}. ${WRITER}`],
    404: ['store-missing', `Check the name, and that \`github-token\` has access to it with ${needed}. ${WRITER}`],
  };
  return advice[status] ?? ['github-refused', `Check the store, and that \`github-token\` has ${needed}.`];
}

/** The failure of an attempt whose answer has an unexpected status. @param nowMs this machine's time, since 1970 */
export function refused(purpose: Purpose, answer: HttpAnswer, json: unknown, nowMs: number): GitHubFailure {
  const { status, headers } = answer;
  const message = remoteText(field(json, 'message')).replace(/[.\s]+$/, '');
  const hint = status < 300 ? ', which is not the status of success, so a proxy may have answered' : '';
  const moved = status < 400 ? /\/repositories\/\d+/.exec(headers['location'] ?? '') : null;
  return new GitHubFailure(purpose, `GitHub returned HTTP ${status}${hint}${message && `, "${message}"`}`, {
    status,
    again: againAfter(answer, message, nowMs),
    movedTo: moved?.[0],
    // A success that GitHub does not document was answered by something in front of it.
    maybeDone: purpose.method !== 'GET' && (status < 300 || status >= 500),
  });
}

/** GitHub reports some rate limits with 403: nobody must take them for a missing permission. */
function againAfter({ status, headers }: HttpAnswer, message: string, nowMs: number): TryAgain | undefined {
  let ms = retryAfterMs(headers, nowMs);
  if (status < 500) {
    const { 'retry-after': retryAfter, 'x-ratelimit-remaining': remaining } = headers;
    const saysSo = retryAfter !== undefined || remaining === '0' || /secondary rate limit/i.test(message);
    if (status !== 429 && !(status === 403 && saysSo)) return undefined;
    const limit = rateLimitIn(headers);
    if (limit?.remaining === 0) ms ??= Math.max(0, limit.resetAt - serverNow(headers, nowMs)) + 1000;
    if (status === 403) ms ??= SECONDARY_LIMIT_WAIT_MS;
  }
  // With backoff, where GitHub leaves the time open.
  return ms === undefined ? {} : { afterMs: Math.min(ms, LONGEST_WAIT_MS) };
}

/** A secret or variable, by its name, that could not be written or deleted in a store. */
export interface Failed {
  label: string;
  name: string;
  reason: string;
  /** Whether it was surely not done. */
  refused: boolean;
}

export interface FailedWrite extends Failed {
  store: PreparedStore;
}

/** A store that could not be read, or not be written after that. */
export type Unread = Failed & { error: unknown };

/** What storing the refresh token has come to: where it was to be written, where it failed, how many others hold it. */
export interface Stored {
  into: readonly string[];
  failed: readonly Failed[];
  others: number;
}

export function failedWrite(label: string, name: string, error: unknown): Failed {
  const isFailure = error instanceof GitHubFailure;
  const reason = isFailure ? error.reason : 'an unexpected error';
  return { label, name, reason, refused: isFailure && !error.maybeDone };
}

/** Does something in several stores; one that fails does not stop the others. @returns the failures, in order */
export async function everywhere(
  stores: readonly PreparedStore[],
  name: string,
  task: (store: PreparedStore, index: number) => Promise<unknown>,
): Promise<FailedWrite[]> {
  const outcomes = stores.map(async (store, index): Promise<FailedWrite[]> => {
    try {
      await task(store, index);
      return [];
    } catch (error) {
      return [{ store, ...failedWrite(store.label, name, error) }];
    }
  });
  return (await Promise.all(outcomes)).flat();
}
