import type { Level, Permission } from './permissions.ts';
import { type Estate, KINDS, type Store } from './stores.ts';

/** What a path is about, before anything has been checked. */
export interface Route {
  what: 'secrets' | 'variables' | 'run';
  /** `owner/name`, or the organization's name: where the permission is looked up. */
  owner: string;
  permission: Permission;
  level: Level;
  /** Undefined when there is no such environment. */
  store: Store | undefined;
  /** The decoded parts of the path that come after the collection's name. */
  rest: string[];
}

/**
 * Finds out what a request is about; undefined when GitHub has no such path, or no such repository or
 * organization. `parts` are the decoded parts of the path: the name of an environment is one of them,
 * be it with slashes.
 */
export function routeOf(method: string, parts: readonly string[], estate: Estate): Route | undefined {
  const level: Level = method === 'GET' ? 'read' : 'write';
  const [root, first = '', second = '', ...tail] = parts;
  if (root === 'orgs') {
    const store = estate.organization(first);
    if (store === undefined || second !== 'actions') return undefined;
    return collection(store, first, 'organization', tail, level);
  }
  if (root !== 'repos') return undefined;
  const owner = `${first}/${second}`;
  const repository = estate.repository(owner);
  if (repository === undefined) return undefined;
  const [area, name = '', ...rest] = tail;
  if (area === 'environments') {
    return collection(repository.environments.get(name.toLowerCase()), owner, 'environment', rest, level);
  }
  if (area === 'dependabot')
    return collection(repository.dependabot, owner, 'dependabot', [name, ...rest], level);
  if (area !== 'actions') return undefined;
  if (name === 'runs' && rest.length === 1 && method === 'GET') {
    return { what: 'run', owner, permission: 'actions', level, store: undefined, rest };
  }
  return collection(repository.actions, owner, 'repository', [name, ...rest], level);
}

function collection(
  store: Store | undefined,
  owner: string,
  kind: Store['kind'],
  [what, ...rest]: readonly string[],
  level: Level,
): Route | undefined {
  if (what !== 'secrets' && what !== 'variables') return undefined;
  const permission = KINDS[kind][what];
  return permission === undefined ? undefined : { what, owner, permission, level, store, rest };
}

/** The decoded parts of a path; undefined when its percent signs make no sense. */
export function partsOf(path: string): string[] | undefined {
  try {
    return path.split('/').slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
