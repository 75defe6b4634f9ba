import type { Grant } from './cobo/answer.ts';
import { type Exchange, exchange } from './cobo/exchange.ts';
import { rehearseSigning } from './cobo/signing.ts';
import { ActionError } from './errors.ts';
import type { Failed, Stored } from './github/failure.ts';
import type { Inputs } from './inputs.ts';
import { sealEnvelope } from './recovery.ts';
import { A_RUN_WITH_IT, type Run } from './run.ts';
import type { Fact } from './summary.ts';
import { list, utc } from './text.ts';

/** Signs and seals once, for nothing, so that the code is loaded and compiled when a token is at stake. */
export function rehearse({ keys, clientId }: Pick<Inputs, 'keys' | 'clientId'>): void {
  rehearseSigning(keys);
  sealEnvelope({ refreshToken: '', lookedAt: undefined }, keys.appSecret, clientId);
}

/**
 * Refreshes. From the first byte on, nothing that was won is lost.
 * @param token the refresh token to use; `undefined` when a fresh pair has to be obtained
 * @returns what is malformed in the answer, whose refresh token has to be kept all the same
 * @throws ActionError when there is no pair
 */
export async function obtain(run: Run, token: string | undefined): Promise<string | undefined> {
  const { cancellation, delivery, fate } = run;
  const { keys, clientId, cobo, orgId } = run.inputs;
  // In the post step: the main step has sent it already.
  const begun = fate.state === 'unknown' && token !== undefined;
  // A file that cannot be written must show now, and not when a successor has arrived.
  fate.become('unknown');
  delivery.endure();
  const access = { ...run.network, ...cobo, keys, clientId, stop: cancellation.stop };
  const { grant } = await delivery.step(
    async () => read(run, token, await exchange(access, token, orgId, begun)),
    ({ grant, healed }) => {
      if (grant.access === undefined && grant.refreshToken === undefined) return undefined;
      const how = healed ? '✓ Obtained a fresh pair with org_implicit' : '✓ Refreshed';
      return grant.access ? `${how}: the access token is valid until ${utc(grant.access.expiresAt)}` : how;
    },
  );
  return grant.problem;
}

/**
 * Takes in what Cobo answered: first the successor is remembered and sealed, then both tokens are masked.
 * @throws ActionError when there is no pair
 */
function read(run: Run, token: string | undefined, outcome: Exchange): { grant: Grant; healed: boolean } {
  const { fate, inputs, masks, stores } = run;
  const seal = (successor: string, trusted: boolean) => {
    const sealed = { refreshToken: successor, lookedAt: stores?.lookedAt };
    fate.seal(successor, sealEnvelope(sealed, inputs.keys.appSecret, inputs.clientId), trusted);
    masks.add(successor);
  };
  const hasTarget = stores?.targets.refreshTokenSecret !== undefined;
  if ('failure' in outcome) {
    if (outcome.token === 'sealed') seal(outcome.carried, false);
    else if (outcome.token === 'unspent') fate.become('unspent');
    throw explain(run, outcome.failure, hasTarget && outcome.token === 'unknown');
  }
  const { refreshToken, access, problem } = outcome.grant;
  if (refreshToken !== undefined) seal(refreshToken, true);
  else if (problem === undefined) {
    fate.become('kept');
    // A token that came out of an envelope is in no store yet.
    if (inputs.recoveryEnvelope !== undefined && hasTarget && token !== undefined) seal(token, true);
  }
  if (access !== undefined) masks.add(access.accessToken);
  fate.access = access;
  return outcome;
}

/** A failure of Cobo, with what else there is to do about it. @param again whether a post step begins again */
function explain(run: Run, cause: ActionError, again: boolean): ActionError {
  const { doubt, fate } = run;
  const { code, message, remedy } = cause;
  if (doubt !== undefined && code !== 'cancelled' && fate.state !== 'sealed') {
    const both = `${doubt.message} A fresh pair could not be obtained: ${message}`;
    return new ActionError(doubt.code, both, `${doubt.remedy} For a fresh pair: ${remedy}`, { cause });
  }
  return again ? new ActionError(code, message, afterPost(run, remedy, ' with the same token'), { cause }) : cause;
}

/** A remedy for when the post step, which tries again, fails too. */
function afterPost({ delivery }: Run, remedy: string, how = ''): string {
  if (delivery.isPost) return remedy;
  const last = remedy.charAt(0).toLowerCase() + remedy.slice(1);
  return `The post step of this job tries again${how}. If that fails too, ${last}`;
}

/**
 * Keeps what Cobo granted: the successor in stores, or as an output where no store receives it, then the access
 * token and its expiry.
 * @param problem what is malformed in Cobo's answer
 * @param again stores the successor in a post step
 * @throws ActionError, with all that could be kept kept
 */
export async function keep(run: Run, problem?: string, again?: (successor: string) => Promise<Stored>): Promise<void> {
  const { failed, others } = await keepToken(run, again);
  const extras = await keepExtras(run);
  if (failed.length > 0) {
    const rest = others > 0 ? ` ${others === 1 ? 'One other store holds' : `${others} other stores hold`} it.` : '';
    const message = `The new refresh token could not be stored in ${describe(failed)}.${rest}`;
    throw new ActionError('store-failed', message, afterPost(run, `Start ${A_RUN_WITH_IT}`));
  }
  if (problem !== undefined) {
    const message = `Cobo's answer is signed but malformed: ${problem}.`;
    const remedy = 'No access token was handed out. Report the problem to Cobo, and to this action.';
    throw new ActionError('answer-malformed', message, remedy);
  }
  if (extras.length > 0) {
    const message = `After the refresh, not everything could be stored: ${describe(extras)}.`;
    const outputs = run.delivery.isPost ? '' : ' The access token is in the outputs of this step.';
    const remedy = `Check the permissions of \`github-token\` before the next run.${outputs}`;
    throw new ActionError('extra-failed', message, remedy);
  }
}

async function keepToken(run: Run, again?: (successor: string) => Promise<Stored>): Promise<Stored> {
  const { cancellation, delivery, fate, inputs, stores } = run;
  const { successor, left } = fate;
  const none: Stored = { into: [], failed: [], others: 0 };
  const target = inputs.writeBack?.refreshTokenSecret;
  if (successor === undefined) return none;
  if (target === undefined) {
    const isTold = delivery.handOut(successor);
    const remedy = `Check the disk of the runner. Start ${A_RUN_WITH_IT}`;
    if (!isTold) throw new ActionError('runner-files', 'The output `refresh-token` could not be written.', remedy);
    fate.become('delivered');
    return none;
  }
  const { stop } = cancellation;
  // The runner kills ten seconds after the first signal: the envelope must be in the log by then.
  const showEnvelope = () => delivery.showEnvelope(left.envelope ?? '');
  if (stop.aborted) showEnvelope();
  else stop.addEventListener('abort', showEnvelope);
  const told = ({ into, failed: { length } }: Stored) => {
    if (into.length === 0) return undefined;
    return length > 0
      ? `✗ ${length} of ${into.length} stores did not take the refresh token`
      : `✓ Stored the refresh token as ${target} in ${list(into)}`;
  };
  const store = async () => again?.(successor) ?? stores?.keepToken(successor) ?? none;
  const stored = await delivery.step(store, told);
  stop.removeEventListener('abort', showEnvelope);
  const { failed } = stored;
  const refused = failed.filter((one) => one.refused).map(({ label }) => label);
  if (failed.length === 0) fate.become('stored');
  else if (left.recording !== null) fate.note({ ...left.recording, refused });
  return stored;
}

/** @returns the writes of the access token and its expiry that failed */
async function keepExtras(run: Run): Promise<Failed[]> {
  const { delivery, fate, stores } = run;
  const { access } = fate;
  const names = list(extraNames(run));
  if (access === undefined || stores === undefined || names === '') return [];
  return delivery.step(
    () => stores.keepExtras(access.accessToken, utc(access.expiresAt)),
    ({ length }) =>
      length > 0 ? `✗ ${length} ${length === 1 ? 'write' : 'writes'} of ${names} failed` : `✓ Stored ${names}`,
  );
}

/** What is written beside the refresh token into some stores; not all have variables. */
function extraNames({ stores }: Run, into = stores?.prepared ?? []): string[] {
  const hasVariables = into.some(({ store }) => store.variablesPath !== undefined);
  const variable = hasVariables ? stores?.targets.expiresAtVariable : undefined;
  return [stores?.targets.accessTokenSecret, variable].filter((name) => name !== undefined);
}

function describe(failed: readonly Failed[]): string {
  return list(failed.map(({ label, name, reason }) => `\`${label}\` (${name}: ${reason})`));
}

/**
 * What comes when everything is kept: records that are not needed go, and the outputs are written.
 * @throws ActionError
 */
export async function conclude(run: Run): Promise<void> {
  const { cancellation, delivery, fate, held, inputs, stores } = run;
  const { state, keepsRecord, recording } = fate.left;
  if (!keepsRecord) await run.removeRecords();
  const token = state === 'stored' ? [stores?.targets.refreshTokenSecret ?? ''] : [];
  const facts = (stores?.prepared ?? []).flatMap((store): Fact[] => {
    const names = [...token, ...extraNames(run, [store])].map((name) => `\`${name}\``);
    // Without an access token, nothing was refreshed in this step.
    if (fate.access === undefined || names.length === 0) return [];
    return [['Written', `${list(names)} in \`${store.label}\``]];
  });
  delivery.succeeded({ state, access: fate.access, facts });
  // A cancelled run has better things to do with its last seconds.
  if (state !== 'stored' || cancellation.received !== undefined) return;
  // Without it, nobody knows which record belongs to the token in the secret.
  if (inputs.recoveryEnvelope !== undefined && inputs.refreshToken === undefined) return;
  await stores?.sweep([held?.refreshToken, inputs.refreshToken], recording?.lookedAt ?? 0);
}
