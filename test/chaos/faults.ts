import type { Fault, Moment } from '../../emulators/faults.ts';

export const ACCESS_SECRET = 'COBO_ACCESS_TOKEN';
export const EXPIRY_VARIABLE = 'COBO_EXPIRES_AT';

/** The requests of a run, by what they are for: the name in a story, and what method and path look like. */
export const TARGETS = {
  refresh: ['the refresh', /^POST .*\/oauth\/token$/],
  store: ['the write of the refresh token', /^PUT .*\/COBO_REFRESH_TOKEN$/],
  record: ['the write of the record', /^PUT .*_IN_FLIGHT_/],
  delete: ['the deletion of a record', /^DELETE /],
  implicit: ['org_implicit', /^GET .*\/oauth\/token$/],
  list: ['the list of secrets', /^GET .*\/secrets$/],
  key: ['the encryption key', /^GET .*\/public-key$/],
  look: ['the look at a secret', /^GET .*\/secrets\/[A-Z_0-9]+$/],
  run: ['the look at the run', /\/actions\/runs\//],
  access: ['the write of the access token', /^PUT .*\/COBO_ACCESS_TOKEN$/],
  variable: ['the expiry variable', /\/variables/],
  any: ['any kind', /^/],
} satisfies Record<string, [words: string, looks: RegExp]>;

export type Target = keyof typeof TARGETS;

/** A request, as far as faults look at it. */
type Asked = Record<'method' | 'path', string>;

export function isTarget(target: Target, { method, path }: Asked): boolean {
  return TARGETS[target][1].test(`${method} ${path}`);
}

function status(code: number, when: Moment, headers: Record<string, string> = {}, signed = false): Fault {
  const body = JSON.stringify({ message: 'a fault', error: 'temporarily_unavailable' });
  return {
    kind: 'status',
    status: code,
    when,
    signed,
    body,
    headers: { 'content-type': 'application/json', ...headers },
  };
}

/** Signed by Cobo, but without an access token. */
const MALFORMED: Fault = {
  kind: 'rewrite',
  resign: true,
  rewrite: (answer) =>
    answer.status === 200
      ? { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), access_token: 42 }) }
      : answer,
};
const WAIT = { 'retry-after': '1' };

/** What goes wrong with a request, in words that follow "the refresh" or the like. */
const EVERYWHERE = {
  'cut-before': ['is cut before it is processed', { kind: 'cut', when: 'before' }],
  'cut-after': ['is processed, and its answer is lost', { kind: 'cut', when: 'after' }],
  'cut-during': ['has its answer cut in half', { kind: 'cut', when: 'during' }],
  'hang-before': ['is never answered', { kind: 'hang', when: 'before' }],
  'hang-after': ['is processed and never answered', { kind: 'hang', when: 'after' }],
  refuse: ['has its connection reset', { kind: 'refuse' }],
  '500-before': ['is answered 500', status(500, 'before')],
  '502-after': ['is processed and answered 502', status(502, 'after')],
  '429': ['is answered 429 with Retry-After', status(429, 'before', WAIT)],
  '403': ['is answered 403', status(403, 'before')],
  redirect: ['is redirected', { kind: 'redirect', location: 'http://127.0.0.1:9/' }],
} satisfies Record<string, [string, Fault]>;

const AT_COBO = {
  'cut-after-token': [
    'has its answer cut after the refresh token',
    { kind: 'cut', when: 'after-token', chunked: true },
  ],
  '500-signed': ['is processed and answered with a signed 500', status(500, 'after', {}, true)],
  unsigned: ['is answered without a signature', { kind: 'unsigned' }],
  'bad-signature': ['is answered with a wrong signature', { kind: 'bad-signature' }],
  malformed: ['is answered without an access token', MALFORMED],
} satisfies Record<string, [string, Fault]>;

const AT_GITHUB = {
  '403-limit': ['is answered 403 with Retry-After', status(403, 'before', WAIT)],
  '422': ['is answered 422', status(422, 'before')],
  '404': ['is answered 404', status(404, 'before')],
  '200': ['is answered 200 by a proxy', status(200, 'before')],
  'rotate-key': ['comes after the encryption key has changed', { kind: 'rotate-key' }],
  forget: ['is swallowed by a dead idle connection', { kind: 'forget' }],
} satisfies Record<string, [string, Fault]>;

export const FAULTS = { ...EVERYWHERE, ...AT_COBO, ...AT_GITHUB } as const;
export type FaultName = keyof typeof FAULTS;

/** The faults that may strike a request of that kind. */
export function faultsFor(target: Target): FaultName[] {
  const own = target === 'refresh' || target === 'implicit' ? AT_COBO : AT_GITHUB;
  return Object.keys({ ...EVERYWHERE, ...own }) as FaultName[];
}

export interface PlannedFault {
  target: Target;
  fault: FaultName;
  /** That many matching requests pass unharmed first. */
  skip: number;
  /** That many are struck. */
  times: number;
}

/** The fault for a request, used up by asking. */
export function choose(faults: PlannedFault[], request: Asked, isReused: boolean): FaultName | undefined {
  return faults.find((planned) => {
    if (planned.times <= 0 || !isTarget(planned.target, request)) return false;
    if (planned.fault === 'forget' && !isReused) return false;
    if (planned.skip-- > 0) return false;
    planned.times -= 1;
    return true;
  })?.fault;
}
