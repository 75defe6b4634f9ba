import { Cancellation } from './cancellation.ts';
import type { SignedRequest } from './cobo/exchange.ts';
import type { Result } from './delivery.ts';
import { ActionError, asActionError } from './errors.ts';
import type { WriteBack } from './github/write-back.ts';
import { keep } from './keep.ts';
import { obtain, obtainedLine } from './obtain.ts';
import { checkStores, openStores } from './prepare.ts';
import { openEnvelope } from './recovery.ts';
import { type Run, seal } from './run.ts';

/**
 * A whole rotation: prepare, refresh, keep, deliver. Whatever happens is told.
 * @returns the exit status, as of the action
 */
export async function rotate(begun: Pick<Run, 'world' | 'inputs' | 'masks' | 'delivery'>): Promise<number> {
  const cancellation = new Cancellation(begun.world.signals);
  const run: Run = { ...begun, cancellation, fate: { state: 'unspent' } };
  try {
    return await story(run);
  } catch (thrown) {
    return fail(run, thrown);
  } finally {
    cancellation.close();
  }
}

async function story(run: Run): Promise<number> {
  const { inputs, cancellation, delivery } = run;
  const token =
    inputs.recoveryEnvelope === undefined
      ? inputs.refreshToken
      : openEnvelope(inputs.recoveryEnvelope, inputs.keys.appSecret, inputs.clientId);
  if (token !== undefined) run.masks.add(token);
  const stores = await openStores(run);
  try {
    const first = stores === undefined ? undefined : await checkStores(run, stores, token);
    delivery.phase('prepare');
    if (cancellation.received !== undefined) throw cancelled();
    if (inputs.dryRun) return stopShort(run, stores);
    return await spend(run, stores, token, first);
  } finally {
    if (cancellation.received === undefined) await stores?.removeProbes();
    await stores?.clearUp();
    if (stores !== undefined) delivery.debug('no probe is left behind, unless a warning says so');
  }
}

function stopShort(run: Run, stores: WriteBack | undefined): number {
  run.delivery.info(
    '✓ Dry run: everything was checked up to the refresh. Nothing was spent, nothing stays behind',
  );
  const checked: [string, string][] = [
    ['Dry run', 'inputs and key are right'],
    ['App key', `\`${run.inputs.keys.appKey}\``],
    ...(stores?.labels ?? []).map((label): [string, string] => ['Store', `\`${label}\` can be written`]),
    ['Staleness', staleness(run, stores)],
  ];
  run.delivery.succeeded({ state: 'unspent', facts: checked });
  return 0;
}

function staleness({ inputs }: Run, stores: WriteBack | undefined): string {
  if (stores?.targets.refreshTokenSecret === undefined)
    return 'not checked, no refresh token is written back';
  if (inputs.recoveryEnvelope !== undefined) return 'not checked, the refresh token comes from the envelope';
  return inputs.refreshToken === undefined
    ? 'not checked, there is no refresh token'
    : 'the refresh token is not stale';
}

/** From the first byte of the refresh to the last output: signals wait, and nothing that was won is lost. */
async function spend(
  run: Run,
  stores: WriteBack | undefined,
  token: string | undefined,
  first: SignedRequest | undefined,
): Promise<number> {
  const { cancellation, delivery } = run;
  // The first output: a file that cannot be written shows now, and not when a token has been won.
  delivery.tellAppKey();
  if (!cancellation.hold()) throw cancelled();
  try {
    // The probes go while Cobo works, right behind the refresh: their deletion costs no time.
    setImmediate(() => {
      stores?.beginRemoval();
      // Never rejects, and nothing waits for it.
      void stores?.makeReady();
    });
    const granted = await delivery.step('Call Cobo', () => obtain(run, token, first), obtainedLine);
    delivery.phase('refresh');
    await keep(run, stores, granted, token);
    delivery.phase('store');
    delivery.succeeded(resultOf(run, stores));
    delivery.phase('deliver');
  } finally {
    cancellation.release();
  }
  if (cancellation.received === undefined) return 0;
  delivery.warning(
    `Cancelled (${cancellation.received}) while the token was in flight. The run finished first: token-state ${run.fate.state}.`,
  );
  return cancellation.exitStatus;
}

function resultOf(run: Run, stores: WriteBack | undefined): Result {
  const { state, successor, won } = run.fate;
  const secret = stores?.targets.refreshTokenSecret;
  return {
    state,
    access: won,
    refreshToken: state === 'delivered' ? successor : undefined,
    facts:
      state === 'stored' && stores !== undefined
        ? stores.labels.map((label): [string, string] => ['Stored', `\`${secret}\` in \`${label}\``])
        : [],
  };
}

function fail(run: Run, thrown: unknown): number {
  const { cancellation, delivery, fate } = run;
  // Whatever was thrown after a signal that acted at once is its echo.
  const unspent = fate.state === 'unspent' && fate.successor === undefined;
  const ended = cancellation.received !== undefined && unspent && cancellation.signal.aborted;
  const error = ended ? cancelled() : asActionError(thrown);
  delivery.failed(error, resultOfFailure(run, error));
  return ended ? cancellation.exitStatus : 1;
}

/** A rotated token that is not safely stored or delivered ends in the envelope, whatever went wrong. */
function resultOfFailure(run: Run, error: ActionError): Result {
  const { fate } = run;
  const result = { access: fate.won };
  if (fate.successor === undefined || fate.state === 'stored') return { ...result, state: fate.state };
  // What has failed had nothing to do with handing it out.
  if (fate.state === 'delivered' && error.code !== 'internal') {
    return { ...result, state: 'delivered', refreshToken: fate.successor };
  }
  return { ...result, state: 'sealed', envelope: seal(run, fate.successor) };
}

function cancelled(): ActionError {
  return new ActionError(
    'cancelled',
    'The run was cancelled before anything was spent.',
    'Run the job again.',
  );
}
