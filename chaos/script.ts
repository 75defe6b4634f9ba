import type { Moment } from '../emulators/faults.ts';
import type { Ending, Role } from './act.ts';
import { ACCESS_SECRET, aimedAt, EXPIRY_VARIABLE, REFRESH_SECRET, stalls } from './mishaps.ts';
import type { Instant, Interruption, Plan, PlannedMishap } from './plan.ts';
import type { Theatre } from './theatre.ts';

/** What one run of the action is told to do, and what is done to it. */
export interface Script {
  role: Role;
  /** The step's `with:`. */
  inputs: Record<string, string>;
  runId: number;
  /** When the run was queued, milliseconds since 1970 by GitHub's clock. */
  queuedAt: number;
  /** When its job started, by the runner's clock. */
  jobStartedAt: number;
  token: string | undefined;
  envelope: string | undefined;
  mishaps: readonly PlannedMishap[];
  interruption: Interruption | undefined;
}

/** What came of it, as far as the performer can tell. */
export interface Performance {
  ending: Ending;
  /** A signal or a kill was sent before the run had ended. */
  interrupted: boolean;
  /** A signal was certainly seen before anything could be spent. */
  cancelledEarly: boolean;
  /** The machine was too slow to tell faults from its own delays: nothing can be concluded. */
  tooSlow: boolean;
}

/** Runs the action once. */
export type Performer = (theatre: Theatre, script: Script) => Promise<Performance>;

/** The inputs of a run under this plan. */
export function inputsOf(
  theatre: Theatre,
  token: string | undefined,
  envelope: string | undefined,
  mishaps: readonly PlannedMishap[],
): Record<string, string> {
  const { plan, cobo, client } = theatre;
  const inputs: Record<string, string> = {
    'private-key': client.appSecretHex,
    'client-id': client.clientId,
    'api-url': cobo.url,
    'response-public-key': cobo.responsePublicKeyHex,
    'github-token': theatre.writer,
    'github-api-url': theatre.github.url,
    'secret-stores': plan.stores.join('\n'),
    'max-attempts': String(plan.maxAttempts),
    // A slow machine must not look like a lost answer, so that the limit is short only where it is needed.
    'timeout-seconds': mishaps.some(({ mishap }) => stalls(mishap)) ? '1' : '30',
    'access-token-env': 'COBO_ACCESS_TOKEN',
  };
  if (token !== undefined) inputs['refresh-token'] = token;
  if (envelope !== undefined) inputs['recovery-envelope'] = envelope;
  if (plan.orgId !== 'none') inputs['org-id'] = client.orgId;
  return { ...inputs, ...targetInputs(plan) };
}

function targetInputs(plan: Plan): Record<string, string> {
  return {
    ...(plan.refreshTokenSecret ? { 'refresh-token-secret': REFRESH_SECRET } : {}),
    ...(plan.accessTokenSecret ? { 'access-token-secret': ACCESS_SECRET } : {}),
    ...(plan.expiresAtVariable ? { 'expires-at-variable': EXPIRY_VARIABLE } : {}),
  };
}

/** Tells, request by request, when the instant of an interruption has come. */
export function atInstant(at: Instant | undefined): (method: string, path: string) => Moment | undefined {
  let seen = 0;
  return (method, path) => {
    if (at === undefined || !('request' in at) || !aimedAt(at.of, method, path)) return undefined;
    return seen++ === at.request ? at.when : undefined;
  };
}
