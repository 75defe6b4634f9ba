import type { Fault, Moment } from '../emulators/faults.ts';
import { rateLimitFault } from '../emulators/github.ts';
import type { Mishap, Target } from './plan.ts';

/** How long delays take, in real milliseconds. */
export interface Pace {
  /** Shorter than the client waits. */
  delayMs: number;
  /** Longer than the client waits. */
  lateMs: number;
}

const PROBE = /_PROBE$/;

/** Whether a request is one of those that a mishap is aimed at. */
export function aimedAt(target: Target, method: string, path: string): boolean {
  const secret = /\/secrets\/([^/]+)$/.exec(path)?.[1] ?? '';
  switch (target) {
    case 'any':
      return true;
    case 'refresh':
      return method === 'POST' && path.endsWith('/oauth/token');
    case 'implicit':
      return method === 'GET' && path.endsWith('/oauth/token');
    case 'key':
      return secret === 'public-key';
    case 'run':
      return path.includes('/actions/runs/');
    case 'variable':
      return method === 'GET' && path.includes('/variables/');
    case 'store-variable':
      return method !== 'GET' && /\/variables(\/|$)/.test(path);
    case 'about':
      return method === 'GET' && secret !== '' && secret !== 'public-key';
    case 'probe-write':
      return method === 'PUT' && PROBE.test(secret);
    case 'probe-delete':
      return method === 'DELETE' && PROBE.test(secret);
    case 'store':
      return method === 'PUT' && secret === REFRESH_SECRET;
    case 'store-access':
      return method === 'PUT' && secret === ACCESS_SECRET;
  }
}

/** The names that every chaotic run writes to. */
export const REFRESH_SECRET = 'COBO_REFRESH_TOKEN';
export const ACCESS_SECRET = 'COBO_ACCESS_TOKEN';
export const EXPIRY_VARIABLE = 'COBO_EXPIRES_AT';

/** Whether the client gives up before anything (more) comes. */
export function stalls(mishap: Mishap): boolean {
  return mishap.kind === 'hang' || mishap.kind === 'late' || mishap.kind === 'drip';
}

/** A fault that also calls back around the processing. */
export function around(
  { before, after }: Partial<Record<Moment, () => void>>,
  fault: Fault | undefined,
): Fault | undefined {
  let whole = fault;
  if (after) whole = { kind: 'hook', when: 'after', run: after, ...(whole ? { next: whole } : {}) };
  if (before) whole = { kind: 'hook', when: 'before', run: before, ...(whole ? { next: whole } : {}) };
  return whole;
}

const HTML = '<html><body><h1>Something went wrong</h1></body></html>';

/**
 * The fault that brings a mishap about.
 * @param revoke takes away what the writer token may do
 */
export function faultOf(
  mishap: Mishap,
  pace: Pace,
  gitHubClock: number,
  revoke: (scope: 'token' | 'owner' | 'write') => void,
): Fault {
  switch (mishap.kind) {
    case 'delay':
      return { kind: 'delay', ms: pace.delayMs, when: mishap.when };
    case 'late':
      return { kind: 'delay', ms: pace.lateMs, when: 'before' };
    case 'drip':
      return { kind: 'drip', everyMs: pace.delayMs };
    case 'flood':
      return { kind: 'flood', bytes: 2 * 1024 * 1024 };
    case 'redirect':
      return { kind: 'redirect', location: 'http://127.0.0.1:9/elsewhere' };
    case 'revoke':
      return { kind: 'hook', when: 'before', run: () => revoke(mishap.scope) };
    case 'primary-limit':
      return rateLimitFault({ resetEpochSeconds: Math.floor(gitHubClock / 1000) });
    case 'malformed-access':
      return malformed({ access_token: 42 });
    case 'malformed-refresh':
      return malformed({ refresh_token: ['no', 'string'] });
    case 'status':
      return statusFault(mishap);
    default:
      return mishap;
  }
}

function statusFault({ status, when, signed, html, retryAfter }: Mishap & { kind: 'status' }): Fault {
  const headers: Record<string, string> = {
    'content-type': html === true ? 'text/html' : 'application/json',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  };
  const error = { message: 'made up by chance', error_code: 2010, error_message: 'made up by chance' };
  const body = html === true ? HTML : JSON.stringify(error);
  return { kind: 'status', status, when, headers, body, signed: signed === true };
}

function malformed(change: Record<string, unknown>): Fault {
  return {
    kind: 'rewrite',
    resign: true,
    rewrite: (answer) =>
      answer.status === 200
        ? { ...answer, body: JSON.stringify({ ...(JSON.parse(answer.body) as object), ...change }) }
        : answer,
  };
}
