import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { node24 } from '../../emulators/runner/node24.ts';
import { choice, readOptions, text, wholeNumber } from '../../scripts/options.ts';
import { explore } from './explore.ts';
import { inProcess } from './in-process.ts';
import { endAll, processes } from './processes.ts';
import { SABOTAGES } from './sabotages.ts';

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
    sabotage: choice('takes a protection away; at most --runs plans until a rule notices', [
      'all',
      ...Object.keys(SABOTAGES),
    ]),
  },
});
const { path, runs, sabotage } = options;
const sabotaged = Object.entries(SABOTAGES).filter(([name]) => sabotage === 'all' || sabotage === name);

/** What a worker does: each `jobs`-th of the plans, of which it sees all, or of the sabotages. */
interface Task {
  index: number;
  jobs: number;
  seed: number;
  /** On whole processes. */
  isQuick: boolean;
}

const TASK = 'CHAOS_TASK';
/** Overwriting a file on a disk takes longer than the rest of a run. */
const MEMORY = '/dev/shm';
const workers = new Set<ChildProcess>();

process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
process.on('disconnect', () => process.exit(1));
process.on('exit', endAll);
process.on('exit', endWorkers);
const given = process.env[TASK];
process.exit((await (given === undefined ? lead() : work(JSON.parse(given)))) ? 0 : 1);

/** @returns whether no rule was broken, or each sabotage noticed */
async function lead(): Promise<boolean> {
  // Everything that is written goes here, so that nothing stays behind however this ends.
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'chaos-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { jobs, seed = Date.now() % 2 ** 31 } = options;
  const task = { seed, isQuick: false, jobs: path === undefined ? jobs : 1 };
  if (sabotaged.length > 0) return share('sabotages', sabotaged.length, task, folder);
  if (!(await share('in process', runs, task, folder))) return false;
  // Whole processes wait for their retries half of the time.
  return share('whole processes', options.processes, { ...task, isQuick: true, jobs: 2 * task.jobs }, folder);
}

/** Lets workers do a task, and shows how far they are in one line. */
async function share(what: string, count: number, task: Omit<Task, 'index'>, folder: string): Promise<boolean> {
  if (count === 0) return true;
  const started = performance.now();
  let done = 0;
  const progress = () =>
    `${what}, seed ${task.seed}: ${done} of ${count}, ${Math.round((performance.now() - started) / 1000)} s`;
  const ends = Array.from({ length: Math.min(task.jobs, count) }, async (_, index) => {
    const env = { ...process.env, TMPDIR: folder, [TASK]: JSON.stringify({ ...task, index }) };
    const worker = fork(fileURLToPath(import.meta.url), process.argv.slice(2), { execPath: node24(), env });
    workers.add(worker);
    worker.on('message', () => {
      done++;
      if (process.stdout.isTTY) process.stdout.write(`\r${progress()}`);
    });
    const [status] = await once(worker, 'exit');
    workers.delete(worker);
    if (status !== 0 && sabotage === undefined) endWorkers();
    return status === 0;
  });
  const isSound = (await Promise.all(ends)).every(Boolean);
  console.log(process.stdout.isTTY ? '' : progress());
  return isSound;
}

function endWorkers(): void {
  for (const worker of workers) worker.kill();
}

async function work({ index, jobs, seed, isQuick }: Task): Promise<boolean> {
  const onPlan = () => new Promise<void>((resolve) => process.send?.('done', () => resolve()));
  if (sabotage === undefined) {
    const [open, plans, shrinks] = isQuick ? [processes(), options.processes, 40] : [inProcess(), runs, 300];
    const found = await explore({ open, runs: plans, seed, isQuick, index, jobs, path, shrinks, onPlan });
    if (found !== undefined) console.log(`\n${found.report}`);
    return found === undefined;
  }
  const isAlone = sabotaged.length === 1;
  let isNoticed = true;
  for (const [name, change] of sabotaged.filter((_, number) => number % jobs === index)) {
    const found = await explore({ open: inProcess(change), runs, seed, shrinks: isAlone ? 300 : 0 });
    console.log(`${name}: ${found ? `noticed after ${found.played}: ${found.violations[0]}` : 'not noticed'}`);
    if (isAlone && found) console.log(found.report);
    if (found) await onPlan();
    isNoticed &&= found !== undefined;
  }
  return isNoticed;
}
