import { writeFile } from 'node:fs/promises';
import { docs, replaceInPage, table } from '../page.ts';
import type { FleetPlan } from './fleet.ts';
import { bar, lines } from './plot.ts';
import type { Totals } from './tally.ts';

/** A way to lay out a fleet. */
export const LAYOUTS: ({ name: string } & Pick<FleetPlan, 'writer' | 'schedule'>)[] = [
  { name: 'one writer token, all at once', writer: 'shared', schedule: 'at once' },
  { name: 'one writer token, spread', writer: 'shared', schedule: 'spread' },
  { name: 'an installation each, all at once', writer: 'own', schedule: 'at once' },
];

/** A fleet that was played. */
export interface Played {
  name: string;
  size: number;
  totals: Totals;
}

const HEAD = [
  'organizations',
  'rotations stored',
  'half in',
  '99 % in',
  'writes a minute, of 80',
  'points a minute, of 900',
  'writes an hour, of 500',
  'requests an hour, of 5,000',
  'requests refused',
  'without an access token',
  'healed with `org-id`',
  'person: envelope',
  'person: new installation',
];

/** Prints a table and a plot, and the stories of what should not have happened. */
export function printFleets(fleets: readonly Played[], days: number): void {
  for (const { name } of LAYOUTS) {
    const some = ofLayout(fleets, name);
    console.log(`\n${name}, ${days} days\n\n${tableOf(some)}\n`);
    for (const { size, totals } of some) console.log(`${String(size).padStart(5)} ${bar(shareOf(totals))}`);
    for (const { size, totals } of some) {
      console.log(
        `${String(size).padStart(5)} failed jobs: ${JSON.stringify(totals.failed)}, left out: ${totals.skipped}`,
      );
      for (const story of totals.stories) console.log(`\n${story}`);
    }
  }
}

/** Puts tables and plot into docs/scale.md. */
export async function writeFleets(
  fleets: readonly Played[],
  { days, seed, seconds }: { days: number; seed: number; seconds: number },
): Promise<void> {
  const parts = LAYOUTS.map(({ name }) => `**${capital(name)}**\n\n${tableOf(ofLayout(fleets, name))}`);
  const rotations = fleets.reduce((sum, { totals }) => sum + totals.rotations, 0);
  const note = `${days} days, seed ${seed}: ${rotations.toLocaleString('en-US')} rotations, played in ${seconds} s.`;
  await replaceInPage('scale.md', 'fleets', [...parts, note].join('\n\n'));
  const series = LAYOUTS.map(({ name }) => ({
    name,
    points: ofLayout(fleets, name).map(({ size, totals }): [number, number] => [size, 100 * shareOf(totals)]),
  }));
  await writeFile(docs('scale-fleets.svg'), lines('Rotations stored, in percent, by organizations', series));
}

function ofLayout(fleets: readonly Played[], name: string): Played[] {
  return fleets.filter((one) => one.name === name).toSorted((one, other) => one.size - other.size);
}

function shareOf({ stored, rotations, skipped }: Totals): number {
  return stored / (rotations + skipped);
}

function tableOf(fleets: readonly Played[]): string {
  const rows = fleets.map(({ size, totals }) => {
    const { tookMs, peaks, persons } = totals;
    return [
      size.toLocaleString('en-US'),
      `${(100 * shareOf(totals)).toFixed(1)} %`,
      ...[tookMs.half, tookMs.most].map((ms) => `${(ms / 1000).toFixed(1)} s`),
      ...[peaks.contentPerMinute, peaks.pointsPerMinute, peaks.contentPerHour, peaks.requestsPerHour].map(String),
      totals.refused.toLocaleString('en-US'),
      ...[totals.gaps, totals.healed, persons.envelope].map(String),
      `${persons['machine lost'] + persons['answer lost'] + persons['record left']}`,
    ];
  });
  return table(HEAD, rows, HEAD.length);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
