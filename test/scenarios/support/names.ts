import type { Stage } from '../../../emulators/stage.ts';
import { ENVELOPE, fingerprint, openByHand } from './crypto.ts';

/** What differs from run to run and has a shape of its own. */
const SHAPES: [shape: RegExp, name: string][] = [
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| UTC)/g, '<time>'],
  [/\b\d+(?:\.\d+)? ms\b/g, '<n> ms'],
  [/\b\d+\.\d+ s\b/g, '<n> s'],
  [/\b\d+ min \d+ s\b/g, '<n> min'],
  [/\b[0-9a-f]{32}\b/g, '<error ID>'],
  [/\b\d{16,18}\b/g, '<key ID>'],
  [/(?:https?:\/\/)?127\.0\.0\.1:\d+/g, '<server>'],
];

/** Gives names to everything that differs from run to run, so that a snapshot shows what is the same. */
export class Names {
  /** The values that the scenario names itself. */
  readonly own = new Map<string, string>();

  constructor(private readonly stage: Stage) {}

  /** The name of a stored or given value; of a token, with what Cobo knows of it. */
  value(text: string): string {
    const name = this.#tokens().get(text);
    const state = this.stage.cobo.state(text);
    return name === undefined || state === 'unknown' ? this.text(text) : `<${name}, ${state}>`;
  }

  /** A text with everything that differs replaced. */
  text(text: string): string {
    const { cobo, writer } = this.stage;
    const { appSecretHex, clientId } = cobo.client;
    const tokens = this.#tokens();
    let named = text.replace(ENVELOPE, (envelope) => {
      const token = openByHand(envelope, appSecretHex, clientId);
      if (token === undefined) return '<envelope that does not open>';
      return `<envelope of ${tokens.get(token) ?? 'an unknown token'}>`;
    });
    const values: [value: string, name: string][] = [
      ...tokens,
      ...[...tokens].map(([token, name]): [string, string] => [
        fingerprint(token, appSecretHex),
        `fingerprint of ${name}`,
      ]),
      [appSecretHex, 'app secret'],
      [cobo.client.appKeyHex, 'app key'],
      [clientId, 'client ID'],
      [cobo.client.orgId, 'organization ID'],
      [writer, 'writer token'],
    ];
    // A value may begin like a longer one.
    values.sort(([a], [b]) => b.length - a.length);
    for (const [value, name] of values) named = named.replaceAll(value, `<${name}>`);
    for (const [shape, name] of SHAPES) named = named.replace(shape, name);
    return named;
  }

  #tokens(): Map<string, string> {
    const tokens = new Map<string, string>();
    const kinds = { refreshToken: 'refresh token', accessToken: 'access token' } as const;
    for (const field of ['refreshToken', 'accessToken'] as const) {
      const issued = this.stage.cobo.history.flatMap((entry) => entry.issued?.[field] ?? []);
      for (const [index, token] of issued.entries()) tokens.set(token, `${kinds[field]} ${index + 1}`);
    }
    return new Map([...tokens, ...this.own]);
  }
}
