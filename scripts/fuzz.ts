import { readOptions, wholeNumber } from './options.ts';
import { runTool } from './tools.ts';

const { runs } = readOptions({
  command: 'npm run fuzz --',
  about: 'Runs the unit tests, with more runs of every property than npm test has time for.',
  options: { runs: wholeNumber('how many runs of each property', 2000) },
});
process.env['FUZZ_RUNS'] = String(runs);
await runTool('vitest', 'vitest', ['run', '--project', 'unit', '--testTimeout=1200000', '--reporter=dot']).catch(() => {
  // Vitest has said what failed.
  process.exitCode = 1;
});
