/**
 * Changes src/ in thousands of places, one at a time, and counts the changes that a unit test notices. Each file
 * is judged by the tests of the same name (test/unit/text.test.ts for src/text.ts), because those of all files
 * together would take hours; a file without tests of its own by all of them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOptions, text } from './options.ts';
import { ROOT, runTool } from './tools.ts';

/** Percent of the changes that have to be noticed, over all files. */
const LEAST = 90;

/** The part of Stryker's report that is read here. */
interface Report {
  files: Record<string, { mutants: { status: string }[] }>;
}

interface Score {
  file: string;
  noticed: number;
  all: number;
}

const { only } = readOptions({
  command: 'npm run mutation --',
  about: 'Changes src/ in thousands of places, one at a time, and counts the changes that a unit test notices.',
  options: { only: text('a file or folder of src/, for example src/cobo', 'PATH') },
});
const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .filter((file) => !['src/main.ts', 'src/clock.ts'].includes(file) && (only === undefined || inside(file, only)))
  .sort();
const scores: Score[] = [];
for (const file of files) {
  const own = file.replace(/^src\/(.*)\.ts$/, 'test/unit/$1.test.ts');
  process.env['MUTATION_TESTS'] = existsSync(join(ROOT, own)) ? own : 'test/unit/**/*.test.ts';
  await runTool('@stryker-mutator/core', 'stryker', ['run', '--mutate', file]);
  const report = JSON.parse(readFileSync(join(ROOT, 'reports/mutation/mutation.json'), 'utf8')) as Report;
  scores.push(scoreOf(file, report));
}
for (const score of scores) console.log(line(score));
const total: Score = {
  file: 'all',
  noticed: scores.reduce((sum, { noticed }) => sum + noticed, 0),
  all: scores.reduce((sum, { all }) => sum + all, 0),
};
console.log(line(total));
if (percent(total) < LEAST) process.exitCode = 1;

function inside(file: string, path: string): boolean {
  const wanted = path.replaceAll('\\', '/').replace(/\/+$/, '');
  return file === wanted || file.startsWith(`${wanted}/`);
}

function scoreOf(file: string, report: Report): Score {
  const statuses = Object.values(report.files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const count = (...wanted: string[]) => statuses.filter((status) => wanted.includes(status)).length;
  const noticed = count('Killed', 'Timeout');
  return { file, noticed, all: noticed + count('Survived', 'NoCoverage') };
}

function percent({ noticed, all }: Score): number {
  return all === 0 ? 100 : (100 * noticed) / all;
}

function line(score: Score): string {
  const { file, noticed, all } = score;
  return `${percent(score).toFixed(1).padStart(6)} %  ${`${noticed} of ${all}`.padStart(12)}  ${file}`;
}
