import type { Answer, EmulatedRequest } from '../server.ts';
import { isoSeconds, lacking, unprocessable } from './answers.ts';
import type { Base } from './repositories.ts';
import type { Entry, Estate, Store, Visibility } from './stores.ts';

/** One change of a secret or a variable, for a referee: values are complete (and decrypted) here. */
export interface WriteEntry {
  /** Milliseconds since 1970, by GitHub's clock. */
  at: number;
  operation: 'create' | 'update' | 'delete';
  what: 'secret' | 'variable';
  /** `repository@o/n`, `environment:NAME@o/n`, `organization:NAME` or `dependabot@o/n`. */
  store: string;
  /** In upper case. */
  name: string;
  /** The new value; undefined for a deletion. */
  value?: string;
  /** Who did it; undefined for what was written past the API. */
  token?: string;
}

/** Everything an operation on a store may need. */
export interface Place {
  store: Store;
  estate: Estate;
  request: EmulatedRequest;
  /** The request's own URL without its query: links in answers begin with it. */
  url: string;
  base: Base;
  /** GitHub's clock, milliseconds since 1970. */
  now: number;
  log: (change: Omit<WriteEntry, 'at' | 'store' | 'token'>) => void;
}

/** Most bytes of a value. */
export const MOST_BYTES = 48 * 1024;

/** What is wrong with the name of a secret or variable; undefined when nothing is. */
export function nameRefused(what: 'Secret' | 'Variable', name: string): Answer | undefined {
  if (!/^[a-z_][a-z0-9_]*$/i.test(name)) {
    return unprocessable(
      `${what} names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). ` +
        'Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_).',
    );
  }
  if (/^GITHUB_/i.test(name)) return unprocessable(`${what} names must not start with GITHUB_.`);
  return undefined;
}

/** Creates or replaces an entry; keeps the moment of its creation. Tells whether it is new. */
export function put(
  entries: Map<string, Entry>,
  name: string,
  value: string,
  now: number,
  audience: Audience = {},
): boolean {
  const key = name.toUpperCase();
  const at = Math.floor(now / 1000) * 1000;
  const old = entries.get(key);
  entries.set(key, { name: key, value, createdAt: old?.createdAt ?? at, updatedAt: at, ...audience });
  return old === undefined;
}

/** Name and moments, the way GitHub's answers carry them. */
export function described(entry: Entry): { name: string; created_at: string; updated_at: string } {
  return {
    name: entry.name,
    created_at: isoSeconds(entry.createdAt),
    updated_at: isoSeconds(entry.updatedAt),
  };
}

/** What an organization's entry carries besides; nothing for the other stores. */
export function audienceOf(entry: Entry, url: string): Record<string, string> {
  if (entry.visibility === undefined) return {};
  if (entry.visibility !== 'selected') return { visibility: entry.visibility };
  return { visibility: entry.visibility, selected_repositories_url: `${url}/repositories` };
}

/** Who may read an organization's entry. */
export type Audience = Pick<Entry, 'visibility' | 'selectedRepositoryIds'>;

/** Reads `visibility` and `selected_repository_ids`; nothing is read for other stores than an organization's. */
export function readAudience(
  values: Map<string, unknown>,
  { store, estate }: Place,
): { audience: Audience } | { refused: Answer } {
  if (store.kind !== 'organization') return { audience: {} };
  const visibility = values.get('visibility');
  if (visibility === undefined) return { refused: lacking('visibility') };
  if (!isVisibility(visibility)) {
    return { refused: unprocessable('Invalid request.\n\nvisibility is not all, private or selected.') };
  }
  const ids = values.get('selected_repository_ids');
  if (visibility !== 'selected') {
    if (ids === undefined) return { audience: { visibility } };
    return { refused: unprocessable('selected_repository_ids is only allowed when visibility is selected.') };
  }
  // Accepted without them: nobody is selected then.
  if (ids === undefined) return { audience: { visibility, selectedRepositoryIds: [] } };
  if (!Array.isArray(ids)) {
    return { refused: unprocessable('Invalid request.\n\nselected_repository_ids is not an array.') };
  }
  const selectedRepositoryIds = ids.map(Number);
  const unknown = selectedRepositoryIds.find((id) => estate.repositoryWithId(id) === undefined);
  if (unknown !== undefined) return { refused: unprocessable(`There is no repository with ID ${unknown}.`) };
  return { audience: { visibility, selectedRepositoryIds } };
}

function isVisibility(value: unknown): value is Visibility {
  return value === 'all' || value === 'private' || value === 'selected';
}
