import type { StepResult } from './result.ts';

/** Lines of a secret shorter than this say nothing, and would be found by chance. */
const LINE_MIN_LENGTH = 8;

/** Encodings shorter than this would be found by chance. */
const ENCODING_MIN_LENGTH = 8;

type Seen = Pick<StepResult, 'log' | 'annotations' | 'debug' | 'rawSummary'>;

/**
 * Looks for secrets in what a step lets others read: the masked log, the annotations, the debug lines and
 * the job summary. Outputs and environment variables are no leaks: they are how secrets are handed on.
 * The summary is searched as it was written: masks are the second line of defence there, not the first.
 * @param secrets each is also looked for line by line, in hex of either case, base64 at any alignment,
 *   base64url, URI and JSON encoding
 * @returns one line for each find, with the place, the number of the secret and its form, never the
 *   secret itself; empty when nothing leaked
 * @throws Error for a blank secret, which would be looked for in vain
 */
export function findLeaks(result: Seen, secrets: readonly string[]): string[] {
  const places: [string, string][] = [
    ['log', result.log],
    ['debug', result.debug.join('\n')],
    ['summary', result.rawSummary],
    ...result.annotations.map(({ level, title, message }): [string, string] => [
      `${level} annotation`,
      `${title}\n${message}`,
    ]),
  ];
  const leaks = new Set<string>();
  secrets.forEach((secret, index) => {
    if (secret.trim() === '') throw new Error(`secret ${index + 1} is blank`);
    for (const form of formsOf(secret)) {
      for (const [place, text] of places) {
        const found = form.anyCase ? text.toLowerCase().includes(form.text.toLowerCase()) : text.includes(form.text);
        if (found) leaks.add(`${place}: secret ${index + 1} as ${form.name}`);
      }
    }
  });
  return [...leaks];
}

interface Form {
  name: string;
  text: string;
  anyCase?: boolean;
}

function formsOf(secret: string): Form[] {
  const lines = secret
    .split(/\r\n|\n|\r|\\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= LINE_MIN_LENGTH && !/^-----(BEGIN|END) /.test(line));
  return [...new Set([secret, secret.trim(), ...lines])].flatMap((part) => [
    ...formsOfText(part, part === secret || part === secret.trim() ? '' : 'a line, '),
  ]);
}

function formsOfText(text: string, prefix: string): Form[] {
  const isHex = /^(?:[0-9a-f]{2}){8,}$/i.test(text);
  const bytes = Buffer.from(text);
  const forms: Form[] = [
    { name: `${prefix}plain text`, text, anyCase: isHex },
    { name: `${prefix}hex`, text: bytes.toString('hex'), anyCase: true },
    ...base64Forms(bytes, `${prefix}base64`),
    { name: `${prefix}URI encoding`, text: encodeURIComponent(bytes.toString()) },
    { name: `${prefix}JSON`, text: JSON.stringify(text).slice(1, -1) },
  ];
  // The bytes behind a hex key are as good as the key, and so is what is left when case is folded.
  if (isHex) {
    forms.push(...base64Forms(Buffer.from(text, 'hex'), `${prefix}base64 of its bytes`));
    forms.push(...base64Forms(Buffer.from(text.toLowerCase()), `${prefix}base64`));
    forms.push(...base64Forms(Buffer.from(text.toUpperCase()), `${prefix}base64`));
  }
  return forms.filter((form, index) => index === 0 || (form.text !== text && form.text.length >= ENCODING_MIN_LENGTH));
}

/** What base64 makes of these bytes wherever they begin in a longer text, in both alphabets. */
function base64Forms(bytes: Buffer, name: string): Form[] {
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The characters at both ends depend on the neighbours, too.
    const start = Math.ceil((shift * 8) / 6);
    const end = Math.floor(((shift + bytes.length) * 8) / 6);
    const text = encoded.slice(start, end);
    return [
      { name, text },
      { name, text: text.replaceAll('+', '-').replaceAll('/', '_') },
    ];
  });
}
