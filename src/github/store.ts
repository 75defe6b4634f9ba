import type { GitHub, Manner, Reply } from './client.ts';
import type { Store } from './grammar.ts';
import {
  type EncryptionKey,
  listSecrets,
  readKey,
  readSecret,
  readVisibility,
  type SecretFacts,
  type Visibility,
} from './reading.ts';
import { hasVariable, putVariable } from './variables.ts';

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

/** GitHub's limits for the number of secrets, by kind of store. */
const MOST_SECRETS = { repository: 100, environment: 100, dependabot: 100, organization: 1000 } as const;

/** What has been read of a store. */
interface Known {
  key: EncryptionKey;
  /** How many secrets there are. */
  total: number;
  secrets: ReadonlyMap<string, SecretFacts>;
  /** Of an organization's targets that exist. */
  visibilities: ReadonlyMap<string, Visibility>;
  variableExists: boolean;
}

/** A store of which everything is known that writing needs, so that each write is one request. */
export class PreparedStore {
  readonly store: Store;
  readonly #github: GitHub;
  readonly #known: Known;

  private constructor(github: GitHub, store: Store, known: Known) {
    this.#github = github;
    this.store = store;
    this.#known = known;
  }

  /**
   * Reads, all at once, the encryption key, the list of secrets, and what writing the targets needs.
   * @param record the name of the in-flight record of the run
   * @throws GitHubFailure
   */
  static async read(github: GitHub, store: Store, targets: Targets, record: string): Promise<PreparedStore> {
    const { expiresAtVariable: variable } = targets;
    const [key, secrets, variableExists] = await Promise.all([
      readKey(github, store),
      readSecrets(github, store, targetSecrets(targets), record),
      variable !== undefined && hasVariable(github, store, variable),
    ]);
    return new PreparedStore(github, store, { key, ...secrets, variableExists });
  }

  get label(): string {
    return this.store.label;
  }

  /** What the store's list told of a secret; `undefined` if it was not there. */
  facts(name: string): SecretFacts | undefined {
    return this.#known.secrets.get(name);
  }

  /** The names of the secrets that begin so. */
  names(prefix: string): string[] {
    return [...this.#known.secrets.keys()].filter((name) => name.startsWith(prefix));
  }

  /** Whether the store held as many secrets as GitHub allows. */
  get isFull(): boolean {
    return this.#known.total >= MOST_SECRETS[this.store.kind];
  }

  /** Asks for one secret again. @throws GitHubFailure */
  look(name: string, manner: Manner = 'read'): Promise<SecretFacts | undefined> {
    return readSecret(this.#github, this.store, name, manner);
  }

  /**
   * Seals and writes one secret. After a 422 the encryption key is read anew: it may have been rotated.
   * @returns status 201 when the secret was created, 204 when it was replaced
   * @throws GitHubFailure
   */
  write(name: string, value: string, manner: Manner): Promise<Reply> {
    const { store } = this;
    const known = this.#known;
    const audience = store.kind === 'organization' ? (known.visibilities.get(name) ?? { visibility: 'private' }) : {};
    return this.#github.call({
      method: 'PUT',
      path: `${store.secretsPath}/${name}`,
      // A proxy may answer 200 with a page of its own.
      expect: [201, 204],
      doing: `Writing the secret ${name} into the store \`${store.label}\``,
      permission: store.permission,
      manner,
      body: async (last) => {
        if (last?.status === 422) known.key = await readKey(this.#github, store, manner);
        const { sealedBox } = await import('./sealed-box.ts');
        const { keyId, publicKey } = known.key;
        return { encrypted_value: sealedBox(publicKey, value), key_id: keyId, ...audience };
      },
    });
  }

  /** Deletes a secret; one that is not there counts as deleted. @throws GitHubFailure */
  async remove(name: string, manner: 'tidy' | 'sweep'): Promise<void> {
    const { store } = this;
    await this.#github.call({
      method: 'DELETE',
      path: `${store.secretsPath}/${name}`,
      expect: [204, 404],
      doing: `Deleting the secret ${name} from the store \`${store.label}\``,
      permission: store.permission,
      manner,
    });
  }

  /** Creates or updates a variable, where the store has variables. @throws GitHubFailure */
  writeVariable(name: string, value: string): Promise<void> {
    return putVariable(this.#github, this.store, name, value, this.#known.variableExists);
  }
}

async function readSecrets(github: GitHub, store: Store, targets: string[], record: string) {
  const { total, secrets } = await listSecrets(github, store);
  if (total > secrets.size) {
    // Only an organization can hold so many: what matters is asked for by name.
    const missing = [...targets, record].filter((name) => !secrets.has(name));
    await Promise.all(
      missing.map(async (name) => {
        const facts = await readSecret(github, store, name);
        if (facts !== undefined) secrets.set(name, facts);
      }),
    );
  }
  const visibilities = new Map<string, Visibility>();
  for (const name of store.kind === 'organization' ? targets : []) {
    const facts = secrets.get(name);
    if (facts !== undefined) visibilities.set(name, await readVisibility(github, store, name, facts));
  }
  return { total, secrets, visibilities };
}
