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

interface KnownToken {
  kind: TokenKind;
  grants: Map<string, Grant>;
}

/** Every token that this GitHub knows, and what it may do. */
export class TokenRegister {
  readonly #tokens = new Map<string, KnownToken>();

  add(token: string, grants: readonly Grant[], kind: TokenKind): void {
    this.#tokens.set(token, { kind, grants: new Map(grants.map((grant) => [ownerOf(grant), grant])) });
  }

  /** Replaces what the token may do in that repository or organization. */
  setGrant(token: string, grant: Grant): void {
    const known = this.#tokens.get(token);
    if (known === undefined) throw new Error('no such token was added');
    known.grants.set(ownerOf(grant), grant);
  }

  /** Takes away the token, or only its grant in one repository (`owner/name`) or organization. */
  revoke(token: string, owner?: string): void {
    if (owner === undefined) this.#tokens.delete(token);
    else this.#tokens.get(token)?.grants.delete(owner.toLowerCase());
  }

  /** Who sent this `Authorization` header, or the refusal. */
  caller(authorization: string | undefined): { caller: KnownToken } | { refused: Answer } {
    if (authorization === undefined) return { refused: refusal(401, 'Requires authentication') };
    const token = /^(?:bearer|token) (\S+)$/i.exec(authorization)?.[1];
    const caller = token === undefined ? undefined : this.#tokens.get(token);
    return caller === undefined ? { refused: refusal(401, 'Bad credentials') } : { caller };
  }
}

/**
 * Refuses what the token may not do: 404 when it cannot even see the repository or organization
 * (`owner/name` or the organization's name), 403 when it can. Undefined when it may.
 */
export function refusedBy(
  caller: KnownToken,
  owner: string,
  permission: Permission,
  level: Level,
): Answer | undefined {
  const grant = caller.grants.get(owner.toLowerCase());
  if (grant === undefined) return notFound(`the token cannot see ${owner}`);
  const granted = new Map<string, unknown>(Object.entries(grant)).get(permission);
  if (granted === 'write' || granted === level) return undefined;
  const why = `the token lacks ${permission}: ${level} in ${owner}`;
  const answer = refusal(403, `Resource not accessible by ${caller.kind}`, why);
  // GitHub names here what would have been enough.
  answer.headers['x-accepted-github-permissions'] = `${permission}=${level}`;
  return answer;
}

function ownerOf(grant: Grant): string {
  return ('repo' in grant ? grant.repo : grant.org).toLowerCase();
}
