import type { Act } from './act.ts';
import type { Story } from './story.ts';

/** What is counted over many runs. Plain data, so that it can travel between processes. */
export interface Tally {
  stories: number;
  /** Runs of the action, by role. */
  roles: Record<string, number>;
  outcomes: Record<string, number>;
  states: Record<string, number>;
  /** Requests that were struck, by service and kind. */
  mishaps: Record<string, number>;
  interruptions: Record<string, number>;
  /** Stories without a verdict. */
  tooSlow: number;
  violations: { seed: number; lines: string[] }[];
}

export function emptyTally(): Tally {
  return {
    stories: 0,
    roles: {},
    outcomes: {},
    states: {},
    mishaps: {},
    interruptions: {},
    tooSlow: 0,
    violations: [],
  };
}

export function count(tally: Tally, story: Story): void {
  tally.stories++;
  if (story.tooSlow) tally.tooSlow++;
  const { interruption } = story.plan;
  if (interruption !== undefined) add(tally.interruptions, interruption.kind);
  for (const act of story.acts) countAct(tally, act);
  if (story.violations.length > 0) tally.violations.push({ seed: story.plan.seed, lines: story.violations });
}

function countAct(tally: Tally, { role, ending, gitHub, exchanges }: Act): void {
  add(tally.roles, role);
  add(tally.outcomes, outcomeOf(ending.exitCode, ending.killed));
  add(tally.states, ending.outputs['token-state'] ?? '(killed before it could tell)');
  for (const { mishap } of gitHub) if (mishap !== undefined) add(tally.mishaps, `GitHub ${mishap.kind}`);
  for (const { mishap } of exchanges) if (mishap !== undefined) add(tally.mishaps, `Cobo ${mishap.kind}`);
}

function outcomeOf(exitCode: number | null, killed: boolean): string {
  if (killed) return 'killed';
  if (exitCode === 0) return 'success';
  return exitCode === 1 ? 'failure' : 'cancelled';
}

function add(counts: Record<string, number>, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

/** Adds one tally to another. */
export function merge(into: Tally, tally: Tally): void {
  into.stories += tally.stories;
  into.tooSlow += tally.tooSlow;
  into.violations.push(...tally.violations);
  for (const key of ['roles', 'outcomes', 'states', 'mishaps', 'interruptions'] as const) {
    for (const [name, number] of Object.entries(tally[key])) add(into[key], name, number);
  }
}

/** The tally for people; biggest numbers first. */
export function tallyLines(tally: Tally): string[] {
  const row = (title: string, counts: Record<string, number>) => {
    const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
    return `  ${title.padEnd(14)} ${sorted.map(([name, number]) => `${name} ${number}`).join(', ')}`;
  };
  return [
    row('runs', tally.roles),
    row('outcomes', tally.outcomes),
    row('token-state', tally.states),
    row('mishaps', tally.mishaps),
    row('interruptions', tally.interruptions),
    ...(tally.tooSlow > 0
      ? [`  ${tally.tooSlow} without a verdict: the machine was too slow to tell a fault from its own delay`]
      : []),
  ];
}
