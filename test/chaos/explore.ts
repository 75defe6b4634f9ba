import fc from 'fast-check';
import { type Plan, plans } from './plan.ts';
import type { Open } from './player.ts';
import { judge } from './rules/all.ts';
import { Teller } from './story.ts';
import { inWords } from './words.ts';

export interface Search {
  open: Open;
  runs: number;
  seed: number;
  /** For whole processes. */
  isQuick?: boolean;
  /** Plays each `jobs`-th plan, from number `index`; by default all. */
  index?: number;
  jobs?: number;
  /** Where fast-check has found a story before: only that one is played. */
  path?: string | undefined;
  /** How many shorter stories are tried once one is found; 0: the first one will do. */
  shrinks?: number;
  onPlan?(): Promise<void>;
}

export interface Found {
  plan: Plan;
  violations: string[];
  /** How many plans were played until then. */
  played: number;
  seed: number;
  path: string;
}

/** Plays plans until one breaks a rule, and looks for the shortest that does. */
export async function explore(search: Search): Promise<Found | undefined> {
  const { open, runs, seed, isQuick = false, index = 0, jobs = 1, path, shrinks = 300, onPlan } = search;
  let seen = 0;
  let played = 0;
  let left = Number.POSITIVE_INFINITY;
  let shortest: { plan: Plan; violations: string[] } | undefined;
  const property = fc.asyncProperty(plans(isQuick), async (plan) => {
    if (shortest === undefined && seen++ % jobs !== index) return true;
    // Enough is tried: what is left counts as sound, which ends the search.
    if (left-- <= 0) return true;
    const violations = await told(plan, open, judge).catch((error: unknown) => [`the play broke: ${error}`]);
    if (shortest === undefined) {
      played++;
      await onPlan?.();
    }
    if (violations.length === 0) return true;
    if (shortest === undefined) left = shrinks;
    shortest = { plan, violations };
    return false;
  });
  const result = await fc.check(property, {
    seed,
    numRuns: path === undefined ? runs : 1,
    endOnFailure: shrinks === 0,
    ...(path === undefined ? {} : { path }),
  });
  if (shortest === undefined) return undefined;
  return { ...shortest, played, seed, path: result.counterexamplePath ?? '' };
}

/** Plays a plan, lets `use` look at the story, and cleans up. */
export async function told<T>(plan: Plan, open: Open, use: (teller: Teller) => Promise<T>): Promise<T> {
  const { player, fixture } = await open(plan);
  try {
    const teller = new Teller(plan, fixture, player);
    await teller.play();
    return await use(teller);
  } finally {
    await fixture.close();
    await player.close();
  }
}

/** A violation as a person reads it: the story, what is wrong with it, and how to see it again. */
export function report({ plan, violations, seed, path }: Found, isQuick: boolean): string {
  const kind = isQuick ? '--runs 0 --processes 1' : '--runs 1';
  return [
    ...inWords(plan).map((line) => `  ${line}`),
    ...violations.map((why) => `✗ ${why}`),
    `Again: npm run chaos -- ${kind} --seed ${seed} --path ${path}`,
  ].join('\n');
}
