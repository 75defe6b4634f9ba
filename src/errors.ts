const TOKEN_STATES = ['unspent', 'stored', 'delivered', 'kept', 'reused', 'sealed', 'unknown'] as const;

/** What has become of the refresh token, as the `token-state` output tells it; fate.ts says what each means. */
export type TokenState = (typeof TOKEN_STATES)[number];

export function isTokenState(value: unknown): value is TokenState {
  return TOKEN_STATES.some((state) => state === value);
}

/** Every error code, with the title of its line in the log. docs/errors.md explains each. */
export const ERROR_TITLES = {
  'input-missing': 'An input is missing',
  'input-invalid': 'An input is invalid',
  'proxy-invalid': 'The proxy is invalid',
  'envelope-invalid': 'The recovery envelope cannot be opened',
  'envelope-spent': 'The recovery envelope is no longer needed',
  'runner-files': 'The files of the runner cannot be written',
  'github-unavailable': 'GitHub is unavailable',
  'github-refused': 'GitHub refused a request',
  'rate-limited': "GitHub's rate limit is too low for this run",
  'store-refused': 'A store cannot be written',
  'store-missing': 'A store does not exist',
  'store-full': 'A store is full',
  'token-stale': 'The refresh token is stale',
  'token-in-doubt': 'The refresh token is in doubt',
  'token-dead': 'The refresh token is dead',
  'cobo-refused': 'Cobo refused the request',
  'cobo-unavailable': 'Cobo is unavailable',
  'answer-lost': "Cobo's answer was lost",
  'answer-untrusted': "Cobo's answer cannot be trusted",
  'answer-malformed': "Cobo's answer is malformed",
  'store-failed': 'The new refresh token could not be stored',
  'extra-failed': 'The access token or its expiry could not be stored',
  'record-left': 'An in-flight record could not be deleted',
  overtaken: 'Somebody came later',
  cancelled: 'Cancelled',
  internal: 'An unexpected error',
} as const;

export type ErrorCode = keyof typeof ERROR_TITLES;

/**
 * The one kind of error that reaches people, unchanged from where the failure is understood. `message` says what
 * failed, `remedy` what to do next: whole sentences that make sense by themselves and hold no secret.
 */
export class ActionError extends Error {
  override readonly name: string = 'ActionError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Anything that was thrown. What is no ActionError is a defect: its text is not shown, it could hold a secret. */
export function asActionError(thrown: unknown): ActionError {
  if (thrown instanceof ActionError) return thrown;
  const kind = thrown instanceof Error ? thrown.name : typeof thrown;
  return new ActionError(
    'internal',
    `Something failed that the action did not expect (${kind}).`,
    'Re-run the job with debug logging, and report the problem with the debug lines. They hold no secret.',
    { cause: thrown },
  );
}
