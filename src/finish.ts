import { ActionError } from './errors.ts';
import { HANDOVER, type Handover, MEANINGS, type Recording, readHandover } from './fate.ts';
import type { PreparedStore } from './github/store.ts';
import type { Stores } from './github/stores.ts';
import { loadKeep, type Run, type World } from './run.ts';
import { runStep } from './step.ts';
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
  return await runStep(world, left, async (run) => {
    const { delivery, fate } = run;
    delivery.info(`The main step left token-state ${left.state}. ${MEANINGS[left.state].sentence}`);
    await takeUp(run);
    delivery.info(`✓ token-state: ${fate.state}. ${MEANINGS[fate.state].sentence}`);
    return 0;
  });
}

function isDone({ state, recording, keepsRecord }: Handover): boolean {
  if (!MEANINGS[state].safe) return false;
  return keepsRecord || recording === null || !recording.stores.some(({ record }) => record);
}

/** @throws ActionError when the token is not safe in the end */
async function takeUp(run: Run): Promise<void> {
  const { fate } = run;
  const isSealed = fate.state === 'sealed';
  if (isSealed && !fate.left.trusted) {
    throw new ActionError(
      'answer-untrusted',
      'The new refresh token came in an answer that could not be verified, so it was not stored.',
      'See the error of the main step, then decide whether to use the envelope (docs/recovery.md).',
    );
  }
  const opened = await reopen(run);
  if (opened?.target === undefined) {
    if (!MEANINGS[fate.state].safe) throw notStored(isSealed);
  } else if (isSealed) await storeNow(run, opened, opened.target);
  else if (fate.state === 'unknown') return await beginAgain(run, opened, opened.target);
  const { conclude } = await loadKeep();
  await conclude(run);
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

/** The stores as they are now, and as the main step saw them. */
interface Reopened {
  stores: Stores;
  recording: Recording;
  /** The secret that receives the refresh token. */
  target: string | undefined;
}

/** Reads the stores again, and takes over the records that the main step has created. */
async function reopen(run: Run): Promise<Reopened | undefined> {
  const { inputs, held, recording } = run;
  if (inputs.writeBack === undefined || recording === undefined) return undefined;
  const { openStores } = await import('./prepare.ts');
  const stores = openStores(run, inputs.writeBack);
  await stores.read(held?.refreshToken, undefined);
  run.stores = stores;
  // The main step asked for a fresh pair: the token in hand was in doubt, or there was none.
  if (stores.records.name !== recording.name) stores.useRecordOf(undefined);
  // Where a variable stands for the record, nobody else creates it.
  const { isVariable } = stores.records;
  stores.records.takeOver(stores.prepared.filter((store) => isVariable || isOwn(store, recording)));
  return { stores, recording, target: stores.targets.refreshTokenSecret };
}

/** Whether the record of the main step is in that store: one that another run has created is older or younger. */
function isOwn(store: PreparedStore, recording: Recording): boolean {
  const { name, lookedAt, recordedAt } = recording;
  const facts = store.facts(name);
  return (
    facts !== undefined &&
    seen(store, recording)?.record === true &&
    facts.createdAt >= lookedAt - NOISE_MS &&
    facts.createdAt <= (recordedAt ?? Number.POSITIVE_INFINITY) + NOISE_MS
  );
}

/** The store as the main step saw it. */
function seen({ label }: PreparedStore, { stores }: Recording): Recording['stores'][number] | undefined {
  return stores.find((store) => store.label === label);
}

/** Whether the target secret is as the main step saw it. */
function isUntouched(store: PreparedStore, recording: Recording, target: string): boolean {
  return (store.facts(target)?.updatedAt ?? null) === (seen(store, recording)?.updatedAt ?? null);
}

/** Stores the successor wherever the main step could not. */
async function storeNow(run: Run, { stores, recording }: Reopened, target: string): Promise<void> {
  const missing = stores.prepared.filter((one) => isUntouched(one, recording, target));
  const others = stores.prepared.filter((one) => !missing.includes(one));
  if (others.length > 0) {
    run.delivery.info(`${target} has been updated in ${named(others)} since the main step read it: left alone`);
  }
  const foreign = others.filter((one) => seen(one, recording)?.refused === true);
  if (foreign.length > 0 && missing.length === 0) throw overtaken(run, target, foreign, []);
  const { keep } = await loadKeep();
  await keep(run, { access: undefined, problem: undefined }, missing);
}

/** Refreshes again with the same token: nobody can have its successor, if there is one. */
async function beginAgain(run: Run, { stores, recording }: Reopened, target: string): Promise<void> {
  const { name, locksNothing } = stores.records;
  const touched = stores.prepared.filter((store) => !isUntouched(store, recording, target));
  const isForeign = (store: PreparedStore) => store.facts(name) !== undefined && !isOwn(store, recording);
  const foreign = locksNothing ? [] : stores.prepared.filter(isForeign);
  if (touched.length > 0 || foreign.length > 0) throw overtaken(run, target, touched, foreign);
  stores.refuseShortBudget();
  const doubts = await stores.record();
  if (doubts.length > 0) {
    const others = doubts.map(({ store }) => store);
    throw overtaken(run, target, [], others);
  }
  await stores.makeRoom();
  const { spend } = await loadKeep();
  await spend(run, locksNothing ? undefined : run.held?.refreshToken);
}

/** After it, not even this job's own records are deleted: another run may count on them. */
function overtaken(
  { fate }: Run,
  target: string,
  touched: readonly PreparedStore[],
  foreign: readonly PreparedStore[],
): ActionError {
  const parts = [
    ...(touched.length > 0 ? [`${target} was updated in ${named(touched)}`] : []),
    ...(foreign.length > 0 ? [`another run began to use the same token in ${named(foreign)}`] : []),
  ];
  return new ActionError(
    'overtaken',
    `After the main step, ${parts.join(', and ')}. The post step has sent and deleted nothing.`,
    fate.state === 'sealed'
      ? 'If the secret now holds a token that works, nothing is left to do. Otherwise start a run with the envelope as the input `recovery-envelope` (docs/recovery.md).'
      : 'Check the run that came later. If it went well, nothing is left to do.',
  );
}

function named(stores: readonly PreparedStore[]): string {
  return list(stores.map(({ label }) => `\`${label}\``));
}
