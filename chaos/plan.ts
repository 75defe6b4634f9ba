import type { Moment } from '../emulators/faults.ts';

/** Which requests a mishap strikes, by what they are for. */
export type Target =
  | 'refresh'
  | 'implicit'
  | 'key'
  | 'about'
  | 'run'
  | 'variable'
  | 'probe-write'
  | 'probe-delete'
  | 'store'
  | 'store-access'
  | 'store-variable'
  | 'any';

/** What goes wrong with a request. Plain data, so that a plan can be printed and repeated. */
export type Mishap =
  | { kind: 'refuse' }
  | { kind: 'cut'; when: Moment | 'during' }
  /** Short enough for the client to wait. */
  | { kind: 'delay'; when: Moment }
  /** Processed only after the client has given up. */
  | { kind: 'late' }
  | { kind: 'hang'; when: Moment }
  | { kind: 'drip' }
  | { kind: 'flood' }
  | { kind: 'redirect' }
  | { kind: 'status'; status: number; when: Moment; signed?: boolean; html?: boolean; retryAfter?: number }
  /** GitHub's primary rate limit: 403 and the moment of its end. */
  | { kind: 'primary-limit' }
  | { kind: 'unsigned' }
  | { kind: 'bad-signature' }
  | { kind: 'foreign-signature' }
  /** Signed by Cobo, but the access token is no string. */
  | { kind: 'malformed-access' }
  /** Signed by Cobo, but the refresh token is no string. */
  | { kind: 'malformed-refresh' }
  | { kind: 'rotate-key' }
  /** From this request on GitHub knows the token no more, or shows it nothing, or lets it only read. */
  | { kind: 'revoke'; scope: 'token' | 'owner' | 'write' };

export interface PlannedMishap {
  service: 'cobo' | 'github';
  target: Target;
  mishap: Mishap;
  /** That many matching requests pass unharmed first. */
  skip: number;
  /** That many are struck; `null` means all that come. */
  times: number | null;
}

/** When somebody interferes from outside. */
export type Instant =
  /** At the n-th request (from 0) of that kind that either emulator gets, before or after its processing. */
  | { request: number; of: Target; when: Moment }
  /** At some point of the run, whatever happens there: 0 is its beginning, 1 rather late. */
  | { share: number };

export interface Interruption {
  /** `runner`: as the runner cancels, with a short breath, up to the kill. */
  kind: 'SIGINT' | 'SIGTERM' | 'runner' | 'SIGKILL';
  at: Instant;
}

/** The run that has waited in the queue while the first one ran. */
export type Queued =
  /** Holds what it read when it was queued, before the first run. */
  | 'read-at-queue'
  /** Its job began before the first run ended, so that even its environment secret is old. */
  | 'read-at-old-job-start'
  /** Reads the store when its job starts, after the first run. */
  | 'read-at-job-start';

/** Everything that chance decides for one run. */
export interface Plan {
  seed: number;
  /** Lines of `secret-stores`. */
  stores: string[];
  /** `refused`: given, but Cobo does not let the app use it. */
  orgId: 'none' | 'allowed' | 'refused';
  refreshTokenSecret: boolean;
  accessTokenSecret: boolean;
  expiresAtVariable: boolean;
  maxAttempts: number;
  dryRun: boolean;
  /** Tokens with quotes, line breaks, percent signs and characters outside ASCII. */
  oddTokens: boolean;
  /** What the run is given as its refresh token. */
  token: 'living' | 'revoked' | 'expired' | 'none';
  revokeFamilyOnReplay: boolean;
  omitRefreshToken: boolean;
  /** How far GitHub's clock is ahead of the runner's. */
  clockSkewMs: number;
  /** Whether the writer token may read the run. */
  mayReadRun: boolean;
  /** The store (by its number) that the writer token may only read. */
  readOnlyStore: number | undefined;
  /** Probes that a killed run left behind. */
  leftoverProbes: boolean;
  mishaps: PlannedMishap[];
  interruption: Interruption | undefined;
  queued: Queued | undefined;
  /** Mishaps of the queued run. */
  queuedMishaps: PlannedMishap[];
  /** Whether an ordinary run comes last, to see whether all is well again. */
  followUp: boolean;
}
