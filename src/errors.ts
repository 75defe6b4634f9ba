/**
 * What has become of the refresh token, as the `token-state` output tells it.
 *
 * - `unspent`: this run did not use it
 * - `stored`: rotated, and the successor is in every store
 * - `delivered`: rotated, and handed out as the `refresh-token` output
 * - `kept`: used, but Cobo sent no successor, so the old one stays valid
 * - `reused`: no refresh was needed
 * - `sealed`: rotated, not fully stored, the successor is in the recovery envelope
 * - `unknown`: an answer was lost, the token may be spent
 */
export type TokenState = 'unspent' | 'stored' | 'delivered' | 'kept' | 'reused' | 'sealed' | 'unknown';

/** Every error code of the action, with the title that its line in the log carries. See docs/errors.md. */
export const ERROR_TITLES = {
  'input-missing': 'An input is missing',
  'input-invalid': 'An input is wrong',
  'envelope-invalid': 'The recovery envelope cannot be opened',
  'github-unavailable': 'GitHub does not answer',
  'github-refused': 'GitHub refused a request',
  'store-refused': 'A store cannot be written',
  'store-missing': 'A store is not there',
  'store-full': 'A store is full',
  'token-stale': 'The refresh token is stale',
  'token-dead': 'The refresh token is dead',
  'cobo-refused': 'Cobo refused the request',
  'cobo-unavailable': 'Cobo does not answer',
  'answer-lost': "Cobo's answer was lost",
  'answer-untrusted': "Cobo's answer cannot be trusted",
  'answer-malformed': "Cobo's answer is malformed",
  'store-failed': 'The rotated refresh token could not be stored',
  'extra-failed': 'The access token or its expiry could not be stored',
  cancelled: 'Cancelled',
  internal: 'An unexpected error',
} as const;

export type ErrorCode = keyof typeof ERROR_TITLES;

/**
 * The one kind of error that reaches people.
 *
 * `message` says what failed, `remedy` what to do next; both are whole sentences without a secret in them.
 * `tokenState` is filled in when the error is told: only the end of a run knows how far it has come.
 */
export class ActionError extends Error {
  override readonly name: string = 'ActionError';
  readonly code: ErrorCode;
  readonly remedy: string;
  tokenState: TokenState = 'unspent';

  constructor(code: ErrorCode, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}

/** A wrong or missing input. The message names the input and never repeats its value. */
export function inputError(input: string, problem: string, remedy: string): ActionError {
  return new ActionError('input-invalid', `The input \`${input}\` ${problem}.`, remedy);
}

/**
 * Anything that was thrown, as an ActionError. What is not one already is a defect of the action itself:
 * its own text is not shown, because nobody has checked that it carries no secret.
 */
export function asActionError(thrown: unknown): ActionError {
  if (thrown instanceof ActionError) return thrown;
  const kind = thrown instanceof Error ? thrown.name : typeof thrown;
  return new ActionError(
    'internal',
    `Something failed that the action did not expect (${kind}).`,
    'Run again with debug logging, and report it with the debug lines; they carry no secret.',
    { cause: thrown },
  );
}
