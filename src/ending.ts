import { ActionError, asActionError } from './errors.ts';
import { leaveBehind, mayRemoveRecords, type Run } from './run.ts';
import { list } from './text.ts';

/**
 * Deletes the records of this run.
 * @throws ActionError `record-left`; the post step tries again
 */
export async function removeRecords(run: Run): Promise<void> {
  const { delivery, handover, stores } = run;
  // In a post step that could not even read the stores, there is nothing to add to that.
  if (stores === undefined || stores.prepared.length === 0 || handover.record === null) return;
  const left = await stores.records.remove();
  const labels = left.map(({ store }) => store.label);
  for (const store of handover.stores) store.record &&= labels.includes(store.label);
  leaveBehind(run);
  const [first] = left;
  if (first === undefined) return;
  const commands = left.map(({ store }) => `\`${stores.records.command(store)}\``).join(', ');
  throw new ActionError(
    'record-left',
    `The in-flight record could not be deleted from ${list(labels.map((label) => `\`${label}\``))}: ${first.reason}.`,
    `${delivery.isPost ? '' : 'The post step of this job tries again. '}If the next run says that the token is in doubt, delete the record: ${commands}.`,
  );
}

/** Tells a failure, with everything that the run has won, and then cleans up. @returns the exit status */
export async function fail(run: Run, thrown: unknown): Promise<number> {
  const { cancellation, delivery, fate, handover } = run;
  const isCancelled = isEcho(run, thrown);
  const error = isCancelled ? cancelled() : withEnvelope(run, asActionError(thrown));
  delivery.failed(error, { state: fate.state, access: fate.access, envelope: handover.envelope });
  // After the error line, which must not wait for it.
  if (error.code !== 'record-left' && mayRemoveRecords(run)) {
    await removeRecords(run).catch((left: unknown) => {
      const { message, remedy } = asActionError(left);
      delivery.warning(`${message} ${remedy}`);
    });
  }
  return isCancelled ? cancellation.exitStatus : 1;
}

/** A failure that leaves the successor in the envelope says what to do with it. */
function withEnvelope({ fate }: Run, error: ActionError): ActionError {
  if (fate.state !== 'sealed' || error.remedy.includes('envelope')) return error;
  const remedy = `${error.remedy} Then start a run with the envelope as the input \`recovery-envelope\` (docs/recovery.md).`;
  return new ActionError(error.code, error.message, remedy, { cause: error.cause });
}

/** Whether something failed only because a signal had stopped the run. */
function isEcho({ cancellation, fate }: Run, thrown: unknown): boolean {
  if (cancellation.received === undefined || fate.state !== 'unspent') return false;
  if (!(thrown instanceof ActionError)) return true;
  return thrown.code === 'cancelled' || ('stopped' in thrown && thrown.stopped === true);
}

export function cancelled(): ActionError {
  return new ActionError(
    'cancelled',
    'The run was cancelled before the refresh token was used.',
    'Re-run the job.',
  );
}
