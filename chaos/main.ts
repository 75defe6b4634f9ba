/**
 * Thousands of random runs against the emulators, each judged by a referee that knows Cobo's true state.
 *
 *     npm run chaos                                   both modes, modest numbers
 *     npm run chaos -- --mode process --runs 2000 --seed 7
 *     npm run chaos -- --seed 7 --only 123            one run of that seed, with its whole story
 *     npm run chaos -- --repeat 305419896             the same, by the seed of the run
 *     npm run chaos -- --sabotage                     proves that the referee bites
 *
 * `--mode`: `inprocess` (src/, on a clock that does not wait) or `process` (the bundle, as the runner runs
 * it; `--action-dir` names another folder with action.yml and dist/). Exits with 1 on any violation.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { crew, type Play, playInProcess, playInProcesses, playShare } from './crew.ts';
import { loadAction, scratchFolder } from './in-process.ts';
import { narrate } from './narration.ts';
import { copyAction } from './process.ts';
import { runSeed } from './random.ts';
import { sabotageAll } from './sabotage.ts';
import { type Tally, tallyLines } from './tally.ts';

type Mode = 'inprocess' | 'process';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const USUAL_RUNS: Record<Mode, number> = { inprocess: 2_000, process: 200 };
/** Most of a process-level run is waiting, so that many are under way at once. */
const PROCESS_CONCURRENCY = 12;
const MOST_SHOWN = 20;

const { values } = parseArgs({
  options: {
    mode: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    repeat: { type: 'string' },
    concurrency: { type: 'string' },
    'action-dir': { type: 'string' },
    'source-dir': { type: 'string' },
    sabotage: { type: 'boolean', default: false },
  },
});
const seed = whole('seed') ?? Math.floor(Math.random() * 2 ** 31);
const sourceDir = values['source-dir'] ?? fileURLToPath(new URL('../src', import.meta.url));

if (values.sabotage) {
  process.exitCode = (await sabotageAll(ROOT, seed)) ? 0 : 1;
} else if (values.only !== undefined || values.repeat !== undefined) {
  const one = whole('repeat') ?? runSeed(seed, whole('only') ?? 0);
  const violations = await withPlay(modes()[0] ?? 'inprocess', async (play) => {
    const story = await play(one);
    for (const line of narrate(story)) console.log(line);
    return story.violations.length;
  });
  process.exitCode = violations === 0 ? 0 : 1;
} else {
  let violations = 0;
  for (const mode of modes()) violations += await many(mode);
  console.log(violations === 0 ? '\nNo violation.' : `\n${violations} runs with violations.`);
  process.exitCode = violations === 0 ? 0 : 1;
}

async function many(mode: Mode): Promise<number> {
  const runs = whole('runs') ?? USUAL_RUNS[mode];
  const started = performance.now();
  console.log(`\n${mode}: ${runs} runs, seed ${seed}`);
  const tally =
    mode === 'inprocess'
      ? await crew(seed, runs, sourceDir)
      : await withPlay(mode, (play) => {
          const concurrency = whole('concurrency') ?? PROCESS_CONCURRENCY;
          return playShare(
            { masterSeed: seed, from: 0, to: runs, step: 1, concurrency },
            play,
            progress(runs),
          );
        });
  for (const line of tallyLines(tally)) console.log(line);
  console.log(
    `  took ${Math.round((performance.now() - started) / 1000)} s, ${tally.violations.length} violations`,
  );
  tellViolations(mode, tally);
  return tally.violations.length;
}

function tellViolations(mode: Mode, { violations }: Tally): void {
  for (const violation of violations.slice(0, MOST_SHOWN)) {
    console.log(`\n  npm run chaos -- --mode ${mode} --repeat ${violation.seed}`);
    for (const line of violation.lines) console.log(`    ${line}`);
  }
  if (violations.length > MOST_SHOWN) console.log(`\n  … and ${violations.length - MOST_SHOWN} more`);
}

async function withPlay<T>(mode: Mode, use: (play: Play) => Promise<T>): Promise<T> {
  if (mode === 'inprocess') {
    const { folder, remove } = scratchFolder();
    try {
      return await use(playInProcess(await loadAction(sourceDir), folder));
    } finally {
      remove();
    }
  }
  const { dir, remove } = await copyAction(values['action-dir'] ?? ROOT);
  try {
    return await use(playInProcesses(dir));
  } finally {
    await remove();
  }
}

function progress(runs: number): (done: number) => void {
  return (done) => {
    if (done % 250 === 0) console.log(`  ${done} of ${runs}`);
  };
}

function modes(): Mode[] {
  const { mode } = values;
  if (mode === undefined) return values.repeat || values.only ? ['inprocess'] : ['inprocess', 'process'];
  if (mode !== 'inprocess' && mode !== 'process') throw new Error('--mode is inprocess or process');
  return [mode];
}

function whole(name: 'seed' | 'runs' | 'only' | 'repeat' | 'concurrency'): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} is a whole number`);
  return Number(text);
}
