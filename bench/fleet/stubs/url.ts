// Stands in for URL in the action, which changes none: an address that was read once is not read again.

type Parts = Readonly<Record<(typeof NAMES)[number], string>>;

const NAMES = [
  ...(['href', 'origin', 'protocol', 'host', 'hostname', 'port'] as const),
  ...(['pathname', 'search', 'username', 'password'] as const),
];
const known = new Map<string, Parts>();
const MOST = 20_000;

/** For `new`, which gives what the function returns. */
export function URL(text: string): Parts {
  let parts = known.get(text);
  if (parts === undefined) {
    const url = new globalThis.URL(text);
    parts = Object.fromEntries(NAMES.map((name) => [name, url[name]])) as Parts;
    if (known.size > MOST) known.clear();
    known.set(text, parts);
  }
  return parts;
}

URL.canParse = globalThis.URL.canParse;
