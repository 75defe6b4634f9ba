/** Where the run says what it does. Text from outside must have passed `remoteText` before. */
export type Log = Record<'info' | 'debug' | 'warning', (line: string) => void>;

/** Control, format, private and unassigned characters, halves of one, and line breaks. */
const CONTROLS = /[\p{C}\p{Zl}\p{Zp}]/gu;

export function hasControls(text: string): boolean {
  return text.search(CONTROLS) !== -1;
}

/**
 * Text from a remote answer, made fit for a log: control and format characters and line breaks become
 * blanks, what the runner takes for a command (`::` at the beginning of a line, `##[` anywhere in it) is
 * broken up, long opaque runs (which may be tokens) are cut out, and the rest is cut to `limit` characters.
 */
export function remoteText(text: unknown, limit = 200): string {
  if (typeof text !== 'string' && typeof text !== 'number') return '';
  const plain = String(text).replaceAll(CONTROLS, ' ').replace(/\s+/g, ' ');
  const harmless = plain.replace(/[\w+/=.~-]{40,}/g, '[…]').replace(/::+/g, ': :');
  const clean = withoutCommands(harmless).trim();
  // Without half of a character that takes two units of UTF-16.
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** `text` with the old form of the runner's commands broken up, which counts anywhere in a line. */
export function withoutCommands(text: string): string {
  return text.replaceAll('##[', '# #[');
}

/** Whether `text` is hexadecimal digits in either case and nothing else, `digits` of them when it is given. */
export function isHex(text: string, digits = text.length): boolean {
  return text.length === digits && /^[0-9a-fA-F]+$/.test(text);
}

/** `text` with every one of `secrets` replaced by `***`. */
export function redact(text: string, secrets: Iterable<string>): string {
  // Longest first, so that a piece does not break up the whole.
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}

/** What is shorter is a placeholder such as `-`: as a mask it would strike words of the log and of an envelope. */
export const SHORTEST_SECRET = 8;

/**
 * The secrets of this run. Each is registered with the runner before anything else can print it, whole and
 * line by line: the runner masks line by line, and actions that registered multi-line secrets whole have
 * leaked them (CVE-2021-32074).
 */
export class Masks {
  readonly #known = new Set<string>();

  /** @param register tells the runner, such as `core.setSecret` */
  constructor(private readonly register: (secret: string) => void) {}

  /** Masks secrets, their lines, and the pieces between literal `\n`. */
  add(...secrets: string[]): void {
    const lines = secrets.flatMap((secret) => [secret.trim(), ...secret.split(/\r\n|\r|\n|\\r\\n|\\n/)]);
    for (const piece of [...secrets, ...lines.map((line) => line.trim())]) {
      if (piece.trim().length < SHORTEST_SECRET || this.#known.has(piece)) continue;
      this.#known.add(piece);
      this.register(piece);
    }
  }

  /** `text` with every known secret replaced: for what goes where the runner does not mask. */
  redact(text: string): string {
    return redact(text, this.#known);
  }
}

/** A point in time (milliseconds since 1970) as ISO 8601 in UTC without milliseconds, or `an unknown time`. */
export function utc(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** A duration for people: `2 min 5 s`, `41 s` or `0.3 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return ms >= 10_000 ? `${seconds} s` : `${(ms / 1000).toFixed(1)} s`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** An own property of parsed JSON, `undefined` if there is none: an answer cannot borrow one from a prototype. */
export function field(json: unknown, name: string): unknown {
  const isThere = typeof json === 'object' && json !== null && Object.hasOwn(json, name);
  return isThere ? (json as Record<string, unknown>)[name] : undefined;
}

/** The time in a field, milliseconds since 1970, `NaN` when there is none. */
export function timeField(json: unknown, name: string): number {
  const value = field(json, name);
  // An object that borrows the name of `toString` could not be turned into a text.
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

/** The parsed JSON of `text`, `undefined` when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
