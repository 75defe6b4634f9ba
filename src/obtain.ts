import type { CoboAccess, ExchangeFailure, SignedRequest } from './cobo/exchange.ts';
import type { Grant } from './cobo/grant.ts';
import { ActionError } from './errors.ts';
import { debugRequests, type Run, seal } from './run.ts';
import { utc } from './text.ts';

/** What Cobo granted, with the time from which the access token's life counts. */
export type Obtained = Grant & { healed: boolean; at: number };

const START_OVER =
  'Give `org-id` to have a fresh pair obtained, or have the organization install the app again (docs/recovery.md, "Start over").';

/**
 * Obtains a new pair of tokens from Cobo, and keeps `run.fate` honest throughout.
 * @throws ActionError
 */
export async function obtain(
  run: Run,
  refreshToken: string | undefined,
  first: SignedRequest | undefined,
): Promise<Obtained> {
  const { exchange, ExchangeFailure } = await import('./cobo/exchange.ts');
  const { inputs, world, fate } = run;
  // Until the exchange has told otherwise: what fails in an unforeseen way may have spent the token.
  if (refreshToken !== undefined) fate.state = 'unknown';
  try {
    const grant = await exchange(access(run), refreshToken, inputs.orgId, first);
    if (grant.refreshToken !== undefined) {
      run.masks.add(grant.refreshToken);
      fate.successor = grant.refreshToken;
    } else if (grant.problem === undefined) fate.state = 'kept';
    if (grant.access !== undefined) run.masks.add(grant.access.accessToken);
    return { ...grant, at: world.clock.now() };
  } catch (error) {
    if (!(error instanceof ExchangeFailure)) throw error;
    throw explain(run, error);
  }
}

/** The refresh with this token, signed before it can be sent. */
export async function signAhead(run: Run, refreshToken: string): Promise<SignedRequest> {
  const { signFirst } = await import('./cobo/exchange.ts');
  return signFirst(access(run), refreshToken);
}

function access(run: Run): CoboAccess {
  const { inputs, world } = run;
  return {
    http: world.http,
    httpOptions: { timeoutMs: inputs.timeoutMs, onDone: debugRequests(run) },
    clock: world.clock,
    log: run.delivery,
    maxAttempts: inputs.maxAttempts,
    apiUrl: inputs.cobo.apiUrl,
    responseKey: inputs.cobo.responseKey,
    keys: inputs.keys,
    clientId: inputs.clientId,
  };
}

/** One line on what was obtained. */
export function obtainedLine({ access, healed, at }: Obtained): string {
  const how = healed ? '✓ Obtained a fresh pair with org_implicit' : '✓ Refreshed';
  return access === undefined
    ? how
    : `${how}: the access token is valid until ${utc(at + access.expiresIn * 1000)}`;
}

function explain(run: Run, { failure, maybeSpent }: ExchangeFailure): ActionError {
  const { facts } = failure;
  run.fate.state = maybeSpent ? 'unknown' : 'unspent';
  if (facts.carried !== undefined) {
    run.masks.add(facts.carried);
    run.fate.successor = facts.carried;
    // The probes are cleared up before the run ends, which takes its time: a kill must not take the token.
    run.delivery.insure(seal(run, facts.carried));
  }
  const cause = { cause: failure };
  if (facts.dead) {
    return maybeSpent
      ? new ActionError(
          'answer-lost',
          `An answer of Cobo was lost, and now the refresh token is dead: the lost answer held its successor. ${failure.message}`,
          START_OVER,
          cause,
        )
      : new ActionError(
          'token-dead',
          `The refresh token is spent, revoked or expired. ${failure.message}`,
          `If another run has rotated it, run the job again to read the secret afresh. Otherwise: ${START_OVER}`,
          cause,
        );
  }
  if (facts.untrusted || !maybeSpent) return failure;
  return new ActionError(
    failure.code,
    failure.message,
    `${failure.remedy} Run the job again: if Cobo still takes the token, nothing was lost. If it says that the token is dead: ${START_OVER}`.trim(),
    cause,
  );
}
