/**
 * Plays one simulation in a process of its own, told as JSON, and prints what was seen as JSON.
 *
 *     node bench/fleet/worker.ts '{"fleet":{"organizations":10,"writer":"own",…}}' [--full]
 */
import { swapCryptography } from './swap.ts';
import type { Work } from './work.ts';

const [work = '', full] = process.argv.slice(2);
if (full !== '--full') swapCryptography();
const { play } = await import('./work.ts');
process.stdout.write(JSON.stringify(await play(JSON.parse(work) as Work)));
