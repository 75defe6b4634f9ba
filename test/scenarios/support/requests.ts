import type { RecordedRequest } from '../../../emulators/server.ts';
import { REPOSITORY, SECRET, type Stage } from '../../../emulators/stage.ts';
import type { Names } from './names.ts';

/** A request, and whom it was for. */
export interface Seen {
  to: 'Cobo' | 'GitHub';
  request: RecordedRequest;
}

/** Takes the requests of both emulators, so that each step has its own: those since the last call, in their order. */
export function requestTaker({ cobo, github }: Stage): () => Seen[] {
  let taken: Seen[] = [];
  return () => {
    const all = [
      ...github.requests.map((request): Seen => ({ to: 'GitHub', request })),
      ...cobo.requests.map((request): Seen => ({ to: 'Cobo', request })),
    ];
    const since = all.filter((one) => !taken.some(({ request }) => request === one.request));
    taken = all;
    return since.sort((a, b) => a.request.at - b.request.at);
  };
}

/** Requests for several things in several places. */
interface Line {
  phase: string;
  path: string;
  verb: string;
  places: string[];
  things: string[];
  end: string;
}

/** Neighbours of one phase may have been sent at once, in any order: those that end alike share a line. */
export function renderRequests(seen: readonly Seen[], names: Names): string[] {
  const phases: Line[][] = [];
  for (const line of seen.map((one) => lineOf(one, names))) {
    if (phases.at(-1)?.[0]?.phase === line.phase) phases.at(-1)?.push(line);
    else phases.push([line]);
  }
  return phases.flatMap(fold).map(({ verb, places, things, end }) => {
    const where = places[0] === '' ? '' : `${listed(places)}: `;
    return `${verb} ${where}${things.join(', ')} → ${end}`;
  });
}

function lineOf({ to, request }: Seen, names: Names): Line {
  const { method, query, body, status, fault } = request;
  const path = names.text(request.path);
  const [place, thing] = split(query === '' ? path : `${path}?${query}`);
  const token = /"refresh_token": ?"(.*?)"/.exec(body)?.[1];
  // A hook is the scenario's own doing, not something that went wrong with the request.
  const struck = fault === undefined || fault === 'hook' ? '' : `  (fault: ${fault})`;
  return {
    ...{ phase: phaseOf(to, method, path), path, verb: `${to} ${method}`, places: [place] },
    things: [names.text(token === undefined ? thing : `${thing} with ${token}`)],
    end: `${status === 'cut' ? 'no answer' : status}${struck}`,
  };
}

function phaseOf(to: Seen['to'], method: string, path: string): string {
  if (to === 'Cobo') return 'refresh';
  if (method === 'GET' || method === 'DELETE') return method;
  if (path.includes('_IN_FLIGHT_')) return 'record';
  return path.endsWith(`/secrets/${SECRET}`) ? 'refresh token' : 'other write';
}

const IN_A_STORE =
  /^(.*?)\/(?:repos|orgs)\/(.*?)\/(actions|dependabot|environments\/[^/]+)\/((?:secrets|variables).*)$/;

/** The store that a path belongs to, as in `secret-stores`, and what is asked for there. */
function split(path: string): [place: string, thing: string] {
  const [, prefix = '', owner = '', kind = '', thing] = IN_A_STORE.exec(path) ?? [];
  if (thing === undefined) return ['', path.replace(`/repos/${REPOSITORY}`, '…').replace(/^\/v2/, '…')];
  const name = kind === 'actions' ? 'repository' : kind.replace('environments/', 'environment:');
  const store = owner.includes('/') ? `${name}@${owner}`.replace(`@${REPOSITORY}`, '') : `organization:${owner}`;
  return [`${prefix} ${store}`.trim(), thing.replace(/^secrets\//, '')];
}

function fold(phase: readonly Line[]): Line[] {
  const sorted = phase.toSorted((a, b) => Number(a.path > b.path) - Number(a.path < b.path));
  // What is asked for twice keeps a line for each time, in order.
  const own = (line: Line) => (sorted.filter(({ path }) => path === line.path).length > 1 ? sorted.indexOf(line) : -1);
  const keyed = sorted.map((line) => ({ ...line, own: own(line) }));
  const byPlace = merge(keyed, 'things', ({ verb, places, end, own }) => [verb, places, end, own]);
  return merge(byPlace, 'places', ({ verb, things, end, own }) => [verb, things, end, own]);
}

/** Lines with the same key become one. */
function merge<T extends Line>(lines: readonly T[], field: 'places' | 'things', keyOf: (line: T) => unknown): T[] {
  const merged = new Map<string, T>();
  for (const line of lines) {
    const key = JSON.stringify(keyOf(line));
    if (!merged.has(key)) merged.set(key, line);
    else merged.get(key)?.[field].push(...line[field]);
  }
  return [...merged.values()];
}

/** A few names, or the first and the last of many. */
export function listed(names: readonly string[]): string {
  return names.length > 5 ? `${names[0]} … ${names.at(-1)} (${names.length})` : names.join(', ');
}
