import sodium from 'libsodium-wrappers';
import { API_VERSIONS, findRoute, handle, type World } from './github/handle.ts';
import { DOCUMENTED_LIMITS, Limits, type RateLimit, type SecondaryLimits } from './github/limits.ts';
import { expirationText, type Grant, type TokenKind, TokenRegister } from './github/permissions.ts';
import { RefereedGitHub } from './github/refereed.ts';
import { httpDate } from './http-date.ts';
import type { Answer, EmulatedRequest, TlsOptions } from './server.ts';

export type { WriteEntry } from './github/entries.ts';
export type { RateLimit, SecondaryLimits } from './github/limits.ts';
export type { Grant, OrganizationGrant, RepositoryGrant, TokenKind } from './github/permissions.ts';
export type { SecretAudience, SecretMeta } from './github/refereed.ts';
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

/** Starts a GitHub on a free local port. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHubEmulator> {
  await sodium.ready;
  return await new GitHubEmulator(options).listen();
}

/** A GitHub that opens every sealed box, and refuses what the token may not do. */
export class GitHubEmulator extends RefereedGitHub {
  /** How far GitHub's clock is ahead, milliseconds; may be changed at any time. */
  clockSkewMs: number;
  /** Repositories in answers get descriptions of at least so many characters; for large answers. */
  padDescriptionsTo = 0;
  readonly #prefix: string;
  readonly #tokens = new TokenRegister();
  readonly #limits = new Limits();
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

  override get clock(): number {
    return this.#now() + this.clockSkewMs;
  }

  /** Sets the clock: a function, or one moment at which it stands still (milliseconds since 1970). */
  setClock(now: number | (() => number)): void {
    this.#now = typeof now === 'number' ? () => now : now;
  }

  /** Gives a repository another name; requests under the old one are redirected. */
  renameRepository(oldName: string, newName: string): void {
    const before = this.estate.repository(oldName)?.fullName ?? oldName;
    this.estate.rename(oldName, newName);
    this.#tokens.rename(before, newName);
  }

  /**
   * Adds a token; an app's (`integration`) is refused in other words than a personal one. Tokens of the
   * same `account` (a user, an installation) share its limits; by default each has its own.
   */
  addToken(options: { token: string; grants: readonly Grant[]; kind?: TokenKind; account?: string }): void {
    const { token, grants, kind = 'personal access token', account = token } = options;
    this.#tokens.add(token, grants, kind, account);
  }

  /** When a token expires: every answer to it says so, and from then on it is refused. A text is sent as it is. */
  setTokenExpiration(token: string, moment: Date | string | undefined): void {
    this.#tokens.setExpiration(token, moment instanceof Date ? expirationText(moment) : moment);
  }

  /** Replaces what a token may do in one repository or organization. */
  setGrant(token: string, grant: Grant): void {
    this.#tokens.setGrant(token, grant);
  }

  /** Takes away the token, or only its grant in one repository (`owner/name`) or organization. */
  revoke(token: string, owner?: string): void {
    this.#tokens.revoke(token, owner);
  }

  /**
   * The primary rate limit: each account gets a copy that counts down, and is refused at 0. Reading gives
   * the copy with the least left. Undefined (the default): 5000, and nobody runs out.
   */
  get rateLimit(): RateLimit | undefined {
    return this.#limits.rate;
  }

  set rateLimit(limit: RateLimit | undefined) {
    this.#limits.rate = limit;
  }

  /** The documented secondary limits (`true`), or others; off by default. */
  get secondaryLimits(): SecondaryLimits | undefined {
    return this.#limits.secondary;
  }

  set secondaryLimits(limits: Partial<SecondaryLimits> | boolean | undefined) {
    const own = typeof limits === 'object' ? limits : {};
    const isOn = limits !== undefined && limits !== false;
    this.#limits.secondary = isOn ? { ...DOCUMENTED_LIMITS, ...own } : undefined;
  }

  protected override process(request: EmulatedRequest): Answer {
    return handle(request, this.#world);
  }

  protected override admit(request: EmulatedRequest): () => void {
    const caller = this.#tokens.known(request.headers['authorization']);
    return caller === undefined ? () => undefined : this.#limits.enter(caller.account);
  }

  protected override standingHeaders({ headers }: EmulatedRequest): Record<string, string> {
    this.#answered += 1;
    const caller = this.#tokens.known(headers['authorization']);
    const { expiration } = caller ?? {};
    return {
      date: httpDate(this.clock),
      'x-github-api-version-selected': headers['x-github-api-version'] ?? API_VERSIONS[0],
      'x-github-media-type': 'github.v3; format=json',
      'x-github-request-id': `E000:${this.#answered.toString(16).toUpperCase().padStart(6, '0')}`,
      ...this.#limits.headers(caller?.account ?? 'nobody', this.clock),
      ...(expiration === undefined ? {} : { 'github-authentication-token-expiration': expiration }),
    };
  }

  protected override rotateKeyBefore(request: EmulatedRequest): void {
    findRoute(request, this.#world)?.store?.rotateKey();
  }

  get #world(): World {
    return {
      ...{ estate: this.estate, tokens: this.#tokens, limits: this.#limits, prefix: this.#prefix },
      base: { api: this.url, padDescriptionsTo: this.padDescriptionsTo },
      now: this.clock,
      log: (change) => this.log(change),
    };
  }
}
