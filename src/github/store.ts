import type { GitHub, Reply } from './client.ts';
import { GitHubFailure, isStatus } from './failure.ts';
import type { Store } from './grammar.ts';
import type { Manner } from './manner.ts';
import {
  type EncryptionKey,
  listSecrets,
  readKey,
  readSecret,
  readVisibility,
  type SecretFacts,
  type Visibility,
} from './reading.ts';
import { createVariable, deleteVariable, hasVariable, putVariable } from './variables.ts';

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

/** A store of which everything is known that writing needs, so that each write is one request. */
export class PreparedStore {
  readonly store: Store;
  readonly #github: GitHub;
  #key: EncryptionKey;
  readonly #secrets: ReadonlyMap<string, SecretFacts>;
  readonly #total: number;
  readonly #visibilities: ReadonlyMap<string, Visibility>;
  readonly #variableExists: boolean;

  private constructor(
    github: GitHub,
    store: Store,
    key: EncryptionKey,
    known: {
      total: number;
      secrets: Map<string, SecretFacts>;
      visibilities: Map<string, Visibility>;
      variableExists: boolean;
    },
  ) {
    this.#github = github;
    this.store = store;
    this.#key = key;
    this.#secrets = known.secrets;
    this.#total = known.total;
    this.#visibilities = known.visibilities;
    this.#variableExists = known.variableExists;
  }

  /**
   * Reads, all at once, the encryption key, the list of secrets, and what writing the targets needs.
   * @param record the name of the in-flight record of the token in hand
   * @throws GitHubFailure
   */
  static async read(
    github: GitHub,
    store: Store,
    targets: Targets,
    record: string | undefined,
  ): Promise<PreparedStore> {
    const { expiresAtVariable: variable } = targets;
    const [key, secrets, variableExists] = await Promise.all([
      readKey(github, store),
      readSecrets(github, store, targetSecrets(targets), record),
      variable !== undefined && hasVariable(github, store, variable),
    ]);
    return new PreparedStore(github, store, key, { ...secrets, variableExists });
  }

  get label(): string {
    return this.store.label;
  }

  /** GitHub's clock at the last answer, milliseconds since 1970, whole seconds. */
  get lastDate(): number {
    return this.#github.lastDate;
  }

  /** What the store's list told of a secret; `undefined` if it was not there. */
  facts(name: string): SecretFacts | undefined {
    return this.#secrets.get(name);
  }

  /** The names of the secrets that begin so. */
  names(prefix: string): string[] {
    return [...this.#secrets.keys()].filter((name) => name.startsWith(prefix));
  }

  /** Whether the store held as many secrets as GitHub allows. */
  get isFull(): boolean {
    return this.#total >= MOST_SECRETS[this.store.kind];
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
    const audience =
      store.kind === 'organization' ? (this.#visibilities.get(name) ?? { visibility: 'private' }) : {};
    const purpose = {
      doing: `Writing the secret ${name} into the store \`${store.label}\``,
      permission: store.permission,
    };
    let isKeyOld = false;
    return this.#github.call({
      ...purpose,
      method: 'PUT',
      path: `${store.secretsPath}/${name}`,
      // A proxy may answer 200 with a page of its own.
      expect: [201, 204],
      manner,
      body: async (last) => {
        isKeyOld ||= isStatus(last, 422);
        if (isKeyOld) this.#key = await readKey(this.#github, store, { manner, last });
        isKeyOld = false;
        const { sealedBox } = await import('./sealed-box.ts');
        const { keyId, publicKey } = this.#key;
        try {
          return { encrypted_value: sealedBox(publicKey, value), key_id: keyId, ...audience };
        } catch (error) {
          isKeyOld = true;
          throw new GitHubFailure(purpose, 'the encryption key of the store is invalid', 200, false, {
            cause: error,
          });
        }
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
    return putVariable(this.#github, this.store, name, value, this.#variableExists);
  }

  /** Proves that variables can be written, by creating one. @throws GitHubFailure */
  async tryVariable(name: string, value: string): Promise<void> {
    await createVariable(this.#github, this.store, name, value, 'record');
  }

  /** Deletes a variable, where the store has variables. @throws GitHubFailure */
  removeVariable(name: string): Promise<void> {
    return deleteVariable(this.#github, this.store, name);
  }
}

async function readSecrets(github: GitHub, store: Store, targets: string[], record: string | undefined) {
  const { total, secrets } = await listSecrets(github, store);
  if (total > secrets.size) {
    // Only an organization can hold so many: what matters is asked for by name.
    const wanted = [...targets, ...(record === undefined ? [] : [record])];
    const missing = wanted.filter((name) => !secrets.has(name));
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
