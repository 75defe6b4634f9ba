import type { Moment } from '../emulators/faults.ts';
import { drawMishaps } from './draw-mishaps.ts';
import type { Instant, Interruption, Plan, Queued } from './plan.ts';
import { Random } from './random.ts';

const STORES: readonly [[number, string], ...[number, string][]] = [
  [5, 'repository'],
  [5, 'environment:cobo'],
  [2, 'dependabot'],
  [2, 'organization:octo-org'],
  [2, 'repository@octo-org/other-repo'],
  [1, 'environment:prod / eu@octo-org/other-repo'],
];

/** Draws the plan that belongs to a seed. Most plans hold few mishaps, some many, some none. */
export function drawPlan(seed: number): Plan {
  const random = new Random(seed);
  const orgId = random.weighted<Plan['orgId']>([
    [5, 'none'],
    [4, 'allowed'],
    [1, 'refused'],
  ]);
  const stores = drawStores(random);
  const refreshTokenSecret = random.chance(0.88);
  const busy = random.weighted([
    [2, 0],
    [4, 1],
    [3, random.int(2, 3)],
    [1, random.int(4, 9)],
  ]);
  const interruption = random.chance(0.3) ? drawInterruption(random) : undefined;
  const queued = refreshTokenSecret && random.chance(0.3) ? drawQueued(random) : undefined;
  return {
    seed,
    stores,
    orgId,
    refreshTokenSecret,
    accessTokenSecret: random.chance(0.35),
    expiresAtVariable: random.chance(0.3),
    maxAttempts: random.weighted([
      [1, 1],
      [2, 2],
      [3, 3],
      [3, 4],
    ]),
    dryRun: random.chance(0.02),
    oddTokens: random.chance(0.2),
    token: drawToken(random, orgId !== 'none'),
    revokeFamilyOnReplay: random.chance(0.75),
    omitRefreshToken: random.chance(0.05),
    clockSkewMs: random.weighted([
      [12, 0],
      [1, 90_000],
      [1, -90_000],
      [1, 3_600_000],
    ]),
    mayReadRun: random.chance(0.85),
    readOnlyStore: random.chance(0.05) ? random.int(0, stores.length - 1) : undefined,
    leftoverProbes: random.chance(0.1),
    mishaps: drawMishaps(random, busy),
    interruption,
    queued,
    queuedMishaps: queued !== undefined && random.chance(0.3) ? drawMishaps(random, random.int(1, 2)) : [],
    followUp: random.chance(0.4),
  };
}

function drawStores(random: Random): string[] {
  const stores = new Set<string>();
  const count = random.weighted([
    [5, 1],
    [3, 2],
    [2, 3],
  ]);
  while (stores.size < count) stores.add(random.weighted(STORES));
  return [...stores];
}

function drawToken(random: Random, withOrgId: boolean): Plan['token'] {
  const token = random.weighted<Plan['token']>([
    [88, 'living'],
    [3, 'revoked'],
    [2, 'expired'],
    [4, 'none'],
  ]);
  return token === 'none' && !withOrgId ? 'living' : token;
}

function drawInterruption(random: Random): Interruption {
  const kind = random.weighted<Interruption['kind']>([
    [4, 'SIGINT'],
    [2, 'SIGTERM'],
    [3, 'runner'],
    [4, 'SIGKILL'],
  ]);
  const at = random.weighted<Instant>([
    [5, { request: random.int(0, 14), of: 'any', when: random.pick<Moment>(['before', 'after']) }],
    // The moments that matter most: the token is spent, and not yet everywhere.
    [2, { request: random.int(0, 1), of: 'refresh', when: random.pick<Moment>(['before', 'after']) }],
    [1, { request: random.int(0, 1), of: 'store-access', when: random.pick<Moment>(['before', 'after']) }],
    [3, { request: random.int(0, 2), of: 'store', when: random.pick<Moment>(['before', 'after']) }],
    [3, { share: random.next() }],
  ]);
  return { kind, at };
}

function drawQueued(random: Random): Queued {
  return random.weighted<Queued>([
    [3, 'read-at-queue'],
    [2, 'read-at-old-job-start'],
    [2, 'read-at-job-start'],
  ]);
}
