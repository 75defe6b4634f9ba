import type { HttpAnswer } from '../http.ts';
import { retryAfterMs, type TryAgain } from '../retry.ts';
import { field, parseJson, remoteText } from '../text.ts';
import { CoboFailure } from './failure.ts';
import type { SignatureVerdict } from './verification.ts';

const CHECK_KEY =
  'Check in Cobo Portal that the app key of this `private-key` is registered and active in the environment of `cobo-environment`, ' +
  "and that no IP allowlist shuts the runner out (GitHub's hosted runners have changing addresses).";
const CHECK_CLIENT =
  'Check that `client-id` belongs to the app of this `private-key`, in the environment of `cobo-environment`.';
const TRY_LATER = "Run the job again later; when it lasts, give Cobo's support the error ID.";
const REPORT = 'This is likely a defect of the action, or a change at Cobo: please report it.';

/** Remedies by Cobo's error code. Source: Cobo's developer site, "Error codes". */
const BY_CODE: Record<string, string> = {
  '1000': TRY_LATER,
  '1003': REPORT,
  '1006': CHECK_CLIENT,
  '2000': TRY_LATER,
  '2003': REPORT,
  '2006': CHECK_CLIENT,
  '2010': 'Too many requests: run less often, or later.',
  '2021': 'Check `api-url`: it must end in `/v2`.',
  '2022': 'A header was missing on arrival: check that no proxy strips the `Biz-Api-*` headers.',
  '2023': "Check that no proxy changes the request, and that the runner's clock is right.",
  '2024': CHECK_KEY,
  '2025': CHECK_CLIENT,
  '2026': 'Too many requests: run less often, or later.',
  '2028': 'Check `api-url`, `client-id` and `org-id`.',
  '4001': CHECK_CLIENT,
  '10000': 'The organization is read-only at the moment: ask its administrators.',
};

/** Remedies by OAuth's error code (RFC 6749, section 5.2). */
const BY_OAUTH_ERROR: Record<string, string> = {
  invalid_client: CHECK_CLIENT,
  unauthorized_client:
    'The app may not use this grant, or `client-id` belongs to another app. If the ID is right, have the organization install the app again (docs/recovery.md, "Start over").',
  access_denied: CHECK_CLIENT,
  invalid_request: REPORT,
  invalid_scope: REPORT,
  unsupported_grant_type:
    'Cobo does not offer this grant to the app. Without `org-id` only `refresh_token` is used.',
};

/**
 * Statuses that a proxy in front of Cobo answers by itself, unsigned, without handing the request on.
 * 502 and 503 come from there as well, but may follow a request that was handed on.
 */
const PROXY_REFUSALS = new Set([414, 429]);

/** An answer with any status but 2XX, as the failure that it is. */
export function refusal(answer: HttpAnswer, signature: SignatureVerdict, nowMs: number): CoboFailure {
  const text = answer.body.toString('utf8');
  const json = parseJson(text);
  const { status } = answer;
  const tryAgain = again(answer, nowMs);
  const what = describe(status, text, json);

  if (signature === 'invalid') {
    return new CoboFailure(
      'answer-untrusted',
      `${what}, and the signature on that answer is wrong.`,
      WRONG_SIGNATURE_REMEDY,
      { effect: 'possible', untrusted: true },
    );
  }
  // Only a signed refusal proves that Cobo itself has refused, and a 5XX may follow a rotation.
  const proven = signature === 'valid' || PROXY_REFUSALS.has(status);
  const effect = proven && status < 500 ? 'none' : 'possible';
  const note = signature === 'missing' ? ' (not signed, so from a proxy or firewall in front of it)' : '';

  if (tryAgain) {
    return new CoboFailure('cobo-unavailable', `${what}${note}.`, remedyFor(json) ?? TRY_LATER, {
      effect,
      tryAgain,
    });
  }
  if (signature === 'valid' && field(json, 'error') === 'invalid_grant') {
    return new CoboFailure('token-dead', `${what}.`, '', { effect, dead: true });
  }
  const remedy =
    signature === 'missing'
      ? 'Check `api-url`, and whether a proxy or firewall on the way to Cobo refuses the request.'
      : (remedyFor(json) ?? CHECK_CLIENT);
  return new CoboFailure('cobo-refused', `${what}${note}.`, remedy, { effect });
}

export const WRONG_SIGNATURE_REMEDY =
  'Check `cobo-environment`, and `response-public-key` and `api-url` where they are set. If they are right, something between the runner and Cobo changes answers: find out before you run again.';

function again(answer: HttpAnswer, nowMs: number): TryAgain | undefined {
  if (answer.status !== 429 && answer.status < 500) return undefined;
  const afterMs = retryAfterMs(answer.headers, nowMs);
  return afterMs === undefined ? {} : { afterMs };
}

function describe(status: number, text: string, json: unknown): string {
  const oauth = remoteText(field(json, 'error'), 60);
  if (oauth) {
    const description = remoteText(field(json, 'error_description'));
    return `Cobo answered HTTP ${status}, ${oauth}${description ? `: ${trimDot(description)}` : ''}`;
  }
  const code = remoteText(field(json, 'error_code'), 20);
  if (code) {
    const message = trimDot(remoteText(field(json, 'error_message')));
    const id = remoteText(field(json, 'error_id'), 64);
    return `Cobo answered HTTP ${status}, error code ${code}${message ? `: ${message}` : ''}${id ? ` (error ID ${id})` : ''}`;
  }
  return `Cobo's address answered HTTP ${status}${/^\s*</.test(text) ? ' with a web page' : ''}`;
}

function trimDot(text: string): string {
  return text.replace(/[.\s]+$/, '');
}

function remedyFor(json: unknown): string | undefined {
  const oauth = field(json, 'error');
  if (typeof oauth === 'string' && Object.hasOwn(BY_OAUTH_ERROR, oauth)) return BY_OAUTH_ERROR[oauth];
  // A list or an object is no code, and may not even be turned into a text.
  const code = remoteText(field(json, 'error_code'), 20);
  return Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
}
