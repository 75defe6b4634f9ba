import { type CoboAccess, type Exchange, exchange } from './cobo/exchange.ts';
import type { Grant } from './cobo/grant.ts';
import { rehearseSigning } from './cobo/signing.ts';
import { removeRecords } from './ending.ts';
import { ActionError } from './errors.ts';
import { keep, storedFacts } from './keep.ts';
import { debugRequests, mayRemoveRecords, type Run, seal } from './run.ts';
import { utc } from './text.ts';

/**
 * From the first byte of the refresh to the last output: nothing that was won is lost.
 * @param token the refresh token to use; `undefined` when a fresh pair has to be obtained
 * @throws ActionError
 */
export async function spend(run: Run, token: string | undefined): Promise<void> {
  const { cancellation, delivery, fate, handover, inputs, stores } = run;
  // In the post step: the main step has sent it already.
  const begun = fate.state === 'unknown' && token !== undefined;
  // A file that cannot be written must show now, and not when a successor has arrived.
  fate.become('unknown');
  delivery.endure();
  const outcome = await delivery.step(
    'Call Cobo',
    async () => read(run, token, await exchange(access(run), token, inputs.orgId, begun)),
    lineOf,
  );
  await keep(run, outcome.grant);
  if (mayRemoveRecords(run)) await removeRecords(run);
  delivery.succeeded({ state: fate.state, access: fate.access, facts: storedFacts(run) });
  if (fate.state !== 'stored' || cancellation.received !== undefined) return;
  await stores?.sweep([token, inputs.refreshToken], handover.lookedAt);
}

/** Signs and seals once, for nothing, so that the code is loaded and compiled when a token is at stake. */
export function rehearse({ inputs, masks }: Run): void {
  rehearseSigning(inputs.keys);
  seal({ refreshToken: '', lookedAt: undefined }, inputs, masks);
}

function access(run: Run): CoboAccess {
  const { inputs, world, delivery, cancellation } = run;
  return {
    http: world.http,
    httpOptions: { timeoutMs: inputs.timeoutMs, onDone: debugRequests(run) },
    clock: world.clock,
    log: delivery,
    maxAttempts: inputs.maxAttempts,
    apiUrl: inputs.cobo.apiUrl,
    responseKey: inputs.cobo.responseKey,
    keys: inputs.keys,
    clientId: inputs.clientId,
    stop: cancellation.stop,
  };
}

/**
 * Takes in what Cobo answered: first the successor is remembered and sealed, then both tokens are masked.
 * @throws ActionError when there is no pair
 */
function read(run: Run, token: string | undefined, outcome: Exchange): { grant: Grant; healed: boolean } {
  const { fate, inputs, masks, stores } = run;
  if ('failure' in outcome) {
    if (outcome.token === 'sealed') {
      fate.seal(outcome.carried, false);
      masks.add(outcome.carried);
    } else if (outcome.token === 'unspent') fate.become('unspent');
    throw explain(run, outcome);
  }
  const { refreshToken, access, problem } = outcome.grant;
  if (refreshToken !== undefined) {
    fate.seal(refreshToken, true);
    masks.add(refreshToken);
  } else if (problem === undefined) {
    fate.become('kept');
    // A token that came out of an envelope is in no store yet.
    const target = stores?.targets.refreshTokenSecret;
    if (inputs.recoveryEnvelope !== undefined && token !== undefined && target !== undefined) {
      fate.seal(token, true);
    }
  }
  if (access !== undefined) masks.add(access.accessToken);
  fate.access = access;
  return outcome;
}

/** The failure, with what else there is to do about it. */
function explain(run: Run, { failure, token }: Exclude<Exchange, { grant: Grant }>): ActionError {
  const { delivery, doubt, stores } = run;
  if (doubt !== undefined && failure.code !== 'cancelled') {
    return new ActionError(
      doubt.code,
      `${doubt.message} A fresh pair could not be obtained: ${failure.message}`,
      doubt.remedy,
      { cause: failure },
    );
  }
  const isTriedAgain = !delivery.isPost && stores?.targets.refreshTokenSecret !== undefined;
  if (token !== 'unknown' || !isTriedAgain) return failure;
  const { remedy: last } = failure;
  const remedy = `The post step of this job tries again with the same token. If that fails too, ${last.charAt(0).toLowerCase()}${last.slice(1)}`;
  return new ActionError(failure.code, failure.message, remedy, { cause: failure });
}

function lineOf({ grant: { access }, healed }: { grant: Grant; healed: boolean }): string {
  const how = healed ? '✓ Obtained a fresh pair with org_implicit' : '✓ Refreshed';
  return access === undefined ? how : `${how}: the access token is valid until ${utc(access.expiresAt)}`;
}
