import { defineConfig } from 'vitest/config';

/** A layer of tests: one folder of test/, see CONTRIBUTING.md. */
function layer(name: string, folders: readonly string[], testTimeout: number) {
  return {
    extends: true as const,
    test: { name, include: folders.map((folder) => `test/${folder}/**/*.test.ts`), testTimeout },
  };
}

export default defineConfig({
  test: {
    // Whole processes on a busy machine take a while; what hangs is to fail all the same.
    projects: [
      layer('unit', ['unit'], 10_000),
      layer('scenarios', ['scenarios'], 60_000),
      layer('chaos', ['chaos'], 120_000),
      layer('emulators', ['emulators', 'runner'], 30_000),
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
