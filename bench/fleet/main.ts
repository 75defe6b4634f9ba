/**
 * Plays a month of rotations on simulated time, for fleets of many sizes and for single runs with many stores.
 * `npm run fleet -- --help` tells the options; docs/scale.md tells what is played, and what was seen.
 */
import { choice, flag, readOptions, wholeNumber } from '../../scripts/options.ts';
import { LAYOUTS, playLayout, printFleets, writeFleets } from './fleets-report.ts';
import { Player } from './player.ts';
import { playMany, printStores, writeStores } from './stores-report.ts';

const options = readOptions({
  command: 'npm run fleet --',
  about: 'Plays the rotations of fleets and of runs with many stores on simulated time.',
  options: {
    organizations: wholeNumber('Organizations of the largest fleet', 1000, { max: 2000 }),
    fine: flag('Plays more sizes in between, which takes half as long again'),
    days: wholeNumber('Days that are played', 30, { max: 30 }),
    seed: wholeNumber('Seed of all chance', 1),
    only: choice('One half', ['fleets', 'stores'], 'HALF'),
    full: flag('Signs and encrypts really, which takes several times as long'),
    write: flag('Puts tables and plots into docs/scale.md'),
  },
});
const { days, seed, only } = options;
const started = performance.now();
const player = await Player.make(options.full);
const between = options.fine ? [10, 30, 100, 300, 1000, 2000] : [10, 100, 1000];
const sizes = between.filter((size) => size < options.organizations);
sizes.push(options.organizations);
// All at once, so that the player may begin with what takes longest.
const [many, fleets] = await Promise.all([
  only === 'fleets' ? [] : playMany(player, seed),
  Promise.all(only === 'stores' ? [] : LAYOUTS.map((layout) => playLayout(player, layout, sizes, { days, seed }))),
]).finally(() => player.close());
const seconds = Math.round((performance.now() - started) / 1000);
const took = `${seconds} s, with ${Math.round(player.cpuMs / 1000)} s of processor time`;

if (many.length > 0) printStores(many);
if (fleets.length > 0) printFleets(fleets, days);
console.log(`\nPlayed in ${took}.`);
if (options.write) {
  if (many.length > 0) await writeStores(many);
  if (fleets.length > 0) await writeFleets(fleets, { days, seed, took });
}
const defects = fleets.flatMap(({ fleets }) => fleets.map(({ totals }) => totals.persons.defect));
process.exitCode = defects.some((count) => count > 0) ? 1 : 0;
