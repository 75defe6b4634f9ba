import { Cancellation } from './cancellation.ts';
import { Delivery } from './delivery.ts';
import { ActionError, asActionError } from './errors.ts';
import type { Handover } from './fate.ts';
import { readInputs } from './inputs.ts';
import { leaveBehind, type Run, startRun, type World } from './run.ts';
import { list, Masks } from './text.ts';

/**
 * Runs a step: reads the inputs, tells its story, and says what a failure means.
 * @param left what the main step has left, in the post step
 * @param story gives the exit status
 * @returns the exit status: 1 for every failure, 128 and the signal's number for a cancelled run
 */
export async function runStep(
  world: World,
  left: Handover | undefined,
  story: (run: Run) => Promise<number>,
): Promise<number> {
  const masks: Masks = new Masks((secret) => delivery.mask(secret));
  const delivery = new Delivery(world.toolkit, masks, world.env, left !== undefined);
  // In the post step a token is at stake already: nobody has to read the log.
  if (left !== undefined) delivery.endure();
  const cancellation = new Cancellation(world.signals);
  let run: Run | undefined;
  try {
    const inputs = readInputs(world.toolkit, masks, world.env);
    // Not before the inputs are read: nothing may be printed while a secret is not masked.
    delivery.begin(inputs);
    run = startRun({ world, inputs, masks, delivery, cancellation }, left);
    return await story(run);
  } catch (thrown) {
    if (run !== undefined) return await fail(run, thrown);
    const { state, envelope } = left ?? { state: 'unspent', envelope: null };
    delivery.failed(asActionError(thrown), { state, envelope });
    return 1;
  } finally {
    cancellation.close();
  }
}

/** Tells a failure, with everything that the run has won, and then cleans up. @returns the exit status */
async function fail(run: Run, thrown: unknown): Promise<number> {
  const { cancellation, delivery, fate } = run;
  const isCancelled = isEcho(run, thrown);
  const error = isCancelled ? cancelled() : withEnvelope(run, asActionError(thrown));
  const { state, envelope } = fate.left;
  delivery.failed(error, { state, envelope, access: fate.access });
  // What could not be deleted is left to the post step, and what another run may count on to people.
  const mayRemove = !fate.keepsRecord && error.code !== 'record-left' && error.code !== 'overtaken';
  // After the error line, which must not wait for it.
  if (mayRemove) {
    await removeRecords(run).catch((left: unknown) => {
      const { message, remedy } = asActionError(left);
      delivery.warning(`${message} ${remedy}`);
    });
  }
  return isCancelled ? cancellation.exitStatus : 1;
}

/** Whether something failed only because a signal had stopped the run. */
function isEcho({ cancellation, fate }: Run, thrown: unknown): boolean {
  if (cancellation.received === undefined || fate.state !== 'unspent') return false;
  if (!(thrown instanceof ActionError)) return true;
  return thrown.code === 'cancelled' || ('stopped' in thrown && thrown.stopped === true);
}

export function cancelled(): ActionError {
  return new ActionError('cancelled', 'The run was cancelled before the refresh token was used.', 'Re-run the job.');
}

/** A failure that leaves the successor in the envelope says what to do with it. */
function withEnvelope({ fate }: Run, error: ActionError): ActionError {
  if (fate.state !== 'sealed' || error.remedy.includes('envelope')) return error;
  const remedy = `${error.remedy} Then start a run with the envelope as the input \`recovery-envelope\` (docs/recovery.md).`;
  return new ActionError(error.code, error.message, remedy, { cause: error.cause });
}

/**
 * Deletes the records of this run.
 * @throws ActionError `record-left`; the post step tries again
 */
export async function removeRecords(run: Run): Promise<void> {
  const { delivery, recording, stores } = run;
  // In a post step that could not even read the stores, there is nothing to add to that.
  if (recording === undefined || stores === undefined) return;
  const left = await stores.records.remove();
  noteRecords(run, stores.records.labels);
  const [first] = left;
  if (first === undefined) return;
  const labels = list(left.map(({ store }) => `\`${store.label}\``));
  const commands = left.map(({ store }) => `\`${stores.records.command(store)}\``).join(', ');
  throw new ActionError(
    'record-left',
    `The in-flight record could not be deleted from ${labels}: ${first.reason}.`,
    `${delivery.isPost ? '' : 'The post step of this job tries again. '}If the next run says that the token is in doubt, delete the record: ${commands}.`,
  );
}

/** Leaves behind in which stores there may be a record of this run. */
export function noteRecords(run: Run, labels: readonly string[]): void {
  for (const store of run.recording?.stores ?? []) store.record = labels.includes(store.label);
  leaveBehind(run);
}
