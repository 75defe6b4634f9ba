import { coboTargets } from './cobo.ts';
import { githubTargets } from './github.ts';
import { parserTargets } from './parsers.ts';
import { runTargets } from './runs.ts';
import { streamTargets } from './streams.ts';
import type { Target } from './target.ts';

/** Everything that is fuzzed, in order. */
export const TARGETS: readonly Target[] = [
  ...parserTargets,
  ...coboTargets,
  ...githubTargets,
  ...runTargets,
  ...streamTargets,
];
