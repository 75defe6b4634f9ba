import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const cores = availableParallelism();
let layers = 0;

/** A layer of tests: one folder of test/, see CONTRIBUTING.md. */
function layer(name: string, folders: readonly string[], testTimeout: number, special: object = {}) {
  return {
    extends: true as const,
    test: {
      name,
      include: folders.map((folder) => `test/${folder}/**/*.test.ts`),
      testTimeout,
      maxWorkers: cores,
      // One layer after the other: they differ in how many workers they take.
      sequence: { groupOrder: ++layers },
      ...special,
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      layer('unit', ['unit'], 30_000),
      // They wait for processes half of the time. What they import they share: loading it anew costs as much again.
      layer('scenarios', ['scenarios'], 60_000, { maxWorkers: 2 * cores, isolate: false }),
      layer('chaos', ['chaos'], 120_000),
      layer('emulators', ['emulators', 'runner'], 30_000, { maxWorkers: 2 * cores }),
      layer('house', ['docs', 'tooling'], 30_000),
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // The entry that only wires the real toolkit in (the scenarios run it), and the system's own clock.
      exclude: ['src/main.ts', 'src/clock.ts'],
      reporter: [['text', { skipFull: true }], 'json-summary'],
      thresholds: { lines: 95, branches: 95, functions: 95, statements: 95 },
    },
  },
});
