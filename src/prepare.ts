import { ActionError } from './errors.ts';
import type { Doubt } from './github/record.ts';
import { doubtError, holdsSuccessor, readMoment, refuseStaleToken, warningsOf } from './github/staleness.ts';
import { Stores } from './github/stores.ts';
import type { WriteBack } from './inputs.ts';
import type { Run } from './run.ts';
import { list } from './text.ts';

/**
 * Everything that comes before a refresh with write-back, with nothing spent: the stores are read, a token that
 * is stale or in doubt is refused, an in-flight record is written into each store, and GitHub's limits leave
 * room for what has to be stored.
 * @returns the refresh token to use; `undefined` when a fresh pair has to be obtained
 * @throws ActionError
 */
export async function prepare(run: Run, writeBack: WriteBack): Promise<string | undefined> {
  const stores = openStores(run, writeBack);
  const { token } = await run.delivery.step(
    () => check(run, stores),
    ({ line }) => line,
  );
  if (!run.inputs.dryRun) await stores.makeRoom();
  return token;
}

/** The stores that the inputs name. Sends nothing yet. */
export function openStores(run: Run, { stores, token, apiUrl, ...targets }: WriteBack): Stores {
  return new Stores({ ...run.network, apiUrl, token }, stores, targets, run.inputs.keys.appSecret, run.cancellation);
}

/** @returns the token to use, and what the check found, for the log */
async function check(run: Run, stores: Stores): Promise<{ token: string | undefined; line: string }> {
  const { world, delivery, held, inputs } = run;
  const secret = stores.targets.refreshTokenSecret;
  const isEnvelope = inputs.recoveryEnvelope !== undefined;
  const fromSecret = !isEnvelope && held !== undefined && secret !== undefined;
  const facts = fromSecret ? await world.facts() : undefined;
  const reading = stores.read(held?.refreshToken, facts);
  const [times] = await run.cancellation.together([reading, rehearseMeanwhile(run)]);
  run.stores = stores;
  for (const warning of warningsOf(stores.prepared, secret, times, stores.github)) delivery.warning(warning);
  if (isEnvelope && secret !== undefined) refuseSpentEnvelope(stores, secret, held?.lookedAt);
  if (fromSecret) refuseStaleToken(stores.prepared, secret, times);
  const token = await record(run, stores, held?.refreshToken);
  const moment = fromSecret && token !== undefined ? `, and ${readMoment(stores.prepared, times)}` : '';
  return { token, line: `✓ Checked ${list(stores.labels)}: writing works${moment}` };
}

/** Prepares for the critical part, while answers are on their way. */
async function rehearseMeanwhile(run: Run): Promise<void> {
  // One turn of the event loop, in which the requests are sent.
  await new Promise((resolve) => setImmediate(resolve));
  if (run.inputs.dryRun) return;
  await run.rehearse();
  (await import('./github/sealed-box.ts')).rehearseSealing();
}

/**
 * @param lookedAt when the run of the envelope looked at the stores, if it says so
 * @throws ActionError `envelope-spent` when every store was updated since
 */
function refuseSpentEnvelope({ prepared }: Stores, secret: string, lookedAt = Number.POSITIVE_INFINITY): void {
  if (!prepared.every((store) => (store.facts(secret)?.updatedAt ?? 0) > lookedAt)) return;
  throw new ActionError(
    'envelope-spent',
    `The secret ${secret} was updated in every store after the run of this recovery envelope read it: the token has been stored or replaced since.`,
    `Run the job without \`recovery-envelope\`. Only if that run ends with \`token-dead\`, delete the secret ${secret} and run again with the envelope.`,
  );
}

/**
 * Writes the in-flight records. A token in doubt is not used: with `org-id` a fresh pair is obtained instead.
 * @returns the token to use
 * @throws ActionError
 */
async function record(run: Run, stores: Stores, token: string | undefined): Promise<string | undefined> {
  const found = stores.doubts;
  const doubts = found.length > 0 ? found : await writeRecords(run, stores);
  if (doubts.length === 0) return token;
  // Where another run came a moment ago, not every store was asked. The job, run again, sees them all.
  const isAll = found.length === 0 || found.length === stores.prepared.length;
  const isStale = isAll && doubts.every(holdsSuccessor);
  const error = doubtError(doubts, stores.records);
  if (run.inputs.orgId === undefined || isStale) throw error;
  run.delivery.info(`${error.message} It is not used: a fresh pair will be obtained with org_implicit.`);
  run.doubt = error;
  await run.removeRecords();
  stores.useRecordOf(undefined);
  await writeRecords(run, stores);
  return undefined;
}

async function writeRecords({ fate }: Run, stores: Stores): Promise<Doubt[]> {
  stores.refuseShortBudget();
  const { labels, lookedAt, prepared, records } = stores;
  const secret = stores.targets.refreshTokenSecret ?? '';
  const updates = prepared.map((store) => [store.label, store.facts(secret)?.updatedAt ?? null]);
  const { kind, name } = records;
  const recording = { name, kind, lookedAt, updatedAt: Object.fromEntries(updates), refused: [] };
  // Before the first record: the post step deletes what a killed process leaves.
  fate.note({ ...recording, recordedAt: null, records: labels });
  let own = labels;
  const doubts = await stores.record(({ label }) => {
    // At once: the post step of a process that is killed then must leave that record alone.
    own = own.filter((one) => one !== label);
    fate.note({ ...recording, recordedAt: null, records: own });
  });
  // The post step must not take another run's record for this run's.
  fate.note({ ...recording, recordedAt: stores.time, records: records.labels });
  return doubts;
}
