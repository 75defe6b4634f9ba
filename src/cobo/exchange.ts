import type { Clock } from '../clock.ts';
import { ActionError } from '../errors.ts';
import { type HttpAnswer, type HttpOptions, type Sender, TransportError } from '../http.ts';
import type { Log } from '../log.ts';
import { retry } from '../retry.ts';
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
 * @throws only what no failure of Cobo explains; nothing was sent then, unless the network client broke
 */
export async function exchange(
  access: CoboAccess,
  refreshToken: string | undefined,
  orgId: string | undefined,
): Promise<Exchange> {
  const { log, clientId, stop } = access;
  const basePath = new URL(access.apiUrl).pathname.replace(/\/$/, '');
  let refreshed: Ended | undefined;
  if (refreshToken !== undefined) {
    const operation = refreshOrgAccessToken(basePath, clientId, refreshToken);
    refreshed = await attempts(access, 'refresh_token', operation, refreshToken);
    if (refreshed.grant) return { grant: refreshed.grant, healed: false };
    const { failed, open } = refreshed;
    const dead = failed?.refused === 'token';
    // A failure that nobody would try again is no lost answer, whatever happened before it.
    const lost = open && failed?.again !== undefined;
    if (orgId === undefined || stop.aborted || !(dead || lost)) return failureOf(refreshed);
    const why = dead ? 'Cobo says that the refresh token is not valid' : "Cobo's answer was lost";
    log.info(`${why}: requesting a fresh pair with org_implicit.`);
  }
  const operation = getOrgAccessToken(basePath, clientId, orgId ?? '');
  const healed = await attempts(access, 'org_implicit', operation, refreshToken);
  if (healed.grant) return { grant: complete(healed.grant), healed: true };
  // Stopped without having asked: what the refresh said counts.
  if (healed.interrupted && !healed.open) return failureOf(refreshed ?? healed);
  // What becomes of these attempts says nothing about the refresh token.
  return failureOf({ ...healed, interrupted: false, open: refreshed?.open ?? false });
}

/** There is no old refresh token to keep. */
function complete(grant: Grant): Grant {
  if (grant.refreshToken !== undefined || grant.problem !== undefined) return grant;
  return { ...grant, access: undefined, problem: '`refresh_token` is missing' };
}

function failureOf({ failed, open, interrupted }: Ended): Exchange {
  if (failed?.carried !== undefined)
    return { failure: failed.error, token: 'sealed', carried: failed.carried };
  if (failed !== undefined && (open || !interrupted)) {
    return { failure: failed.error, token: open ? 'unknown' : 'unspent' };
  }
  const message = 'The run was cancelled before the refresh token was used.';
  return { failure: new ActionError('cancelled', message, 'Re-run the job.'), token: 'unspent' };
}

/** All attempts of one operation. */
interface Ended {
  grant?: Grant;
  /** The last failure; the one before, when the last attempt was stopped before anything was sent. */
  failed?: Failed;
  /** Whether any attempt may have used the refresh token up. */
  open: boolean;
  /** Whether there would have been another attempt, had `stop` not been aborted. */
  interrupted: boolean;
}

async function attempts(
  access: CoboAccess,
  operation: Asked['operation'],
  signable: Signable,
  known: string | undefined,
): Promise<Ended> {
  const { stop, clock, log, maxAttempts } = access;
  const ended: Ended = { open: false, interrupted: true };
  let nonceRefused = false;

  async function next(): Promise<void> {
    if (stop.aborted) return;
    ended.interrupted = false;
    const asked = { operation, open: ended.open, nowMs: clock.now() };
    const result = await attempt(access, asked, signable, known);
    if (!('error' in result)) {
      ended.grant = result;
      return;
    }
    if (result.unsent && stop.aborted) {
      ended.interrupted = true;
      return;
    }
    ended.failed = result;
    ended.open ||= result.open;
    if (result.refused === 'nonce') {
      if (nonceRefused) return;
      nonceRefused = true;
    }
    if (result.again !== undefined) throw result.error;
  }

  try {
    await retry(next, {
      maxAttempts,
      clock,
      signal: stop,
      tryAgain(error) {
        if (error !== ended.failed?.error) return undefined;
        ended.interrupted = stop.aborted;
        return stop.aborted ? undefined : ended.failed.again;
      },
      maxWaitMs: LONGEST_WAIT_MS,
      longerWait: 'give-up',
      onRetry(_error, waitMs, number) {
        // Until the next attempt begins: the wait may be ended early.
        ended.interrupted = true;
        const when = waitMs === 0 ? 'with a new nonce' : `in ${duration(waitMs)}`;
        log.info(`Attempt ${number} at Cobo failed. ${ended.failed?.error.message} Trying again ${when}.`);
      },
    });
  } catch (error) {
    if (error !== ended.failed?.error) throw error;
  }
  return ended;
}

/** Sends one attempt, with a nonce and a signature of its own, and reads its answer. */
async function attempt(
  access: CoboAccess,
  asked: Asked,
  { method, path, query, body, ...rest }: Signable,
  known: string | undefined,
): Promise<Grant | Failed> {
  const nonce = freshNonce(asked.nowMs);
  const url = new URL(access.apiUrl);
  url.pathname = path;
  url.search = query;
  const headers = {
    Accept: 'application/json',
    'Accept-Encoding': 'identity',
    'Cache-Control': 'no-store',
    'User-Agent': 'cobo-refresh-action',
    ...signedHeaders({ method, path, query, body, ...rest }, access.keys, String(nonce)),
    ...(body ? { 'Content-Type': 'application/json' } : {}),
  };
  let answer: HttpAnswer;
  let cut: TransportError | undefined;
  try {
    answer = await access.http.send(
      { method, url, headers, ...(body ? { body } : {}) },
      {
        ...access.httpOptions,
        maxBytes: MAX_ANSWER_BYTES,
        unsentSignal: access.stop,
        newConnection: true,
      },
    );
  } catch (error) {
    // The proxy of the environment is invalid.
    if (error instanceof ActionError) return { error, open: false };
    if (!(error instanceof TransportError)) throw error;
    if (error.partial === undefined) return noAnswer(error, asked);
    answer = error.partial;
    cut = error;
  }
  const verified = await verifyAnswer(answer, access.responseKey);
  const success = answer.status >= 200 && answer.status <= 299;
  const doubt = cut ? cutOff(cut) : success ? doubtAbout(verified, nonce) : undefined;
  if (success && doubt === undefined) return readGrant(verified.text, verified.signedAt, known);

  const carried = findRefreshToken(verified.text, known);
  if (carried !== undefined) {
    const because = doubt ?? `Cobo's address answered HTTP ${answer.status} with a refresh token in it.`;
    return carrying(carried, because, cut !== undefined);
  }
  // A refusal from something in front of Cobo is one, even where its web page did not arrive whole.
  const refused = answer.status >= 400 && answer.status < 500 && verified.signature === 'missing';
  if (cut !== undefined && !refused) return noAnswer(cut, asked);
  if (doubt !== undefined && !refused) return untrusted(doubt);
  return refusal({ ...verified, text: redact(verified.text, known ? [known] : []) }, asked);
}

/** Why a 2XX answer does not count; `undefined` when it does. */
function doubtAbout({ signature, signedAt }: VerifiedAnswer, nonce: number): string | undefined {
  if (signature === 'missing') return "Cobo's answer is not signed.";
  if (signature === 'invalid')
    return "The signature on Cobo's answer is wrong for the key of this environment.";
  if (Math.abs(signedAt - nonce) <= LONGEST_DELAY_MS) return undefined;
  return `Cobo's answer was signed at ${utc(signedAt)}, more than ten minutes from the time of the request (${utc(nonce)}). Is the runner's clock right?`;
}

let lastNonce = 0;

/** Milliseconds since 1970, raised by one where two attempts fall into the same millisecond. */
function freshNonce(nowMs: number): number {
  lastNonce = Math.max(nowMs, lastNonce + 1);
  return lastNonce;
}
