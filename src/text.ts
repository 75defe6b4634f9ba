/** Where the run says what it does. Text from outside must have passed `remoteText` before. */
export interface Log {
  /** One line for everybody. */
  info(line: string): void;
  /** A line for those who have switched debug logging on. */
  debug(line: string): void;
  /** Something to look at that does not end the run; shown in the summary too. */
  warning(line: string): void;
}

/**
 * Text from a remote answer, made fit for a log: control and format characters and line breaks become
 * blanks, what the runner takes for a command (`::` at the beginning of a line, `##[` anywhere in it) is
 * broken up, long opaque runs (which may be tokens) are cut out, and the rest is cut to `limit` characters.
 */
export function remoteText(text: unknown, limit = 200): string {
  if (typeof text !== 'string' && typeof text !== 'number') return '';
  const flat = String(text)
    .replaceAll(CONTROLS, ' ')
    .replace(/\s+/g, ' ')
    .replace(/[\w+/=.~-]{40,}/g, '[…]')
    .replace(/::+/g, ': :')
    .trim();
  return withoutCommands(shorten(flat, limit));
}

/** Control, format, private and unassigned characters, halves of one, and line breaks. */
const CONTROLS = /[\p{C}\p{Zl}\p{Zp}]/gu;

export function hasControls(text: string): boolean {
  return text.search(CONTROLS) !== -1;
}

function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // Without half of a character that takes two units of UTF-16.
  return `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Whether `text` is hexadecimal digits in either case and nothing else, `digits` of them when it is given. */
export function isHex(text: string, digits = text.length): boolean {
  return text.length === digits && /^[0-9a-fA-F]+$/.test(text);
}

/** `text` with the old form of the runner's commands broken up, which counts anywhere in a line. */
export function withoutCommands(text: string): string {
  return text.replaceAll('##[', '# #[');
}

/** `text` with every one of `secrets` replaced by `***`. */
export function redact(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, '***');
  return clean;
}

/**
 * What is shorter is no secret, but a placeholder such as `-`: as a mask it would strike words of the log
 * and characters of an envelope.
 */
export const SHORTEST_SECRET = 8;

/**
 * The secrets of this run. Each is registered with the runner before anything else can print it, whole and
 * line by line: the runner masks line by line, and actions that registered multi-line secrets whole have
 * leaked them (CVE-2021-32074).
 */
export class Masks {
  readonly #register: (secret: string) => void;
  readonly #known = new Set<string>();

  /** @param register tells the runner, such as `core.setSecret` */
  constructor(register: (secret: string) => void) {
    this.#register = register;
  }

  /** Masks `secret`, its lines, and the pieces between literal `\n`. */
  add(secret: string): void {
    const lines = secret.split(/\r\n|\r|\n|\\r\\n|\\n/);
    for (const piece of [secret, secret.trim(), ...lines.map((line) => line.trim())]) {
      if (piece.trim().length < SHORTEST_SECRET || this.#known.has(piece)) continue;
      this.#known.add(piece);
      this.#register(piece);
    }
  }

  /** `text` with every known secret replaced: for what goes where the runner does not mask. */
  redact(text: string): string {
    // Longest first, so that a piece does not break up the whole.
    return redact(
      text,
      [...this.#known].sort((a, b) => b.length - a.length),
    );
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

/**
 * The value of an own property of a parsed JSON object, `undefined` for anything else. Never looks at the
 * prototype, so an answer cannot borrow a property from there.
 */
export function field(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, name)
    ? (json as Record<string, unknown>)[name]
    : undefined;
}

/**
 * The time in a field, milliseconds since 1970, `NaN` when there is none. Asks for a text first: an object
 * that borrows the name of `toString` cannot be turned into one.
 */
export function timeField(json: unknown, name: string): number {
  const value = field(json, name);
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

/** The parsed JSON of `text`, `undefined` when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
