import { ActionError } from '../errors.ts';
import type { TransportError } from '../http.ts';
import { retryAfterMs, type TryAgain } from '../retry.ts';
import { field, parseJson, redact, remoteText } from '../text.ts';
import type { VerifiedAnswer } from './answer.ts';

/** One attempt that brought nothing, and what that means. */
export interface Failed {
  error: ActionError;
  /** Whether Cobo may have used the refresh token up all the same. */
  open: boolean;
  /** When to try again; left out when the failure is final. */
  again?: TryAgain | undefined;
  /** What Cobo itself, signed, refused. */
  refused?: 'token' | 'nonce';
}

/** One operation, and its attempts so far. */
export interface Asked {
  operation: 'refresh_token' | 'org_implicit';
  /** The refresh token that is known already: an answer that repeats it brings no new one. */
  known: string | undefined;
  /** Whether an attempt may have used the refresh token up. */
  open: boolean;
  nonceRefused: boolean;
  /** The last failure. */
  failed?: Failed;
}

const TRY_LATER = 'Re-run the job later.';
const INSTALL_AGAIN = 'have the organization install the app again (docs/recovery.md, "Start over").';
const START_OVER = `set \`org-id\` to obtain a fresh pair, or ${INSTALL_AGAIN}`;
const FIND_CAUSE =
  'Check `cobo-environment`, and `response-public-key` and `api-url` if they are set. If they are right, something between the runner and Cobo changes answers: find out what';
const USE_ENVELOPE = 'Then run the workflow with the envelope as `recovery-envelope`.';
export const LOOK_FOR_ENVELOPE =
  'Look at this job and at earlier runs: if one shows a recovery envelope, start a run with it as the input `recovery-envelope`.';
const CHECK_CLOCK =
  "Check that the runner's clock is right and that no proxy changes the request. Two processes that use this `private-key` at the same time may have shared a nonce: re-run the job.";
const CHECK_WAY =
  'Check `api-url`, and whether a proxy or firewall between the runner and Cobo refuses the request. Then re-run the job.';
const CHECK_CLIENT =
  'Check that `client-id` belongs to the app of this `private-key`, in the environment of `cobo-environment`.';

/** By Cobo's error codes (source: Cobo's developer site, "Error codes") and OAuth's (RFC 6749, section 5.2). */
const REMEDIES = Object.entries({
  '1000 2000': `${TRY_LATER} If it keeps failing, give Cobo's support the error ID.`,
  '1003 2003 invalid_request invalid_scope':
    'This is likely a defect of the action, or a change at Cobo: please report it.',
  '2010 2026': 'Too many requests: re-run the job later, and run it less often.',
  '2021': 'Check `api-url`: it must end in `/v2`.',
  '2022': 'A header was missing when the request arrived: check that no proxy removes the `Biz-Api-*` headers.',
  '2024':
    "Check in Cobo Portal that the app key of this `private-key` is registered and active in the environment of `cobo-environment`, and that no IP allowlist blocks the runner (GitHub's hosted runners have changing addresses).",
  '2028': 'Check `api-url`, `client-id` and `org-id`.',
  '10000': 'The organization is read-only at the moment: ask its administrators.',
  unauthorized_client: `The app may not use this grant, or \`client-id\` belongs to another app. If the ID is right, ${INSTALL_AGAIN}`,
  unsupported_grant_type: `Cobo does not offer this grant to the app. If the refresh token still works, remove \`org-id\`. Otherwise ${INSTALL_AGAIN}`,
});

/** An answer with any status but 2XX that carries no refresh token. */
export function refusal({ status, headers, signature, text }: VerifiedAnswer, asked: Asked, nowMs: number): Failed {
  const json = parseJson(text);
  const what = `HTTP ${status}${detailsOf(text, json, asked)}`;
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
    const afterMs = retryAfterMs(headers, nowMs);
    const remedy = (signed && remedyFor(json)) || TRY_LATER;
    const again = afterMs === undefined ? {} : { afterMs };
    return { error: new ActionError('cobo-unavailable', message, remedy), open, again };
  }
  if (signed && field(json, 'error') === 'invalid_grant') return invalidGrant(message, what, asked);
  if (signed && isAboutNonce(json)) {
    const again = asked.nonceRefused ? undefined : { afterMs: 0 };
    return { error: new ActionError('cobo-refused', message, CHECK_CLOCK), open, again, refused: 'nonce' };
  }
  const remedy = signed ? (remedyFor(json) ?? CHECK_CLIENT) : CHECK_WAY;
  return { error: new ActionError('cobo-refused', message, remedy), open };
}

function invalidGrant(message: string, what: string, { operation, open }: Asked): Failed {
  if (operation === 'org_implicit') {
    // Here it is about the organization, and says nothing about a refresh token.
    const remedy = 'Check `org-id`, and that this organization has the app installed.';
    return { error: new ActionError('cobo-refused', message, remedy), open: false };
  }
  const dead = `Cobo says that the refresh token is not valid: ${what}.`;
  if (open) {
    const lost = `An answer of Cobo was lost. ${dead} The lost answer probably held the new one.`;
    return {
      error: new ActionError('answer-lost', lost, `${LOOK_FOR_ENVELOPE} Otherwise ${START_OVER}`),
      open: false,
      refused: 'token',
    };
  }
  const remedy = `${LOOK_FOR_ENVELOPE} If another run has rotated the token since, re-run the job. Otherwise ${START_OVER}`;
  return { error: new ActionError('token-dead', dead, remedy), open: false, refused: 'token' };
}

/** Code 2023 stands for a wrong signature, and the nonce is a part of what is signed. */
function isAboutNonce(json: unknown): boolean {
  const texts = ['error', 'error_description', 'error_message'].map((name) => remoteText(field(json, name)));
  return remoteText(field(json, 'error_code')) === '2023' || /nonce/i.test(texts.join(' '));
}

/** An answer that is not Cobo's, or cannot be shown to be. */
export function untrusted(why: string): Failed {
  return { error: new ActionError('answer-untrusted', why, `${FIND_CAUSE} before you re-run the job.`), open: true };
}

/** The error for an answer that does not count, and out of which a refresh token can be read. */
export function carrying(why: string, isCutOff: boolean): ActionError {
  return isCutOff
    ? new ActionError('answer-lost', why, `Check the network and the proxy of the runner. ${USE_ENVELOPE}`)
    : new ActionError('answer-untrusted', why, `${FIND_CAUSE} first. ${USE_ENVELOPE}`);
}

/** A request that brought no answer, or only a part of one. */
export function noAnswer(cause: TransportError, { operation }: Asked): Failed {
  if (!cause.sent) {
    const message = `Cobo cannot be reached: ${cause.message}.`;
    const remedy = 'Check `api-url`, and the network and the proxy of the runner. Then re-run the job.';
    return { error: new ActionError('cobo-unavailable', message, remedy, { cause }), open: false, again: {} };
  }
  const lost = `The request was sent to Cobo, but no answer arrived: ${cause.message}.`;
  const remedy =
    operation === 'refresh_token'
      ? `Re-run the job. If Cobo then says that the refresh token is not valid, ${START_OVER}`
      : 'Check the network and the proxy of the runner. Then re-run the job.';
  const error = new ActionError('answer-lost', cause.partial ? cutOff(cause) : lost, remedy, { cause });
  return { error, open: true, again: {} };
}

export function cutOff({ message }: TransportError): string {
  return `Cobo's answer did not arrive whole: ${message}.`;
}

function detailsOf(text: string, json: unknown, { known }: Asked): string {
  const told = (name: string, limit?: number) => {
    const value = field(json, name);
    // Before it is cut: no mask would find a part of the token.
    const clean = typeof value === 'string' && known !== undefined ? redact(value, [known]) : value;
    return remoteText(clean, limit).replace(/[.:\s]+$/, '');
  };
  const [oauth, code, id] = [told('error', 60), told('error_code', 20), told('error_id', 64)];
  const why = told(oauth ? 'error_description' : 'error_message');
  const colon = why && `: ${why}`;
  if (oauth) return `, ${oauth}${colon}`;
  if (code) return `, error code ${code}${colon}${id && ` (error ID ${id})`}`;
  return text.startsWith('<') ? ' with a web page' : '';
}

function remedyFor(json: unknown): string | undefined {
  const code = remoteText(field(json, 'error')) || remoteText(field(json, 'error_code'));
  return REMEDIES.find(([codes]) => codes.split(' ').includes(code))?.[1];
}
