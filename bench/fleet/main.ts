/**
 * Plays a month of rotations on simulated time, for fleets of many sizes and for single runs with many stores.
 * `npm run fleet -- --help` tells the options; docs/scale.md tells what is played, and what was seen.
 */
import { choice, flag, readOptions, wholeNumber } from '../../scripts/options.ts';
import { LAYOUTS, type Played, printFleets, writeFleets } from './fleets-report.ts';
import { Player } from './player.ts';
import { type Many, printStores, writeStores } from './stores-report.ts';

const options = readOptions({
  command: 'npm run fleet --',
  about: 'Plays the rotations of fleets and of runs with many stores on simulated time.',
  options: {
    organizations: wholeNumber('Organizations of the largest fleet', 1000, { max: 2000 }),
    days: wholeNumber('Days that are played', 30, { max: 30 }),
    seed: wholeNumber('Seed of all chance', 1),
    only: choice('One half', ['fleets', 'stores'], 'HALF'),
    full: flag('Signs and encrypts really, which takes four times as long'),
    write: flag('Puts tables and plots into docs/scale.md'),
  },
});
const { organizations, days, seed, only } = options;
const player = new Player(options.full);
const started = performance.now();

const STORES = [1, 10, 40, 41, 80, 100, 200, 250, 400, 1000];
const many: Many[] =
  only === 'fleets'
    ? []
    : await Promise.all(
        STORES.map(async (stores) => {
          const play = (hourly: boolean) => player.stores({ stores, rotations: 3, seed, hourly });
          const [minutes, hours] = await Promise.all([play(false), play(true)]);
          return { stores, minutes, hours };
        }),
      );
if (many.length > 0) printStores(many);

const sizes = [10, 30, 100, 300, 1000, 2000].filter((size) => size < organizations);
const plans = [organizations, ...sizes.toReversed()].flatMap((size) =>
  LAYOUTS.map((layout) => ({ ...layout, organizations: size })),
);
// The largest first, so that no processor waits for the last of them.
const fleets: Played[] =
  only === 'stores'
    ? []
    : await Promise.all(
        plans.map(async ({ name, ...plan }) => {
          return {
            name,
            size: plan.organizations,
            totals: await player.fleet({ ...plan, days, seed, extras: true }),
          };
        }),
      );
if (fleets.length > 0) printFleets(fleets, days);
const seconds = Math.round((performance.now() - started) / 1000);
console.log(`Played in ${seconds} s.`);

if (options.write) {
  if (many.length > 0) await writeStores(many);
  if (fleets.length > 0) await writeFleets(fleets, { days, seed, seconds });
}
process.exitCode = fleets.some(({ totals }) => totals.persons.defect > 0) ? 1 : 0;
