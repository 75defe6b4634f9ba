/**
 * Shows the action at work on a local Cobo and a local GitHub: real signatures, real HTTP, real sealed boxes, the
 * committed bundle with Node 24. Exits with 1 if anything is not as it should be.
 *
 *     npm run demo
 *     npm run demo -- --fail storing
 */
import { startStage } from '../emulators/stage.ts';
import { choice, readOptions, wholeNumber } from '../scripts/options.ts';
import { FAILURES } from './failures.ts';
import { rotations } from './rotations.ts';
import { Transcript } from './transcript.ts';

const { fail, rotations: count } = readOptions({
  command: 'npm run demo --',
  about: 'Runs the action against a local Cobo and a local GitHub, and tells what happens.',
  options: {
    fail: choice(
      'shows a failure, the post step, and the way back',
      Object.keys(FAILURES) as (keyof typeof FAILURES)[],
    ),
    rotations: wholeNumber('how many rotations in a row', 3, { max: 100 }),
  },
});
const out = new Transcript();
const stage = await startStage({ stores: ['environment:cobo'] });
try {
  out.title('A local Cobo and a local GitHub');
  out.note(`Cobo    ${stage.cobo.url}  verifies signatures, rotates tokens, signs its answers`);
  out.note(`GitHub  ${stage.github.url}  opens sealed boxes, checks permissions`);
  out.note(`The refresh token is a secret in ${stage.stores.join()}.`);
  if (fail === undefined) await rotations(stage, out, count);
  else await FAILURES[fail](stage, out);
} finally {
  await stage.close();
}
const good =
  fail === undefined
    ? `${count} rotations: every signature verified, every stored secret opened, nothing leaked.`
    : 'It failed as it should, and the token was kept.';
out.title(out.failures === 0 ? good : `${out.failures} of the facts above do not hold.`);
process.exitCode = out.failures === 0 ? 0 : 1;
