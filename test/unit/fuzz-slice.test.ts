import { describe, test } from 'vitest';
import { TARGETS } from '../../fuzz/targets.ts';

/** A few hundred of the cases that `npm run fuzz` throws by the ten thousand; always the same ones. */
const SEED = 20260301;
const SHARE = 0.008;

describe('a slice of the fuzzing', () => {
  test.each(TARGETS)('$name', async ({ cases, run }) => {
    await run(Math.max(1, Math.round(cases * SHARE)), SEED);
  });
});
