import type { RecordedRequest } from '../../../emulators/server.ts';
import { REPOSITORY, SECRET, type Stage } from '../../../emulators/stage.ts';
import type { Names } from './names.ts';

/** A request, and whom it was for. */
export interface Seen {
  to: 'Cobo' | 'GitHub';
  request: RecordedRequest;
}

/** Takes the requests of both emulators as they come, so that each step has its own. */
export class RequestLog {
  readonly #stage: Stage;
  #cobo = 0;
  #github = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** What came since the last call, in the order of arrival. */
  take(): Seen[] {
    const { cobo, github } = this.#stage;
    const seen: Seen[] = [
      ...github.requests.slice(this.#github).map((request): Seen => ({ to: 'GitHub', request })),
      ...cobo.requests.slice(this.#cobo).map((request): Seen => ({ to: 'Cobo', request })),
    ];
    this.#cobo = cobo.requests.length;
    this.#github = github.requests.length;
    return seen.sort((a, b) => a.request.at - b.request.at);
  }
}

/**
 * One line a request. Neighbours of the same phase may have been sent at once, in any order: they are sorted
 * by path. Requests for the same path stay in order.
 */
export function renderRequests(seen: readonly Seen[], names: Names): string[] {
  const phases: Seen[][] = [];
  for (const one of seen) {
    const [before] = phases.at(-1) ?? [];
    if (before !== undefined && phaseOf(before) === phaseOf(one)) phases.at(-1)?.push(one);
    else phases.push([one]);
  }
  return phases
    .flatMap((phase) => phase.toSorted((a, b) => compare(names.text(a.request.path), names.text(b.request.path))))
    .map((one) => render(one, names));
}

type Phase = 'Cobo' | 'read' | 'record' | 'refresh token' | 'delete' | 'other write';

function phaseOf({ to, request: { method, path } }: Seen): Phase {
  if (to === 'Cobo') return 'Cobo';
  if (method === 'GET') return 'read';
  if (method === 'DELETE') return 'delete';
  if (path.includes('_IN_FLIGHT_')) return 'record';
  return path.endsWith(`/secrets/${SECRET}`) ? 'refresh token' : 'other write';
}

function render({ to, request }: Seen, names: Names): string {
  const { method, path, query, status, fault } = request;
  const where = path.replace(`/repos/${REPOSITORY}`, '…').replace(/^\/v2/, '…');
  const token = to === 'Cobo' ? tokenIn(request.body) : undefined;
  const parts = [
    `${to} ${method} ${where}${query === '' ? '' : `?${query}`}`,
    token === undefined ? '' : ` with ${token}`,
    ` → ${status === 'cut' ? 'no answer' : status}`,
    // A hook is the scenario's own doing, not something that went wrong with the request.
    fault === undefined || fault === 'hook' ? '' : `  (fault: ${fault})`,
  ];
  return names.text(parts.join(''));
}

function tokenIn(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { refresh_token?: string }).refresh_token;
  } catch {
    return undefined;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
