import { explore } from './explore.ts';
import { inProcess } from './in-process.ts';
import { endAll, processes } from './processes.ts';
import { SABOTAGES } from './sabotages.ts';

/** What one of several processes has to do: each `jobs`-th of the plans, or of the sabotages. */
export interface Task {
  index: number;
  jobs: number;
  runs: number;
  seed: number;
  path?: string | undefined;
  /** On whole processes. */
  isQuick: boolean;
  /** Their names. */
  sabotages?: string[];
}

process.on('exit', endAll);
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
process.on('disconnect', () => process.exit(1));

const task = JSON.parse(process.argv[2] ?? '') as Task;
const { sabotages, isQuick, ...search } = task;
process.exit((await (sabotages === undefined ? playPlans() : playSabotages(sabotages))) ? 0 : 1);

async function playPlans(): Promise<boolean> {
  const open = isQuick ? processes() : inProcess();
  const found = await explore({ ...search, isQuick, open, shrinks: isQuick ? 40 : 300, onPlan: tell });
  if (found !== undefined) console.log(`\n${found.report}`);
  return found === undefined;
}

/** @returns whether each was noticed */
async function playSabotages(names: string[]): Promise<boolean> {
  const isAlone = names.length === 1;
  let isNoticed = true;
  for (const name of names.filter((_, number) => number % task.jobs === task.index)) {
    const open = inProcess(SABOTAGES[name]);
    const found = await explore({ ...search, index: 0, jobs: 1, open, shrinks: isAlone ? 300 : 0 });
    const end = found === undefined ? 'not noticed' : `noticed after ${found.played}: ${found.violations[0]}`;
    console.log(`${name}: ${end}`);
    if (isAlone && found !== undefined) console.log(found.report);
    if (found !== undefined) await tell();
    isNoticed &&= found !== undefined;
  }
  return isNoticed;
}

/** Tells the process that shares the work out that one more is done. */
function tell(): Promise<void> {
  return new Promise((resolve) => process.send?.('done', () => resolve()));
}
