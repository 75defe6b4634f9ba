import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { drawPlan } from './draw.ts';
import { clockFor, IN_PROCESS_PACE, inProcess, loadAction, scratchFolder } from './in-process.ts';
import { PROCESS_PACE, processPerformer } from './process.ts';
import { runSeed } from './random.ts';
import { playStory, type Story } from './story.ts';
import { count, emptyTally, merge, type Tally } from './tally.ts';

/** The runs numbered `from`, `from + step` … below `to`, of one master seed. */
export interface Share {
  masterSeed: number;
  from: number;
  to: number;
  step: number;
  concurrency: number;
}

/** In-process runs are bound by the processor, so more at once only wait for each other. */
const IN_PROCESS_CONCURRENCY = 4;

/** Plays the story of one seed. */
export type Play = (seed: number) => Promise<Story>;

export function playInProcess(action: Awaited<ReturnType<typeof loadAction>>, folder: string): Play {
  return (seed) => {
    const clock = clockFor(seed);
    return playStory(drawPlan(seed), inProcess(action, clock, folder), IN_PROCESS_PACE, clock.now);
  };
}

export function playInProcesses(actionDir: string): Play {
  const performer = processPerformer(actionDir);
  return (seed) => playStory(drawPlan(seed), performer, PROCESS_PACE, Date.now);
}

/** A machine that is too slow now may be faster soon. */
async function playWithPatience(play: Play, seed: number): Promise<Story> {
  let story = await play(seed);
  for (let again = 0; story.tooSlow && again < 3; again++) story = await play(seed);
  return story;
}

/** Plays a share of the runs, several at once. A story that breaks down counts as a violation. */
export async function playShare(share: Share, play: Play, onStory?: (done: number) => void): Promise<Tally> {
  const tally = emptyTally();
  let next = share.from;
  const one = async () => {
    while (next < share.to) {
      const seed = runSeed(share.masterSeed, next);
      next += share.step;
      try {
        count(tally, await playWithPatience(play, seed));
      } catch (error) {
        tally.stories++;
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        tally.violations.push({ seed, lines: [`the story broke down: ${reason}`] });
      }
      onStory?.(tally.stories);
    }
  };
  await Promise.all(Array.from({ length: share.concurrency }, one));
  return tally;
}

/** Plays a share within this process. */
export async function shareInProcess(share: Share, sourceDir: string): Promise<Tally> {
  const { folder, remove } = scratchFolder();
  try {
    return await playShare(share, playInProcess(await loadAction(sourceDir), folder));
  } finally {
    remove();
  }
}

/** What a worker is told, as JSON. */
export interface WorkerOrder {
  share: Share;
  sourceDir: string;
}

/** Plays in-process runs on every processor. */
export async function crew(masterSeed: number, runs: number, sourceDir: string): Promise<Tally> {
  const step = Math.min(availableParallelism(), runs);
  const tally = emptyTally();
  const workers = Array.from({ length: step }, (_, from) => {
    const share = { masterSeed, from, to: runs, step, concurrency: IN_PROCESS_CONCURRENCY };
    return worker({ share, sourceDir });
  });
  for (const part of await Promise.all(workers)) merge(tally, part);
  return tally;
}

function worker(order: WorkerOrder): Promise<Tally> {
  const file = fileURLToPath(new URL('worker.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(file, [JSON.stringify(order)], { execArgv: ['--import', 'tsx'] });
    let tally: Tally | undefined;
    child.on('message', (message) => {
      tally = message as Tally;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (tally !== undefined) resolve(tally);
      else reject(new Error(`a worker ended with ${code} and told nothing`));
    });
  });
}
