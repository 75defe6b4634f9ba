import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explore, report } from './explore.ts';
import { inProcess, loadAction } from './in-process.ts';
import { endAll, processes } from './processes.ts';
import { loadSabotaged, SABOTAGES, type Sabotage } from './sabotages.ts';

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
process.exit((await (task.sabotages === undefined ? playPlans() : playSabotages(task.sabotages))) ? 0 : 1);

async function playPlans(): Promise<boolean> {
  const { isQuick } = task;
  const open = isQuick ? processes() : inProcess(await loadAction());
  const found = await explore({ ...task, open, shrinks: isQuick ? 40 : 300, onPlan: tell });
  if (found !== undefined) console.log(`\n${report(found, isQuick)}`);
  return found === undefined;
}

async function playSabotages(names: string[]): Promise<boolean> {
  const own = SABOTAGES.filter(({ name }) => names.includes(name)).filter(
    (_, number) => number % task.jobs === task.index,
  );
  let noticed = 0;
  for (const one of own) if (await isNoticed(one, names.length === 1)) noticed++;
  return noticed === own.length;
}

async function isNoticed(sabotage: Sabotage, isAlone: boolean): Promise<boolean> {
  const action = await loadSabotaged(sabotage, mkdtempSync(join(tmpdir(), 'src-')));
  const all = { ...task, index: 0, jobs: 1 };
  const found = await explore({ ...all, open: inProcess(action), shrinks: isAlone ? 300 : 0 });
  const end = found === undefined ? 'not noticed' : `noticed after ${found.played}: ${found.violations[0]}`;
  console.log(`${sabotage.name}: ${end}`);
  if (found === undefined) return false;
  if (isAlone) console.log(report(found, false));
  await tell();
  return true;
}

/** Tells the process that shares the work out that one more is done. */
function tell(): Promise<void> {
  return new Promise((resolve) => process.send?.('done', () => resolve()));
}
