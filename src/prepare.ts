import type { WriteBack } from './github/write-back.ts';
import { debugRequests, type Run } from './run.ts';
import { list } from './text.ts';

/** The stores that the inputs name, `undefined` when nothing is written back. Sends nothing yet. */
export async function openStores(run: Run): Promise<WriteBack | undefined> {
  const { inputs, world } = run;
  if (inputs.writeBack === undefined) return undefined;
  // A run without write-back does not pay for what only writing needs.
  const { WriteBack } = await import('./github/write-back.ts');
  const { stores, token, apiUrl, ...targets } = inputs.writeBack;
  return new WriteBack(
    {
      http: world.http,
      httpOptions: { timeoutMs: inputs.timeoutMs, onDone: debugRequests(run) },
      clock: world.clock,
      log: run.delivery,
      maxAttempts: inputs.maxAttempts,
      apiUrl,
      token,
      signal: run.cancellation.signal,
    },
    stores,
    targets,
  );
}

/**
 * Everything that can be checked with nothing spent: each store read and proved writable, the token not
 * stale. A token that came out of an envelope, or that is not there, cannot be stale.
 * @throws ActionError
 */
export async function checkStores(run: Run, stores: WriteBack): Promise<void> {
  const { recoveryEnvelope, refreshToken } = run.inputs;
  const fromSecret = recoveryEnvelope === undefined && refreshToken !== undefined;
  await run.delivery.step(
    async () => {
      await stores.read(fromSecret ? run.world.facts : undefined);
      await stores.prove();
    },
    () =>
      `Checked ${list(stores.labels)}: can be written${fromSecret ? ', and the refresh token is not stale' : ''}`,
  );
}
