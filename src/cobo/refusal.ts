import { ActionError, type ErrorCode } from '../errors.ts';
import type { TransportError } from '../http.ts';
import { retryAfterMs, type TryAgain } from '../retry.ts';
import { field, parseJson, remoteText } from '../text.ts';
import type { VerifiedAnswer } from './verification.ts';

/** One attempt that brought no grant. */
export interface Failed {
  error: ActionError;
  /** Whether Cobo may have used the refresh token up all the same. */
  open: boolean;
  /** When to try again; left out when the failure is final. */
  again?: TryAgain | undefined;
  /** What Cobo itself, signed, refused: the refresh token or the nonce. */
  refused?: 'token' | 'nonce';
  /** No byte of the request was sent. */
  unsent?: true;
  /** The refresh token in an answer that does not count. */
  carried?: string;
}

/** What a failure is judged by, beside the answer. */
export interface Asked {
  operation: 'refresh_token' | 'org_implicit';
  /** The refresh token that is known already: an answer that repeats it brings no new one. */
  known: string | undefined;
  /** Whether an earlier attempt may have used the refresh token up. */
  open: boolean;
  /** Whether a nonce was refused before. */
  nonceRefused: boolean;
}

const CHECK_KEY =
  'Check in Cobo Portal that the app key of this `private-key` is registered and active in the environment of `cobo-environment`, ' +
  "and that no IP allowlist blocks the runner (GitHub's hosted runners have changing addresses).";
const CHECK_CLIENT =
  'Check that `client-id` belongs to the app of this `private-key`, in the environment of `cobo-environment`.';
const TRY_LATER = 'Re-run the job later.';
const TRY_LATER_WITH_ID = `${TRY_LATER} If it keeps failing, give Cobo's support the error ID.`;
const REPORT = 'This is likely a defect of the action, or a change at Cobo: please report it.';
const TOO_MANY = 'Too many requests: re-run the job later, and run it less often.';
const START_OVER =
  'set `org-id` to obtain a fresh pair, or have the organization install the app again (docs/recovery.md, "Start over").';
const FIND_CAUSE =
  'Check `cobo-environment`, and `response-public-key` and `api-url` if they are set. If they are right, something between the runner and Cobo changes answers: find out what';
const CHECK_CLOCK =
  "Check that the runner's clock is right and that no proxy changes the request. Two processes that use this `private-key` at the same time may have shared a nonce: re-run the job.";
const CHECK_ORGANIZATION = 'Check `org-id`, and that this organization has the app installed.';
const CHECK_WAY =
  'Check `api-url`, and whether a proxy or firewall between the runner and Cobo refuses the request. Then re-run the job.';
const USE_ENVELOPE = 'run the workflow with the envelope as `recovery-envelope`.';

/**
 * Remedies by Cobo's error code (source: Cobo's developer site, "Error codes") and by OAuth's (RFC 6749,
 * section 5.2). Any other refusal is most likely about the client.
 */
const REMEDIES: Record<string, string> = {
  '1000': TRY_LATER_WITH_ID,
  '1003': REPORT,
  '2000': TRY_LATER_WITH_ID,
  '2003': REPORT,
  '2010': TOO_MANY,
  '2021': 'Check `api-url`: it must end in `/v2`.',
  '2022': 'A header was missing when the request arrived: check that no proxy removes the `Biz-Api-*` headers.',
  '2024': CHECK_KEY,
  '2026': TOO_MANY,
  '2028': 'Check `api-url`, `client-id` and `org-id`.',
  '10000': 'The organization is read-only at the moment: ask its administrators.',
  unauthorized_client:
    'The app may not use this grant, or `client-id` belongs to another app. If the ID is right, have the organization install the app again (docs/recovery.md, "Start over").',
  invalid_request: REPORT,
  invalid_scope: REPORT,
  unsupported_grant_type:
    'Cobo does not offer this grant to the app. Remove `org-id`, so that only `refresh_token` is used.',
};

/** An answer with any status but 2XX that carries no refresh token. */
export function refusal(answer: VerifiedAnswer, asked: Asked, nowMs: number): Failed {
  const { status, signature, text } = answer;
  const json = parseJson(text);
  const what = `HTTP ${status}${detailsOf(text, json)}`;
  if (signature === 'invalid') return untrusted(`The signature on Cobo's answer is wrong: ${what}.`);

  const signed = signature === 'valid';
  // Cobo may fail after it has rotated the token, and whatever is in front of it may lose its answer.
  // Where a redirect without a signature comes from, nobody knows.
  const open = status >= 500 || (!signed && status < 400);
  const subject = asked.operation === 'refresh_token' ? 'Cobo answered' : 'Cobo answered `org_implicit` with';
  const message = signed
    ? `${subject} ${what}.`
    : `Cobo's address answered ${what}. The answer is not signed, so it comes from a proxy or firewall in front of Cobo.`;

  if (status === 429 || status >= 500) {
    const afterMs = retryAfterMs(answer.headers, nowMs);
    const again = afterMs === undefined ? {} : { afterMs };
    return failed('cobo-unavailable', message, (signed && remedyFor(json)) || TRY_LATER, { open, again });
  }
  if (!signed) return failed('cobo-refused', message, CHECK_WAY, { open });
  if (field(json, 'error') === 'invalid_grant') return invalidGrant(message, what, asked);
  if (isAboutNonce(json)) {
    const again = asked.nonceRefused ? undefined : { afterMs: 0 };
    return failed('cobo-refused', message, CHECK_CLOCK, { open, again, refused: 'nonce' });
  }
  return failed('cobo-refused', message, remedyFor(json) ?? CHECK_CLIENT, { open });
}

function invalidGrant(message: string, what: string, { operation, open }: Asked): Failed {
  // Here it is about the organization, and says nothing about a refresh token.
  if (operation === 'org_implicit') return failed('cobo-refused', message, CHECK_ORGANIZATION, { open: false });
  const dead = { open: false, refused: 'token' } as const;
  const invalid = `Cobo says that the refresh token is not valid: ${what}.`;
  if (!open) {
    const remedy = `Did an earlier run end as \`sealed\`? Then ${USE_ENVELOPE} Has another run rotated the token? Then re-run the job. Otherwise ${START_OVER}`;
    return failed('token-dead', invalid, remedy, dead);
  }
  const lost = `An answer of Cobo was lost. ${invalid} The lost answer probably held the new one.`;
  return failed('answer-lost', lost, `To go on, ${START_OVER}`, dead);
}

/** Code 2023 stands for a wrong signature, and the nonce is a part of what is signed. */
function isAboutNonce(json: unknown): boolean {
  const texts = ['error', 'error_description', 'error_message'].map((name) => remoteText(field(json, name)));
  return remoteText(field(json, 'error_code')) === '2023' || /nonce/i.test(texts.join(' '));
}

/** An answer that is not Cobo's, or cannot be shown to be. */
export function untrusted(message: string): Failed {
  return failed('answer-untrusted', message, `${FIND_CAUSE} before you re-run the job.`, { open: true });
}

/** An answer that does not count, and out of which a refresh token can be read. */
export function carrying(carried: string, why: string, isCutOff: boolean): Failed {
  const [code, remedy] = isCutOff
    ? (['answer-lost', 'Check the network and the proxy of the runner.'] as const)
    : (['answer-untrusted', `${FIND_CAUSE} first.`] as const);
  return failed(code, why, `${remedy} Then ${USE_ENVELOPE}`, { open: true, carried });
}

/** A request that brought no answer, or only a part of one. */
export function noAnswer(cause: TransportError, { operation }: Asked): Failed {
  if (!cause.sent) {
    const message = `Cobo cannot be reached: ${cause.message}.`;
    const remedy = 'Check `api-url`, and the network and the proxy of the runner. Then re-run the job.';
    return failed('cobo-unavailable', message, remedy, { open: false, again: {}, unsent: true }, { cause });
  }
  const remedy =
    operation === 'refresh_token'
      ? `Re-run the job. If Cobo then says that the refresh token is not valid, ${START_OVER}`
      : 'Check the network and the proxy of the runner. Then re-run the job.';
  const message = cause.partial
    ? cutOff(cause)
    : `The request was sent to Cobo, but no answer arrived: ${cause.message}.`;
  return failed('answer-lost', message, remedy, { open: true, again: {} }, { cause });
}

export function cutOff({ message }: TransportError): string {
  return `Cobo's answer did not arrive whole: ${message}.`;
}

function failed(
  code: ErrorCode,
  message: string,
  remedy: string,
  facts: Omit<Failed, 'error'>,
  options?: ErrorOptions,
): Failed {
  return { error: new ActionError(code, message, remedy, options), ...facts };
}

function detailsOf(text: string, json: unknown): string {
  const oauth = remoteText(field(json, 'error'), 60);
  if (oauth) return `, ${oauth}${prefixed(': ', field(json, 'error_description'))}`;
  const code = remoteText(field(json, 'error_code'), 20);
  const id = remoteText(field(json, 'error_id'), 64);
  if (code) return `, error code ${code}${prefixed(': ', field(json, 'error_message'))}${id && ` (error ID ${id})`}`;
  return text.startsWith('<') ? ' with a web page' : '';
}

function prefixed(prefix: string, remote: unknown): string {
  const text = remoteText(remote).replace(/[.\s]+$/, '');
  return text && prefix + text;
}

function remedyFor(json: unknown): string | undefined {
  // A list or an object is no code, and may not even be turned into a text.
  const code = remoteText(field(json, 'error')) || remoteText(field(json, 'error_code'));
  return Object.hasOwn(REMEDIES, code) ? REMEDIES[code] : undefined;
}
