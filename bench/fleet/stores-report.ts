import { replaceInPage, table } from '../page.ts';
import type { Player } from './player.ts';
import { bar } from './plot.ts';
import type { StoresTotals } from './stores.ts';

/** Runs with so many stores, under the limits by the minute alone, and under the limit by the hour as well. */
export interface Many {
  stores: number;
  minutes: StoresTotals;
  hours: StoresTotals;
}

const STORES = [1, 10, 40, 41, 80, 100, 200, 250, 400, 1000];

/** Plays runs with few and with many stores. */
export function playMany(player: Player, seed: number): Promise<Many[]> {
  return Promise.all(
    STORES.map(async (stores) => {
      const play = (hourly: boolean) => player.stores({ stores, rotations: 3, seed, hourly });
      const [minutes, hours] = await Promise.all([play(false), play(true)]);
      return { stores, minutes, hours };
    }),
  );
}

/** Prints a table and a plot. */
export function printStores(many: readonly Many[]): void {
  console.log(`\nOne run, many stores\n\n${tableOf(many)}\n`);
  const most = Math.max(...many.map(({ minutes }) => longest(minutes)));
  for (const { stores, minutes } of many) {
    console.log(`${String(stores).padStart(5)} ${bar(longest(minutes) / most)} ${time(longest(minutes))}`);
  }
  for (const { stores, minutes, hours } of many) {
    for (const error of new Set([...minutes.errors, ...hours.errors].map((text) => text.slice(0, 300)))) {
      console.log(`${String(stores).padStart(5)} ${error}`);
    }
  }
}

/** Puts the table into docs/scale.md. */
export async function writeStores(many: readonly Many[]): Promise<void> {
  await replaceInPage('scale.md', 'stores', tableOf(many));
}

function tableOf(many: readonly Many[]): string {
  const head = [
    'stores',
    'a run takes',
    'from Cobo to the last store',
    'writes a minute, of 80',
    'with 500 writes an hour',
  ];
  const rows = many.map(({ stores, minutes, hours }) => [
    String(stores),
    outcome(minutes),
    minutes.stored === 0 ? '' : time(minutes.keptMs),
    String(minutes.writes),
    outcome(hours),
  ]);
  return table(head, rows, head.length);
}

function outcome(totals: StoresTotals): string {
  const [error] = totals.errors;
  if (error === undefined) return time(longest(totals));
  return `${totals.errors.length} of ${totals.tookMs.length} fail: ${/error: ([a-z-]+)\]/.exec(error)?.[1]}`;
}

function longest({ tookMs }: StoresTotals): number {
  return Math.max(...tookMs);
}

function time(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
