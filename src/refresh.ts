import { uptimeMs } from './clock.ts';
import { Delivery, type HandedOut } from './delivery.ts';
import { asActionError } from './errors.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { Masks } from './masks.ts';
import type { World } from './run.ts';
import { utc } from './text.ts';

/**
 * The whole action: check, then hand out the stored access token, or rotate.
 * @returns the exit status: 0, 1 for every failure, 128 and the signal's number for a cancelled run
 */
export async function refresh(world: World): Promise<number> {
  try {
    const status = await begin(world);
    return typeof status === 'number' ? status : await status();
  } finally {
    world.http.close();
  }
}

/**
 * All that comes before a rotation, and everything if none is needed. Nothing can have been spent here, so
 * what fails here is told here, and a signal may end the process as it does by default; a rotation knows
 * better what to tell of itself.
 * @returns the exit status, or the rotation
 */
async function begin(world: World): Promise<number | (() => Promise<number>)> {
  const masks = new Masks((secret) => world.toolkit.setSecret(secret));
  const delivery = new Delivery(world.toolkit, masks, world.env);
  const started = uptimeMs();
  try {
    const inputs = readInputs(world.toolkit, masks, world.facts);
    // Not before the inputs are read: nothing may be printed while a secret is not masked.
    delivery.phase('start', started);
    delivery.phase('read');
    delivery.begin(inputs);
    const reusable = stillGood(inputs, world.clock.now());
    if (reusable !== undefined) return reuse(delivery, reusable);
    // Loaded here, so that a run that only hands out a token does not pay for it.
    const { rotate } = await import('./rotate.ts');
    return () => rotate({ world, inputs, masks, delivery });
  } catch (thrown) {
    delivery.failed(asActionError(thrown), { state: 'unspent' });
    return 1;
  }
}

/** The stored access token, when it lives as long as the job needs. */
function stillGood({ stored, dryRun, recoveryEnvelope }: Inputs, now: number): HandedOut | undefined {
  // Whoever gives an envelope wants it opened, and a dry run wants everything checked.
  if (stored === undefined || dryRun || recoveryEnvelope !== undefined) return undefined;
  const expiresIn = Math.floor((stored.expiresAt - now) / 1000);
  if (expiresIn <= 0 || expiresIn < stored.minValidity) return undefined;
  return {
    accessToken: stored.accessToken,
    tokenType: 'Bearer',
    scope: '',
    expiresIn,
    expiresAt: stored.expiresAt,
  };
}

function reuse(delivery: Delivery, access: HandedOut): number {
  delivery.info(
    `✓ The stored access token is valid until ${utc(access.expiresAt)}: handed out again, nothing rotated`,
  );
  delivery.succeeded({ state: 'reused', access });
  return 0;
}
