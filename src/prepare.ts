import { ActionError } from './errors.ts';
import { doubtError, holdsSuccessor, readMoment, refuseStaleToken, warningsOf } from './github/staleness.ts';
import { Stores } from './github/stores.ts';
import type { WriteBack } from './inputs.ts';
import type { Sealed } from './recovery.ts';
import { debugRequests, leaveBehind, loadSpending, type Run } from './run.ts';
import { list } from './text.ts';

/**
 * Everything that comes before a refresh with write-back, with nothing spent: the stores are read, a token that
 * is stale or in doubt is refused, an in-flight record is written into each store, and GitHub's limits leave
 * room for what has to be stored.
 * @returns the refresh token to use; `undefined` when a fresh pair has to be obtained
 * @throws ActionError
 */
export async function prepare(
  run: Run,
  writeBack: WriteBack,
  held: Sealed | undefined,
): Promise<string | undefined> {
  const stores = openStores(run, writeBack);
  const checked = await run.delivery.step(
    `Check ${list(stores.labels)}`,
    () => check(run, stores, held),
    ({ line }) => line,
  );
  if (!run.inputs.dryRun) await stores.makeRoom();
  return checked.token;
}

/** The stores that the inputs name. Sends nothing yet. */
export function openStores(run: Run, writeBack: WriteBack): Stores {
  const { inputs, world, delivery, cancellation } = run;
  const { stores, token, apiUrl, ...targets } = writeBack;
  const opened = new Stores(
    {
      http: world.http,
      httpOptions: { timeoutMs: inputs.timeoutMs, onDone: debugRequests(run) },
      clock: world.clock,
      log: delivery,
      maxAttempts: inputs.maxAttempts,
      apiUrl,
      token,
    },
    stores,
    targets,
    inputs.keys.appSecret,
    cancellation,
  );
  run.stores = opened;
  return opened;
}

interface Checked {
  token: string | undefined;
  /** What the check found, for the log. */
  line: string;
}

async function check(run: Run, stores: Stores, held: Sealed | undefined): Promise<Checked> {
  const { world, delivery } = run;
  const secret = stores.targets.refreshTokenSecret;
  const isEnvelope = run.inputs.recoveryEnvelope !== undefined;
  const fromSecret = !isEnvelope && held !== undefined && secret !== undefined;
  const facts = fromSecret ? await world.facts() : undefined;
  const [times] = await run.cancellation.together([stores.read(held?.refreshToken, facts), rehearse(run)]);
  for (const warning of warningsOf(stores.prepared, secret, times, stores.github)) delivery.warning(warning);
  if (isEnvelope && held !== undefined && secret !== undefined) refuseSpentEnvelope(stores, secret, held);
  if (fromSecret) refuseStaleToken(stores.prepared, secret, times);
  const usable = await record(run, stores, held?.refreshToken);
  const moment = fromSecret && usable !== undefined ? `, and ${readMoment(stores.prepared, times)}` : '';
  return { token: usable, line: `✓ Checked ${list(stores.labels)}: writing works${moment}` };
}

/** @throws ActionError `envelope-spent` when every store was updated since the run of the envelope looked at it */
function refuseSpentEnvelope({ prepared }: Stores, secret: string, { lookedAt }: Sealed): void {
  if (lookedAt === undefined) return;
  const updatedSince = prepared.every((store) => {
    const updatedAt = store.facts(secret)?.updatedAt;
    return updatedAt !== undefined && updatedAt > lookedAt;
  });
  if (!updatedSince) return;
  throw new ActionError(
    'envelope-spent',
    `The secret ${secret} was updated in every store after the run of this recovery envelope read it: the token has been stored or replaced since.`,
    `Run the job without \`recovery-envelope\`. If the token in ${secret} does not work, delete that secret and run again with the envelope.`,
  );
}

/**
 * Writes the in-flight records. A token in doubt is not used: with `org-id` a fresh pair is obtained instead.
 * @returns the token to use
 * @throws ActionError
 */
async function record(run: Run, stores: Stores, token: string | undefined): Promise<string | undefined> {
  const { inputs, delivery } = run;
  stores.refuseShortBudget();
  let doubts = stores.doubts;
  if (doubts.length === 0) doubts = await writeRecords(run, stores);
  if (doubts.length === 0) return token;
  const isStale = stores.prepared.every((store) =>
    doubts.some((doubt) => doubt.store === store && holdsSuccessor(doubt)),
  );
  const error = doubtError(doubts, stores.records);
  if (inputs.orgId === undefined || isStale) throw error;
  delivery.info(`${error.message} It is not used: a fresh pair will be obtained with org_implicit.`);
  run.doubt = error;
  await stores.records.remove();
  stores.useRecordOf(undefined);
  await writeRecords(run, stores);
  return undefined;
}

async function writeRecords(run: Run, stores: Stores) {
  const { handover } = run;
  const secret = stores.targets.refreshTokenSecret;
  handover.record = stores.records.name;
  handover.lookedAt = stores.lookedAt;
  handover.recordedAt = null;
  handover.stores = stores.prepared.map((store) => ({
    label: store.label,
    updatedAt: secret === undefined ? null : (store.facts(secret)?.updatedAt ?? null),
    record: true,
    refused: false,
  }));
  // Before the first record: the post step deletes what a killed process leaves.
  leaveBehind(run);
  const doubts = await stores.record();
  // Both: a small difference between the clocks counts as none.
  handover.recordedAt = Math.max(stores.github.now(), stores.github.lastDate);
  const own = stores.records.labels;
  for (const store of handover.stores) store.record = own.includes(store.label);
  // The post step must not take another run's record for this run's.
  leaveBehind(run);
  return doubts;
}

/**
 * Does once, for nothing, what the critical part will do, while answers are on their way: a job pays for loading
 * and compiling only where it waits anyway.
 */
async function rehearse(run: Run): Promise<void> {
  // One turn of the event loop, in which the requests are sent.
  await new Promise((resolve) => setImmediate(resolve));
  if (run.inputs.dryRun) return;
  // Its handshake takes as long as GitHub's next two answers.
  run.world.http.connectAhead(new URL(run.inputs.cobo.apiUrl));
  const { rehearse: rehearseSpending } = await loadSpending();
  rehearseSpending(run);
  const { rehearseSealing } = await import('./github/sealed-box.ts');
  rehearseSealing();
}
