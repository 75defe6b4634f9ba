import sodium from 'libsodium-wrappers';
import {
  type HttpAnswer,
  type HttpOptions,
  type HttpRequest,
  type Sender,
  TransportError,
} from '../../../src/http.ts';
import { field } from '../../../src/text.ts';
import { answer } from './github-script.ts';
import { NOON } from './github-world.ts';

await sodium.ready;

export interface HeldSecret {
  value: string;
  updatedAt: number;
  visibility?: unknown;
  selected?: number[];
}

interface FakeStore {
  keys: { publicKey: Uint8Array; privateKey: Uint8Array };
  keyId: string;
  secrets: Map<string, HeldSecret>;
  variables: Map<string, { value: string; visibility?: unknown }>;
  /** How many secrets it takes. */
  room: number;
}

type Interception = (request: HttpRequest) => HttpAnswer | undefined | Promise<HttpAnswer | undefined>;

/**
 * GitHub's REST API for secrets and variables, held in memory. It decrypts what it is given with libsodium
 * and refuses what GitHub refuses: an old key, a box that does not open, an organization secret without
 * its visibility.
 */
export class FakeGitHub implements Sender {
  /** `METHOD /path?query` of every request so far, in order. */
  readonly requests: string[] = [];
  /** GitHub's clock. */
  time = NOON;
  readonly #stores = new Map<string, FakeStore>();
  readonly #runs = new Map<string, unknown>();
  readonly #interceptions: { request: string; act: Interception; times: number }[] = [];

  /** Makes a store, by the path of its secrets. */
  addStore(secretsPath: string, room = 1000): this {
    this.#stores.set(secretsPath, {
      keys: sodium.crypto_box_keypair(),
      keyId: `key-1-of-${secretsPath}`,
      secrets: new Map(),
      variables: new Map(),
      room,
    });
    return this;
  }

  addRun(repository: string, id: number, times: { created_at?: string; run_started_at?: string }): this {
    this.#runs.set(`/repos/${repository}/actions/runs/${id}`, times);
    return this;
  }

  addSecret(secretsPath: string, name: string, secret: Partial<HeldSecret> = {}): this {
    this.store(secretsPath).secrets.set(name, { value: 'an old value', updatedAt: NOON - 60_000, ...secret });
    return this;
  }

  /** From now on the store has another key, and refuses the one before. */
  rotateKey(secretsPath: string): void {
    const store = this.store(secretsPath);
    store.keys = sodium.crypto_box_keypair();
    store.keyId = `another-${store.keyId}`;
  }

  /**
   * Acts before the next `times` requests like `METHOD /path`, the query left out. What `act` gives is the
   * answer; when it gives none, the request goes its usual way.
   */
  intercept(request: string, act: HttpAnswer | Error | Interception, times = 1): this {
    const interception: Interception =
      act instanceof Error
        ? () => {
            throw act;
          }
        : typeof act === 'function'
          ? act
          : () => act;
    this.#interceptions.push({ request, act: interception, times });
    return this;
  }

  store(secretsPath: string): FakeStore {
    const store = this.#stores.get(secretsPath);
    if (store === undefined) throw new Error(`the test made no store ${secretsPath}`);
    return store;
  }

  secret(secretsPath: string, name: string): HeldSecret | undefined {
    return this.store(secretsPath).secrets.get(name);
  }

  /** The requests of one method. */
  sent(method: string): string[] {
    return this.requests.filter((request) => request.startsWith(`${method} `));
  }

  async send(request: HttpRequest, { signal }: HttpOptions): Promise<HttpAnswer> {
    const { method, url } = request;
    this.requests.push(`${method} ${url.pathname}${url.search}`);
    // As the real client does.
    if (signal?.aborted) throw new TransportError('cancelled', false);
    const intercepted = await this.#intercepted(`${method} ${url.pathname}`, request);
    const given = intercepted ?? this.#route(request);
    return { ...given, headers: { date: new Date(this.time).toUTCString(), ...given.headers } };
  }

  async #intercepted(name: string, request: HttpRequest): Promise<HttpAnswer | undefined> {
    const found = this.#interceptions.find((one) => one.request === name && one.times > 0);
    if (found === undefined) return undefined;
    found.times--;
    return found.act(request);
  }

  #route({ method, url, body }: HttpRequest): HttpAnswer {
    const path = url.pathname;
    const run = this.#runs.get(path);
    if (method === 'GET' && run !== undefined) return answer(200, run);
    for (const [secretsPath, store] of this.#stores) {
      const variablesPath = secretsPath.replace(/secrets$/, 'variables');
      const json: unknown = body === undefined ? undefined : JSON.parse(body);
      if (path === secretsPath && method === 'GET') {
        return answer(200, { total_count: store.secrets.size, secrets: [] });
      }
      if (path.startsWith(`${secretsPath}/`)) {
        const rest = path.slice(secretsPath.length + 1);
        return this.#secret(store, method, rest, url, json, secretsPath.startsWith('/orgs/'));
      }
      if (path === variablesPath || path.startsWith(`${variablesPath}/`)) {
        if (variablesPath.includes('/dependabot/')) return NOT_FOUND;
        return variable(store, method, path.slice(variablesPath.length + 1), json);
      }
    }
    return NOT_FOUND;
  }

  #secret(
    store: FakeStore,
    method: string,
    rest: string,
    url: URL,
    json: unknown,
    ofOrganization: boolean,
  ): HttpAnswer {
    if (rest === 'public-key' && method === 'GET') {
      const key = Buffer.from(store.keys.publicKey).toString('base64');
      return answer(200, { key_id: store.keyId, key });
    }
    const [name = '', list] = rest.split('/');
    const held = store.secrets.get(name);
    if (method === 'PUT') return this.#put(store, name, json, ofOrganization);
    if (held === undefined) return NOT_FOUND;
    if (method === 'DELETE') {
      store.secrets.delete(name);
      return answer(204);
    }
    if (list === 'repositories') return page(held.selected ?? [], url.searchParams);
    const updated_at = new Date(held.updatedAt).toISOString().replace('.000Z', 'Z');
    const { visibility } = held;
    return answer(200, { name, created_at: updated_at, updated_at, visibility });
  }

  #put(store: FakeStore, name: string, json: unknown, ofOrganization: boolean): HttpAnswer {
    const held = store.secrets.get(name);
    const value = opened(String(field(json, 'encrypted_value')), store);
    if (value === undefined || field(json, 'key_id') !== store.keyId) {
      return answer(422, { message: 'Validation failed' });
    }
    const visibility = field(json, 'visibility');
    if (ofOrganization && typeof visibility !== 'string') return answer(422, { message: 'No visibility' });
    if (held === undefined && store.secrets.size >= store.room) {
      return answer(422, { message: 'Too many secrets' });
    }
    const selected = field(json, 'selected_repository_ids');
    store.secrets.set(name, {
      value,
      updatedAt: this.time,
      ...(ofOrganization ? { visibility } : {}),
      ...(Array.isArray(selected) ? { selected: selected.map(Number) } : {}),
    });
    return answer(held === undefined ? 201 : 204);
  }
}

const NOT_FOUND = answer(404, { message: 'Not Found' });

function page(ids: readonly number[], query: URLSearchParams): HttpAnswer {
  const size = Number(query.get('per_page') ?? '30');
  const from = (Number(query.get('page') ?? '1') - 1) * size;
  const repositories = ids.slice(from, from + size).map((id) => ({ id, name: `repository-${id}` }));
  return answer(200, { total_count: ids.length, repositories });
}

function variable(store: FakeStore, method: string, rest: string, json: unknown): HttpAnswer {
  const name = rest || String(field(json, 'name'));
  const held = store.variables.get(name);
  if (method === 'POST' && held !== undefined) return answer(409, { message: 'Already exists' });
  if (method !== 'POST' && held === undefined) return NOT_FOUND;
  if (method === 'GET') return answer(200, { name, value: held?.value });
  const visibility = field(json, 'visibility') ?? held?.visibility;
  store.variables.set(name, {
    value: String(field(json, 'value')),
    ...(visibility === undefined ? {} : { visibility }),
  });
  return answer(method === 'POST' ? 201 : 204);
}

/** The text in a sealed box, as libsodium opens it; `undefined` when it does not open. */
export function opened(box: string, { keys }: Pick<FakeStore, 'keys'>): string | undefined {
  try {
    const bytes = Buffer.from(box, 'base64');
    return sodium.to_string(sodium.crypto_box_seal_open(bytes, keys.publicKey, keys.privateKey));
  } catch {
    return undefined;
  }
}
