import type { AccessToken } from './cobo/answer.ts';
import type { Inputs } from './inputs.ts';
import { loadKeep, type Run, runStep, type World } from './run.ts';
import { utc } from './text.ts';

/**
 * The main step: check, prepare, refresh, keep, deliver. A failure at any point ends in `runStep`, which tells it
 * with the state of the token and hands out what was won.
 * @returns the exit status: 0, 1 for every failure, 128 and the signal's number for a cancelled run
 */
export function refresh(world: World): Promise<number> {
  return runStep(world, async (run) => {
    const { cancellation, delivery, fate, inputs } = run;
    const stored = stillGood(inputs, world.clock.now());
    if (stored !== undefined) {
      delivery.info(`✓ The stored access token is valid until ${utc(stored.expiresAt)} and is handed out again`);
      fate.become('reused');
      delivery.succeeded({ state: fate.state, access: stored });
      return 0;
    }
    const token = await prepared(run);
    cancellation.stop.throwIfAborted();
    if (inputs.dryRun) return await stopShort(run, token);
    const { conclude, keep, obtain } = await loadKeep();
    await keep(run, await obtain(run, token));
    await conclude(run);
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

/**
 * Everything that comes before a refresh. What only write-back needs is loaded here, so that others do not pay.
 * @returns the refresh token to use; `undefined` when a fresh pair has to be obtained
 */
async function prepared(run: Run): Promise<string | undefined> {
  const { writeBack, dryRun } = run.inputs;
  if (writeBack !== undefined) return (await import('./prepare.ts')).prepare(run, writeBack);
  if (!dryRun) await run.rehearse();
  return run.held?.refreshToken;
}

/** Ends a dry run: with nothing spent, and nothing left behind. @returns the exit status */
async function stopShort(run: Run, token: string | undefined): Promise<number> {
  const { delivery, inputs, stores } = run;
  await run.removeRecords();
  delivery.info('✓ Dry run: everything was checked up to the refresh. Nothing was spent');
  const next = token === undefined ? 'a fresh pair would be obtained with `org-id`' : 'it would be refreshed';
  const labels = stores?.labels ?? [];
  delivery.succeeded({
    state: 'unspent',
    dryRun: true,
    facts: [
      ['App key', `\`${inputs.keys.appKey}\``],
      ...labels.map((label): [string, string] => ['Store', `\`${label}\` can be written`]),
      ['Next', next],
    ],
  });
  return 0;
}
