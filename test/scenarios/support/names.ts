import type { Stage } from '../../../emulators/stage.ts';
import { ENVELOPE, fingerprint, openByHand } from './crypto.ts';

/** What differs from run to run and has a shape of its own. */
const SHAPES: [shape: RegExp, name: string][] = [
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| UTC)/g, '<time>'],
  [/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, '<time>'],
  [/\b\d+(?:\.\d+)? ms\b/g, '<n> ms'],
  [/\b\d+\.\d+ s\b/g, '<n> s'],
  [/\b\d+ min \d+ s\b/g, '<n> min'],
  [/\bE000:[0-9A-F]+\b/g, '<request ID>'],
  [/\b[0-9a-f]{32}\b/g, '<error ID>'],
  [/\b\d{16,18}\b/g, '<key ID>'],
  [/https?:\/\/127\.0\.0\.1:\d+/g, '<another server>'],
];

/** Gives names to everything that differs from run to run, so that a snapshot shows what is the same. */
export class Names {
  readonly #stage: Stage;
  readonly #own = new Map<string, string>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Gives a value of this scenario a name. */
  add(value: string, name: string): void {
    this.#own.set(value, `<${name}>`);
  }

  /** The values that a scenario named itself. */
  get own(): string[] {
    return [...this.#own.keys()];
  }

  /** The name of a stored or given value; of a token, with what Cobo knows of it. */
  value(text: string): string {
    const name = this.#tokens().get(text);
    const state = this.#stage.cobo.state(text);
    if (name === undefined || state === 'unknown') return this.text(text);
    return name.replace('>', `, ${state}>`);
  }

  /** A text with everything that differs replaced. */
  text(text: string): string {
    let named = text.replace(ENVELOPE, (envelope) => this.#envelope(envelope));
    const values = [...this.#values()].sort(([a], [b]) => b.length - a.length);
    for (const [value, name] of values) named = named.replaceAll(value, name);
    for (const [shape, name] of SHAPES) named = named.replace(shape, name);
    return named;
  }

  /** Every refresh token that came up, those of the scenario's own included. */
  refreshTokens(): string[] {
    const issued = this.#stage.cobo.history.map((entry) => entry.issued?.refreshToken);
    return [...issued.filter((token) => token !== undefined), ...this.own];
  }

  #envelope(envelope: string): string {
    const { appSecretHex, clientId } = this.#stage.cobo.client;
    const token = openByHand(envelope, appSecretHex, clientId);
    if (token === undefined) return '<envelope that does not open>';
    const name = this.#tokens().get(token) ?? 'an unknown token';
    return `<envelope of ${name.replace(/[<>]/g, '')}>`;
  }

  #tokens(): Map<string, string> {
    const tokens = new Map<string, string>();
    let refresh = 0;
    let access = 0;
    for (const { issued } of this.#stage.cobo.history) {
      if (issued?.refreshToken !== undefined) {
        refresh += 1;
        tokens.set(issued.refreshToken, `<refresh token ${refresh}>`);
      }
      if (issued?.accessToken !== undefined) {
        access += 1;
        tokens.set(issued.accessToken, `<access token ${access}>`);
      }
    }
    for (const [value, name] of this.#own) tokens.set(value, name);
    return tokens;
  }

  *#values(): Iterable<[value: string, name: string]> {
    const { cobo, github, writer } = this.#stage;
    const { client } = cobo;
    yield* this.#tokens();
    for (const token of this.refreshTokens()) {
      const name = this.#tokens().get(token) ?? 'an unknown token';
      yield [fingerprint(token, client.appSecretHex), `<fingerprint of ${name.replace(/[<>]/g, '')}>`];
    }
    yield [cobo.url, '<Cobo>'];
    yield [cobo.origin, '<Cobo>'];
    yield [github.url, '<GitHub>'];
    yield [new URL(cobo.url).host, '<Cobo>'];
    yield [new URL(github.url).host, '<GitHub>'];
    yield [cobo.responsePublicKeyHex, '<key of Cobo>'];
    yield [client.appSecretHex, '<app secret>'];
    yield [client.appKeyHex, '<app key>'];
    yield [client.clientId, '<client ID>'];
    yield [client.orgId, '<organization ID>'];
    yield [writer, '<writer token>'];
  }
}
