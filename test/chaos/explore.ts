import fc from 'fast-check';
import { type Plan, plans } from './plan.ts';
import type { Open } from './player.ts';
import { judge } from './rules/all.ts';
import { Story } from './story.ts';
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

/**
 * Plays plans until one breaks a rule, and looks for the shortest that does.
 * @returns what is wrong with it; how a person reads that; how many plans were played until then
 */
export async function explore(search: Search) {
  const { open, runs, seed, isQuick = false, index = 0, jobs = 1, path, shrinks = 300, onPlan } = search;
  let seen = 0;
  let played = 0;
  let left = shrinks;
  let shortest: { plan: Plan; violations: string[] } | undefined;
  const property = fc.asyncProperty(plans(isQuick), async (plan) => {
    if (shortest === undefined && seen++ % jobs !== index) return true;
    // Enough is tried: what is left counts as sound, which ends the search.
    if (shortest !== undefined && left-- <= 0) return true;
    const violations = await told(plan, open, judge).catch((error: unknown) => [`the play broke: ${error}`]);
    if (shortest === undefined) {
      played++;
      await onPlan?.();
    }
    if (violations.length > 0) shortest = { plan, violations };
    return violations.length === 0;
  });
  const way = path === undefined ? { numRuns: runs } : { numRuns: 1, path };
  const { counterexamplePath } = await fc.check(property, { seed, endOnFailure: shrinks === 0, ...way });
  if (shortest === undefined) return undefined;
  const { plan, violations } = shortest;
  const kind = isQuick ? '--runs 0 --processes 1' : '--runs 1';
  const again = `Again: npm run chaos -- ${kind} --seed ${seed} --path ${counterexamplePath}`;
  const lines = [...inWords(plan).map((line) => `  ${line}`), ...violations.map((why) => `✗ ${why}`), again];
  return { violations, report: lines.join('\n'), played };
}

/** Plays a plan, lets `use` look at the story, and cleans up. */
export async function told<T>(plan: Plan, open: Open, use: (story: Story) => Promise<T>): Promise<T> {
  const player = await open(plan.setting);
  try {
    const story = new Story(plan, player);
    await story.play();
    return await use(story);
  } finally {
    await player.world.stage.close();
    player.close();
  }
}
