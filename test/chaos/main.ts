import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { node24 } from '../../emulators/runner/node24.ts';
import { choice, readOptions, text, wholeNumber } from '../../scripts/options.ts';
import { SABOTAGES } from './sabotages.ts';
import type { Task } from './worker.ts';

const options = readOptions({
  command: 'npm run chaos --',
  about:
    'Plays random plans of faults, kills and runs against the emulators, and asks the rules whether the refresh token was safe.',
  options: {
    runs: wholeNumber('plans to play within one process', 500, { min: 0 }),
    processes: wholeNumber('plans to play on whole processes of dist/', 0, { min: 0 }),
    seed: wholeNumber('repeats the same plans', undefined, { min: 0, max: 2 ** 31 - 1 }),
    path: text('with --seed: repeats one story', 'PATH'),
    jobs: wholeNumber('processes that share the plans', availableParallelism()),
    sabotage: choice('takes a protection out of src/; at most --runs plans until a rule notices', [
      'all',
      ...SABOTAGES.map(({ name }) => name),
    ]),
  },
});
const { path, sabotage } = options;
const seed = options.seed ?? Date.now() % 2 ** 31;

/** A worker sees each plan, and plays its share: so a seed and a path lead to the same story everywhere. */
const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
/** Overwriting a file on a disk takes longer than the rest of a run. */
const MEMORY = '/dev/shm';
const workers = new Set<ReturnType<typeof fork>>();

// Everything that is written goes here, so that nothing stays behind however this ends.
const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'chaos-'));
process.on('exit', () => {
  endWorkers();
  rmSync(folder, { recursive: true, force: true });
});
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

const sound = sabotage === undefined ? await playPlans() : await playSabotages();
process.exit(sound ? 0 : 1);

async function playPlans(): Promise<boolean> {
  const { runs, processes, jobs } = options;
  const inside = await play('in process', runs, jobs, false);
  // Whole processes wait for their retries half of the time.
  return inside && (await play('whole processes', processes, 2 * jobs, true));
}

/** @returns whether no rule was broken */
async function play(what: string, runs: number, jobs: number, isQuick: boolean): Promise<boolean> {
  if (runs === 0) return true;
  const started = performance.now();
  let played = 0;
  const progress = () =>
    `${what}, seed ${seed}: ${played} of ${runs} plans, ${Math.round((performance.now() - started) / 1000)} s`;
  const isSound = await share({ isQuick, runs }, path === undefined ? jobs : 1, () => {
    played++;
    if (process.stdout.isTTY) process.stdout.write(`\r${progress()}`);
  });
  console.log(process.stdout.isTTY ? '' : progress());
  return isSound;
}

/** @returns whether each was noticed */
async function playSabotages(): Promise<boolean> {
  const names = SABOTAGES.map(({ name }) => name).filter((name) => sabotage === 'all' || sabotage === name);
  let noticed = 0;
  const jobs = Math.min(options.jobs, names.length);
  const isSound = await share({ isQuick: false, runs: options.runs, sabotages: names }, jobs, () => {
    noticed++;
  });
  console.log(`${noticed} of ${names.length} noticed`);
  return isSound;
}

/** Lets workers do a task; the first that fails ends it. @returns whether all went well */
async function share(task: Pick<Task, 'isQuick' | 'runs' | 'sabotages'>, jobs: number, onMessage: () => void) {
  const ends = Array.from({ length: jobs }, async (_, index) => {
    const whole: Task = { ...task, seed, path, index, jobs };
    const worker = fork(WORKER, [JSON.stringify(whole)], {
      execPath: node24(),
      // Node's own way of reading TypeScript drops types, and knows no parameter properties.
      execArgv: ['--experimental-transform-types', '--disable-warning=ExperimentalWarning'],
      env: { ...process.env, TMPDIR: folder },
    });
    workers.add(worker);
    worker.on('message', onMessage);
    const [status] = await once(worker, 'exit');
    workers.delete(worker);
    if (status !== 0 && task.sabotages === undefined) endWorkers();
    return status === 0;
  });
  return (await Promise.all(ends)).every(Boolean);
}

function endWorkers(): void {
  for (const worker of workers) worker.kill();
}
