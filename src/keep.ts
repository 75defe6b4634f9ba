import type { AccessToken, Grant } from './cobo/grant.ts';
import { ActionError } from './errors.ts';
import type { FailedWrite, Stores } from './github/stores.ts';
import { leaveBehind, type Run } from './run.ts';
import type { Fact } from './summary.ts';
import { list, utc } from './text.ts';

/**
 * Keeps what Cobo granted: the successor in every store, or as an output where no store receives it, then the
 * access token and its expiry.
 * @throws ActionError, with all that could be kept kept
 */
export async function keep(run: Run, { problem, access }: Grant): Promise<void> {
  const { delivery, fate, stores } = run;
  const successor = fate.successor;
  const failed = stores !== undefined && successor !== undefined ? await store(run, stores, successor) : [];
  if (stores?.targets.refreshTokenSecret === undefined && successor !== undefined) handOut(run, successor);
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

/** Writes the successor into stores. @returns what failed */
export async function store(
  run: Run,
  stores: Stores,
  successor: string,
  into = stores.prepared,
): Promise<FailedWrite[]> {
  const { cancellation, delivery, fate, handover } = run;
  const target = stores.targets.refreshTokenSecret;
  if (target === undefined) return [];
  if (into.length === 0) {
    fate.become('stored');
    return [];
  }
  // The runner kills ten seconds after the first signal: the envelope must be in the log by then.
  const showEnvelope = () => {
    if (handover.envelope !== null) delivery.showEnvelope(handover.envelope);
  };
  const { stop } = cancellation;
  if (stop.aborted) showEnvelope();
  else stop.addEventListener('abort', showEnvelope);
  const failed = await delivery.step(
    `Store the refresh token as ${target}`,
    () => stores.keepToken(successor, into),
    (failures) =>
      failures.length === 0
        ? `✓ Stored the refresh token as ${target} in ${list(into.map(({ label }) => label))}`
        : `✗ ${failures.length} of ${into.length} stores did not take the refresh token`,
  );
  stop.removeEventListener('abort', showEnvelope);
  if (failed.length === 0) fate.become('stored');
  else {
    for (const one of handover.stores)
      one.refused = failed.some(({ label, refused }) => refused && label === one.label);
    leaveBehind(run);
  }
  return failed;
}

/** The error for stores that did not take the successor. */
export function storeFailed({ delivery, stores }: Run, failed: FailedWrite[]): ActionError {
  const others = (stores?.labels.length ?? 0) - failed.length;
  const rest =
    others > 0 ? ` ${others === 1 ? 'One other store holds' : `${others} other stores hold`} it.` : '';
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
  const names = extraNames(stores);
  if (names.length === 0) return [];
  return run.delivery.step(
    `Store ${list(names)}`,
    () => stores.keepExtras(access.accessToken, utc(access.expiresAt)),
    (failures) =>
      failures.length === 0
        ? `✓ Stored ${list(names)}`
        : `✗ ${failures.length === 1 ? '1 write' : `${failures.length} writes`} of ${list(names)} failed`,
  );
}

/** @param into all stores by default; some have no variables */
function extraNames({ prepared, targets }: Stores, into = prepared): string[] {
  const hasVariables = into.some(({ store }) => store.variablesPath !== undefined);
  const variable = hasVariables ? targets.expiresAtVariable : undefined;
  return [targets.accessTokenSecret, variable].filter((name) => name !== undefined);
}

/** What was written where, for the summary. */
export function storedFacts({ fate, stores }: Run): Fact[] {
  if (stores === undefined) return [];
  const token = fate.state === 'stored' ? stores.targets.refreshTokenSecret : undefined;
  return stores.prepared.flatMap((store): Fact[] => {
    const extras = fate.access === undefined ? [] : extraNames(stores, [store]);
    const names = [token, ...extras].filter((name) => name !== undefined);
    if (names.length === 0) return [];
    return [['Written', `${list(names.map((name) => `\`${name}\``))} in \`${store.label}\``]];
  });
}

function describe(failed: FailedWrite[]): string {
  return list(failed.map(({ label, name, reason }) => `\`${label}\` (${name}: ${reason})`));
}
