import { Cancellation } from './cancellation.ts';
import type { AppKeyPair } from './cobo/app-key.ts';
import type { Delivery } from './delivery.ts';
import { fail, removeRecords } from './ending.ts';
import { ActionError, asActionError } from './errors.ts';
import { MEANINGS } from './fate.ts';
import type { PreparedStore } from './github/store.ts';
import type { Stores } from './github/stores.ts';
import { HANDOVER, type Handover, readHandover, type StoreHandover } from './handover.ts';
import { readInputs } from './inputs.ts';
import { store, storeFailed } from './keep.ts';
import { openEnvelope } from './recovery.ts';
import { tellers } from './refresh.ts';
import { loadSpending, mayRemoveRecords, type Run, startRun, tokenInHand, type World } from './run.ts';
import { list } from './text.ts';

/** GitHub's times are whole seconds, and the clocks of its machines differ a little. */
const NOISE_MS = 2_000;

/**
 * The post step: finishes what the main step could not. It runs in jobs that failed or were cancelled, and says
 * nothing when the main step has left nothing to do.
 * @returns the exit status: 0 when the refresh token is safe, 1 when it is not
 */
export async function finish(world: World): Promise<number> {
  const left = readHandover(world.toolkit.getState(HANDOVER));
  if (left === undefined || isDone(left)) return 0;
  const { delivery, masks } = tellers(world, true);
  // A token is at stake already: nobody has to read the log.
  delivery.endure();
  const cancellation = new Cancellation(world.signals);
  let run: Run | undefined;
  try {
    const inputs = readInputs(world.toolkit, masks, world.env);
    delivery.begin(inputs);
    const successor = successorIn(left, inputs.keys, inputs.clientId);
    if (successor !== undefined) masks.add(successor);
    run = startRun({ world, inputs, masks, delivery, cancellation }, left, successor);
    await takeUp(run, left);
    return MEANINGS[run.fate.state].safe ? 0 : 1;
  } catch (thrown) {
    if (run !== undefined) return await fail(run, thrown);
    delivery.failed(asActionError(thrown), { state: left.state, envelope: left.envelope });
    return 1;
  } finally {
    cancellation.close();
  }
}

function isDone({ state, stores, record, keepsRecord }: Handover): boolean {
  if (!MEANINGS[state].safe) return false;
  return keepsRecord || record === null || !stores.some((store) => store.record);
}

function successorIn({ envelope }: Handover, keys: AppKeyPair, clientId: string): string | undefined {
  return envelope === null ? undefined : openEnvelope(envelope, keys.appSecret, clientId).refreshToken;
}

async function takeUp(run: Run, left: Handover): Promise<void> {
  const { delivery, fate, inputs } = run;
  delivery.info(`The main step left token-state ${left.state}. ${MEANINGS[left.state].sentence}`);
  const target = inputs.writeBack?.refreshTokenSecret;
  if (fate.state === 'sealed' && !left.trusted) {
    throw new ActionError(
      'answer-untrusted',
      'The new refresh token came in an answer that could not be verified, so it was not stored.',
      'See the error of the main step, then decide whether to use the envelope (docs/recovery.md).',
    );
  }
  const token = tokenInHand(run)?.refreshToken;
  const stores = await reopen(run, left, token);
  if (target === undefined || stores === undefined) {
    await removeRecords(run);
    if (!MEANINGS[fate.state].safe) throw notStored(fate.state === 'sealed');
  } else if (fate.state === 'sealed') await storeNow(run, stores, left, target, token);
  else if (fate.state === 'unknown') await beginAgain(run, stores, left, token);
  else await removeRecords(run);
  tellEnd(delivery, run);
}

function tellEnd(delivery: Delivery, { fate, handover }: Run): void {
  const { state } = fate;
  delivery.info(`✓ token-state: ${state}. ${MEANINGS[state].sentence}`);
  delivery.succeeded({ state, envelope: handover.envelope });
}

function notStored(isSealed: boolean): ActionError {
  return isSealed
    ? new ActionError(
        'store-failed',
        'The main step ended before it could hand out the new refresh token.',
        'Start a run with the envelope as the input `recovery-envelope` (docs/recovery.md).',
      )
    : new ActionError(
        'answer-lost',
        "The main step ended before it had Cobo's answer.",
        'Re-run the job. If Cobo says that the token is not valid, have the organization install the app again, or give `org-id` (docs/recovery.md).',
      );
}

/** Reads the stores again, and takes over the records that the main step has created. */
async function reopen(run: Run, left: Handover, token: string | undefined): Promise<Stores | undefined> {
  const { writeBack } = run.inputs;
  if (writeBack === undefined || left.record === null) return undefined;
  const { openStores } = await import('./prepare.ts');
  const stores = openStores(run, writeBack);
  await stores.read(token, undefined);
  // The main step asked for a fresh pair: the token in hand was in doubt, or there was none.
  if (stores.records.name !== left.record) stores.useRecordOf(undefined);
  // Where a variable stands for the record, nobody else creates it.
  const { isVariable } = stores.records;
  stores.records.takeOver(stores.prepared.filter((store) => isVariable || isOwn(store, left)));
  return stores;
}

/** Whether the record of the main step is in that store: one that another run has created is older or younger. */
function isOwn(store: PreparedStore, left: Handover): boolean {
  const { record, lookedAt, recordedAt } = left;
  const facts = record === null ? undefined : store.facts(record);
  return (
    facts !== undefined &&
    known(left, store)?.record === true &&
    facts.createdAt >= lookedAt - NOISE_MS &&
    facts.createdAt <= (recordedAt ?? Number.POSITIVE_INFINITY) + NOISE_MS
  );
}

function known({ stores }: Handover, { label }: PreparedStore): StoreHandover | undefined {
  return stores.find((store) => store.label === label);
}

/** Whether the target secret is as the main step saw it. */
function isUntouched(store: PreparedStore, left: Handover, target: string): boolean {
  return (store.facts(target)?.updatedAt ?? null) === (known(left, store)?.updatedAt ?? null);
}

/** Stores the successor wherever the main step could not. */
async function storeNow(
  run: Run,
  stores: Stores,
  left: Handover,
  target: string,
  token: string | undefined,
): Promise<void> {
  const { fate } = run;
  const { successor } = fate;
  if (successor === undefined) throw new Error('a sealed token has no envelope');
  const missing = stores.prepared.filter((one) => isUntouched(one, left, target));
  const others = stores.prepared.filter((one) => !missing.includes(one));
  if (others.length > 0) {
    const labels = list(others.map(({ label }) => `\`${label}\``));
    run.delivery.info(`${target} has been updated in ${labels} since the main step read it: left alone`);
  }
  const foreign = others.filter((one) => known(left, one)?.refused === true);
  if (foreign.length > 0 && missing.length === 0) throw overtaken(run, target, foreign, []);
  const failed = await store(run, stores, successor, missing);
  if (failed.length > 0) throw storeFailed(run, failed);
  if (mayRemoveRecords(run)) await removeRecords(run);
  await stores.sweep([token, run.inputs.refreshToken], left.lookedAt);
}

/** Refreshes again with the same token: nobody can have its successor, if there is one. */
async function beginAgain(
  run: Run,
  stores: Stores,
  left: Handover,
  token: string | undefined,
): Promise<void> {
  const { inputs, world } = run;
  const target = stores.targets.refreshTokenSecret ?? '';
  const { name, locksNothing } = stores.records;
  const touched = stores.prepared.filter((store) => !isUntouched(store, left, target));
  const foreign = stores.prepared.filter((store) => store.facts(name) !== undefined && !isOwn(store, left));
  if (touched.length > 0 || (foreign.length > 0 && !locksNothing)) {
    throw overtaken(run, target, touched, foreign);
  }
  stores.refuseShortBudget();
  world.http.connectAhead(new URL(inputs.cobo.apiUrl));
  const doubts = await stores.record();
  if (doubts.length > 0) {
    throw overtaken(
      run,
      target,
      [],
      doubts.map(({ store }) => store),
    );
  }
  await stores.makeRoom();
  const { spend } = await loadSpending();
  await spend(run, locksNothing ? undefined : token);
}

function overtaken(
  run: Run,
  target: string,
  touched: readonly PreparedStore[],
  foreign: readonly PreparedStore[],
): ActionError {
  const labels = (stores: readonly PreparedStore[]) => list(stores.map(({ label }) => `\`${label}\``));
  const parts = [
    ...(touched.length > 0 ? [`${target} was updated in ${labels(touched)}`] : []),
    ...(foreign.length > 0 ? [`another run began to use the same token in ${labels(foreign)}`] : []),
  ];
  // Not even its own records are deleted: another run may count on them.
  run.stores = undefined;
  return new ActionError(
    'overtaken',
    `After the main step, ${parts.join(', and ')}. The post step has sent and deleted nothing.`,
    run.fate.state === 'sealed'
      ? 'If the secret now holds a token that works, nothing is left to do. Otherwise start a run with the envelope as the input `recovery-envelope` (docs/recovery.md).'
      : 'Check the run that came later. If it went well, nothing is left to do.',
  );
}
