/**
 * Shows the action at work on a local Cobo and a local GitHub: real signatures, real HTTP, real sealed
 * boxes, the committed bundle under Node 24. Exits with 1 if anything is off.
 *
 *     npm run demo
 */
import { startStage } from '../emulators/stage.ts';
import { rotations } from './rotations.ts';
import { Transcript } from './transcript.ts';

const out = new Transcript();
const stage = await startStage();
try {
  out.title('A local Cobo and a local GitHub');
  out.note(`Cobo   ${stage.cobo.url} (verifies signatures, rotates tokens, signs its answers)`);
  out.note(`GitHub ${stage.github.url} (opens sealed boxes, checks permissions)`);
  await rotations(stage, out);
} finally {
  await stage.close();
}
out.title(
  out.failures === 0
    ? 'Three rotations: every signature verified, every stored secret opened, nothing leaked.'
    : `${out.failures} of the facts above do not hold.`,
);
process.exitCode = out.failures === 0 ? 0 : 1;
