/**
 * Shows the action at work on a local Cobo and a local GitHub: real signatures, real HTTP, real sealed
 * boxes, the committed bundle under Node 24. Exits with 1 if anything is off.
 *
 *     npm run demo                        three rotations in a row
 *     npm run demo -- --fail storing      a failure, and the way back
 */
import { parseArgs } from 'node:util';
import { startStage } from '../emulators/stage.ts';
import { FAILURES } from './failures.ts';
import { rotations } from './rotations.ts';
import { Transcript } from './transcript.ts';

const { values } = parseArgs({ options: { fail: { type: 'string' } } });
const failure = values.fail === undefined ? undefined : FAILURES[values.fail];
if (values.fail !== undefined && failure === undefined) {
  console.error(`There is no failure "${values.fail}". There are: ${Object.keys(FAILURES).join(', ')}.`);
  process.exit(2);
}
const out = new Transcript();
const stage = await startStage();
try {
  out.title('A local Cobo and a local GitHub');
  out.note(`Cobo   ${stage.cobo.url} (verifies signatures, rotates tokens, signs its answers)`);
  out.note(`GitHub ${stage.github.url} (opens sealed boxes, checks permissions)`);
  if (failure === undefined) await rotations(stage, out);
  else await failure(stage, out);
} finally {
  await stage.close();
}
const good =
  failure === undefined
    ? 'Three rotations: every signature verified, every stored secret opened, nothing leaked.'
    : 'It failed as it should, and came back.';
out.title(out.failures === 0 ? good : `${out.failures} of the facts above do not hold.`);
process.exitCode = out.failures === 0 ? 0 : 1;
