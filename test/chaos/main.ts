import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choice, readOptions, text, wholeNumber } from '../../scripts/options.ts';
import { explore, type Found, report, type Search } from './explore.ts';
import { inProcess, loadAction } from './in-process.ts';
import { endAll, processes } from './processes.ts';
import { loadSabotaged, SABOTAGES, type Sabotage } from './sabotages.ts';

const names = SABOTAGES.map(({ name }) => name);
const options = readOptions({
  command: 'npm run chaos --',
  about:
    'Plays random plans of faults, kills and runs against the emulators, and asks the rules whether the refresh token was safe.',
  options: {
    runs: wholeNumber('plans to play within this process', 500, { min: 0 }),
    processes: wholeNumber('plans to play on whole processes of dist/', 0, { min: 0 }),
    seed: wholeNumber('repeats the same plans', undefined, { min: 0, max: 2 ** 31 - 1 }),
    path: text('with --seed: repeats one story', 'PATH'),
    sabotage: choice('takes a protection out of src/; at most --runs plans until a rule notices', [
      'all',
      ...names,
    ]),
  },
});
const { path, sabotage } = options;
const seed = options.seed ?? Date.now() % 2 ** 31;

// Everything that is written goes here, so that nothing stays behind however this ends.
const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
process.env['TMPDIR'] = folder;
process.on('exit', () => {
  endAll();
  rmSync(folder, { recursive: true, force: true });
});
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

const sound = sabotage === undefined ? await playPlans() : await playSabotages();
process.exit(sound ? 0 : 1);

async function playPlans(): Promise<boolean> {
  const action = await loadAction();
  const inside = await play('in process', { open: inProcess(action), runs: options.runs, seed, path });
  if (!inside) return false;
  return play('whole processes', {
    ...{ open: processes(), runs: options.processes, seed, path },
    ...{ isQuick: true, shrinks: 40 },
  });
}

/** @returns whether no rule was broken */
async function play(what: string, search: Search): Promise<boolean> {
  if (search.runs === 0) return true;
  const found = await explore({ ...search, onPlan: progress(`${what}, seed ${seed}`, search.runs) });
  console.log();
  if (found !== undefined) console.log(report(found, search.isQuick === true));
  return found === undefined;
}

async function playSabotages(): Promise<boolean> {
  const chosen = SABOTAGES.filter(({ name }) => sabotage === 'all' || sabotage === name);
  const unnoticed: string[] = [];
  for (const one of chosen) {
    const found = await noticed(one);
    const end = found === undefined ? 'not noticed' : `noticed after ${found.played}: ${found.violations[0]}`;
    console.log(`${process.stdout.isTTY ? '\r' : ''}${one.name}: ${end}`);
    if (found === undefined) unnoticed.push(one.name);
    else if (sabotage !== 'all') console.log(report(found, false));
  }
  console.log(`${chosen.length - unnoticed.length} of ${chosen.length} noticed${list(unnoticed)}`);
  return unnoticed.length === 0;
}

async function noticed(one: Sabotage): Promise<Found | undefined> {
  const action = await loadSabotaged(one, mkdtempSync(join(folder, 'src-')));
  const shrinks = sabotage === 'all' ? 0 : 300;
  const onPlan = process.stdout.isTTY ? progress(one.name, options.runs) : () => undefined;
  return explore({ open: inProcess(action), runs: options.runs, seed, path, shrinks, onPlan });
}

function list(unnoticed: string[]): string {
  return unnoticed.length === 0 ? '' : `, but not: ${unnoticed.join(', ')}`;
}

/** One line, written again and again on a terminal, and once everywhere else. */
function progress(title: string, all: number): (played: number) => void {
  const started = performance.now();
  return (played) => {
    const line = `${title}: ${played} of ${all} plans, ${Math.round((performance.now() - started) / 1000)} s`;
    if (process.stdout.isTTY) process.stdout.write(`\r${line}`);
    else if (played === all) process.stdout.write(line);
  };
}
