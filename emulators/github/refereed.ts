import { EmulatorServer, type TlsOptions } from '../server.ts';
import { put, type WriteEntry } from './entries.ts';
import type { Run } from './runs.ts';
import { type Entry, Estate, type Repository, type Store, type Visibility } from './stores.ts';

/** What a referee may know of a secret besides its value; moments in milliseconds since 1970. */
export type SecretMeta = Omit<Entry, 'value'>;

/** Whom an organization's secret is for. */
export interface SecretAudience {
  visibility?: Visibility;
  selectedRepositoryIds?: number[];
}

/**
 * What a test or a referee does with GitHub's repositories, organizations and stores, past the API. Stores
 * are named as `repository@o/n`, `environment:NAME@o/n`, `organization:NAME` or `dependabot@o/n`.
 */
export abstract class RefereedGitHub extends EmulatorServer {
  /** Every change of a secret or variable, values decrypted, oldest first. */
  readonly writes: WriteEntry[] = [];
  protected readonly estate = new Estate();

  protected constructor(tls: TlsOptions | undefined) {
    super(tls);
  }

  /** GitHub's clock, milliseconds since 1970. */
  abstract get clock(): number;

  /** Adds a repository (or further environments to one); gives its number. */
  addRepository(fullName: string, options: { environments?: readonly string[]; description?: string } = {}): number {
    const repository = this.estate.addRepository(fullName, options.environments);
    repository.description = options.description ?? repository.description;
    return repository.id;
  }

  /** Makes a repository read-only; `false` makes it writable again. */
  archiveRepository(fullName: string, isArchived = true): void {
    this.#repository(fullName).isArchived = isArchived;
  }

  addOrganization(name: string): void {
    this.estate.addOrganization(name);
  }

  /** Adds a workflow run to a repository. */
  addRun(repository: string, run: Run): void {
    this.#repository(repository).runs.set(run.id, run);
  }

  /** A secret's value, decrypted; undefined when there is none. */
  secretValue(store: string, name: string): string | undefined {
    return this.estate.store(store).secrets.get(name.toUpperCase())?.value;
  }

  secretMeta(store: string, name: string): SecretMeta | undefined {
    const entry = this.estate.store(store).secrets.get(name.toUpperCase());
    if (entry === undefined) return undefined;
    const { value: _, ...meta } = entry;
    return meta;
  }

  /** Names in upper case, in the order of their creation. */
  secretNames(store: string): string[] {
    return [...this.estate.store(store).secrets.keys()];
  }

  /** Writes a secret. `updatedAt`: milliseconds since 1970; default GitHub's clock. */
  setSecret(
    store: string,
    name: string,
    value: string,
    updatedAt: number = this.clock,
    audience: SecretAudience = {},
  ): void {
    const place = this.estate.store(store);
    const isNew = put(place.secrets, name, value, updatedAt, this.#audience(place, audience));
    this.#logPut('secret', place, name, value, isNew);
  }

  /** Tells whether there was one. */
  removeSecret(store: string, name: string): boolean {
    const place = this.estate.store(store);
    const key = name.toUpperCase();
    const wasThere = place.secrets.delete(key);
    if (wasThere) this.log({ operation: 'delete', what: 'secret', store: place.label, name: key });
    return wasThere;
  }

  variableValue(store: string, name: string): string | undefined {
    return this.estate.store(store).variables.get(name.toUpperCase())?.value;
  }

  variableNames(store: string): string[] {
    return [...this.estate.store(store).variables.keys()];
  }

  setVariable(store: string, name: string, value: string, audience: SecretAudience = {}): void {
    const place = this.estate.store(store);
    const isNew = put(place.variables, name, value, this.clock, this.#audience(place, audience));
    this.#logPut('variable', place, name, value, isNew);
  }

  protected log(change: Omit<WriteEntry, 'at'>): void {
    this.writes.push({ at: this.clock, ...change });
  }

  #logPut(what: WriteEntry['what'], store: Store, name: string, value: string, isNew: boolean): void {
    const operation = isNew ? 'create' : 'update';
    this.log({ operation, what, store: store.label, name: name.toUpperCase(), value });
  }

  #repository(fullName: string): Repository {
    const repository = this.estate.repository(fullName);
    if (repository === undefined) throw new Error(`no such repository: ${fullName}`);
    return repository;
  }

  #audience(store: Store, audience: SecretAudience): SecretAudience {
    if (store.kind !== 'organization') return {};
    for (const id of audience.selectedRepositoryIds ?? []) {
      if (this.estate.repositoryWithId(id) === undefined) throw new Error(`no repository has the ID ${id}`);
    }
    return { visibility: 'private', ...audience };
  }
}
