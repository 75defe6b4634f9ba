import { writeFile } from 'node:fs/promises';
import { list } from '../../src/text.ts';
import { docs, replaceInPage, table } from '../page.ts';
import type { FleetPlan } from './fleet.ts';
import type { Player } from './player.ts';
import { bar, lines } from './plot.ts';
import { sumOf, type Totals } from './tally.ts';

/** A way to lay out a fleet. */
interface Layout extends Pick<FleetPlan, 'writer' | 'schedule'> {
  name: string;
  /** Up to here the sizes are played side by side, and beyond only where the smaller ones are not too large already. */
  surelyTo: number;
}

export const LAYOUTS: Layout[] = [
  { name: 'one writer token, all at once', writer: 'shared', schedule: 'at once', surelyTo: 0 },
  { name: 'one writer token, spread', writer: 'shared', schedule: 'spread', surelyTo: 1000 },
  { name: 'an installation each, all at once', writer: 'own', schedule: 'at once', surelyTo: Number.POSITIVE_INFINITY },
];

/** What was seen of a layout. */
export interface Played {
  name: string;
  fleets: { size: number; totals: Totals }[];
  /** Rotations that were played: a fleet that is the beginning of another counts once. */
  rotations: number;
  /** Sizes that were not played, because a smaller one is too large already. */
  left: number[];
}

/** A fleet that stores less is too large: larger ones would tell nothing new. Outages alone cost a twentieth. */
const ENOUGH = 0.85;
/** Larger fleets whose members share nothing at GitHub are played in so many parts, each with its share of machines. */
const PARTS = { from: 500, count: 4 };

/** Plays a layout in all sizes that tell something. */
export async function playLayout(
  player: Player,
  { name, writer, schedule, surelyTo }: Layout,
  sizes: readonly number[],
  { days, seed }: { days: number; seed: number },
): Promise<Played> {
  const plan = { writer, schedule, days, seed, extras: true, enough: ENOUGH };
  if (writer === 'own') {
    const organizations = Math.max(...sizes);
    const all = await player.fleet({ ...plan, organizations, sizes }, organizations < PARTS.from ? 1 : PARTS.count);
    const fleets = sizes.flatMap((size, index) => (all[index] === undefined ? [] : { size, totals: all[index] }));
    return { name, fleets, rotations: fleets.at(-1)?.totals.rotations ?? 0, left: [] };
  }
  const play = async (size: number) => {
    const [totals = sumOf([])] = await player.fleet({ ...plan, organizations: size, sizes: [size] }, 1);
    return { size, totals };
  };
  const fleets = await Promise.all(sizes.filter((size) => size <= surelyTo).map(play));
  const left = sizes.filter((size) => size > surelyTo);
  for (let last = fleets.at(-1); last === undefined || shareOf(last.totals) >= ENOUGH; last = fleets.at(-1)) {
    const size = left.shift();
    if (size === undefined) break;
    fleets.push(await play(size));
  }
  return { name, fleets, rotations: fleets.reduce((sum, { totals }) => sum + totals.rotations, 0), left };
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
export function printFleets(layouts: readonly Played[], days: number): void {
  for (const played of layouts) {
    const { name, fleets } = played;
    console.log(`\n${name}, ${days} days\n\n${tableOf(played, days)}\n`);
    for (const { size, totals } of fleets) console.log(`${String(size).padStart(5)} ${bar(shareOf(totals))}`);
    for (const { size, totals } of fleets) {
      console.log(
        `${String(size).padStart(5)} failed jobs: ${JSON.stringify(totals.failed)}, left out: ${totals.skipped}`,
      );
      for (const story of totals.stories) console.log(`\n${story}`);
    }
  }
}

/** Puts tables and plot into docs/scale.md. */
export async function writeFleets(
  layouts: readonly Played[],
  { days, seed, took }: { days: number; seed: number; took: string },
): Promise<void> {
  const parts = layouts.map((played) => `**${capital(played.name)}**\n\n${tableOf(played, days)}`);
  const rotations = layouts.reduce((sum, played) => sum + played.rotations, 0);
  const note = `${days} days, seed ${seed}: ${rotations.toLocaleString('en-US')} rotations, played in ${took}.`;
  await replaceInPage('scale.md', 'fleets', [...parts, note].join('\n\n'));
  const series = layouts.map(({ name, fleets }) => ({
    name,
    points: fleets.map(({ size, totals }): [number, number] => [size, 100 * shareOf(totals)]),
  }));
  await writeFile(docs('scale-fleets.svg'), lines('Rotations stored, in percent, by organizations', series));
}

function shareOf({ stored, rotations, skipped }: Totals): number {
  return stored / (rotations + skipped);
}

function tableOf({ fleets, left }: Played, days: number): string {
  const rows = fleets.map(({ size, totals }) => {
    const { tookMs, peaks, persons } = totals;
    const sorted = tookMs.toSorted((one, other) => one - other);
    const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? 0;
    return [
      totals.days === days ? size.toLocaleString('en-US') : `${size.toLocaleString('en-US')}, ${totals.days} days`,
      `${(100 * shareOf(totals)).toFixed(1)} %`,
      ...[at(0.5), at(0.99)].map((ms) => `${(ms / 1000).toFixed(1)} s`),
      ...[peaks.contentPerMinute, peaks.pointsPerMinute, peaks.contentPerHour, peaks.requestsPerHour].map(String),
      totals.refused.toLocaleString('en-US'),
      ...[totals.gaps, totals.healed, persons.envelope].map(String),
      `${persons['machine lost'] + persons['answer lost'] + persons['record left']}`,
    ];
  });
  const all = table(HEAD, rows, HEAD.length);
  if (left.length === 0) return all;
  const sizes = list(left.map((size) => size.toLocaleString('en-US')));
  const last = fleets.at(-1)?.size.toLocaleString('en-US');
  return `${all}\n\n${sizes} organizations: not played, because already ${last} store less than ${100 * ENOUGH} %.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
