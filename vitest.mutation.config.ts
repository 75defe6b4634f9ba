import { defineConfig } from 'vitest/config';

// What `npm run mutation` runs for each mutant, with few runs of each property.
process.env['FUZZ_RUNS'] ??= '20';

export default defineConfig({
  test: { include: [process.env['MUTATION_TESTS'] ?? 'test/unit/**/*.test.ts'], testTimeout: 2_000 },
});
