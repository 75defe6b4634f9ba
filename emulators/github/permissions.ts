import type { Answer } from '../server.ts';
import { notFound, refusal } from './answers.ts';

/** What a permission allows; write includes read. */
export type Level = 'read' | 'write';

/** The permissions of a fine-grained token (or an app) in one repository; metadata is implied. */
export interface RepositoryGrant {
  /** `owner/name`. */
  repo: string;
  secrets?: Level;
  environments?: Level;
  dependabot_secrets?: Level;
  variables?: Level;
  actions?: Level;
}

/** The permissions of a fine-grained token (or an app) in one organization. */
export interface OrganizationGrant {
  org: string;
  organization_secrets?: Level;
  organization_variables?: Level;
}

export type Grant = RepositoryGrant | OrganizationGrant;

/** The name of a permission. */
export type Permission = keyof Omit<RepositoryGrant, 'repo'> | keyof Omit<OrganizationGrant, 'org'>;

/** Whom a token belongs to: it decides the words of a refusal. */
export type TokenKind = 'personal access token' | 'integration';

/** A token as this GitHub knows it. */
export interface KnownToken {
  token: string;
  kind: TokenKind;
  /** Whose limits it uses up: the user or the installation. */
  account: string;
  grants: Map<string, Grant>;
  /** `github-authentication-token-expiration`. */
  expiration: string | undefined;
}

/** How a token may be announced in an `Authorization` header. */
const SCHEMES = new Set(['bearer', 'token']);

/** Every token that this GitHub knows, and what it may do. */
export class TokenRegister {
  readonly #tokens = new Map<string, KnownToken>();
  /** The last header that was looked at, and what was found: each request asks several times. */
  #asked: string | undefined;
  #found: KnownToken | undefined;

  add(token: string, grants: readonly Grant[], kind: TokenKind, account: string): void {
    const byOwner = new Map(grants.map((grant) => [ownerOf(grant), grant]));
    this.#asked = undefined;
    this.#tokens.set(token, { token, kind, account, grants: byOwner, expiration: undefined });
  }

  /** When the token expires, as GitHub's header says it; undefined for never. */
  setExpiration(token: string, expiration: string | undefined): void {
    const known = this.#tokens.get(token);
    if (known === undefined) throw new Error('no such token was added');
    known.expiration = expiration;
  }

  /** Grants go with the repository when it gets another name. */
  rename(oldName: string, newName: string): void {
    for (const { grants } of this.#tokens.values()) {
      const grant = grants.get(oldName.toLowerCase());
      if (grant === undefined) continue;
      grants.delete(oldName.toLowerCase());
      grants.set(newName.toLowerCase(), grant);
    }
  }

  /** Replaces what the token may do in that repository or organization. */
  setGrant(token: string, grant: Grant): void {
    const known = this.#tokens.get(token);
    if (known === undefined) throw new Error('no such token was added');
    known.grants.set(ownerOf(grant), grant);
  }

  /** Takes away the token, or only its grant in one repository (`owner/name`) or organization. */
  revoke(token: string, owner?: string): void {
    this.#asked = undefined;
    if (owner === undefined) this.#tokens.delete(token);
    else this.#tokens.get(token)?.grants.delete(owner.toLowerCase());
  }

  /** Who sent this `Authorization` header; undefined when nobody is known by it. */
  known(authorization: string | undefined): KnownToken | undefined {
    if (authorization === undefined) return undefined;
    if (authorization === this.#asked) return this.#found;
    const blank = authorization.indexOf(' ');
    const isScheme = SCHEMES.has(authorization.slice(0, blank).toLowerCase());
    this.#asked = authorization;
    this.#found = isScheme ? this.#tokens.get(authorization.slice(blank + 1)) : undefined;
    return this.#found;
  }

  /** Who sent this `Authorization` header, or the refusal. */
  caller(authorization: string | undefined, now: number): { caller: KnownToken } | { refused: Answer } {
    if (authorization === undefined) return { refused: refusal(401, 'Requires authentication') };
    const caller = this.known(authorization);
    if (caller === undefined || hasExpired(caller, now)) return { refused: refusal(401, 'Bad credentials') };
    return { caller };
  }
}

/**
 * Refuses what the token may not do: 404 when it cannot even see the repository or organization
 * (`owner/name` or the organization's name), 403 when it can. Undefined when it may.
 */
export function refusedBy(
  caller: KnownToken,
  owner: string,
  permission: Permission | 'metadata',
  level: Level,
): Answer | undefined {
  const grant = caller.grants.get(owner.toLowerCase());
  if (grant === undefined) return notFound(`the token cannot see ${owner}`);
  // Implied by any other permission.
  if (permission === 'metadata') return undefined;
  const granted: unknown = Reflect.get(grant, permission);
  if (granted === 'write' || granted === level) return undefined;
  const why = `the token lacks ${permission}: ${level} in ${owner}`;
  const answer = refusal(403, `Resource not accessible by ${caller.kind}`, why);
  // GitHub names here what would have been enough.
  answer.headers['x-accepted-github-permissions'] = `${permission}=${level}`;
  return answer;
}

/** A moment as GitHub writes it in `github-authentication-token-expiration`: `2026-12-01 10:00:00 UTC`. */
export function expirationText(moment: Date): string {
  const iso = moment.toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

function hasExpired({ expiration }: KnownToken, now: number): boolean {
  // A text of any other form than GitHub's never comes to pass.
  return expiration !== undefined && Date.parse(expiration) <= now;
}

function ownerOf(grant: Grant): string {
  return ('repo' in grant ? grant.repo : grant.org).toLowerCase();
}
