import { type FleetPlan, playFleet } from './fleet.ts';
import { playStores, type StoresPlan, type StoresTotals } from './stores.ts';
import type { Totals } from './tally.ts';

/** What a worker is asked to play. */
export type Work = { fleet: FleetPlan } | { stores: StoresPlan };
/** A fleet's totals are those of each of its sizes. */
export type Played = { fleet: Totals[] } | { stores: StoresTotals };
/** What a worker tells; the processor time is that of its process. */
export type Told = Played & { cpuMs: number };

export async function play(work: Work): Promise<Played> {
  if ('fleet' in work) return { fleet: await playFleet(work.fleet) };
  return { stores: await playStores(work.stores) };
}
