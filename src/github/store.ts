import { field, timeField } from '../text.ts';
import type { Call, GitHub, Manner, OnAttempt, Reply } from './client.ts';
import { GitHubFailure } from './failure.ts';
import type { Store } from './grammar.ts';

/** What a run writes into every store: names in upper case. */
export interface Targets {
  refreshTokenSecret: string | undefined;
  accessTokenSecret: string | undefined;
  expiresAtVariable: string | undefined;
}

/** The secrets among the targets. */
export function targetSecrets({ refreshTokenSecret, accessTokenSecret }: Targets): string[] {
  return [refreshTokenSecret, accessTokenSecret].filter((name) => name !== undefined);
}

/** What GitHub tells of a secret: never its value. Times in milliseconds since 1970, to the second. */
export interface SecretFacts {
  createdAt: number;
  updatedAt: number;
  /** Only of an organization's secret, as GitHub's answer says it. */
  visibility: unknown;
}

const PAGE = 100;
/** What a request about a variable does, and the answers that it may have. */
const VARIABLE = {
  GET: ['Reading', 200, 404],
  POST: ['Writing', 201, 409],
  PATCH: ['Writing', 204, 404],
  DELETE: ['Deleting', 204, 404],
} as const;

/** A store of which everything is known that writing needs, so that each write is one request. */
export class PreparedStore {
  #keyId = '';
  /** X25519, 32 bytes. */
  #publicKey = Buffer.alloc(0);
  #total = 0;
  /** By name in upper case, as they were when the store was read. */
  readonly secrets = new Map<string, SecretFacts>();
  /** Who may use an organization's targets that exist: stays as it is when the value changes. */
  readonly #audiences = new Map<string, object>();
  #hasVariable = false;

  private constructor(
    private readonly github: GitHub,
    readonly store: Store,
    private readonly reading: Manner,
  ) {}

  /**
   * Reads, all at once, the encryption key, the list of secrets, and what writing the targets needs.
   * @param records the names of the in-flight records that matter to the run
   * @throws GitHubFailure, as all methods do
   */
  static async read(
    github: GitHub,
    store: Store,
    targets: Targets,
    records: string[],
    reading: Manner = 'read',
  ): Promise<PreparedStore> {
    const prepared = new PreparedStore(github, store, reading);
    const { expiresAtVariable: variable } = targets;
    const [, , found] = await Promise.all([
      prepared.#readKey(reading),
      prepared.#readSecrets(targetSecrets(targets), records),
      variable === undefined ? undefined : prepared.#variable('GET', variable, reading),
    ]);
    prepared.#hasVariable = found?.status === 200;
    return prepared;
  }

  get label(): string {
    return this.store.label;
  }

  /** What was told of a secret when the store was read; `undefined` if it was not there. */
  facts(name: string): SecretFacts | undefined {
    return this.secrets.get(name);
  }

  /** How many more secrets GitHub allowed when the store was read. */
  get places(): number {
    return (this.store.kind === 'organization' ? 1000 : 100) - this.#total;
  }

  /** Reads the pages of the list that only an organization has. */
  async readOn(): Promise<void> {
    for (let page = 2; (page - 1) * PAGE < this.#total; page++) {
      const list = await this.#readList('the list of secrets', `?per_page=${PAGE}&page=${page}`, 'secrets', 'sweep');
      for (const entry of list.entries) this.#take(entry);
    }
  }

  /** Learns what has become of one secret since the store was read. */
  async lookAgain(name: string): Promise<void> {
    const facts = await this.look(name);
    if (facts === undefined) this.secrets.delete(name);
    else this.secrets.set(name, facts);
  }

  /** Asks for one secret again. */
  async look(name: string, manner = this.reading): Promise<SecretFacts | undefined> {
    const expect = [200, 404];
    const { status, json } = await this.#call('GET', `Reading the secret ${name} of`, `/${name}`, { expect, manner });
    return status === 404 ? undefined : this.#factsOf(json);
  }

  /**
   * Seals and writes one secret. After a 422 the encryption key is read anew: it may have been rotated.
   * @returns status 201 when the secret was created, 204 when it was replaced
   */
  write(name: string, value: string, manner: Manner, onAttempt?: OnAttempt): Promise<Reply> {
    const audience = this.#audiences.get(name) ?? this.#newAudience;
    return this.#call('PUT', `Writing the secret ${name} into`, `/${name}`, {
      // A proxy may answer 200 with a page of its own.
      expect: [201, 204],
      manner,
      body: async (last) => {
        await onAttempt?.(last);
        if (last?.status === 422) await this.#readKey(manner);
        const { sealedBox } = await import('./sealed-box.ts');
        return { encrypted_value: sealedBox(this.#publicKey, value), key_id: this.#keyId, ...audience };
      },
    });
  }

  /** Deletes a secret; one that is not there counts as deleted. */
  remove(name: string, manner: 'tidy' | 'sweep'): Promise<Reply> {
    return this.#call('DELETE', `Deleting the secret ${name} from`, `/${name}`, { expect: [204, 404], manner });
  }

  /** Creates or updates a variable. When it was created or deleted since the store was read, it tries the other way. */
  async writeVariable(name: string, value: string): Promise<void> {
    if (!this.#hasVariable && (await this.createVariable(name, value, 'extra')).status === 201) return;
    const { status } = await this.#variable('PATCH', name, 'extra', { name, value });
    if (status === 404) await this.createVariable(name, value, 'extra');
  }

  /** Creates a variable. @returns status 201 when it was created, 409 when it was there */
  createVariable(name: string, value: string, manner: Manner): Promise<Partial<Reply>> {
    return this.#variable('POST', name, manner, { name, value, ...this.#newAudience });
  }

  /** Deletes a variable; one that is not there counts as deleted. */
  removeVariable(name: string): Promise<Partial<Reply>> {
    return this.#variable('DELETE', name, 'tidy');
  }

  async #readKey(manner: Manner): Promise<void> {
    const what = 'the encryption key';
    const { json } = await this.#call('GET', `Reading ${what} of`, '/public-key', { manner });
    const id = field(json, 'key_id');
    const key = field(json, 'key');
    const publicKey = Buffer.from(typeof key === 'string' ? key : '', 'base64');
    if (typeof id !== 'string' || id === '' || publicKey.length !== 32) throw this.#unreadable(what);
    this.#keyId = id;
    this.#publicKey = publicKey;
  }

  async #readSecrets(targets: string[], records: string[]): Promise<void> {
    const { secrets } = this;
    const { total, entries } = await this.#readList('the list of secrets', `?per_page=${PAGE}`, 'secrets');
    this.#total = total;
    for (const entry of entries) this.#take(entry);
    const isOrganization = this.store.kind === 'organization';
    // Only an organization can hold more than a page: what matters is asked for by name.
    const isCut = total > secrets.size;
    const reading = [...targets, ...records].map(async (name) => {
      const facts = secrets.get(name) ?? (isCut ? await this.look(name) : undefined);
      if (facts === undefined) return;
      secrets.set(name, facts);
      if (isOrganization && targets.includes(name)) this.#audiences.set(name, await this.#readAudience(name, facts));
    });
    await Promise.all(reading);
  }

  /** Written back, a list that is too short would take the secret away from the repositories that are missing. */
  async #readAudience(name: string, { visibility }: SecretFacts): Promise<object> {
    if (visibility === 'all' || visibility === 'private') return { visibility };
    if (visibility !== 'selected') throw this.#unreadable(`the visibility of the secret ${name}`);
    const what = `the repositories of the secret ${name}`;
    const ids = new Set<number>();
    for (let page = 1; ; page++) {
      const path = `/${name}/repositories?per_page=${PAGE}&page=${page}`;
      const { total, entries } = await this.#readList(what, path, 'repositories');
      const known = ids.size;
      for (const id of entries.map((entry) => field(entry, 'id'))) if (typeof id === 'number') ids.add(id);
      if (ids.size >= total) return { visibility, selected_repository_ids: [...ids] };
      if (ids.size > known) continue;
      const counts = `GitHub lists only ${ids.size} of ${total}`;
      throw this.#unreadable(what, `${counts}, so \`github-token\` may not see all of them`);
    }
  }

  async #readList(what: string, below: string, name: string, manner = this.reading) {
    const { json } = await this.#call('GET', `Reading ${what} of`, below, { manner });
    const total = field(json, 'total_count');
    const entries = field(json, name);
    if (!Array.isArray(entries) || typeof total !== 'number') throw this.#unreadable(what);
    return { total, entries: entries as unknown[] };
  }

  #take(entry: unknown): void {
    this.secrets.set(String(field(entry, 'name')).toUpperCase(), this.#factsOf(entry));
  }

  #factsOf(entry: unknown): SecretFacts {
    const createdAt = timeField(entry, 'created_at');
    const updatedAt = timeField(entry, 'updated_at');
    const isWhole = typeof field(entry, 'name') === 'string' && !Number.isNaN(createdAt) && !Number.isNaN(updatedAt);
    if (!isWhole) throw this.#unreadable('the name and the times of a secret');
    return { createdAt, updatedAt, visibility: field(entry, 'visibility') };
  }

  /** GitHub's answer is not what its documentation says. */
  #unreadable(what: string, reason = 'the answer is malformed or incomplete'): GitHubFailure {
    const { label, permission } = this.store;
    const doing = `Reading ${what} of the store \`${label}\``;
    return new GitHubFailure({ method: 'GET', doing, permission }, reason, { status: 200 });
  }

  /** Calls about a variable, where the store has variables. */
  async #variable(method: keyof typeof VARIABLE, name: string, manner: Manner, body?: object): Promise<Partial<Reply>> {
    const { variablesPath, variablesPermission: permission } = this.store;
    if (variablesPath === undefined) return {};
    const [verb, ...expect] = VARIABLE[method];
    const path = method === 'POST' ? variablesPath : `${variablesPath}/${name}`;
    const more = { path, expect, permission, manner, ...(body && { body: async () => body }) };
    return this.#call(method, `${verb} the variable ${name} of`, '', more);
  }

  /** @param begin what is done, up to the name of the store */
  #call(method: Call['method'], begin: string, below: string, more: Partial<Call> = {}): Promise<Reply> {
    const { label, permission, secretsPath } = this.store;
    const usual = { expect: [200], doing: `${begin} the store \`${label}\``, permission, manner: this.reading };
    return this.github.call({ method, path: secretsPath + below, ...usual, ...more });
  }

  /** Who may use what is created: only an organization has to be told. */
  get #newAudience(): object {
    return this.store.kind === 'organization' ? { visibility: 'private' } : {};
  }
}
