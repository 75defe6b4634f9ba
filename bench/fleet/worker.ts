/**
 * Plays simulations in a process of its own: one JSON text a line comes in, one goes out.
 *
 *     node bench/fleet/worker.ts
 */
import { createInterface } from 'node:readline';
import { swapCryptography } from './swap.ts';
import type { Work } from './work.ts';

if (!process.argv.includes('--full')) swapCryptography();
const { play } = await import('./work.ts');
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await play(JSON.parse(line) as Work))}\n`);
}
