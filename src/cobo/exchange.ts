import type { Clock } from '../clock.ts';
import { ActionError } from '../errors.ts';
import { type HttpAnswer, type HttpOptions, type Sender, TransportError } from '../http.ts';
import { retry } from '../retry.ts';
import type { Log } from '../text.ts';
import { duration, redact, utc } from '../text.ts';
import type { AppKeyPair } from './app-key.ts';
import { findRefreshToken, type Grant, readGrant } from './grant.ts';
import { getOrgAccessToken, refreshOrgAccessToken } from './operations.ts';
import { type Asked, carrying, cutOff, type Failed, noAnswer, refusal, untrusted } from './refusal.ts';
import { type Signable, signedHeaders } from './signing.ts';
import { MAX_ANSWER_BYTES, type VerifiedAnswer, verifyAnswer } from './verification.ts';

/** Everything that a call of Cobo needs. */
export interface CoboAccess {
  http: Sender;
  httpOptions: Pick<HttpOptions, 'timeoutMs' | 'onDone'>;
  clock: Clock;
  log: Log;
  maxAttempts: number;
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

/**
 * Obtains a new pair of tokens: by the refresh token where there is one, and with `orgId` by the
 * `org_implicit` grant where there is none, where Cobo says that it is not valid, or where a lost answer has
 * left that open. Any other refusal, and an answer that cannot be trusted, is final.
 * @param doubtful whether an earlier step has sent this token, and its answer was lost
 * @throws only what no failure of Cobo explains; nothing was sent then, unless the network client broke
 */
export async function exchange(
  access: CoboAccess,
  refreshToken: string | undefined,
  orgId: string | undefined,
  doubtful = false,
): Promise<Exchange> {
  const { log, clientId, stop } = access;
  const basePath = new URL(access.apiUrl).pathname.replace(/\/$/, '');
  let refreshed: Attempts | undefined;
  if (refreshToken !== undefined) {
    const operation = refreshOrgAccessToken(basePath, clientId, refreshToken);
    refreshed = await attempts(access, 'refresh_token', operation, refreshToken, doubtful);
    if (refreshed.grant) return { grant: refreshed.grant, healed: false };
    const { failed, open } = refreshed;
    const dead = failed?.refused === 'token';
    // A failure that nobody would try again is no lost answer, whatever happened before it.
    const lost = open && failed?.again !== undefined;
    if (orgId === undefined || stop.aborted || !(dead || lost)) return failureOf(refreshed, stop);
    const why = dead ? 'Cobo says that the refresh token is not valid' : "Cobo's answer was lost";
    log.info(`${why}: requesting a fresh pair with org_implicit.`);
  }
  const operation = getOrgAccessToken(basePath, clientId, orgId ?? '');
  const healed = await attempts(access, 'org_implicit', operation, refreshToken, false);
  if (healed.grant) return { grant: complete(healed.grant), healed: true };
  // Stopped before it ended: what the refresh said counts.
  if (refreshed && isStopped(healed, stop)) return failureOf(refreshed, stop);
  // What becomes of this operation says nothing about the refresh token.
  return failureOf({ ...healed, open: refreshed?.open ?? doubtful }, stop);
}

/** Here is no old refresh token to keep. */
function complete(grant: Grant): Grant {
  if (grant.refreshToken !== undefined || grant.problem !== undefined) return grant;
  return { ...grant, access: undefined, problem: '`refresh_token` is missing' };
}

/** All attempts of one operation, so far or in the end. */
interface Attempts extends Asked {
  grant?: Grant;
  /** The last failure. */
  failed?: Failed;
}

/** Whether `stop` ended it: no attempt was made, or the last one would have been followed by another. */
function isStopped({ failed }: Attempts, stop: AbortSignal): boolean {
  return stop.aborted && (failed === undefined || failed.again !== undefined);
}

function failureOf(made: Attempts, stop: AbortSignal): Exchange {
  const { failed, open } = made;
  const token = open ? 'unknown' : 'unspent';
  if (failed === undefined || (isStopped(made, stop) && !open)) {
    const message = `The run was cancelled before the refresh token was used${open ? ' again' : ''}.`;
    return { failure: new ActionError('cancelled', message, 'Re-run the job.'), token };
  }
  const { error, carried } = failed;
  if (carried !== undefined) return { failure: error, token: 'sealed', carried };
  return { failure: error, token };
}

async function attempts(
  access: CoboAccess,
  operation: Asked['operation'],
  signable: Signable,
  known: string | undefined,
  open: boolean,
): Promise<Attempts> {
  const { stop, clock, log } = access;
  const made: Attempts = { operation, known, open, nonceRefused: false };

  async function next(): Promise<void> {
    if (stop.aborted) return;
    const result = await attempt(access, made, signable);
    if (!('error' in result)) {
      made.grant = result;
      return;
    }
    // Where `stop` ended it unsent, the failure before it says more.
    if (result.unsent && stop.aborted) return;
    made.failed = result;
    made.open ||= result.open;
    made.nonceRefused ||= result.refused === 'nonce';
    throw result.error;
  }

  const isOurs = (error: unknown) => error === made.failed?.error;
  await retry(next, {
    maxAttempts: access.maxAttempts,
    clock,
    signal: stop,
    tryAgain(error) {
      const again = isOurs(error) ? made.failed?.again : undefined;
      return (again?.afterMs ?? 0) > LONGEST_WAIT_MS ? undefined : again;
    },
    onRetry(waitMs, number) {
      const when = waitMs === 0 ? 'at once' : `in ${duration(waitMs)}`;
      log.info(`Attempt ${number} at Cobo failed. ${made.failed?.error.message} Trying again ${when}.`);
    },
  }).catch((error: unknown) => {
    if (!isOurs(error)) throw error;
  });
  return made;
}

/** Sends one attempt, with a nonce and a signature of its own, and reads its answer. */
async function attempt(access: CoboAccess, asked: Asked, signable: Signable): Promise<Grant | Failed> {
  const { method, path, query, body } = signable;
  const nonce = freshNonce(access.clock.now());
  const url = new URL(access.apiUrl);
  url.pathname = path;
  url.search = query;
  const headers = {
    Accept: 'application/json',
    'Accept-Encoding': 'identity',
    'Cache-Control': 'no-store',
    'User-Agent': 'cobo-refresh-action',
    ...signedHeaders(signable, access.keys, String(nonce)),
    ...(body ? { 'Content-Type': 'application/json' } : {}),
  };
  const options = { maxBytes: MAX_ANSWER_BYTES, unsentSignal: access.stop, newConnection: true };
  try {
    const request = { method, url, headers, ...(body ? { body } : {}) };
    const answer = await access.http.send(request, { ...access.httpOptions, ...options });
    return await judge(access, asked, nonce, answer);
  } catch (error) {
    // The proxy of the environment is invalid.
    if (error instanceof ActionError) return { error, open: false };
    if (!(error instanceof TransportError)) throw error;
    const { partial } = error;
    return partial ? judge(access, asked, nonce, partial, error) : noAnswer(error, asked);
  }
}

/** @param cut why the answer did not arrive whole */
async function judge(
  access: CoboAccess,
  asked: Asked,
  nonce: number,
  answer: HttpAnswer,
  cut?: TransportError,
): Promise<Grant | Failed> {
  const verified = await verifyAnswer(answer, access.responseKey);
  const { status, signature, signedAt, text } = verified;
  const { known } = asked;
  // What is signed rightly is whole, even where the connection broke off before its end was seen.
  const isCutOff = cut !== undefined && signature !== 'valid';
  const isSuccess = status >= 200 && status <= 299;
  const doubt = isCutOff ? cutOff(cut) : isSuccess ? doubtAbout(verified, nonce) : undefined;
  if (isSuccess && doubt === undefined) return readGrant(text, signedAt, known);

  const carried = findRefreshToken(text, known);
  if (carried !== undefined) {
    const why = doubt ?? `Cobo's address answered HTTP ${status} with a refresh token in it.`;
    return carrying(carried, why, isCutOff);
  }
  // Whatever is in front of Cobo has refused the request, even where its web page did not arrive whole.
  const isRefusedInFront = signature === 'missing' && status >= 400 && status < 500;
  if (isCutOff && !isRefusedInFront) return noAnswer(cut, asked);
  if (isSuccess && doubt !== undefined) return untrusted(doubt);
  const clean = { ...verified, text: redact(text, known ? [known] : []) };
  return refusal(clean, asked, access.clock.now());
}

/** Why a 2XX answer does not count; `undefined` when it does. */
function doubtAbout({ signature, signedAt }: VerifiedAnswer, nonce: number): string | undefined {
  if (signature === 'missing') return "Cobo's answer is not signed.";
  if (signature === 'invalid') return "The signature on Cobo's answer is wrong for the key of this environment.";
  if (Math.abs(signedAt - nonce) <= LONGEST_DELAY_MS) return undefined;
  return `Cobo's answer was signed at ${utc(signedAt)}, more than ten minutes from the time of the request (${utc(nonce)}). Is the runner's clock right?`;
}

let lastNonce = 0;

/** Milliseconds since 1970, raised by one where two attempts fall into the same millisecond. */
function freshNonce(nowMs: number): number {
  lastNonce = Math.max(nowMs, lastNonce + 1);
  return lastNonce;
}
