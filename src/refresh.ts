import type { AccessToken } from './cobo/answer.ts';
import type { Inputs } from './inputs.ts';
import { loadKeep, type Run, rehearse, type World } from './run.ts';
import { cancelled, removeRecords, runStep } from './step.ts';
import { utc } from './text.ts';

/**
 * The main step: check, then hand out the stored access token, or refresh.
 * @returns the exit status: 0, 1 for every failure, 128 and the signal's number for a cancelled run
 */
export function refresh(world: World): Promise<number> {
  return runStep(world, undefined, async (run) => {
    const { cancellation, delivery, fate, inputs } = run;
    const stored = stillGood(inputs, world.clock.now());
    if (stored !== undefined) return reuse(run, stored);
    const token = await check(run);
    if (cancellation.received !== undefined) throw cancelled();
    if (inputs.dryRun) return await stopShort(run, token);
    const { spend } = await loadKeep();
    await spend(run, token);
    if (cancellation.received === undefined) return 0;
    delivery.warning(
      `Cancelled (${cancellation.received}) while the token was in use. The run finished first: token-state ${fate.state}.`,
    );
    return cancellation.exitStatus;
  });
}

/** The stored access token, when it lives as long as the job needs. */
function stillGood({ stored, dryRun, recoveryEnvelope }: Inputs, now: number): AccessToken | undefined {
  // Whoever gives an envelope wants it opened, and a dry run checks everything.
  if (stored === undefined || dryRun || recoveryEnvelope !== undefined) return undefined;
  const { accessToken, expiresAt, minValidity } = stored;
  const expiresIn = Math.floor((expiresAt - now) / 1000);
  if (expiresIn <= 0 || expiresIn < minValidity) return undefined;
  return { accessToken, tokenType: 'Bearer', scope: '', expiresIn, expiresAt };
}

function reuse({ delivery }: Run, access: AccessToken): number {
  delivery.info(`✓ The stored access token is valid until ${utc(access.expiresAt)} and is handed out again`);
  delivery.succeeded({ state: 'reused', access });
  return 0;
}

/**
 * Everything that comes before a refresh. What only one kind of run needs is loaded here, so that the others do
 * not pay for it.
 * @returns the refresh token to use; `undefined` when a fresh pair has to be obtained
 */
async function check(run: Run): Promise<string | undefined> {
  const { inputs, held } = run;
  if (inputs.writeBack !== undefined) {
    const { prepare } = await import('./prepare.ts');
    return await prepare(run, inputs.writeBack);
  }
  if (!inputs.dryRun) await rehearse(run);
  return held?.refreshToken;
}

async function stopShort(run: Run, token: string | undefined): Promise<number> {
  const { delivery, inputs, stores } = run;
  await removeRecords(run);
  delivery.info('✓ Dry run: everything was checked up to the refresh. Nothing was spent');
  const next = token === undefined ? 'a fresh pair would be obtained with `org-id`' : 'it would be refreshed';
  delivery.succeeded({
    state: 'unspent',
    dryRun: true,
    facts: [
      ['App key', `\`${inputs.keys.appKey}\``],
      ...(stores?.labels ?? []).map((label): [string, string] => ['Store', `\`${label}\` can be written`]),
      ['Next', next],
    ],
  });
  return 0;
}
