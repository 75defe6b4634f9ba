import { ActionError } from '../errors.ts';
import { type HttpAnswer, TransportError } from '../http.ts';
import { type Network, retry } from '../retry.ts';
import { duration, utc } from '../text.ts';
import {
  findRefreshToken,
  type Grant,
  MAX_ANSWER_BYTES,
  readGrant,
  type VerifiedAnswer,
  verifyAnswer,
} from './answer.ts';
import { getOrgAccessToken, refreshOrgAccessToken } from './api.ts';
import type { AppKeyPair } from './app-key.ts';
import {
  type Asked,
  carrying,
  cutOff,
  type Failed,
  LOOK_FOR_ENVELOPE,
  noAnswer,
  refusal,
  untrusted,
} from './failure.ts';
import { type Signable, signedHeaders } from './signing.ts';

/** Everything that a call of Cobo needs. */
export interface CoboAccess extends Network {
  /** Base URL with `/v2`, without a slash at its end. */
  apiUrl: string;
  /** Verifies the answers: 64 hex characters. */
  responseKey: string;
  keys: AppKeyPair;
  clientId: string;
  /** Aborted when a signal has arrived: no attempt begins, no wait goes on, an unsent request ends. */
  stop: AbortSignal;
}

/** How it ended. `token` says what a failure means for the refresh token. */
export type Exchange =
  /** Rightly signed; `grant.problem` says what is malformed. `healed`: obtained with `org_implicit`. */
  | { grant: Grant; healed: boolean }
  | { failure: ActionError; token: 'unspent' | 'unknown'; carried?: undefined }
  /** An untrusted answer, or one that was cut off, out of which a refresh token could be read. */
  | { failure: ActionError; token: 'sealed'; carried: string };

/** A longer wait costs more than running the workflow again, and nothing is in danger yet. */
const LONGEST_WAIT_MS = 5 * 60_000;
/** How far the timestamp of a trusted answer may be from the request's nonce. */
const LONGEST_DELAY_MS = 10 * 60_000;
/** Milliseconds since 1970, raised by one where two attempts fall into the same millisecond. */
let lastNonce = 0;

/**
 * Obtains a new pair of tokens: by the refresh token where there is one, and with `orgId` by the `org_implicit` grant
 * where there is none, where Cobo says that it is not valid, or where a lost answer has left that open. Any other
 * refusal, and an answer that cannot be trusted, is final.
 * @param begun whether an earlier step has sent this token, and its answer was lost
 * @throws only what no failure of Cobo explains; nothing was sent then, unless the network client broke
 */
export async function exchange(
  access: CoboAccess,
  refreshToken: string | undefined,
  orgId: string | undefined,
  begun = false,
): Promise<Exchange> {
  const { apiUrl, clientId, log, stop } = access;
  const refresh: Asked = { operation: 'refresh_token', known: refreshToken, open: begun, nonceRefused: false };
  const healing: Asked = { ...refresh, operation: 'org_implicit' };
  let why: string | undefined;
  if (refreshToken !== undefined) {
    const found = await attempts(access, refreshOrgAccessToken(apiUrl, clientId, refreshToken), refresh);
    if (found !== undefined) return found;
    const isDead = refresh.failed?.refused === 'token';
    // A failure that nobody would try again is no lost answer, whatever happened before it.
    const isLost = refresh.open && refresh.failed?.again !== undefined;
    if (orgId === undefined || stop.aborted || !(isDead || isLost)) return failureOf(refresh, stop);
    why = isDead ? 'Cobo says that the refresh token is not valid' : 'The refresh token may be spent';
    log.info(`${why}: requesting a fresh pair with org_implicit.`);
  }
  const found = await attempts(access, getOrgAccessToken(apiUrl, clientId, orgId ?? ''), healing);
  if (found !== undefined) return found;
  if (why !== undefined && healing.failed !== undefined) {
    const { code, message, remedy } = healing.failed.error;
    const both = `${why}, and a fresh pair could not be obtained: ${message}`;
    const { error: cause } = healing.failed;
    healing.failed.error = new ActionError(code, both, `${LOOK_FOR_ENVELOPE} Otherwise: ${remedy}`, { cause });
  }
  // This operation says nothing about the refresh token, and where it was stopped nothing at all.
  return failureOf(isStopped(healing, stop) ? refresh : { ...healing, open: refresh.open }, stop);
}

/** Whether `stop` ended it: no attempt was made, or the last one would have been followed by another. */
function isStopped({ failed }: Asked, stop: AbortSignal): boolean {
  return stop.aborted && (failed === undefined || failed.again !== undefined);
}

function failureOf(asked: Asked, stop: AbortSignal): Exchange {
  const { failed, open } = asked;
  const token = open ? 'unknown' : 'unspent';
  if (failed !== undefined && (open || !isStopped(asked, stop))) return { failure: failed.error, token };
  const message = `The run was cancelled before the refresh token was used${open ? ' again' : ''}.`;
  return { failure: new ActionError('cancelled', message, 'Re-run the job.'), token };
}

/** Asks until an answer brings a token; `undefined` when none does: `asked.failed` says why. */
async function attempts(access: CoboAccess, request: Signable, asked: Asked): Promise<Exchange | undefined> {
  const { clock, log, maxAttempts, stop } = access;
  async function next(): Promise<Exchange | undefined> {
    const result = stop.aborted ? undefined : await attempt(access, request, asked);
    if (result === undefined || !('error' in result)) return result;
    asked.failed = result;
    asked.open ||= result.open;
    asked.nonceRefused ||= result.refused === 'nonce';
    throw result.error;
  }
  try {
    return await retry(next, {
      maxAttempts,
      clock,
      signal: stop,
      tryAgain(error) {
        const again = error instanceof ActionError ? asked.failed?.again : undefined;
        return (again?.afterMs ?? 0) > LONGEST_WAIT_MS ? undefined : again;
      },
      onRetry(waitMs, number) {
        const when = waitMs === 0 ? 'at once' : `in ${duration(waitMs)}`;
        log.info(`Attempt ${number} at Cobo failed. ${asked.failed?.error.message} Trying again ${when}.`);
      },
    });
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return undefined;
  }
}

/** One attempt, with a nonce and a signature of its own; `undefined` when `stop` ended it unsent. */
async function attempt(access: CoboAccess, request: Signable, asked: Asked): Promise<Exchange | Failed | undefined> {
  const nonce = Math.max(access.clock.now(), lastNonce + 1);
  lastNonce = nonce;
  const headers = {
    Accept: 'application/json',
    'Accept-Encoding': 'identity',
    'Cache-Control': 'no-store',
    'User-Agent': 'cobo-refresh-action',
    ...signedHeaders(request, access.keys, String(nonce)),
    ...(request.body ? { 'Content-Type': 'application/json' } : {}),
  };
  const options = { ...access.httpOptions, maxBytes: MAX_ANSWER_BYTES, unsentSignal: access.stop, newConnection: true };
  try {
    return judge(access, asked, nonce, await access.http.send({ ...request, headers }, options));
  } catch (error) {
    // The proxy of the environment is invalid.
    if (error instanceof ActionError) return { error, open: false };
    if (!(error instanceof TransportError)) throw error;
    if (error.partial !== undefined || error.unread !== '') {
      const nothing = { status: 0, headers: {}, body: Buffer.alloc(0) };
      return judge(access, asked, nonce, error.partial ?? nothing, error);
    }
    return error.sent || !access.stop.aborted ? noAnswer(error, asked) : undefined;
  }
}

/** @param cut why the answer did not arrive whole */
function judge(
  { clock, responseKey }: CoboAccess,
  asked: Asked,
  nonce: number,
  answer: HttpAnswer,
  cut?: TransportError,
): Exchange | Failed {
  const verified = verifyAnswer(answer, responseKey);
  const { status, signature, signedAt, text } = verified;
  const { known, operation } = asked;
  // What is signed rightly is whole, even where the connection broke off before its end was seen.
  const broken = signature === 'valid' ? undefined : cut;
  const isSuccess = status >= 200 && status <= 299;
  const doubt = isSuccess ? doubtAbout(verified, nonce) : undefined;
  if (isSuccess && doubt === undefined) {
    const healed = operation === 'org_implicit';
    return { grant: readGrant(text, signedAt, known, healed), healed };
  }
  const carried = findRefreshToken(text, known) ?? findRefreshToken(cut?.unread ?? '', known);
  if (carried !== undefined) {
    const why = doubt ?? `Cobo's address answered HTTP ${status} with a refresh token in it.`;
    return { failure: carrying(broken ? cutOff(broken) : why, broken !== undefined), token: 'sealed', carried };
  }
  // Whatever is in front of Cobo has refused the request, even where its web page did not arrive whole.
  const isRefusedInFront = signature === 'missing' && status >= 400 && status < 500;
  if (broken && !isRefusedInFront) return noAnswer(broken, asked);
  if (doubt !== undefined) return untrusted(doubt);
  return refusal(verified, asked, clock.now());
}

/** Why a 2XX answer does not count; `undefined` when it does. */
function doubtAbout({ signature, signedAt }: VerifiedAnswer, nonce: number): string | undefined {
  if (signature === 'missing') return "Cobo's answer is not signed.";
  if (signature === 'invalid') return "The signature on Cobo's answer is wrong for the key of this environment.";
  if (Math.abs(signedAt - nonce) <= LONGEST_DELAY_MS) return undefined;
  return `Cobo's answer was signed at ${utc(signedAt)}, more than ten minutes from the time of the request (${utc(nonce)}). Is the runner's clock right?`;
}
