/** The shortest text whose surrounding double quotes the runner strips for a mask of their content. */
const QUOTED_MIN_LENGTH = 8;

/**
 * Hides registered values as the runner's secret masker does: each value and its encodings, from the
 * registration on. Overlapping and touching finds become one `***`.
 * Source: the runner's `SecretMasker` and `ValueEncoders`.
 */
export class Masker {
  readonly #values: string[] = [];
  readonly #variants = new Set<string>();

  /** What was registered, in order. */
  get values(): readonly string[] {
    return this.#values;
  }

  /** Hides `value` and its encodings from now on; a blank one is ignored. */
  add(value: string): void {
    if (value.trim() === '') return;
    this.#values.push(value);
    for (const variant of variants(value)) if (variant !== '') this.#variants.add(variant);
  }

  /** `text` with everything registered so far replaced. */
  mask(text: string): string {
    const finds: [start: number, end: number][] = [];
    for (const variant of this.#variants) {
      for (let at = text.indexOf(variant); at >= 0; at = text.indexOf(variant, at + 1)) {
        finds.push([at, at + variant.length]);
      }
    }
    if (finds.length === 0) return text;
    finds.sort((a, b) => a[0] - b[0]);
    let masked = '';
    let end = -1;
    for (const [start, stop] of finds) {
      if (start > end) masked += `${text.slice(Math.max(end, 0), start)}***`;
      end = Math.max(end, stop);
    }
    return masked + text.slice(end);
  }
}

/** The forms of a value that the runner hides with it. base64url and hex are not among them. */
function variants(value: string): string[] {
  const bytes = Buffer.from(value);
  return [
    value,
    ...[0, 1, 2].filter((shift) => bytes.length > shift).map((s) => bytes.subarray(s).toString('base64')),
    value.replaceAll("'", "''"),
    JSON.stringify(value).slice(1, -1),
    uriData(bytes.toString()),
    xmlData(value),
    value.length > QUOTED_MIN_LENGTH && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value,
  ];
}

/** .NET's `Uri.EscapeDataString`, which also escapes what `encodeURIComponent` leaves alone. */
function uriData(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function xmlData(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
