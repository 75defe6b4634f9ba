/**
 * Plays one simulation in a process of its own, told as JSON, and prints what was seen as JSON.
 *
 *     node worker.mjs '{"fleet":{"organizations":10,"writer":"own",…}}'     (made by bundle.ts)
 */
import sodium from 'libsodium-wrappers';
import { play, type Told, type Work } from './work.ts';

// What fails on purpose needs no stack trace.
Error.stackTraceLimit = 0;
await sodium.ready;
const [work = ''] = process.argv.slice(2);
const played = await play(JSON.parse(work) as Work);
const { user, system } = process.cpuUsage();
const told: Told = { ...played, cpuMs: (user + system) / 1000 };
process.stdout.write(JSON.stringify(told));
