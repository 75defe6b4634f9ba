import type { Level, Permission } from './permissions.ts';
import { type Estate, isFormerName, KINDS, type Repository, type Store } from './stores.ts';

/** What a path is about, before anything has been checked. */
export interface Route {
  what: 'secrets' | 'variables' | 'run' | 'repository';
  /** `owner/name` of today, or the organization's name: where the permission is looked up. */
  owner: string;
  permission: Permission | 'metadata';
  level: Level;
  /** Undefined for an organization. */
  repository: Repository | undefined;
  /** The path names the repository as it was called before. */
  isMoved: boolean;
  /** Undefined when there is no such environment, and for a run or a repository. */
  store: Store | undefined;
  /** The decoded parts of the path that come after the collection's name. */
  rest: string[];
}

/**
 * Finds out what a request is about; undefined when GitHub has no such path, or no such repository or
 * organization. `parts` are the decoded parts of the path: the name of an environment is one of them,
 * be it with slashes. Repositories are found by name (`/repos/{owner}/{repo}`) and by number
 * (`/repositories/{id}`), which works for every path below them.
 */
export function routeOf(method: string, parts: readonly string[], estate: Estate): Route | undefined {
  const level: Level = method === 'GET' ? 'read' : 'write';
  const [root, first = '', second = '', ...tail] = parts;
  if (root === 'orgs') {
    const store = estate.organization(first);
    if (store === undefined || second !== 'actions') return undefined;
    const place = { owner: first, repository: undefined, isMoved: false, level };
    return collection(place, store, 'organization', tail);
  }
  if (root === 'repositories') {
    const repository = /^[0-9]+$/.test(first) ? estate.repositoryWithId(Number(first)) : undefined;
    return repository && inRepository(method, repository, false, [second, ...tail], level);
  }
  if (root !== 'repos') return undefined;
  const fullName = `${first}/${second}`;
  const repository = estate.repository(fullName);
  return repository && inRepository(method, repository, isFormerName(repository, fullName), tail, level);
}

type RoutePlace = Pick<Route, 'owner' | 'repository' | 'isMoved' | 'level'>;

function inRepository(
  method: string,
  repository: Repository,
  isMoved: boolean,
  [area = '', name = '', ...rest]: readonly string[],
  level: Level,
): Route | undefined {
  const place: RoutePlace = { owner: repository.fullName, repository, isMoved, level };
  if (area === '' && method === 'GET') {
    return { ...place, what: 'repository', permission: 'metadata', store: undefined, rest };
  }
  if (area === 'environments') {
    return collection(place, repository.environments.get(name.toLowerCase()), 'environment', rest);
  }
  if (area === 'dependabot') return collection(place, repository.dependabot, 'dependabot', [name, ...rest]);
  if (area !== 'actions') return undefined;
  if (name === 'runs' && rest.length === 1 && method === 'GET') {
    return { ...place, what: 'run', permission: 'actions', store: undefined, rest };
  }
  return collection(place, repository.actions, 'repository', [name, ...rest]);
}

function collection(
  place: RoutePlace,
  store: Store | undefined,
  kind: Store['kind'],
  [what, ...rest]: readonly string[],
): Route | undefined {
  if (what !== 'secrets' && what !== 'variables') return undefined;
  const permission = KINDS[kind][what];
  return permission === undefined ? undefined : { ...place, what, permission, store, rest };
}

/** The decoded parts of a path; undefined when its percent signs make no sense. */
export function partsOf(path: string): string[] | undefined {
  try {
    const parts = path.split('/').slice(1);
    return path.includes('%') ? parts.map(decodeURIComponent) : parts;
  } catch {
    return undefined;
  }
}
