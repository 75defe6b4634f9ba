import type { GitHub } from './client.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { GitHubFailure, storeError } from './failure.ts';
import {
  countSecrets,
  deleteSecret,
  type Manner,
  putSecret,
  readEncryptionKey,
  readSecret,
  type SecretFacts,
} from './secrets.ts';
import type { Store } from './stores.ts';
import { together } from './together.ts';
import { hasVariable, putVariable } from './variables.ts';

/** What a run wants to write into every store: names in upper case. */
export interface Targets {
  refreshTokenSecret: string | undefined;
  accessTokenSecret: string | undefined;
  expiresAtVariable: string | undefined;
}

/** The secrets among the targets. */
export function targetSecrets(targets: Targets): string[] {
  return [targets.refreshTokenSecret, targets.accessTokenSecret].filter((name) => name !== undefined);
}

/** A store of which everything is known that writing needs, so that each write is a single request. */
export class PreparedStore {
  readonly store: Store;
  readonly #github: GitHub;
  readonly #secrets: Map<string, SecretFacts | undefined>;
  readonly #variableExists: boolean;
  #key: EncryptionKey;

  private constructor(
    github: GitHub,
    store: Store,
    key: EncryptionKey,
    secrets: Map<string, SecretFacts | undefined>,
    variableExists: boolean,
  ) {
    this.#github = github;
    this.store = store;
    this.#key = key;
    this.#secrets = secrets;
    this.#variableExists = variableExists;
  }

  /**
   * Reads, all at once, the encryption key and what GitHub tells of the targets.
   * @param giveUp ends the waits of `github`; aborted when something cannot be read
   * @throws ActionError that names the store
   */
  static async read(
    github: GitHub,
    store: Store,
    targets: Targets,
    giveUp: AbortController,
  ): Promise<PreparedStore> {
    const named = async <T>(doing: string, reading: Promise<T>, permission?: string): Promise<T> => {
      try {
        return await reading;
      } catch (error) {
        throw error instanceof GitHubFailure ? storeError(store, doing, error, permission) : error;
      }
    };
    const names = targetSecrets(targets);
    const { variablesPath } = store;
    const variable = targets.expiresAtVariable;
    const aboutSecrets = names.map((name) =>
      named(`Reading about the secret ${name} in`, readSecret(github, store, name)),
    );
    const aboutVariable =
      variable !== undefined && variablesPath !== undefined
        ? named(
            `Reading the variable ${variable} in`,
            hasVariable(github, variablesPath, variable),
            store.variablesPermission,
          )
        : Promise.resolve(false);
    const [key, variableExists, ...facts] = await together(
      [
        named('Reading the encryption key of', readEncryptionKey(github, store)),
        aboutVariable,
        ...aboutSecrets,
      ],
      giveUp,
    );
    const secrets = new Map(names.map((name, index) => [name, facts[index]]));
    return new PreparedStore(github, store, key, secrets, variableExists);
  }

  /** Whether a target secret was there when the store was read. */
  holds(name: string): boolean {
    return this.#secrets.get(name) !== undefined;
  }

  /** When a target secret was last updated (milliseconds since 1970, GitHub's clock); `undefined` if it is not there. */
  updatedAt(name: string): number | undefined {
    return this.#secrets.get(name)?.updatedAt;
  }

  /**
   * Writes a secret. A 422 may mean that the encryption key was rotated since it was read: then it is read
   * once more, and the write repeated if it has changed.
   * @throws GitHubFailure
   */
  async write(name: string, value: string, manner: Manner = {}): Promise<void> {
    const visibility = this.#secrets.get(name)?.visibility;
    const used = this.#key;
    try {
      await putSecret(this.#github, this.store, name, value, used, visibility, manner);
    } catch (error) {
      if (!(error instanceof GitHubFailure) || error.status !== 422) throw error;
      this.#key = await readEncryptionKey(this.#github, this.store);
      if (this.#key.keyId === used.keyId) throw error;
      await putSecret(this.#github, this.store, name, value, this.#key, visibility, manner);
    }
  }

  /** Makes the next write quicker. Never throws: a key that cannot be used shows when something is written. */
  async makeReady(): Promise<void> {
    await this.#key.makeReady().catch(() => undefined);
  }

  /** Creates or updates a variable; does nothing where the store has none. @throws GitHubFailure */
  async writeVariable(name: string, value: string): Promise<void> {
    const { variablesPath } = this.store;
    if (variablesPath === undefined) return;
    await putVariable(this.#github, this.store, variablesPath, name, value, this.#variableExists);
  }

  /** Deletes a secret. @throws GitHubFailure */
  async remove(name: string, hurried: boolean): Promise<void> {
    await deleteSecret(this.#github, this.store, name, hurried);
  }

  /** How many secrets the store holds. @throws GitHubFailure */
  async count(): Promise<number> {
    return countSecrets(this.#github, this.store);
  }
}
