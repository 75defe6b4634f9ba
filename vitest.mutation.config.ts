import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that play whole runs against the emulators: they reach nearly every line, and take long. */
const STORIES = /\/test\/unit\/(?:ending|finish|keep|prepare|refresh|spend)\.test\.ts$/;

/** A mutant dies by the first test that fails, so the quick ones go first. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isStory = ({ moduleId }: TestSpecification) => STORIES.test(moduleId);
    return [...files.filter((file) => !isStory(file)), ...files.filter(isStory)];
  }
}

// What `npm run mutation` runs for each mutant: the unit tests that reach it, with few runs of each property.
process.env['FUZZ_RUNS'] ??= '20';

export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts'],
    testTimeout: 10_000,
    sequence: { sequencer: QuickFirst },
  },
});
