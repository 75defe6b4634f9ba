import { defineConfig } from 'vitest/config';

/**
 * What `npm run mutation` runs for each mutant: the unit tests that are quick. Whole stories over the
 * emulators and the fuzzing would kill a mutant too, but by chance, and late.
 */
export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts'],
    exclude: ['test/unit/story.test.ts', 'test/unit/fuzz-slice.test.ts'],
    testTimeout: 10_000,
  },
});
