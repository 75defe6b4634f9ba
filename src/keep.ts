import type { HandedOut } from './delivery.ts';
import { ActionError } from './errors.ts';
import type { FailedWrite, WriteBack } from './github/write-back.ts';
import type { Obtained } from './obtain.ts';
import { type Run, seal } from './run.ts';
import { list, utc } from './text.ts';

/**
 * Keeps what Cobo granted: the refresh token in every store first, then the access token and its expiry.
 * When it returns, the refresh token is stored, or is to be delivered, or the old one is still valid.
 * @param used the refresh token that was used, if any
 * @throws ActionError, with all that could be kept kept
 */
export async function keep(
  run: Run,
  stores: WriteBack | undefined,
  granted: Obtained,
  used: string | undefined,
): Promise<void> {
  const { fate, inputs } = run;
  const access = handedOut(granted);
  if (access !== undefined) fate.won = access;
  const target = inputs.writeBack?.refreshTokenSecret;
  // A token that came out of an envelope is in no store yet, even when Cobo let it live.
  const kept = fate.state === 'kept' && inputs.recoveryEnvelope !== undefined ? used : undefined;
  const worthKeeping = granted.refreshToken ?? kept;
  let failed: FailedWrite[] = [];
  if (stores !== undefined && target !== undefined && worthKeeping !== undefined) {
    fate.successor = worthKeeping;
    failed = await store(run, stores, worthKeeping, target);
    if (failed.length === 0) fate.state = 'stored';
  } else if (granted.refreshToken !== undefined) {
    fate.state = 'delivered';
    // The outputs come after writes that take their time: a kill in between must not take the token.
    if (stores !== undefined) {
      run.delivery.insure(seal(run, granted.refreshToken));
    }
  }
  const extras = stores !== undefined && access !== undefined ? await storeExtras(run, stores, access) : [];
  const others = (stores?.labels.length ?? 0) - failed.length;
  refuseHalfMeasures(granted, failed, extras, others);
}

function handedOut({ access, at }: Obtained): HandedOut | undefined {
  return access === undefined ? undefined : { ...access, expiresAt: at + access.expiresIn * 1000 };
}

async function store(
  run: Run,
  stores: WriteBack,
  refreshToken: string,
  target: string,
): Promise<FailedWrite[]> {
  const envelope = seal(run, refreshToken);
  run.delivery.insure(envelope);
  // The runner kills ten seconds after the first signal: what is not stored by then must be readable.
  run.cancellation.onHeld(() => run.delivery.showEnvelope(envelope));
  const failed = await run.delivery.step(
    `Store the refresh token as ${target}`,
    () => stores.keepRefreshToken(refreshToken),
    (failures) =>
      failures.length === 0
        ? `✓ Stored the refresh token as ${target} in ${list(stores.labels)}`
        : `✗ ${failures.length} of ${stores.labels.length} stores did not take the refresh token`,
  );
  run.cancellation.onHeld(undefined);
  return failed;
}

async function storeExtras(run: Run, stores: WriteBack, access: HandedOut): Promise<FailedWrite[]> {
  const { accessTokenSecret, expiresAtVariable } = stores.targets;
  const names = [accessTokenSecret, expiresAtVariable].filter((name) => name !== undefined);
  if (names.length === 0) return [];
  return run.delivery.step(
    `Store ${list(names)}`,
    () => stores.keepExtras({ accessToken: access.accessToken, expiresAt: utc(access.expiresAt) }),
    (failures) =>
      failures.length === 0
        ? `✓ Stored ${list(names)}`
        : `✗ ${failures.length === 1 ? '1 write' : `${failures.length} writes`} of ${list(names)} failed`,
  );
}

/**
 * Ends the run as a failure when anything was not kept, the worst first.
 * @param others how many stores took the refresh token
 */
function refuseHalfMeasures(
  granted: Obtained,
  failed: FailedWrite[],
  extras: FailedWrite[],
  others: number,
): void {
  if (failed.length > 0) {
    throw new ActionError(
      'store-failed',
      `The rotated refresh token could not be stored in ${describe(failed)}.${others > 0 ? ` The other ${others === 1 ? 'store holds' : `${others} stores hold`} it.` : ''}`,
      'Take it from the output, the log or the summary, and start that run before any other: it stores the token everywhere (docs/recovery.md).',
    );
  }
  if (granted.problem !== undefined) {
    throw new ActionError(
      'answer-malformed',
      `Cobo's answer is signed but malformed: ${granted.problem}.`,
      'Please report it, to Cobo and to this action. No access token was handed out.',
    );
  }
  if (extras.length > 0) {
    throw new ActionError(
      'extra-failed',
      `After the refresh, not everything could be stored: ${describe(extras)}.`,
      'Check the permissions of `github-token` before the next run. The access token is in the outputs of this step.',
    );
  }
}

function describe(failed: FailedWrite[]): string {
  return list(failed.map(({ label, name, reason }) => `\`${label}\` (${name}: ${reason})`));
}
