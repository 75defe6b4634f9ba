import { EventEmitter } from 'node:events';
import sodium from 'libsodium-wrappers';
import { Cancellation } from '../../../src/cancellation.ts';
import type { GitHubAccess } from '../../../src/github/client.ts';
import { readStores, type Store } from '../../../src/github/grammar.ts';
import { type HttpAnswer, type HttpOptions, type HttpRequest, type Sender, TransportError } from '../../../src/http.ts';
import { HeldClock, NOON } from '../../support/clock.ts';
import { KeptLog } from '../../support/toolkit.ts';
import { REPO } from './places.ts';

await sodium.ready;

/** Runs of each property; more of them with `FUZZ_RUNS`. */
export const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] || 50) };

export const API = 'https://api.github.test';
export const TOKEN = 'ghp_writer';

export interface Sent {
  request: HttpRequest;
  options: HttpOptions;
  /** Method and path with query. */
  line: string;
  at: number;
}

/** What becomes of a request: `pass` is answered as usual; so is `lost`, but the answer does not arrive. */
export type Step = HttpAnswer | Error | ((sent: Sent) => HttpAnswer | Promise<HttpAnswer>) | 'pass' | 'lost';

export function answer(status: number, body: unknown = '', headers: Record<string, string> = {}): HttpAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, body: Buffer.from(text, 'utf8') };
}

export const cut = () => new TransportError('the connection was cut', true);
export const unreachable = () => new TransportError('the connection was refused', false);
/** Never answers, and ends when its signal says so. */
export const hanging = ({ options: { signal } }: Sent): Promise<HttpAnswer> =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new TransportError('cancelled', true)));
  });

export const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
/** ISO 8601 without milliseconds, as GitHub writes times. */
export const iso = (ms: number) => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
export const seconds = (ms: number) => String(ms / 1000);
/** Lets everything go on that is only waiting for its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

interface Secret {
  createdAt: number;
  updatedAt: number;
  value: string;
}

/** The secrets and variables of any store, by path. Answers from the script first. */
export class FakeGitHub implements Sender {
  readonly sent: Sent[] = [];
  readonly secrets = new Map<string, Secret>();
  readonly variables = new Map<string, string>();
  readonly keys = sodium.crypto_box_seed_keypair(new Uint8Array(32).fill(1));
  /** Headers of every answer, for the time at which it is given. */
  headers = (): Record<string, string> => ({ date: new Date(this.clock.now()).toUTCString() });
  readonly #script: { about: RegExp; steps: Step[] }[] = [];

  constructor(readonly clock: HeldClock) {}

  /** What becomes of the next requests whose method and path match. */
  on(about: RegExp | string, ...steps: Step[]): void {
    this.#script.push({ about: typeof about === 'string' ? new RegExp(`${about}$`) : about, steps });
  }

  put(
    path: string,
    { createdAt = NOON - 3_600_000, updatedAt = createdAt }: Partial<Omit<Secret, 'value'>> = {},
  ): void {
    this.secrets.set(path, { createdAt, updatedAt, value: '' });
  }

  get lines(): string[] {
    return this.sent.map(({ line }) => line);
  }

  async send(request: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
    const { pathname, search } = request.url;
    const sent = { request, options, line: `${request.method} ${pathname}${search}`, at: this.clock.now() };
    this.sent.push(sent);
    const step = this.#script.find(({ about, steps }) => steps.length > 0 && about.test(sent.line))?.steps.shift();
    // As on a wire: no answer in the same turn.
    await new Promise((resolve) => setImmediate(resolve));
    if (step instanceof Error) throw step;
    if (typeof step === 'function') return step(sent);
    if (typeof step === 'object') return step;
    const given = this.#give(request.method, pathname, request.body ?? '{}');
    if (step === 'lost') throw cut();
    return { ...given, headers: this.headers() };
  }

  #give(method: string, path: string, body: string): HttpAnswer {
    if (path.endsWith('/public-key')) return answer(200, { key_id: 'key-1', key: base64(this.keys.publicKey) });
    if (path.includes('/variables')) return this.#variable(method, path, JSON.parse(body));
    if (path.endsWith('/secrets')) return this.#list(path);
    const known = this.secrets.get(path);
    if (method === 'GET') return known === undefined ? answer(404) : answer(200, facts(path, known));
    if (method === 'DELETE') return answer(this.secrets.delete(path) ? 204 : 404);
    const now = this.clock.now();
    const value = this.#open(JSON.parse(body).encrypted_value);
    this.secrets.set(path, { createdAt: known?.createdAt ?? now, updatedAt: now, value });
    return answer(known === undefined ? 201 : 204);
  }

  #list(path: string): HttpAnswer {
    const below = [...this.secrets].filter(([one]) => one.startsWith(`${path}/`));
    const secrets = below.slice(0, 100).map(([one, known]) => facts(one, known));
    return answer(200, { total_count: below.length, secrets });
  }

  #variable(method: string, path: string, body: { name: string; value: string }): HttpAnswer {
    if (method === 'POST') {
      const created = `${path}/${body.name}`;
      if (this.variables.has(created)) return answer(409);
      this.variables.set(created, body.value);
      return answer(201);
    }
    if (!this.variables.has(path)) return answer(404);
    if (method === 'GET') return answer(200);
    if (method === 'DELETE') this.variables.delete(path);
    else this.variables.set(path, body.value);
    return answer(204);
  }

  #open(box: string): string {
    const { publicKey, privateKey } = this.keys;
    return sodium.to_string(sodium.crypto_box_seal_open(Buffer.from(box, 'base64'), publicKey, privateKey));
  }
}

function facts(path: string, { createdAt, updatedAt }: Secret) {
  return { name: path.split('/').at(-1), created_at: iso(createdAt), updated_at: iso(updatedAt) };
}

/** A GitHub, and what a run needs to call it. */
export function world(changes: Partial<GitHubAccess> = {}) {
  const clock = new HeldClock();
  const http = new FakeGitHub(clock);
  const log = new KeptLog();
  const signals = new EventEmitter();
  const cancellation = new Cancellation(signals);
  const cancel = () => void signals.emit('SIGINT', 'SIGINT');
  const usual = { http, httpOptions: { timeoutMs: 30_000 }, clock, log, maxAttempts: 4, apiUrl: API, token: TOKEN };
  const access: GitHubAccess = { ...usual, stop: () => cancellation.stop, ...changes };
  return { access, cancel, cancellation, clock, http, log };
}

export function storeOf(line: string): Store {
  const [store] = readStores(line, REPO);
  if (store === undefined) throw new Error(`no store: ${line}`);
  return store;
}
