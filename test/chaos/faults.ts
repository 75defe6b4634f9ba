import type { Fault, Moment } from '../../emulators/faults.ts';
import { SECRET } from '../../emulators/stage.ts';

export const ACCESS_SECRET = 'COBO_ACCESS_TOKEN';
export const EXPIRY_VARIABLE = 'COBO_EXPIRES_AT';

type Match = (method: string, path: string) => boolean;

const put = (name: RegExp): Match => {
  return (method, path) => method === 'PUT' && name.test(path.split('/').at(-1) ?? '');
};

/** The requests of a run, by what they are for, each with its name in a story. */
export const TARGETS = {
  refresh: ['the refresh', (method, path) => method === 'POST' && path.endsWith('/oauth/token')],
  store: ['the write of the refresh token', put(new RegExp(`^${SECRET}$`))],
  record: ['the write of the record', put(/_IN_FLIGHT_/)],
  delete: ['the deletion of a record', (method) => method === 'DELETE'],
  implicit: ['org_implicit', (method, path) => method === 'GET' && path.endsWith('/oauth/token')],
  list: ['the list of secrets', (method, path) => method === 'GET' && path.endsWith('/secrets')],
  key: ['the encryption key', (method, path) => method === 'GET' && path.endsWith('/public-key')],
  look: ['the look at a secret', (method, path) => method === 'GET' && /\/secrets\/[A-Z_0-9]+$/.test(path)],
  run: ['the look at the run', (_method, path) => path.includes('/actions/runs/')],
  access: ['the write of the access token', put(new RegExp(`^${ACCESS_SECRET}$`))],
  variable: ['the expiry variable', (_method, path) => path.includes('/variables')],
} satisfies Record<string, [words: string, match: Match]>;

export type Target = keyof typeof TARGETS;

export function isTarget(target: Target | 'any', method: string, path: string): boolean {
  return target === 'any' || TARGETS[target][1](method, path);
}

const status = (code: number, when: Moment, more: { retryAfter?: number; signed?: boolean } = {}): Fault => ({
  kind: 'status',
  status: code,
  when,
  signed: more.signed === true,
  headers: {
    'content-type': 'application/json',
    ...(more.retryAfter === undefined ? {} : { 'retry-after': String(more.retryAfter) }),
  },
  body: JSON.stringify({ message: 'a fault', error: 'temporarily_unavailable' }),
});

/** Signed by Cobo, but without an access token. */
const malformed: Fault = {
  kind: 'rewrite',
  resign: true,
  rewrite: (answer) =>
    answer.status === 200
      ? { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), access_token: 42 }) }
      : answer,
};

interface FaultKind {
  words: string;
  fault: Fault;
  /** Left out: strikes both services. */
  only?: 'cobo' | 'github';
}

/** What goes wrong with a request. The words follow "the refresh" or the like. */
export const FAULTS = {
  'cut-before': { words: 'is cut before it is processed', fault: { kind: 'cut', when: 'before' } },
  'cut-after': { words: 'is processed, and its answer is lost', fault: { kind: 'cut', when: 'after' } },
  'cut-during': { words: 'has its answer cut in half', fault: { kind: 'cut', when: 'during' } },
  'hang-before': { words: 'is never answered', fault: { kind: 'hang', when: 'before' } },
  'hang-after': { words: 'is processed and never answered', fault: { kind: 'hang', when: 'after' } },
  refuse: { words: 'has its connection reset', fault: { kind: 'refuse' } },
  '500-before': { words: 'is answered 500', fault: status(500, 'before') },
  '502-after': { words: 'is processed and answered 502', fault: status(502, 'after') },
  '429': { words: 'is answered 429 with Retry-After', fault: status(429, 'before', { retryAfter: 1 }) },
  '403': { words: 'is answered 403', fault: status(403, 'before') },
  redirect: { words: 'is redirected', fault: { kind: 'redirect', location: 'http://127.0.0.1:9/' } },
  'cut-after-token': {
    words: 'has its answer cut after the refresh token',
    fault: { kind: 'cut', when: 'after-token', chunked: true },
    only: 'cobo',
  },
  '500-signed': {
    words: 'is processed and answered with a signed 500',
    fault: status(500, 'after', { signed: true }),
    only: 'cobo',
  },
  unsigned: { words: 'is answered without a signature', fault: { kind: 'unsigned' }, only: 'cobo' },
  'bad-signature': {
    words: 'is answered with a wrong signature',
    fault: { kind: 'bad-signature' },
    only: 'cobo',
  },
  malformed: { words: 'is answered without an access token', fault: malformed, only: 'cobo' },
  '403-limit': {
    words: 'is answered 403 with Retry-After',
    fault: status(403, 'before', { retryAfter: 1 }),
    only: 'github',
  },
  '422': { words: 'is answered 422', fault: status(422, 'before'), only: 'github' },
  '404': { words: 'is answered 404', fault: status(404, 'before'), only: 'github' },
  '200': { words: 'is answered 200 by a proxy', fault: status(200, 'before'), only: 'github' },
  'rotate-key': {
    words: 'comes after the encryption key has changed',
    fault: { kind: 'rotate-key' },
    only: 'github',
  },
  forget: { words: 'is swallowed by a dead idle connection', fault: { kind: 'forget' }, only: 'github' },
} satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof FAULTS;

export function faultKind(name: FaultName): FaultKind {
  return FAULTS[name];
}

/** The faults that may strike a request of that kind. */
export function faultsFor(target: Target): FaultName[] {
  const service = target === 'refresh' || target === 'implicit' ? 'cobo' : 'github';
  const names = Object.keys(FAULTS) as FaultName[];
  // Who is told that a record is not there has nothing more to delete.
  const lie = target === 'delete' ? '404' : undefined;
  return names.filter((name) => (faultKind(name).only ?? service) === service && name !== lie);
}

export interface PlannedFault {
  target: Target;
  fault: FaultName;
  /** That many matching requests pass unharmed first. */
  skip: number;
  /** That many are struck; `null` means all. */
  times: number | null;
}

export interface FaultInForce {
  planned: PlannedFault;
  toSkip: number;
  left: number;
}

/** The fault for a request, used up by asking. */
export function choose(faults: FaultInForce[], method: string, path: string, isReused: boolean) {
  for (const entry of faults) {
    const { target, fault } = entry.planned;
    if (entry.left <= 0 || !isTarget(target, method, path)) continue;
    if (fault === 'forget' && !isReused) continue;
    if (entry.toSkip-- > 0) continue;
    entry.left -= 1;
    return fault;
  }
  return undefined;
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
