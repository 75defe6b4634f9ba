import type { AccessToken, Grant } from './cobo/answer.ts';
import { type Exchange, exchange } from './cobo/exchange.ts';
import { rehearseSigning } from './cobo/signing.ts';
import { ActionError } from './errors.ts';
import type { PreparedStore } from './github/store.ts';
import type { FailedWrite, Stores } from './github/stores.ts';
import { sealEnvelope } from './recovery.ts';
import { leaveBehind, network, type Run } from './run.ts';
import { removeRecords } from './step.ts';
import type { Fact } from './summary.ts';
import { list, utc } from './text.ts';

/**
 * From the first byte of the refresh to the last output: nothing that was won is lost.
 * @param token the refresh token to use; `undefined` when a fresh pair has to be obtained
 * @throws ActionError
 */
export async function spend(run: Run, token: string | undefined): Promise<void> {
  const { cancellation, delivery, fate, inputs } = run;
  // In the post step: the main step has sent it already.
  const begun = fate.state === 'unknown' && token !== undefined;
  // A file that cannot be written must show now, and not when a successor has arrived.
  fate.become('unknown');
  delivery.endure();
  const access = {
    ...network(run),
    apiUrl: inputs.cobo.apiUrl,
    responseKey: inputs.cobo.responseKey,
    keys: inputs.keys,
    clientId: inputs.clientId,
    stop: cancellation.stop,
  };
  const { grant } = await delivery.step(
    async () => read(run, token, await exchange(access, token, inputs.orgId, begun)),
    lineOf,
  );
  await keep(run, grant);
  await conclude(run, storedFacts(run));
}

/** Signs and seals once, for nothing, so that the code is loaded and compiled when a token is at stake. */
export function rehearse(run: Run): void {
  rehearseSigning(run.inputs.keys);
  envelopeOf(run, '');
}

function envelopeOf({ inputs, stores }: Run, refreshToken: string): string {
  const sealed = { refreshToken, lookedAt: stores?.lookedAt };
  return sealEnvelope(sealed, inputs.keys.appSecret, inputs.clientId);
}

/**
 * Takes in what Cobo answered: first the successor is remembered and sealed, then both tokens are masked.
 * @throws ActionError when there is no pair
 */
function read(run: Run, token: string | undefined, outcome: Exchange): { grant: Grant; healed: boolean } {
  const { fate, inputs, masks, stores } = run;
  const seal = (successor: string, trusted: boolean) => {
    fate.seal(successor, envelopeOf(run, successor), trusted);
    masks.add(successor);
  };
  if ('failure' in outcome) {
    if (outcome.token === 'sealed') seal(outcome.carried, false);
    else if (outcome.token === 'unspent') fate.become('unspent');
    throw explain(run, outcome);
  }
  const { refreshToken, access, problem } = outcome.grant;
  if (refreshToken !== undefined) seal(refreshToken, true);
  else if (problem === undefined) {
    fate.become('kept');
    // A token that came out of an envelope is in no store yet.
    const isInNoStore = inputs.recoveryEnvelope !== undefined && stores?.targets.refreshTokenSecret !== undefined;
    if (isInNoStore && token !== undefined) seal(token, true);
  }
  if (access !== undefined) masks.add(access.accessToken);
  fate.access = access;
  return outcome;
}

/** The failure, with what else there is to do about it. */
function explain(run: Run, { failure, token }: Exclude<Exchange, { grant: Grant }>): ActionError {
  const { delivery, doubt, stores } = run;
  if (doubt !== undefined && failure.code !== 'cancelled') {
    const message = `${doubt.message} A fresh pair could not be obtained: ${failure.message}`;
    return new ActionError(doubt.code, message, doubt.remedy, { cause: failure });
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

/**
 * Keeps what Cobo granted: the successor in stores, or as an output where no store receives it, then the access
 * token and its expiry.
 * @param into which stores need the successor; all of them by default
 * @throws ActionError, with all that could be kept kept
 */
export async function keep(
  run: Run,
  { problem, access }: Pick<Grant, 'problem' | 'access'>,
  into?: readonly PreparedStore[],
): Promise<void> {
  const { delivery, fate, stores } = run;
  const target = stores?.targets.refreshTokenSecret;
  const { successor } = fate;
  const storing = stores !== undefined && target !== undefined && successor !== undefined;
  const failed = storing ? await storeToken(run, stores, target, successor, into) : [];
  if (successor !== undefined && target === undefined) handOut(run, successor);
  const extras = stores !== undefined && access !== undefined ? await storeExtras(run, stores, access) : [];
  if (failed.length > 0) throw storeFailed(run, failed);
  if (problem !== undefined) {
    throw new ActionError(
      'answer-malformed',
      `Cobo's answer is signed but malformed: ${problem}.`,
      'No access token was handed out. Report the problem to Cobo, and to this action.',
    );
  }
  if (extras.length > 0) {
    throw new ActionError(
      'extra-failed',
      `After the refresh, not everything could be stored: ${describe(extras)}.`,
      `Check the permissions of \`github-token\` before the next run.${delivery.isPost ? '' : ' The access token is in the outputs of this step.'}`,
    );
  }
}

async function storeToken(
  run: Run,
  stores: Stores,
  target: string,
  successor: string,
  into = stores.prepared,
): Promise<FailedWrite[]> {
  const { cancellation, delivery, fate, recording } = run;
  if (into.length === 0) {
    fate.become('stored');
    return [];
  }
  // The runner kills ten seconds after the first signal: the envelope must be in the log by then.
  const showEnvelope = () => delivery.showEnvelope(fate.left.envelope ?? '');
  const { stop } = cancellation;
  if (stop.aborted) showEnvelope();
  else stop.addEventListener('abort', showEnvelope);
  const failed = await delivery.step(
    () => stores.keepToken(successor, into),
    ({ length }) =>
      length === 0
        ? `✓ Stored the refresh token as ${target} in ${list(into.map(({ label }) => label))}`
        : `✗ ${length} of ${into.length} stores did not take the refresh token`,
  );
  stop.removeEventListener('abort', showEnvelope);
  if (failed.length === 0) fate.become('stored');
  else {
    const refusing = failed.filter(({ refused }) => refused).map(({ label }) => label);
    for (const one of recording?.stores ?? []) one.refused = refusing.includes(one.label);
    leaveBehind(run);
  }
  return failed;
}

/** The error for stores that did not take the successor. */
function storeFailed({ delivery, stores }: Run, failed: FailedWrite[]): ActionError {
  const others = (stores?.labels.length ?? 0) - failed.length;
  const rest = others > 0 ? ` ${others === 1 ? 'One other store holds' : `${others} other stores hold`} it.` : '';
  return new ActionError(
    'store-failed',
    `The new refresh token could not be stored in ${describe(failed)}.${rest}`,
    `${delivery.isPost ? 'Start' : 'The post step of this job tries again. If that fails too, start'} a run with the envelope as the input \`recovery-envelope\` (docs/recovery.md).`,
  );
}

function handOut({ delivery, fate }: Run, successor: string): void {
  if (!delivery.handOut(successor)) {
    throw new ActionError(
      'runner-files',
      'The output `refresh-token` could not be written.',
      'Check the disk of the runner. Start a run with the envelope as the input `recovery-envelope` (docs/recovery.md).',
    );
  }
  fate.become('delivered');
}

async function storeExtras(run: Run, stores: Stores, access: AccessToken): Promise<FailedWrite[]> {
  const names = extraNames(stores, stores.prepared);
  if (names.length === 0) return [];
  return run.delivery.step(
    () => stores.keepExtras(access.accessToken, utc(access.expiresAt)),
    (failures) =>
      failures.length === 0
        ? `✓ Stored ${list(names)}`
        : `✗ ${failures.length === 1 ? '1 write' : `${failures.length} writes`} of ${list(names)} failed`,
  );
}

/** What is written beside the refresh token into some stores; not all have variables. */
function extraNames({ targets }: Stores, into: Stores['prepared']): string[] {
  const hasVariables = into.some(({ store }) => store.variablesPath !== undefined);
  const variable = hasVariables ? targets.expiresAtVariable : undefined;
  return [targets.accessTokenSecret, variable].filter((name) => name !== undefined);
}

/** What was written where, for the summary. */
function storedFacts({ fate, stores }: Run): Fact[] {
  const token = fate.state === 'stored' ? stores?.targets.refreshTokenSecret : undefined;
  return (stores?.prepared ?? []).flatMap((store): Fact[] => {
    const extras = fate.access === undefined || stores === undefined ? [] : extraNames(stores, [store]);
    const names = [token, ...extras].filter((name) => name !== undefined);
    if (names.length === 0) return [];
    return [['Written', `${list(names.map((name) => `\`${name}\``))} in \`${store.label}\``]];
  });
}

function describe(failed: FailedWrite[]): string {
  return list(failed.map(({ label, name, reason }) => `\`${label}\` (${name}: ${reason})`));
}

/**
 * What comes when everything is kept: records that are not needed go, and the outputs are written.
 * @throws ActionError
 */
export async function conclude(run: Run, facts: Fact[] = []): Promise<void> {
  const { cancellation, delivery, fate, held, inputs, recording, stores } = run;
  if (!fate.keepsRecord) await removeRecords(run);
  delivery.succeeded({ state: fate.state, access: fate.access, facts });
  // A cancelled run has better things to do with its last seconds.
  if (fate.state !== 'stored' || cancellation.received !== undefined) return;
  await stores?.sweep([held?.refreshToken, inputs.refreshToken], recording?.lookedAt ?? 0);
}
