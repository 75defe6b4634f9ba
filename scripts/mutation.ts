/**
 * Changes src/ in thousands of places, one at a time, and counts the changes that a unit test notices. Each file
 * is judged by the tests of the same name (test/unit/text.test.ts for src/text.ts), because those of all files
 * together would take hours. Several files are judged at once, each on a core of its own.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readOptions, text } from './options.ts';
import { ROOT, runTool } from './tools.ts';

/** Percent of the changes that have to be noticed, over all files. */
const LEAST = 90;

/** The part of Stryker's report that is read here. */
interface Report {
  files: Record<string, { mutants: Mutant[] }>;
}

interface Mutant {
  status: string;
  replacement?: string;
  location: { start: { line: number; column: number } };
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
const began = performance.now();
const usual = JSON.parse(readFileSync(join(ROOT, 'stryker.config.json'), 'utf8')) as object;
const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .filter((file) => existsSync(join(ROOT, testsOf(file))) && (only === undefined || inside(file, only)))
  // The largest first, so that no core is left with one of them at the end.
  .sort((one, other) => statSync(join(ROOT, other)).size - statSync(join(ROOT, one)).size);
const scores: Score[] = [];
const waiting = [...files];
await Promise.all(Array.from({ length: Math.min(availableParallelism(), files.length) }, judgeNext));
for (const score of scores.toSorted((one, other) => one.file.localeCompare(other.file))) console.log(line(score));
const total: Score = {
  file: 'all',
  noticed: scores.reduce((sum, { noticed }) => sum + noticed, 0),
  all: scores.reduce((sum, { all }) => sum + all, 0),
};
console.log(`${line(total)}, in ${Math.round((performance.now() - began) / 60_000)} min`);
if (!(percent(total) >= LEAST)) process.exitCode = 1;

async function judgeNext(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await judge(file);
}

/** Judges one file, and prints the changes that nobody noticed. */
async function judge(file: string): Promise<void> {
  const folder = join(ROOT, 'reports', 'mutation', file.replaceAll('/', '-'));
  mkdirSync(folder, { recursive: true });
  const [config, fileName] = [join(folder, 'config.json'), join(folder, 'report.json')];
  const own = { mutate: [file], tempDirName: join(folder, 'tmp'), jsonReporter: { fileName } };
  writeFileSync(config, JSON.stringify({ ...usual, ...own }));
  // Stryker's own option for this takes no account of which test runs which line.
  await runTool('@stryker-mutator/core', 'stryker', ['run', config], { MUTATION_TESTS: testsOf(file) });
  const report = JSON.parse(readFileSync(fileName, 'utf8')) as Report;
  const mutants = Object.values(report.files).flatMap((one) => one.mutants);
  const noticed = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout');
  const missed = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  for (const { location, replacement } of missed) {
    const { line, column } = location.start;
    console.log(`not noticed: ${file}:${line}:${column} ${replacement}`);
  }
  scores.push({ file, noticed: noticed.length, all: noticed.length + missed.length });
}

function testsOf(file: string): string {
  return file.replace(/^src\/(.*)\.ts$/, 'test/unit/$1.test.ts');
}

function inside(file: string, path: string): boolean {
  const wanted = path.replaceAll('\\', '/').replace(/\/+$/, '');
  return file === wanted || file.startsWith(`${wanted}/`);
}

function percent({ noticed, all }: Score): number {
  return all === 0 ? 100 : (100 * noticed) / all;
}

function line(score: Score): string {
  const { file, noticed, all } = score;
  return `${percent(score).toFixed(1).padStart(6)} %  ${`${noticed} of ${all}`.padStart(12)}  ${file}`;
}
