import type { Answer, EmulatedRequest } from '../server.ts';
import { json, moved, notFound, refusal } from './answers.ts';
import type { Place, WriteEntry } from './entries.ts';
import type { Limits } from './limits.ts';
import { refusedBy, type TokenRegister } from './permissions.ts';
import { type Base, minimalRepository } from './repositories.ts';
import { partsOf, type Route, routeOf } from './routes.ts';
import { describeRun } from './runs.ts';
import { secrets } from './secrets.ts';
import type { Estate, Store } from './stores.ts';
import { variables } from './variables.ts';

/** The API versions that GitHub takes; the first is the one without a header. */
export const API_VERSIONS = ['2022-11-28', '2026-03-10'] as const;

/** Everything that a request works on. */
export interface World {
  estate: Estate;
  tokens: TokenRegister;
  limits: Limits;
  base: Base;
  /** What every path begins with; empty for github.com. */
  prefix: string;
  /** GitHub's clock, milliseconds since 1970. */
  now: number;
  log: (change: Omit<WriteEntry, 'at'>) => void;
}

/** Checks a request the way GitHub does, and does what it asks for. */
export function handle(request: EmulatedRequest, world: World): Answer {
  const { headers, method } = request;
  const unfit = refusedForHeaders(headers);
  if (unfit !== undefined) return unfit;
  const known = world.tokens.caller(headers['authorization'], world.now);
  if ('refused' in known) return known.refused;
  const { caller } = known;
  const tooMany = world.limits.use(caller.account, method, world.now);
  if (tooMany !== undefined) return tooMany;

  const route = findRoute(request, world);
  if (route === undefined) return notFound('no such path, repository or organization');
  const refused = refusedBy(caller, route.owner, route.permission, route.level);
  const { repository } = route;
  if (route.isMoved && repository !== undefined && refused?.status !== 404) {
    return moved(method, `${world.base.api}${pathById(request, world, repository.id)}`);
  }
  if (refused !== undefined) return refused;
  if (repository?.isArchived === true && method !== 'GET') {
    return refusal(403, 'Repository was archived so is read-only.');
  }
  if (route.what === 'run') {
    if (repository === undefined) return notFound('only repositories have runs');
    return describeRun(repository.runs.get(Number(route.rest[0])), repository, world.base);
  }
  if (route.what === 'repository') {
    if (repository === undefined) return notFound('there is no such repository');
    return json(200, minimalRepository(repository, world.base), `repository ${repository.id} described`);
  }
  if (route.store === undefined) return notFound('there is no such environment');
  const place = placeOf(request, route.store, caller.token, world);
  return route.what === 'secrets' ? secrets(place, route.rest) : variables(place, route.rest);
}

/** What a request is about; undefined when there is no such path. */
export function findRoute({ method, path }: EmulatedRequest, { prefix, estate }: World): Route | undefined {
  if (!path.startsWith(`${prefix}/`)) return undefined;
  const parts = partsOf(path.slice(prefix.length));
  return parts === undefined ? undefined : routeOf(method, parts, estate);
}

function refusedForHeaders(headers: EmulatedRequest['headers']): Answer | undefined {
  if ((headers['user-agent'] ?? '') === '') {
    const body = 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.';
    const verdict = 'refused (403): no User-Agent';
    return { status: 403, headers: { 'content-type': 'text/plain' }, body, verdict };
  }
  const version = headers['x-github-api-version'];
  if (version !== undefined && !API_VERSIONS.some((one) => one === version)) {
    return refusal(400, `${version.slice(0, 40)} is not a supported version of the REST API.`);
  }
  if (/\*\/\*|json/i.test(headers['accept'] ?? '*/*')) return undefined;
  return refusal(415, "Unsupported 'Accept' header. Must accept 'application/json'.");
}

function placeOf(request: EmulatedRequest, store: Store, token: string, world: World): Place {
  const { estate, base, prefix, now, log } = world;
  const url = `${base.api}${request.path.slice(prefix.length)}`;
  return {
    ...{ store, estate, request, url, base, now },
    log: (change) => log({ ...change, store: store.label, token }),
  };
}

/** The same path with the repository's number in place of its name, query included. */
function pathById({ path, query }: EmulatedRequest, { prefix }: World, id: number): string {
  const [, , , ...tail] = path.slice(prefix.length + 1).split('/');
  return `/${['repositories', id, ...tail].join('/')}${query === '' ? '' : `?${query}`}`;
}
