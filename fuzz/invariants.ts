import { parseCommand } from '../emulators/runner/command.ts';
import { LONG_SECRETS } from './secrets.ts';

/** Longer than any line that the action writes on purpose, the recovery envelope left out. */
const LONGEST_LINE = 3_000;

/** What is wrong with a text that others read: a secret in it, a command, control characters, no end. */
export function breachesOf(text: string, secrets: readonly string[] = LONG_SECRETS): string[] {
  const breaches: string[] = [];
  for (const [index, secret] of secrets.entries()) {
    if (text.includes(secret)) breaches.push(`secret ${index + 1} is in ${JSON.stringify(text)}`);
  }
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line.trimStart().startsWith('::') || line.includes('##[') || parseCommand(line) !== undefined) {
      breaches.push(`a command in ${JSON.stringify(line)}`);
    }
  }
  // U+FFFD and the like may stay: they are letters to a terminal.
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(text)) breaches.push(`control characters in ${JSON.stringify(text)}`);
  if (text.length > LONGEST_LINE) breaches.push(`a text of ${text.length} characters`);
  return breaches;
}

/** Throws with everything in `breaches`, if there is anything. */
export function expectNone(breaches: readonly string[]): void {
  if (breaches.length > 0) throw new Error(`broken: ${breaches.join('; ').slice(0, 2_000)}`);
}

/** Far more than any case needs, even on a busy machine. */
export const SLOWEST_CASE_MS = 5_000;

/** What `work` throws; it may throw nothing but what `isExpected` knows, and may not take for ever. */
export async function thrownBy<E extends Error>(
  work: () => unknown,
  isExpected: (error: unknown) => error is E,
): Promise<E | undefined> {
  const began = performance.now();
  let thrown: E | undefined;
  try {
    await work();
  } catch (error) {
    if (!isExpected(error)) throw error;
    thrown = error;
  }
  const ms = performance.now() - began;
  if (ms > SLOWEST_CASE_MS) throw new Error(`broken: one case took ${Math.round(ms)} ms`);
  return thrown;
}
