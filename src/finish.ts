import { ActionError, type ErrorCode } from './errors.ts';
import { HANDOVER, MEANINGS, type Recording, readHandover } from './fate.ts';
import type { PreparedStore } from './github/store.ts';
import { A_RUN_WITH_IT, loadKeep, type Run, runStep, type World } from './run.ts';
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
    const isUntrusted = state === 'sealed' && !trusted;
    const looking = recording === null || (isUntrusted && keepsRecord) ? undefined : lookAgain(run, recording);
    // Then only a record that locks nothing is deleted, which takes no more than that the stores can be read.
    const seen = await (isUntrusted ? looking?.catch(() => undefined) : looking);
    if (isUntrusted) throw new ActionError(...NOT_VERIFIED);
    const { conclude, keep, obtain } = await loadKeep();
    if (seen === undefined && !safe) throw new ActionError(...(state === 'sealed' ? NOT_HANDED_OUT : NO_ANSWER));
    if (seen !== undefined && state === 'sealed') await keep(run, undefined, missing(run, seen), seen.unread);
    if (seen !== undefined && state === 'unknown') await keep(run, await obtain(run, await lockAgain(run, seen)));
    await conclude(run);
    delivery.info(`✓ token-state: ${fate.state}. ${MEANINGS[fate.state].sentence}`);
    return 0;
  };
  return runStep(world, story, left);
}

const NOT_VERIFIED: [ErrorCode, string, string] = [
  'answer-untrusted',
  'The new refresh token came in an answer that could not be verified, so it was not stored.',
  'See the error of the main step, then decide whether to use the envelope (docs/recovery.md).',
];
const NOT_HANDED_OUT: [ErrorCode, string, string] = [
  'store-failed',
  'The main step ended before it could hand out the new refresh token.',
  `Start ${A_RUN_WITH_IT}`,
];
const NO_ANSWER: [ErrorCode, string, string] = [
  'answer-lost',
  "The main step ended before it had Cobo's answer.",
  'Re-run the job. If Cobo says that the token is not valid, have the organization install the app again, or give `org-id` (docs/recovery.md).',
];

const OTHER_TOKEN: [ErrorCode, string, string] = [
  'input-invalid',
  'The input `refresh-token` is not what it was in the main step, so nothing was sent.',
  'Give the input a value that stays the same until the job ends. Then re-run the job.',
];

/**
 * Reads the stores again, and takes over the records that the main step has created.
 * @returns what has happened since: where the secret for the refresh token (the target) was updated, and where another
 * run has created a record of the same token; `undefined` where no store receives the token
 */
async function lookAgain(run: Run, recording: Recording) {
  const { inputs, held, fate } = run;
  const { writeBack } = inputs;
  if (writeBack === undefined) return undefined;
  const { openStores } = await import('./prepare.ts');
  // The access token is in no envelope, so that nothing but the successor will be written.
  const isAlone = fate.state === 'sealed' && writeBack.refreshTokenSecret !== undefined;
  const none = { accessTokenSecret: undefined, expiresAtVariable: undefined };
  const stores = openStores(run, isAlone ? { ...writeBack, ...none } : writeBack);
  const unread = await stores.readSome(held?.refreshToken);
  const [first] = unread;
  // Somebody may have come later in a store that cannot be read.
  if (first !== undefined && fate.state === 'unknown') throw first.error;
  run.stores = stores;
  // The main step asked for a fresh pair: the token in hand was in doubt, or there was none.
  if (stores.records.name !== recording.name) stores.useRecordOf(undefined);
  const { prepared, records } = stores;
  const own = prepared.filter((store) => isOwn(store, recording));
  // Where a variable stands for the record, nobody else creates it.
  records.takeOver(records.isVariable ? prepared : own);
  if (first !== undefined && fate.state !== 'sealed') throw first.error;
  const target = stores.targets.refreshTokenSecret;
  if (target === undefined) return undefined;
  const updatedAt = (store: PreparedStore) => store.facts(target)?.updatedAt ?? null;
  const updated = prepared.filter((store) => updatedAt(store) !== recording.updatedAt[store.label]);
  const locking = records.locksNothing ? [] : prepared.filter((store) => store.facts(records.name) !== undefined);
  return { stores, target, updated, unread, foreign: locking.filter((store) => !own.includes(store)) };
}

type Seen = NonNullable<Awaited<ReturnType<typeof lookAgain>>>;

/** Whether the record of the main step is in that store: one that another run has created is older or younger. */
function isOwn(store: PreparedStore, { name, lookedAt, recordedAt, records }: Recording): boolean {
  const createdAt = store.facts(name)?.createdAt ?? Number.NaN;
  // Killed while it wrote them: what was created long after that is another run's.
  const latest = recordedAt ?? lookedAt + LONGEST_RECORDING_MS;
  return records.includes(store.label) && createdAt >= lookedAt - NOISE_MS && createdAt <= latest + NOISE_MS;
}

/** The stores that need the successor: where the secret is as the main step saw it. */
function missing(run: Run, { stores, target, updated: changed }: Seen): PreparedStore[] {
  const { recording } = run.fate.left;
  // A secret that was deleted holds nothing that came later.
  const updated = changed.filter((store) => store.facts(target) !== undefined);
  if (updated.length > 0) {
    run.delivery.info(`${target} has been updated in ${named(updated)} since the main step read it: left alone`);
  }
  const replaced = updated.filter(({ label }) => recording?.refused.includes(label));
  if (replaced.length > 0 && updated.length === stores.prepared.length) throw overtaken(run, target, replaced, []);
  return stores.prepared.filter((store) => !updated.includes(store));
}

/**
 * Makes sure that nobody else uses the token of the main step: then nobody can have its successor, if there is one.
 * @returns the token to send again; `undefined` when a fresh pair has to be obtained
 */
async function lockAgain(run: Run, { stores, target, updated, foreign }: Seen): Promise<string | undefined> {
  if (updated.length > 0 || foreign.length > 0) throw overtaken(run, target, updated, foreign);
  // The runner evaluates the inputs anew for the post step.
  if (stores.records.name !== run.fate.left.recording?.name) throw new ActionError(...OTHER_TOKEN);
  stores.refuseShortBudget();
  const others = (await stores.record()).map(({ store }) => store);
  if (others.length > 0) throw overtaken(run, target, [], others);
  await stores.makeRoom();
  return stores.records.locksNothing ? undefined : run.held?.refreshToken;
}

/** After it, not even this job's own records are deleted: another run may count on them. */
function overtaken({ fate }: Run, target: string, updated: PreparedStore[], foreign: PreparedStore[]): ActionError {
  const updates = updated.length > 0 ? [`${target} was updated in ${named(updated)}`] : [];
  const runs = foreign.length > 0 ? [`another run began to use the same token in ${named(foreign)}`] : [];
  const message = `After the main step, ${[...updates, ...runs].join(', and ')}. The post step has sent and deleted nothing.`;
  const remedy =
    fate.state === 'sealed'
      ? `If the secret now holds a token that works, nothing is left to do. Otherwise start ${A_RUN_WITH_IT}`
      : 'Check the run that came later. If it went well, nothing is left to do.';
  return new ActionError('overtaken', message, remedy);
}

function named(stores: readonly PreparedStore[]): string {
  return list(stores.map(({ label }) => `\`${label}\``));
}
