/**
 * Measures whole processes of the committed bundle under Node 24, and compares them with bare Node, with a
 * script that only sends the same requests, and with what people do by hand. `npm run bench -- --help` tells
 * the options.
 */
import { choice, flag, readOptions, text, wholeNumber } from '../scripts/options.ts';
import { measure } from './measure.ts';
import { profile } from './profile.ts';
import { print, write } from './report.ts';

const options = readOptions({
  command: 'npm run bench --',
  about: 'Measures what a run costs, over TLS with a long wire and on the loopback.',
  options: {
    rounds: wholeNumber('Rounds of each case', 15, { max: 1000 }),
    delay: wholeNumber('Milliseconds that the wire delays each direction', 20, { max: 1000 }),
    only: choice('One place', ['wire', 'loopback'], 'PLACE'),
    action: text('The folder of another build of the action', 'FOLDER'),
    profile: flag('Prints where the time of single runs goes, and measures nothing'),
    write: flag('Puts tables and chart into docs/performance.md'),
  },
});

const { rounds, delay, only, action } = options;
const places = (['wire', 'loopback'] as const).filter((place) => only === undefined || place === only);
if (options.profile) {
  for (const place of places) await profile(place, delay, action);
} else if (options.write && (only !== undefined || action !== undefined)) {
  console.error('--write wants both places, and this build (npm run bench -- --help)');
  process.exitCode = 2;
} else {
  const sheets = [];
  for (const place of places) sheets.push(await measure(place, delay, { rounds, action }));
  process.exitCode = print(sheets, rounds);
  if (options.write) await write(sheets, rounds);
}
