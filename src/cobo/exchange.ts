import type { Clock } from '../clock.ts';
import type { HttpAnswer, HttpOptions, Sender } from '../http.ts';
import { TransportError } from '../http.ts';
import type { Log } from '../log.ts';
import { retry } from '../retry.ts';
import { duration } from '../text.ts';
import type { AppKeyPair } from './app-key.ts';
import { CoboFailure } from './failure.ts';
import { type Grant, readGrant } from './grant.ts';
import { getOrgAccessToken, refreshOrgAccessToken } from './operations.ts';
import { refusal, WRONG_SIGNATURE_REMEDY } from './refusal.ts';
import { canonicalString, doubleSha256, type Signable, signedHeaders } from './signing.ts';
import { verifies, verifyAnswer } from './verification.ts';

/** Everything that a call of Cobo needs. */
export interface CoboAccess {
  http: Sender;
  httpOptions: Omit<HttpOptions, 'maxBytes'>;
  clock: Clock;
  log: Log;
  maxAttempts: number;
  /** Base URL with `/v2`, without a slash at its end. */
  apiUrl: string;
  /** Verifies the answers: 64 hex characters. */
  responseKey: string;
  keys: AppKeyPair;
  clientId: string;
}

/** An attempt that is ready to be sent. */
export interface SignedRequest {
  operation: Signable;
  headers: Record<string, string>;
  /** When it was signed, milliseconds since 1970. */
  signedAt: number;
}

/** How an exchange ended without a grant. */
export class ExchangeFailure extends Error {
  override readonly name = 'ExchangeFailure';
  /** The last failure, which explains the rest. */
  readonly failure: CoboFailure;
  /** Whether the refresh token may have been spent by any of the attempts. */
  readonly maybeSpent: boolean;

  constructor(failure: CoboFailure, maybeSpent: boolean) {
    super(failure.message, { cause: failure });
    this.failure = failure;
    this.maybeSpent = maybeSpent;
  }
}

/** Answers of both operations are below one kilobyte; a token's share of a secret is at most 48. */
const MAX_ANSWER_BYTES = 128 * 1024;
/** A longer wait costs more than running the workflow again, and nothing is in danger yet. */
const LONGEST_WAIT_MS = 5 * 60_000;

/**
 * Obtains a new pair of tokens: by the refresh token where there is one, and with `orgId` by the
 * `org_implicit` grant where there is none, where Cobo says that it is dead, or where a lost answer has
 * left it in doubt. Any other refusal, and an answer that cannot be trusted, is final.
 * @param first the first attempt of the refresh, signed already
 * @throws ExchangeFailure
 */
export async function exchange(
  access: CoboAccess,
  refreshToken: string | undefined,
  orgId: string | undefined,
  first?: SignedRequest,
): Promise<Grant & { healed: boolean }> {
  const doubt = { maybeSpent: false };
  if (refreshToken !== undefined) {
    try {
      const operation = refreshOperation(access, refreshToken);
      return { ...(await attempts(access, operation, doubt, first)), healed: false };
    } catch (error) {
      const failure = asCoboFailure(error);
      const { dead, tryAgain } = failure.facts;
      // A failure that nobody would try again is no lost answer, whatever may have happened before it.
      const lost = doubt.maybeSpent && tryAgain !== undefined;
      if (orgId === undefined || !(dead || lost)) {
        throw new ExchangeFailure(failure, doubt.maybeSpent);
      }
      access.log.info(
        `${dead ? 'Cobo says that the refresh token is dead' : 'The refresh token may be spent, its answer is lost'}: asking for a fresh pair with org_implicit.`,
      );
    }
  }
  try {
    const operation = getOrgAccessToken(basePath(access), access.clientId, orgId ?? '');
    // What becomes of these attempts says nothing about the refresh token.
    const grant = await attempts(access, operation, { maybeSpent: false });
    if (grant.refreshToken === undefined && grant.problem === undefined) {
      return { ...grant, access: undefined, problem: '`refresh_token` is missing', healed: true };
    }
    return { ...grant, healed: true };
  } catch (error) {
    throw new ExchangeFailure(ofImplicit(asCoboFailure(error)), doubt.maybeSpent);
  }
}

/** Here `invalid_grant` is about the organization: it says nothing about a refresh token. */
function ofImplicit(failure: CoboFailure): CoboFailure {
  if (!failure.facts.dead) return failure;
  const remedy = 'Check `org-id`, and that this organization has the app installed.';
  return new CoboFailure('cobo-refused', failure.message, remedy, { effect: 'none' }, { cause: failure });
}

/**
 * Signs the first attempt of a refresh ahead of time: while an answer of somebody else is on its way. There
 * is time to check the signature with another implementation, before anything is spent.
 * @throws Error when the two do not agree, which cannot happen unless one of them is broken
 */
export function signFirst(access: CoboAccess, refreshToken: string): SignedRequest {
  const request = signed(access, refreshOperation(access, refreshToken));
  const { 'Biz-Api-Nonce': nonce = '', 'Biz-Api-Signature': signature = '' } = request.headers;
  const digest = doubleSha256(canonicalString(request.operation, nonce));
  if (!verifies(digest, signature, access.keys.appKey)) throw new Error('the signature does not verify');
  return request;
}

function refreshOperation(access: CoboAccess, refreshToken: string): Signable {
  return refreshOrgAccessToken(basePath(access), access.clientId, refreshToken);
}

function basePath({ apiUrl }: CoboAccess): string {
  return new URL(apiUrl).pathname.replace(/\/$/, '');
}

/** A nonce is a time, and Cobo looks at it: what was signed longer ago is signed afresh. */
const FRESH_MS = 5_000;

async function attempts(
  access: CoboAccess,
  operation: Signable,
  doubt: { maybeSpent: boolean },
  first?: SignedRequest,
): Promise<Grant> {
  return retry(
    async (number) => {
      const fresh = first !== undefined && access.clock.now() - first.signedAt < FRESH_MS;
      try {
        return await attempt(access, number === 1 && fresh ? first : signed(access, operation));
      } catch (error) {
        if (!(error instanceof CoboFailure) || error.facts.effect === 'possible') doubt.maybeSpent = true;
        throw error;
      }
    },
    {
      maxAttempts: access.maxAttempts,
      clock: access.clock,
      tryAgain: (error) => (error instanceof CoboFailure ? error.facts.tryAgain : undefined),
      maxWaitMs: LONGEST_WAIT_MS,
      longerWait: 'give-up',
      onRetry: (error, waitMs, number) => {
        const reason = error instanceof Error ? error.message : '';
        access.log.info(`Attempt ${number} at Cobo failed: ${reason} Trying again in ${duration(waitMs)}.`);
      },
    },
  );
}

/** A request with a nonce and a signature of its own. */
function signed(access: CoboAccess, operation: Signable): SignedRequest {
  const signedAt = access.clock.now();
  const headers = {
    Accept: 'application/json',
    'User-Agent': 'cobo-refresh-action',
    ...signedHeaders(operation, access.keys, freshNonce(signedAt)),
    ...(operation.body ? { 'Content-Type': 'application/json' } : {}),
  };
  return { operation, headers, signedAt };
}

/** Sends one attempt and reads its answer. */
async function attempt(access: CoboAccess, { operation, headers }: SignedRequest): Promise<Grant> {
  const url = new URL(access.apiUrl);
  url.pathname = operation.path;
  url.search = operation.query;
  let answer: HttpAnswer;
  try {
    answer = await access.http.send(
      { method: operation.method, url, headers, ...(operation.body ? { body: operation.body } : {}) },
      { ...access.httpOptions, maxBytes: MAX_ANSWER_BYTES },
    );
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw noAnswer(error);
  }
  const signature = verifyAnswer(answer, access.responseKey);
  if (answer.status < 200 || answer.status > 299) throw refusal(answer, signature, access.clock.now());
  const grant = readGrant(answer.body);
  if (signature === 'valid') return grant;
  throw new CoboFailure(
    'answer-untrusted',
    signature === 'missing'
      ? "Cobo's answer carries no signature."
      : "The signature on Cobo's answer is wrong for the key of this environment.",
    WRONG_SIGNATURE_REMEDY,
    { effect: 'possible', untrusted: true, ...(grant.refreshToken ? { carried: grant.refreshToken } : {}) },
  );
}

function noAnswer(error: TransportError): CoboFailure {
  return error.sent
    ? new CoboFailure(
        'answer-lost',
        `The request to Cobo was sent, but no answer arrived: ${error.message}.`,
        'Check the network and the proxy of the runner.',
        { effect: 'possible', tryAgain: {} },
        { cause: error },
      )
    : new CoboFailure(
        'cobo-unavailable',
        `Cobo cannot be reached: ${error.message}.`,
        'Check `api-url`, the network and the proxy of the runner, then run the job again.',
        { effect: 'none', tryAgain: {} },
        { cause: error },
      );
}

function asCoboFailure(error: unknown): CoboFailure {
  if (error instanceof CoboFailure) return error;
  throw error;
}

let lastNonce = 0;

/** Milliseconds since 1970, raised by one where two attempts fall into the same millisecond. */
function freshNonce(nowMs: number): string {
  lastNonce = Math.max(nowMs, lastNonce + 1);
  return String(lastNonce);
}
