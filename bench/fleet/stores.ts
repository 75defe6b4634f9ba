import { Chance } from './chance.ts';
import { buildEstate, Organization, SECRET, START } from './estate.ts';
import { REPOSITORY, runJob } from './job.ts';

const WRITER = 'shared-writer';

/** One run that writes the token into many stores. */
export interface StoresPlan {
  stores: number;
  /** Rotations, six hours apart. */
  rotations: number;
  seed: number;
  /** Whether GitHub's "500 an hour" holds: it says "in general". */
  hourly: boolean;
}

export interface StoresTotals {
  /** Milliseconds of each rotation. */
  tookMs: number[];
  /** From Cobo's answer until the token was in the last store: the longest. */
  keptMs: number;
  /** Rotations whose token is in every store. */
  stored: number;
  /** Writes a minute at most. */
  writes: number;
  refused: number;
  errors: string[];
}

/** Plays a few rotations of one token into many stores, with nothing else going on. */
export async function playStores(plan: StoresPlan): Promise<StoresTotals> {
  const estate = buildEstate([]);
  const chance = new Chance(plan.seed);
  const { github, time, network } = estate;
  if (!plan.hourly) github.secondaryLimits = { contentPerHour: Number.POSITIVE_INFINITY };
  const names = Array.from({ length: plan.stores }, (_, index) => `org-${index}`);
  github.addRepository(REPOSITORY, { environments: names });
  github.addToken({ token: WRITER, grants: [{ repo: REPOSITORY, environments: 'write' }] });
  const lines = names.map((name) => `environment:${name}`);
  const organization = new Organization(estate, 0, WRITER, { 'secret-stores': lines.join('\n') });
  const totals: StoresTotals = { tookMs: [], keptMs: 0, stored: 0, writes: 0, refused: 0, errors: [] };
  const rotate = async (): Promise<void> => {
    for (let round = 0; round < plan.rotations; round++) {
      await time.sleep(START + round * 24 * 3_600_000 - time.now());
      const began = time.now();
      const { main } = await runJob({ network, chance }, organization.inputs(), {});
      totals.tookMs.push(main.tookMs);
      if (main.status !== 0) totals.errors.push(main.error);
      const writes = github.writes.filter(({ name, at }) => name === SECRET && at >= began);
      const values = new Set(names.map((name) => github.secretValue(storeOf(name), SECRET)));
      if (values.size === 1) totals.stored += 1;
      const refreshed = estate.cobo.history.at(-1)?.at ?? 0;
      totals.keptMs = Math.max(totals.keptMs, (writes.at(-1)?.at ?? refreshed) - refreshed);
    }
  };
  const done = rotate();
  await time.run();
  await done;
  const { peaks, refused } = github.meters.usage(WRITER);
  totals.writes = peaks.contentPerMinute;
  totals.refused = refused;
  return totals;
}

function storeOf(environment: string): string {
  return `environment:${environment}@${REPOSITORY}`;
}
