/**
 * Text from a remote answer, made fit for a log: control and format characters and line breaks become
 * blanks (a line that begins with `::` is a command to the runner), long opaque runs (which may be tokens)
 * are cut out, and the rest is cut to `limit` characters.
 */
export function remoteText(text: unknown, limit = 200): string {
  if (typeof text !== 'string' && typeof text !== 'number') return '';
  const flat = String(text)
    .slice(0, limit * 8)
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[\w+/=.~-]{40,}/g, '[…]')
    .replaceAll('::', ': :')
    .trim();
  return flat.length > limit ? `${flat.slice(0, limit - 1)}…` : flat;
}

/** `text` with every one of `secrets` (and every line of one that has several) replaced by `***`. */
export function redact(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, '***');
  return clean;
}

/** A point in time (milliseconds since 1970) as ISO 8601 in UTC without milliseconds, or `an unknown time`. */
export function utc(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** A duration for people: `2 min 5 s`, `41 s` or `0.3 s`. */
export function duration(ms: number): string {
  if (ms >= 60_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
  return ms >= 10_000 ? `${Math.round(ms / 1000)} s` : `${(ms / 1000).toFixed(1)} s`;
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

/** The parsed JSON of `text`, `undefined` when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
