/**
 * What `npm test` runs: every check, then every layer of tests. Each prints one line; whoever fails prints all
 * that it said as well. Exits with 1 if anything fails.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { flag, readOptions } from './options.ts';
import { ROOT, toolCommand } from './tools.ts';

interface Step {
  name: string;
  /** A command of an installed package and its arguments. */
  run: readonly [packageName: string, command: string, ...args: string[]];
  /** What to say when it went well; by default the last line that it printed. */
  told?: () => string;
}

interface Ended {
  step: Step;
  good: boolean;
  output: string;
  seconds: number;
}

/** The part of Vitest's JSON report that is read here. */
interface Report {
  numTotalTests: number;
  numPassedTests: number;
  testResults: readonly unknown[];
}

type Measure = Record<'lines' | 'branches', { pct: number }>;

const { checks } = readOptions({
  command: 'npm test --',
  about: 'Runs all checks, then all tests; prints a line for each, and everything about what fails.',
  options: { checks: flag('runs the checks alone (npm run check)') },
});
const colours = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (code: number, text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
const folder = mkdtempSync(join(tmpdir(), 'test-report-'));
const began = performance.now();
const failed: Ended[] = [];
try {
  // The checks are small and take one core each.
  const queue = [...checkSteps()];
  await Promise.all(
    Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
      for (let step = queue.shift(); step !== undefined; step = queue.shift()) report(await run(step));
    }),
  );
  // Tests use all cores themselves.
  if (!checks) for (const step of testSteps()) report(await run(step));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const { step, output } of failed) console.log(`\n${paint(31, `✗ ${step.name}`)}\n${output.trim()}`);
const took = ((performance.now() - began) / 1000).toFixed(0);
console.log(
  failed.length === 0
    ? paint(32, `\nAll is well, after ${took} s.`)
    : paint(31, `\nFailed after ${took} s: ${failed.map(({ step }) => step.name).join(', ')}.`),
);
process.exitCode = failed.length === 0 ? 0 : 1;

function checkSteps(): Step[] {
  const script = (name: string, file: string, ...args: string[]): Step => ({
    name,
    run: ['tsx', 'tsx', `scripts/${file}.ts`, ...args],
  });
  return [
    script('dist', 'build', '--check'),
    { name: 'lint', run: ['@biomejs/biome', 'biome', 'check', '--error-on-warnings', '.'], told: () => '' },
    { name: 'types', run: ['typescript', 'tsc'], told: () => '' },
    script('docs', 'check-docs'),
    script('workflows', 'check-workflows'),
    script('package', 'check-package'),
  ];
}

function testSteps(): Step[] {
  const layer = (name: string, ...args: string[]): Step => {
    const file = join(folder, `${name}.json`);
    return {
      name: `${name} tests`,
      run: [
        'vitest',
        'vitest',
        'run',
        ...['--project', name, '--passWithNoTests', ...args],
        ...['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`],
      ],
      told: () => counted(JSON.parse(readFileSync(file, 'utf8')) as Report),
    };
  };
  const unit = layer('unit', '--coverage');
  return [
    { ...unit, told: () => `${unit.told?.()}, ${covered()}` },
    layer('scenarios'),
    layer('chaos'),
    layer('emulators'),
    layer('house'),
  ];
}

function counted({ numPassedTests, numTotalTests, testResults }: Report): string {
  const skipped = numTotalTests - numPassedTests;
  return `${numPassedTests} passed${skipped > 0 ? `, ${skipped} skipped` : ''} in ${testResults.length} files`;
}

function covered(): string {
  const file = join(ROOT, 'coverage/coverage-summary.json');
  const { total } = JSON.parse(readFileSync(file, 'utf8')) as { total: Measure };
  return `covering ${total.lines.pct} % of the lines of src/, ${total.branches.pct} % of the branches`;
}

async function run(step: Step): Promise<Ended> {
  const started = performance.now();
  const [packageName, command, ...args] = step.run;
  const child = spawn(process.execPath, [toolCommand(packageName, command), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(colours ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }) },
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
    });
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const seconds = (performance.now() - started) / 1000;
  return { step, good: status === 0, output: Buffer.concat(chunks).toString(), seconds };
}

function report(ended: Ended): void {
  const { step, good, output, seconds } = ended;
  if (!good) failed.push(ended);
  const mark = good ? paint(32, '✓') : paint(31, '✗');
  const said = good ? (step.told?.() ?? output.trim().split('\n').at(-1) ?? '') : 'failed, see below';
  console.log(`${mark} ${step.name.padEnd(16)} ${`${seconds.toFixed(1)} s`.padStart(7)}  ${said}`.trimEnd());
}
