import sodium from 'libsodium-wrappers';
import { notFound, refusal } from './github/answers.ts';
import { put } from './github/entries.ts';
import { type Grant, refusedBy, type TokenKind, TokenRegister } from './github/permissions.ts';
import { partsOf, type Route, routeOf } from './github/routes.ts';
import { describeRun, type Run } from './github/runs.ts';
import { secrets } from './github/secrets.ts';
import { type Entry, Estate, type Store, type Visibility } from './github/stores.ts';
import { variables } from './github/variables.ts';
import { type Answer, type EmulatedRequest, EmulatorServer, type TlsOptions } from './server.ts';

export type { Grant, OrganizationGrant, RepositoryGrant, TokenKind } from './github/permissions.ts';
export { rateLimitFault } from './github/rate-limit.ts';
export type { Run } from './github/runs.ts';
export type { Visibility } from './github/stores.ts';

/** Everything has a default. */
export interface GitHubOptions {
  /** `/api/v3` for a GitHub Enterprise Server. Default: none. */
  pathPrefix?: string;
  tls?: TlsOptions;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** How far GitHub's clock is ahead of `now`, milliseconds. */
  clockSkewMs?: number;
}

/** What a referee may know of a secret besides its value; moments in milliseconds since 1970. */
export type SecretMeta = Omit<Entry, 'value'>;

/** Whom an organization's secret is for. */
export interface SecretAudience {
  visibility?: Visibility;
  selectedRepositoryIds?: number[];
}

/** Starts a GitHub on a free local port. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHubEmulator> {
  await sodium.ready;
  return await new GitHubEmulator(options).listen();
}

/** A GitHub that opens every sealed box, and refuses what the token may not do. */
export class GitHubEmulator extends EmulatorServer {
  /** How far GitHub's clock is ahead, milliseconds; may be changed at any time. */
  clockSkewMs: number;
  readonly #prefix: string;
  readonly #estate = new Estate();
  readonly #tokens = new TokenRegister();
  readonly #runs = new Map<string, Run>();
  #now: () => number;
  #answered = 0;

  constructor(options: GitHubOptions = {}) {
    super(options.tls);
    this.#prefix = options.pathPrefix ?? '';
    this.#now = options.now ?? Date.now;
    this.clockSkewMs = options.clockSkewMs ?? 0;
  }

  /** The base URL, path prefix included. */
  override get url(): string {
    return `${this.origin}${this.#prefix}`;
  }

  /** GitHub's clock, milliseconds since 1970. */
  get clock(): number {
    return this.#now() + this.clockSkewMs;
  }

  /** Sets the clock: a function, or one moment at which it stands still (milliseconds since 1970). */
  setClock(now: number | (() => number)): void {
    this.#now = typeof now === 'number' ? () => now : now;
  }

  /** Adds a repository (or further environments to one); gives its number. */
  addRepository(fullName: string, options: { environments?: readonly string[] } = {}): number {
    return this.#estate.addRepository(fullName, options.environments).id;
  }

  addOrganization(name: string): void {
    this.#estate.addOrganization(name);
  }

  /** Adds a workflow run to a repository. */
  addRun(repository: string, run: Run): void {
    this.#runs.set(`${repository.toLowerCase()} ${run.id}`, run);
  }

  /** Adds a token; an app's (`integration`) is refused in other words than a personal one. */
  addToken({ token, grants, kind }: { token: string; grants: readonly Grant[]; kind?: TokenKind }): void {
    this.#tokens.add(token, grants, kind ?? 'personal access token');
  }

  /** Replaces what a token may do in one repository or organization. */
  setGrant(token: string, grant: Grant): void {
    this.#tokens.setGrant(token, grant);
  }

  /** Takes away the token, or only its grant in one repository (`owner/name`) or organization. */
  revoke(token: string, owner?: string): void {
    this.#tokens.revoke(token, owner);
  }

  /** Replaces a store's key pair. */
  rotateKey(store: string): void {
    this.#estate.store(store).rotateKey();
  }

  /** A secret's value, decrypted; undefined when there is none. */
  secretValue(store: string, name: string): string | undefined {
    return this.#estate.store(store).secrets.get(name.toUpperCase())?.value;
  }

  secretMeta(store: string, name: string): SecretMeta | undefined {
    const entry = this.#estate.store(store).secrets.get(name.toUpperCase());
    if (entry === undefined) return undefined;
    const { value: _, ...meta } = entry;
    return meta;
  }

  /** Names in upper case, in the order of their creation. */
  secretNames(store: string): string[] {
    return [...this.#estate.store(store).secrets.keys()];
  }

  /** Writes a secret past the API. `updatedAt`: milliseconds since 1970; default GitHub's clock. */
  setSecret(
    store: string,
    name: string,
    value: string,
    updatedAt: number = this.clock,
    audience: SecretAudience = {},
  ): void {
    const place = this.#estate.store(store);
    const known = this.#audience(place, audience);
    put(place.secrets, name, value, updatedAt, known);
  }

  /** Tells whether there was one. */
  removeSecret(store: string, name: string): boolean {
    return this.#estate.store(store).secrets.delete(name.toUpperCase());
  }

  variableValue(store: string, name: string): string | undefined {
    return this.#estate.store(store).variables.get(name.toUpperCase())?.value;
  }

  variableNames(store: string): string[] {
    return [...this.#estate.store(store).variables.keys()];
  }

  /** Writes a variable past the API. */
  setVariable(store: string, name: string, value: string, audience: SecretAudience = {}): void {
    const place = this.#estate.store(store);
    const known = this.#audience(place, audience);
    put(place.variables, name, value, this.clock, known);
  }

  protected override process(request: EmulatedRequest): Answer {
    const { headers } = request;
    if ((headers['user-agent'] ?? '') === '') {
      const told =
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.';
      return {
        status: 403,
        headers: { 'content-type': 'text/plain' },
        body: told,
        verdict: 'refused (403): no User-Agent',
      };
    }
    const version = headers['x-github-api-version'];
    if (version !== undefined && version !== '2022-11-28') {
      return refusal(400, `${version.slice(0, 40)} is not a supported version of the REST API.`);
    }
    const accept = headers['accept'] ?? '*/*';
    if (!/\*\/\*|json/i.test(accept))
      return refusal(415, "Unsupported 'Accept' header. Must accept 'application/json'.");
    const known = this.#tokens.caller(headers['authorization']);
    if ('refused' in known) return known.refused;
    const route = this.#route(request);
    if (route === undefined) return notFound('no such path, repository or organization');
    const refused = refusedBy(known.caller, route.owner, route.permission, route.level);
    if (refused !== undefined) return refused;
    if (route.what === 'run') {
      return describeRun(this.#runs.get(`${route.owner.toLowerCase()} ${route.rest[0]}`));
    }
    if (route.store === undefined) return notFound('there is no such environment');
    const url = `${this.origin}${request.path}`;
    const place = { store: route.store, estate: this.#estate, request, url, now: this.clock };
    return route.what === 'secrets' ? secrets(place, route.rest) : variables(place, route.rest);
  }

  protected override standingHeaders(): Record<string, string> {
    this.#answered += 1;
    const seconds = Math.floor(this.clock / 1000);
    return {
      date: new Date(this.clock).toUTCString(),
      'x-github-request-id': `E000:${this.#answered.toString(16).toUpperCase().padStart(6, '0')}`,
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': String(Math.max(1, 5000 - this.#answered)),
      'x-ratelimit-used': String(Math.min(4999, this.#answered)),
      'x-ratelimit-reset': String(seconds + 3600),
      'x-ratelimit-resource': 'core',
    };
  }

  protected override rotateKeyBefore(request: EmulatedRequest): void {
    this.#route(request)?.store?.rotateKey();
  }

  #audience(store: Store, audience: SecretAudience): SecretAudience {
    if (store.kind !== 'organization') return {};
    for (const id of audience.selectedRepositoryIds ?? []) {
      if (this.#estate.repositoryWithId(id) === undefined) throw new Error(`no repository has the ID ${id}`);
    }
    return { visibility: 'private', ...audience };
  }

  #route({ method, path }: EmulatedRequest): Route | undefined {
    if (!path.startsWith(`${this.#prefix}/`)) return undefined;
    const parts = partsOf(path.slice(this.#prefix.length));
    return parts === undefined ? undefined : routeOf(method, parts, this.#estate);
  }
}
