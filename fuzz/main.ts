/**
 * Throws made-up answers, headers, inputs and whole runs at the action, tens of thousands of them, and
 * looks whether what must always hold still holds. Ends with status 1 and the smallest case otherwise.
 *
 *     npm run fuzz                        another seed each time
 *     npm run fuzz -- --seed 42           the same cases again
 *     npm run fuzz -- --only refusal      the targets whose name has this in it
 *     npm run fuzz -- --scale 0.1         a tenth of the cases
 */
import { parseArgs } from 'node:util';
import { TARGETS } from './targets.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, only: { type: 'string' }, scale: { type: 'string' } },
});
const seed = wholeNumber(values.seed ?? String(Math.floor(Math.random() * 2 ** 31)));
const scale = Number(values.scale ?? '1');
const chosen = TARGETS.filter(({ name }) => name.includes(values.only ?? ''));
const began = performance.now();
let cases = 0;
let failed = 0;

console.log(`seed ${seed}`);
for (const { name, cases: most, run } of chosen) {
  const count = Math.max(1, Math.round(most * scale));
  const started = performance.now();
  try {
    await run(count, seed);
    cases += count;
    console.log(`✓ ${String(count).padStart(6)}  ${name} (${seconds(started)})`);
  } catch (error) {
    failed++;
    console.error(`✗ ${name} (${seconds(started)})`);
    console.error(indented(told(error)));
  }
}
console.log(`${cases} cases in ${seconds(began)}, ${failed} of ${chosen.length} targets broken`);
if (failed > 0) console.log(`Again: npm run fuzz -- --seed ${seed}`);
// A target that broke may have left a server or a wait behind.
process.exit(failed > 0 || chosen.length === 0 ? 1 : 0);

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

/** What broke, and the smallest case, its bodies as texts. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `${error.cause.stack ?? error.cause.message}\n` : '';
  const readable = error.message.replace(/Buffer\.from\(\[([\d,]*)\]\)/g, (_whole, bytes: string) =>
    JSON.stringify(Buffer.from(bytes.split(',').map(Number)).toString('utf8')),
  );
  return cause + readable;
}

function indented(text: string): string {
  const short = text.length > 4_000 ? `${text.slice(0, 4_000)}…` : text;
  return short.replace(/^/gm, '    ');
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new Error('--seed takes a whole number');
  return number;
}
