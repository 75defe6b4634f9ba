import { ActionError, type ErrorCode } from '../errors.ts';
import type { TryAgain } from '../retry.ts';

/** What a failed attempt may have done to the refresh token. */
export interface FailureFacts {
  /** `none`: Cobo has not spent it, for certain. `possible`: it may have. */
  effect: 'none' | 'possible';
  /** Cobo says, signed, that this token is spent, revoked or expired. */
  dead?: boolean;
  /** The answer was a success but cannot be trusted; nothing may paper over that. */
  untrusted?: boolean;
  /** The refresh token that an untrusted answer carried. */
  carried?: string;
  /** When it may be tried again; left out when the failure is final. */
  tryAgain?: TryAgain;
}

/** One attempt of an operation that brought no grant. */
export class CoboFailure extends ActionError {
  override readonly name = 'CoboFailure';
  readonly facts: FailureFacts;

  constructor(code: ErrorCode, message: string, remedy: string, facts: FailureFacts, options?: ErrorOptions) {
    super(code, message, remedy, options);
    this.facts = facts;
  }
}
