import type { SignedRequest } from './cobo/exchange.ts';
import type { WriteBack } from './github/write-back.ts';
import { signAhead } from './obtain.ts';
import { debugRequests, type Run, seal } from './run.ts';
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
 * @param token the refresh token that is to be used
 * @returns the refresh, signed and ready to be sent
 * @throws ActionError
 */
export async function checkStores(
  run: Run,
  stores: WriteBack,
  token: string | undefined,
): Promise<SignedRequest | undefined> {
  const { recoveryEnvelope, refreshToken } = run.inputs;
  const fromSecret = recoveryEnvelope === undefined && refreshToken !== undefined;
  return await run.delivery.step(
    `Check ${list(stores.labels)}`,
    async () => {
      // What comes next is made ready while answers are on their way.
      await Promise.all([stores.read(fromSecret ? run.world.facts : undefined), makeSealingReady(run)]);
      const [, first] = await Promise.all([stores.prove(), makeCoboReady(run, token)]);
      return first;
    },
    () => checkedLine(stores, fromSecret),
  );
}

function checkedLine(stores: WriteBack, fromSecret: boolean): string {
  const { refreshTokenSecret, accessTokenSecret } = stores.targets;
  // Variables are read, not written, before the refresh: no refresh token depends on them.
  const secrets = refreshTokenSecret ?? accessTokenSecret;
  const proved = secrets === undefined ? 'the variables can be read' : 'secrets can be written';
  const fresh = fromSecret && refreshTokenSecret !== undefined ? ', and the refresh token is not stale' : '';
  return `✓ Checked ${list(stores.labels)}: ${proved}${fresh}`;
}

/** A job pays for loading and compiling only where it waits anyway. */
async function makeSealingReady({ delivery }: Run): Promise<void> {
  await requestsAreSent();
  delivery.tellAppKey();
  const { warmUpSealing } = await import('./github/sealed-box.ts');
  warmUpSealing();
}

async function makeCoboReady(run: Run, token: string | undefined): Promise<SignedRequest | undefined> {
  const { inputs, world } = run;
  if (inputs.dryRun) return undefined;
  await requestsAreSent();
  world.http.connectAhead(new URL(inputs.cobo.apiUrl));
  // For nothing, so that it is compiled when there is a token that must be kept.
  seal(run, '');
  return token === undefined ? undefined : await signAhead(run, token);
}

/** Two turns of the event loop: one to connect, one to write. */
function requestsAreSent(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
