import type { Annotation } from '../emulators/runner/log.ts';
import type { RecordedRequest } from '../emulators/server.ts';
import type { Mishap } from './plan.ts';

/**
 * The part that a run of the action plays in a story.
 *
 * - `first`: the one that mishaps strike
 * - `queued`: waited in the queue while the first one ran
 * - `recovery`: started with the envelope that an earlier run has printed
 * - `follow-up`: an ordinary one after all that; nothing strikes it
 */
export type Role = 'first' | 'queued' | 'recovery' | 'follow-up';

/** What a process left behind, as far as others can see it. */
export interface Ending {
  /** null when a signal ended the process. */
  exitCode: number | null;
  /** Ended from outside, in whatever state it was: it could tell nothing more. */
  killed: boolean;
  /** The signal that ended it. */
  killedBy: string | undefined;
  outputs: Record<string, string>;
  /** Masked, as users see it. */
  log: string;
  annotations: readonly Annotation[];
  debug: readonly string[];
  rawSummary: string;
}

/** A request to Cobo, with what only Cobo knows of it. */
export interface Exchange {
  operation: 'refresh' | 'implicit';
  status: number | 'cut';
  /** The pair that Cobo issued. */
  issued?: { refreshToken?: string; accessToken: string };
  /** It presented a token that was spent before. */
  replay: boolean;
  /**
   * How the answer reached the action: `whole` with a good signature, `untrusted` with none or a wrong
   * one, `lost` not at all or unreadable, `refusal` as a status that is no success.
   */
  arrival: 'whole' | 'untrusted' | 'lost' | 'refusal';
  /** Nothing that arrived tells whether Cobo has processed the request. */
  ambiguous: boolean;
  /** The failure is one that the contract has tried again. */
  retryable: boolean;
  record: RecordedRequest;
  mishap: Mishap | undefined;
}

/** A request to GitHub, with what went wrong on purpose. */
export interface GitHubRequest {
  record: RecordedRequest;
  mishap: Mishap | undefined;
}

/** What a store holds. */
export interface StoreFacts {
  label: string;
  kind: 'repository' | 'environment' | 'dependabot' | 'organization';
  /** The path of its secrets in GitHub's API. */
  secretsPath: string;
  refreshToken: string | undefined;
  accessToken: string | undefined;
  expiresAt: string | undefined;
  /** Names of probes in it. */
  probes: string[];
}

/** One run of the action and everything that the referee may know of it. */
export interface Act {
  role: Role;
  setting: {
    /** Whether write-back of the refresh token is on. */
    refreshTokenSecret: string | undefined;
    accessTokenSecret: string | undefined;
    expiresAtVariable: string | undefined;
    orgId: 'none' | 'allowed' | 'refused';
    maxAttempts: number;
    dryRun: boolean;
    appSecretHex: string;
    clientId: string;
  };
  /** The refresh token that the run was given, whether in the clear or in an envelope. */
  input: { token: string | undefined; living: boolean; envelope: boolean };
  /** Stores whose secret was updated after this run had read it, as far as the run can know. */
  staleStores: string[];
  before: StoreFacts[];
  after: StoreFacts[];
  /** Cobo's living refresh tokens at the end. */
  living: string[];
  livingAccessTokens: string[];
  exchanges: Exchange[];
  gitHub: GitHubRequest[];
  maxInFlight: number;
  /** Something went wrong on purpose, or the run was interrupted. */
  disturbed: boolean;
  /** A signal came before the first request that could spend anything, and was seen in time. */
  cancelledEarly: boolean;
  ending: Ending;
  /** Everything that must not be readable. */
  secrets: string[];
  /** What broke inside the emulators. */
  emulatorErrors: string[];
}
