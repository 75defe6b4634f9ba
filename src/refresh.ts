import { Cancellation } from './cancellation.ts';
import { uptimeMs } from './clock.ts';
import type { SignedRequest } from './cobo/exchange.ts';
import { Delivery, type HandedOut, type Result } from './delivery.ts';
import { ActionError, asActionError } from './errors.ts';
import type { WriteBack } from './github/write-back.ts';
import { readInputs } from './inputs.ts';
import { keep } from './keep.ts';
import { Masks } from './masks.ts';
import { obtain, obtainedLine } from './obtain.ts';
import { checkStores, openStores } from './prepare.ts';
import { openEnvelope } from './recovery.ts';
import { type Run, seal, type World } from './run.ts';
import { utc } from './text.ts';

/**
 * The whole action: check, prepare, refresh, keep, deliver.
 * @returns the exit status: 0, 1 for every failure, 128 and the signal's number for a cancelled run
 */
export async function refresh(world: World): Promise<number> {
  const masks = new Masks((secret) => world.toolkit.setSecret(secret));
  const delivery = new Delivery(world.toolkit, masks, world.env);
  const cancellation = new Cancellation(world.signals);
  let run: Run | undefined;
  const started = uptimeMs();
  try {
    const inputs = readInputs(world.toolkit, masks, world.facts);
    run = { world, inputs, masks, delivery, cancellation, fate: { state: 'unspent' } };
    // Not before the inputs are read: nothing may be printed while a secret is not masked.
    delivery.phase('start', started);
    delivery.phase('read');
    delivery.begin(inputs);
    const reusable = stillGood(run);
    if (reusable !== undefined) return reuse(run, reusable);
    return await rotate(run);
  } catch (thrown) {
    return fail(run, delivery, cancellation, thrown);
  } finally {
    cancellation.close();
    world.http.close();
  }
}

/** The stored access token, when it lives as long as the job needs. */
function stillGood({ inputs, world }: Run): HandedOut | undefined {
  const { stored, dryRun, recoveryEnvelope } = inputs;
  // Whoever gives an envelope wants it opened, and a dry run wants everything checked.
  if (stored === undefined || dryRun || recoveryEnvelope !== undefined) return undefined;
  const expiresIn = Math.floor((stored.expiresAt - world.clock.now()) / 1000);
  if (expiresIn <= 0 || expiresIn < stored.minValidity) return undefined;
  return {
    accessToken: stored.accessToken,
    tokenType: 'Bearer',
    scope: '',
    expiresIn,
    expiresAt: stored.expiresAt,
  };
}

function reuse(run: Run, access: HandedOut): number {
  run.delivery.info(
    `✓ The stored access token is valid until ${utc(access.expiresAt)}: handed out again, nothing rotated`,
  );
  run.delivery.succeeded({ state: 'reused', access, facts: facts(run) });
  return 0;
}

async function rotate(run: Run): Promise<number> {
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
  run.delivery.succeeded({ state: 'unspent', facts: [...facts(run), ...checked] });
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
    setImmediate(() => stores?.beginRemoval());
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
    facts: [
      ...facts(run),
      ...(state === 'stored' && stores !== undefined
        ? stores.labels.map((label): [string, string] => ['Stored', `\`${secret}\` in \`${label}\``])
        : []),
    ],
  };
}

function fail(run: Run | undefined, delivery: Delivery, cancellation: Cancellation, thrown: unknown): number {
  // Whatever was thrown after a signal that acted at once is its echo.
  const unspent = run === undefined || (run.fate.state === 'unspent' && run.fate.successor === undefined);
  const ended = cancellation.received !== undefined && unspent && cancellation.signal.aborted;
  const error = ended ? cancelled() : asActionError(thrown);
  if (error.code === 'internal') delivery.debug(stackOf(thrown));
  const result = run === undefined ? ({ state: 'unspent' } as const) : resultOfFailure(run, error);
  error.tokenState = result.state;
  delivery.failed(error, result);
  return ended ? cancellation.exitStatus : 1;
}

/** A rotated token that is not safely stored or delivered ends in the envelope, whatever went wrong. */
function resultOfFailure(run: Run, error: ActionError): Result {
  const { fate } = run;
  const result = { access: fate.won, facts: facts(run) };
  if (fate.successor === undefined || fate.state === 'stored') return { ...result, state: fate.state };
  // What has failed had nothing to do with handing it out.
  if (fate.state === 'delivered' && error.code !== 'internal') {
    return { ...result, state: 'delivered', refreshToken: fate.successor };
  }
  return { ...result, state: 'sealed', envelope: seal(run, fate.successor) };
}

function facts({ inputs }: Run): [string, string][] {
  return [['Cobo', `${inputs.cobo.environment}, ${new URL(inputs.cobo.apiUrl).host}`]];
}

function cancelled(): ActionError {
  return new ActionError(
    'cancelled',
    'The run was cancelled before anything was spent.',
    'Run the job again.',
  );
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.name) : typeof thrown;
}
