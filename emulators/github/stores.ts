import { randomInt } from 'node:crypto';
import sodium from 'libsodium-wrappers';
import type { Permission } from './permissions.ts';
import type { Run } from './runs.ts';

/** Who may read an organization's secret or variable. */
export type Visibility = 'all' | 'private' | 'selected';

/** A secret (decrypted) or a variable. Moments in milliseconds since 1970, whole seconds. */
export interface Entry {
  name: string;
  value: string;
  createdAt: number;
  updatedAt: number;
  /** Organizations only. */
  visibility?: Visibility;
  selectedRepositoryIds?: number[];
}

export type StoreKind = 'repository' | 'environment' | 'organization' | 'dependabot';

interface KeyPair {
  publicKey: Uint8Array;
  privateKey: Uint8Array;
  /** As an answer shows it. */
  shown: { key_id: string; key: string };
}

/** What each kind of store asks for, and how much it holds. */
export const KINDS: Record<
  StoreKind,
  { secrets: Permission; variables: Permission | undefined; mostSecrets: number; mostVariables: number }
> = {
  repository: { secrets: 'secrets', variables: 'variables', mostSecrets: 100, mostVariables: 500 },
  environment: { secrets: 'environments', variables: 'environments', mostSecrets: 100, mostVariables: 100 },
  organization: {
    secrets: 'organization_secrets',
    variables: 'organization_variables',
    mostSecrets: 1000,
    mostVariables: 1000,
  },
  dependabot: { secrets: 'dependabot_secrets', variables: undefined, mostSecrets: 100, mostVariables: 0 },
};

/** One place that holds secrets (and, save Dependabot's, variables), with its own key pair. */
export class Store {
  readonly kind: StoreKind;
  /** By name in upper case. */
  readonly secrets = new Map<string, Entry>();
  readonly variables = new Map<string, Entry>();
  readonly #label: () => string;
  #keyPair: KeyPair | undefined;

  constructor(kind: StoreKind, label: () => string) {
    this.kind = kind;
    this.#label = label;
  }

  /** As `Estate.store` takes it, with the repository's name of today. */
  get label(): string {
    return this.#label();
  }

  /** The current key; made when first asked for. */
  get publicKey(): { key_id: string; key: string } {
    return this.#keys().shown;
  }

  /** Replaces the key pair: what was sealed for the old one is refused from now on. */
  rotateKey(): void {
    this.#keyPair = undefined;
  }

  /** Opens a sealed box (base64, libsodium's crypto_box_seal); undefined when it does not open. */
  open(box: string): Uint8Array | undefined {
    const { publicKey, privateKey } = this.#keys();
    try {
      return sodium.crypto_box_seal_open(Buffer.from(box, 'base64'), publicKey, privateKey);
    } catch {
      return undefined;
    }
  }

  #keys(): KeyPair {
    if (this.#keyPair === undefined) {
      const { publicKey, privateKey } = sodium.crypto_box_keypair();
      // Digits, as GitHub's.
      const id = `${randomInt(100_000_000, 999_999_999)}${randomInt(100_000_000, 999_999_999)}`;
      const shown = { key_id: id, key: Buffer.from(publicKey).toString('base64') };
      this.#keyPair = { publicKey, privateKey, shown };
    }
    return this.#keyPair;
  }
}

/** A repository with its stores; environments by name in lower case, for GitHub compares them so. */
export class Repository {
  readonly id: number;
  /** `owner/name`, as it is called today. */
  fullName: string;
  description: string | undefined;
  isArchived = false;
  readonly actions = new Store('repository', () => `repository@${this.fullName}`);
  readonly dependabot = new Store('dependabot', () => `dependabot@${this.fullName}`);
  readonly environments = new Map<string, Store>();
  readonly runs = new Map<number, Run>();

  constructor(id: number, fullName: string) {
    this.id = id;
    this.fullName = fullName;
  }

  /** Adds an environment, unless there is one of that name. */
  addEnvironment(name: string): void {
    const key = name.toLowerCase();
    if (this.environments.has(key)) return;
    this.environments.set(key, new Store('environment', () => `environment:${name}@${this.fullName}`));
  }
}

/** All repositories and organizations; their names are compared without case. */
export class Estate {
  /** By every name that leads to them, also those that they had before. */
  readonly #names = new Map<string, Repository>();
  readonly #repositories = new Map<number, Repository>();
  readonly #organizations = new Map<string, Store>();

  addRepository(fullName: string, environments: readonly string[] = []): Repository {
    if (!/^[\w.-]+\/[\w.-]+$/.test(fullName)) throw new Error(`not an owner/name: ${fullName}`);
    let repository = this.#names.get(fullName.toLowerCase());
    // A new repository may take the name that another had before.
    if (repository === undefined || isFormerName(repository, fullName)) {
      repository = new Repository(1000 + this.#repositories.size, fullName);
      this.#repositories.set(repository.id, repository);
      this.#names.set(fullName.toLowerCase(), repository);
    }
    for (const name of environments) repository.addEnvironment(name);
    return repository;
  }

  /** Gives a repository another name; the old one leads to it until a new repository takes it. */
  rename(oldName: string, newName: string): Repository {
    const repository = this.#names.get(oldName.toLowerCase());
    if (repository === undefined) throw new Error(`no such repository: ${oldName}`);
    const taken = this.#names.get(newName.toLowerCase());
    if (taken !== undefined && !isFormerName(taken, newName)) throw new Error(`${newName} is taken`);
    repository.fullName = newName;
    this.#names.set(newName.toLowerCase(), repository);
    return repository;
  }

  addOrganization(name: string): void {
    this.#organizations.set(name.toLowerCase(), new Store('organization', () => `organization:${name}`));
  }

  /** By its name of today or a former one. */
  repository(fullName: string): Repository | undefined {
    return this.#names.get(fullName.toLowerCase());
  }

  repositoryWithId(id: number): Repository | undefined {
    return this.#repositories.get(id);
  }

  organization(name: string): Store | undefined {
    return this.#organizations.get(name.toLowerCase());
  }

  /**
   * The store that a text names: `repository@o/n`, `environment:NAME@o/n`, `organization:NAME`,
   * `dependabot@o/n`. Throws when there is none.
   */
  store(text: string): Store {
    const store = this.#find(text);
    if (store === undefined) throw new Error(`no such store: ${text}`);
    return store;
  }

  #find(text: string): Store | undefined {
    if (text.startsWith('organization:')) return this.organization(text.slice('organization:'.length));
    // The last @, for the name of an environment may hold one and the name of a repository may not.
    const at = text.lastIndexOf('@');
    const repository = this.repository(text.slice(at + 1));
    const place = text.slice(0, at);
    if (place === 'repository') return repository?.actions;
    if (place === 'dependabot') return repository?.dependabot;
    if (!place.startsWith('environment:')) return undefined;
    return repository?.environments.get(place.slice('environment:'.length).toLowerCase());
  }
}

/** Whether the repository is called otherwise today. */
export function isFormerName(repository: Repository, fullName: string): boolean {
  return repository.fullName !== fullName && repository.fullName.toLowerCase() !== fullName.toLowerCase();
}
