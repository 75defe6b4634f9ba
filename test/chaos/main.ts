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

const { path, sabotage, runs, processes, jobs, ...options } = readOptions({
  command: 'npm run chaos --',
  about:
    'Plays random plans of faults, kills and runs against the emulators, and asks the rules whether the refresh token was safe.',
  options: {
    runs: wholeNumber('plans to play within one process', 500, { min: 0 }),
    processes: wholeNumber('plans to play on whole processes of dist/', 0, { min: 0 }),
    seed: wholeNumber('repeats the same plans', undefined, { min: 0, max: 2 ** 31 - 1 }),
    path: text('with --seed: repeats one story', 'PATH'),
    jobs: wholeNumber('processes that share the plans', availableParallelism()),
    sabotage: choice('takes a protection away; at most --runs plans until a rule notices', [
      'all',
      ...Object.keys(SABOTAGES),
    ]),
  },
});
const { seed = Date.now() % 2 ** 31 } = options;

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

process.exit((await (sabotage === undefined ? playPlans() : playSabotages(sabotage))) ? 0 : 1);

async function playPlans(): Promise<boolean> {
  if (!(await play('in process', { isQuick: false, runs }, jobs))) return false;
  // Whole processes wait for their retries half of the time.
  return play('whole processes', { isQuick: true, runs: processes }, 2 * jobs);
}

/** @returns whether each was noticed */
async function playSabotages(chosen: string): Promise<boolean> {
  const names = chosen === 'all' ? Object.keys(SABOTAGES) : [chosen];
  return play('sabotages noticed', { isQuick: false, runs, sabotages: names }, Math.min(jobs, names.length));
}

/** Lets workers do a task, and shows how far they are in one line. @returns whether all went well */
async function play(what: string, task: Pick<Task, 'isQuick' | 'runs' | 'sabotages'>, share: number): Promise<boolean> {
  const count = task.sabotages?.length ?? task.runs;
  const started = performance.now();
  let done = 0;
  const progress = () =>
    `${what}, seed ${seed}: ${done} of ${count}, ${Math.round((performance.now() - started) / 1000)} s`;
  const all = path === undefined ? share : 1;
  const ends = Array.from({ length: count === 0 ? 0 : all }, async (_, index) => {
    const whole: Task = { ...task, seed, path, index, jobs: all };
    const env = { ...process.env, TMPDIR: folder };
    const worker = fork(WORKER, [JSON.stringify(whole)], { execPath: node24(), env });
    workers.add(worker);
    worker.on('message', () => {
      done++;
      if (process.stdout.isTTY) process.stdout.write(`\r${progress()}`);
    });
    const [status] = await once(worker, 'exit');
    workers.delete(worker);
    if (status !== 0 && task.sabotages === undefined) endWorkers();
    return status === 0;
  });
  const isSound = (await Promise.all(ends)).every(Boolean);
  if (count > 0) console.log(process.stdout.isTTY ? '' : progress());
  return isSound;
}

function endWorkers(): void {
  for (const worker of workers) worker.kill();
}
