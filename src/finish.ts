import { ActionError, type ErrorCode } from './errors.ts';
import { HANDOVER, MEANINGS, type Recording, readHandover } from './fate.ts';
import type { OnAttempt } from './github/client.ts';
import type { Stored } from './github/failure.ts';
import type { PreparedStore } from './github/store.ts';
import type { Stores } from './github/stores.ts';
import { A_RUN_WITH_IT, changedInput, loadKeep, type Run, runStep, type World } from './run.ts';
import { list } from './text.ts';

/** GitHub's times are whole seconds, and the clocks of its machines differ a little. */
const NOISE_MS = 2_000;
/** Longer than records take to write, unless GitHub asks for a pause. */
const LONGEST_RECORDING_MS = 5 * 60_000;

/**
 * The post step: finishes what the main step could not. It runs in jobs that failed or were cancelled, and says
 * nothing when the main step has left nothing to do.
 * @returns the exit status: 0 when the refresh token is safe, 1 when it is not
 */
export async function finish(world: World): Promise<number> {
  const left = readHandover(world.toolkit.getState(HANDOVER));
  if (left === undefined) return 0;
  const { state, trusted, keepsRecord, recording } = left;
  const { safe, sentence } = MEANINGS[state];
  const hasRecords = recording !== null && recording.records.length > 0;
  if (safe && (keepsRecord || !hasRecords)) return 0;
  const story = async (run: Run) => {
    const { delivery, fate } = run;
    delivery.info(`The main step left token-state ${state}. ${sentence}`);
    if (state === 'sealed' && !trusted) {
      // A record that locks nothing goes. That takes no more than that the stores can be read.
      if (recording !== null && !keepsRecord) await lookAgain(run, recording).catch(() => undefined);
      throw new ActionError(...NOT_VERIFIED);
    }
    const { conclude, keep, obtain } = await loadKeep();
    if (state === 'sealed' && recording !== null && run.inputs.writeBack?.refreshTokenSecret !== undefined) {
      await keep(run, undefined, (successor) => storeAgain(run, recording, successor));
    } else {
      const seen = recording === null ? undefined : await lookAgain(run, recording);
      if (seen === undefined && !safe) throw new ActionError(...(state === 'sealed' ? NOT_HANDED_OUT : NO_ANSWER));
      if (seen !== undefined && state === 'unknown') await keep(run, await obtain(run, await lockAgain(run, seen)));
    }
    await conclude(run);
    delivery.info(`✓ token-state: ${fate.state}. ${MEANINGS[fate.state].sentence}`);
    return 0;
  };
  return runStep(world, story, left);
}

const NOT_VERIFIED: [ErrorCode, string, string] = [
  'answer-untrusted',
  'The new refresh token came in an answer that could not be verified, so it was not stored.',
  'If the main step ended with `answer-lost`, use the envelope. Otherwise see its error, then decide (docs/recovery.md).',
];
const NOT_HANDED_OUT: [ErrorCode, string, string] = [
  'store-failed',
  'The main step ended before it could hand out the new refresh token.',
  `Start ${A_RUN_WITH_IT}`,
];
const NO_ANSWER: [ErrorCode, string, string] = [
  'answer-lost',
  'The main step did not get a new token from Cobo.',
  'See its error. If there is none, re-run the job. If Cobo says that the token is not valid, have the organization install the app again, or give `org-id` (docs/recovery.md).',
];

const STORES = ['secret-stores', 'refresh-token-secret', 'access-token-secret', 'expires-at-variable'];

/** The stores of the main step. @throws ActionError when the inputs name others */
async function sameStores(run: Run, { name, updatedAt }: Recording, isRefreshing: boolean): Promise<Stores> {
  const { writeBack } = run.inputs;
  if (writeBack === undefined) throw changedInput(...STORES);
  const { openStores } = await import('./prepare.ts');
  // Without a refresh, nothing but the refresh token is written.
  const none = isRefreshing ? {} : { accessTokenSecret: undefined, expiresAtVariable: undefined };
  const stores = openStores(run, writeBack.refreshTokenSecret === undefined ? writeBack : { ...writeBack, ...none });
  const isSame = stores.isRecord(name) && [...stores.labels].sort().join() === Object.keys(updatedAt).sort().join();
  if (!isSame) throw changedInput(...STORES);
  return stores;
}

/**
 * Reads the stores again, and takes over the records that the main step has created.
 * @returns what has happened since: where the secret for the refresh token (the target) was updated, and where another
 * run has created a record of the same token; `undefined` where no store receives the token
 */
async function lookAgain(run: Run, recording: Recording) {
  const { state } = run.fate;
  const stores = await sameStores(run, recording, state === 'unknown');
  const target = stores.targets.refreshTokenSecret;
  const [unread] = await stores.readAgain([recording.name]);
  // Somebody may have come later in a store that cannot be read.
  if (unread !== undefined && state === 'unknown' && target !== undefined) throw unread.error;
  const own = takeOver(run, recording, stores);
  const others = stores.prepared.filter((store) => store.facts(recording.name) !== undefined && !own.includes(store));
  if (others.length > 0 && MEANINGS[state].safe) {
    run.delivery.info(`${recording.name} in ${named(others)} may be another run's: left alone`);
  }
  if (unread !== undefined) throw unread.error;
  if (target === undefined) return undefined;
  const { prepared, records } = stores;
  const updated = prepared.filter((store) => isUpdated(store, target, recording));
  return { stores, target, updated, foreign: records.locksNothing ? [] : others };
}

type Seen = NonNullable<Awaited<ReturnType<typeof lookAgain>>>;

/** Makes the stores those of the run. @returns where the record is that of the main step */
function takeOver(run: Run, recording: Recording, stores: Stores): PreparedStore[] {
  run.stores = stores;
  const { prepared, records } = stores;
  const own = prepared.filter((store) => isOwn(store, recording));
  // Where a variable stands for the record, nobody else creates it.
  records.takeOver(records.isVariable ? prepared : own);
  return own;
}

function isUpdated(store: PreparedStore, target: string, recording: Recording): boolean {
  return (store.facts(target)?.updatedAt ?? null) !== recording.updatedAt[store.label];
}

/** Whether the record of the main step is in that store: one that another run has created is older or younger. */
function isOwn(store: PreparedStore, { name, lookedAt, recordedAt, records }: Recording): boolean {
  const { createdAt = Number.NaN, updatedAt } = store.facts(name) ?? {};
  // Killed while it wrote them: a record that was written twice may be that of a run that was first, and one that was
  // created long after that is another run's.
  if (recordedAt === null && updatedAt !== createdAt) return false;
  const latest = recordedAt ?? lookedAt + LONGEST_RECORDING_MS;
  return records.includes(store.label) && createdAt >= lookedAt - NOISE_MS && createdAt <= latest + NOISE_MS;
}

/** Writes the successor where the secret is as the main step saw it. No store waits for another. */
async function storeAgain(run: Run, recording: Recording, successor: string): Promise<Stored> {
  const stores = await sameStores(run, recording, false);
  const { refreshTokenSecret: target = '' } = stores.targets;
  const used = stores.recordName(successor);
  // A secret that was deleted holds nothing that came later.
  const isLater = (store: PreparedStore) => store.facts(target) !== undefined && isUpdated(store, target, recording);
  // Somebody took it out of the envelope: stored now, it would only seem to be a token that works.
  const isUsed = (store: PreparedStore) =>
    store.facts(used) !== undefined && !(used === recording.name && isOwn(store, recording));
  const isMissing = (store: PreparedStore) => !isLater(store) && !isUsed(store);
  const { clock } = run.world;
  const until = clock.now() + NOISE_MS;
  /** Where this step may have stored it: the answer of an attempt was lost. */
  const mayHold = new Set<PreparedStore>();
  const write = async (store: PreparedStore) => {
    const onAttempt: OnAttempt = async (last) => {
      if (last?.maybeDone) mayHold.add(store);
      // While it waited for room, or because GitHub asked for it, somebody may have come.
      if (clock.now() > until) await Promise.all([target, used].map((name) => store.lookAgain(name)));
      // Such a store counts as left alone, and not as failed.
      if (!isMissing(store)) throw new Error('somebody came later');
    };
    if (isMissing(store)) await stores.keepIn(store, successor, onAttempt);
  };
  const tried = await stores.readAgain([recording.name, used], write);
  takeOver(run, recording, stores);
  const { prepared } = stores;
  const later = prepared.filter(isLater);
  const failed = tried.filter(({ label }) => !prepared.some((store) => store.label === label && !isMissing(store)));
  if (later.length > 0) {
    run.delivery.info(`${target} has been updated in ${named(later)} since the main step read it: left alone`);
  }
  const users = prepared.filter((store) => !isLater(store) && isUsed(store));
  const written = prepared.filter((store) => isMissing(store) && !failed.some(({ label }) => label === store.label));
  if (users.length > 0) throw overtaken(run, target, [], users, written);
  const replaced = later.filter((store) => recording.refused.includes(store.label) && !mayHold.has(store));
  if (replaced.length > 0 && later.length === stores.labels.length) throw overtaken(run, target, replaced, []);
  const into = stores.labels.filter((label) => !later.some((store) => store.label === label));
  return { into, failed, others: stores.labels.length - failed.length - replaced.length };
}

/**
 * Makes sure that nobody else uses the token of the main step: then nobody can have its successor, if there is one.
 * @returns the token to send again; `undefined` when a fresh pair has to be obtained
 */
async function lockAgain(run: Run, { stores, target, updated, foreign }: Seen): Promise<string | undefined> {
  if (updated.length > 0 || foreign.length > 0) throw overtaken(run, target, updated, foreign);
  const { locksNothing, name } = stores.records;
  const isOther = locksNothing ? run.inputs.orgId === undefined : stores.recordName(run.held?.refreshToken) !== name;
  if (isOther) throw changedInput('refresh-token', 'org-id', 'recovery-envelope');
  stores.refuseShortBudget();
  const others = (await stores.record()).map(({ store }) => store);
  if (others.length > 0) throw overtaken(run, target, [], others);
  await stores.makeRoom();
  return locksNothing ? undefined : run.held?.refreshToken;
}

/** After it, not even this job's own records are deleted: another run may count on them. */
function overtaken(
  { fate }: Run,
  target: string,
  updated: PreparedStore[],
  foreign: PreparedStore[],
  written: PreparedStore[] = [],
): ActionError {
  const isSealed = fate.state === 'sealed';
  const token = isSealed ? 'new token out of the envelope' : 'same token';
  const updates = updated.length > 0 ? [`${target} was changed in ${named(updated)}`] : [];
  const runs = foreign.length > 0 ? [`another run began to use the ${token} in ${named(foreign)}`] : [];
  const stored = written.length > 0 ? `stored the token in ${named(written)}` : 'stored the token in no store';
  const done = isSealed ? `${stored}, and deleted nothing` : 'sent and deleted nothing';
  const message = `After the main step, ${[...updates, ...runs].join(', and ')}. The post step has ${done}.`;
  const check =
    'Check the run that came later, or who set the secret. If the next run goes well, nothing is left to do.';
  const sealed =
    foreign.length > 0
      ? `${check} If it shows another recovery envelope, use that one (docs/recovery.md).`
      : `If the secret now holds a token that works, nothing is left to do. Otherwise start ${A_RUN_WITH_IT}`;
  return new ActionError('overtaken', message, isSealed ? sealed : check);
}

function named(stores: readonly PreparedStore[]): string {
  return list(stores.map(({ label }) => `\`${label}\``));
}
