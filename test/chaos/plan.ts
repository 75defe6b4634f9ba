import fc from 'fast-check';
import type { Moment } from '../../emulators/faults.ts';
import { type FaultName, faultsFor, type PlannedFault, TARGETS, type Target } from './faults.ts';

export const SAVES = {
  refresh: 'the refresh token is written back',
  all: 'both tokens and the expiry are written back',
  access: 'only the access token and its expiry are written back',
  nothing: 'nothing is written back',
};

/** When a run begins. */
export const STARTS = {
  fresh: 'starts',
  queued: 'was queued before the run before it began, and starts',
  waiting: 'has read its token before the run before it began, and starts',
  early: 'was queued before the first run began, and starts',
  twin: 'starts in the same instant',
  between: 'starts between the main and the post step of the run before it',
};

/** How a step is stopped; a job and a step at its limit as the runner does it: SIGINT, SIGTERM, SIGKILL. */
export const STOPS = {
  kill: 'it is killed',
  cancel: 'the job is cancelled',
  timeout: 'the step reaches its time limit',
  term: 'it gets SIGTERM',
  lost: 'the machine is lost',
};
export type StopKind = keyof typeof STOPS;

/** What can no longer be written. */
export const BROKEN = { log: 'nobody reads the log any more', files: "the runner's files cannot be written" };

/** How the world of a story is set up. */
export interface Setting {
  /** Lines of `secret-stores`; the workflow reads its token from the first. */
  stores: string[];
  orgId: 'none' | 'allowed' | 'refused';
  saves: keyof typeof SAVES;
  /** Sending a spent refresh token again revokes its family. */
  replayRevokes: boolean;
  /** org_implicit revokes the client's other families. */
  implicitRevokes: boolean;
  /** Cobo sends no new refresh token. */
  omits: boolean;
  attempts: 2 | 3 | 4;
  /** How far GitHub's clock is ahead of the runner's. */
  skewMs: number;
  /** What a request takes (in one process only: there no time passes by itself). */
  paceMs: number;
  /** The first store holds as many secrets as GitHub allows. */
  full: boolean;
  /** Whether the writer token may read when a run was queued. */
  mayReadRun: boolean;
}

/** When a process is stopped: at the n-th request of a kind, or at the n-th thing it tells. */
export type At = { target: Target; nth: number; when: Moment } | { told: number };

export interface StepPlan {
  faults: PlannedFault[];
  stop: { kind: StopKind; at: At } | undefined;
  /** From the n-th thing told. */
  broken: { what: keyof typeof BROKEN; from: number } | undefined;
}

export interface RunPlan {
  start: keyof typeof STARTS;
  /** Started by a person with the latest envelope that was shown. */
  envelope: boolean;
  dryRun: boolean;
  main: StepPlan;
  post: StepPlan;
  /** A later step of the job fails, so that the post step runs after a main step that went well. */
  laterFailure: boolean;
}

export interface Plan {
  setting: Setting;
  runs: RunPlan[];
}

export const NO_FAULTS: StepPlan = { faults: [], stop: undefined, broken: undefined };

/** A run that nothing disturbs. */
export const PLAIN: RunPlan = {
  ...{ start: 'fresh', envelope: false, dryRun: false, laterFailure: false },
  ...{ main: NO_FAULTS, post: NO_FAULTS },
};

export const SIMPLE: Setting = {
  ...{ stores: ['repository'], orgId: 'none', saves: 'refresh', replayRevokes: true, implicitRevokes: false },
  ...{ omits: false, attempts: 2, skewMs: 0, paceMs: 0, full: false, mayReadRun: true },
};

/** Plans shrink towards the first value of each choice. */
function weighed<T>(...choices: [weight: number, arbitrary: fc.Arbitrary<T>][]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

/** One of `values`, the first in `share` of 10 cases. */
function mostly<T>(share: number, first: T, ...others: T[]): fc.Arbitrary<T> {
  return weighed([share, fc.constant(first)], [10 - share, fc.constantFrom(...others)]);
}

function sometimes<T>(share: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return weighed<T | undefined>([10 - share, fc.constant(undefined)], [share, value]);
}

const STORES = ['repository', 'environment:cobo', 'organization:octo-org'];
const OTHERS = ['repository@octo-org/other', 'environment:prod / eu@octo-org/other', 'dependabot'];

const setting: fc.Arbitrary<Setting> = fc.record({
  stores: fc
    .tuple(fc.constantFrom(...STORES), fc.uniqueArray(fc.constantFrom(...OTHERS), { maxLength: 2 }))
    .map(([home, others]) => [home, ...others]),
  orgId: mostly(5, 'none', 'allowed', 'allowed', 'allowed', 'refused'),
  saves: mostly(6, 'refresh', 'all', 'all', 'access', 'nothing'),
  replayRevokes: mostly(8, true, false),
  implicitRevokes: mostly(5, false, true),
  omits: mostly(9, false, true),
  attempts: fc.constantFrom(2, 3, 4),
  skewMs: mostly(8, 0, 3_600_000, -3_600_000, 90_000),
  paceMs: mostly(6, 0, 40, 400),
  full: mostly(9, false, true),
  mayReadRun: mostly(8, true, false),
});

/** The critical ones more often than the others. */
const target = weighed(
  [3, fc.constantFrom<Target>('refresh', 'store', 'record')],
  [2, fc.constantFrom(...(Object.keys(TARGETS) as Target[]).filter((name) => name !== 'any'))],
);

/** Without those that wait for a time limit, which whole processes really spend. */
const isShort = (name: FaultName) => !/^(hang|forget)/.test(name);

function step(stops: StopKind[], isQuick: boolean): fc.Arbitrary<StepPlan> {
  const fault: fc.Arbitrary<PlannedFault> = target.chain((struck) =>
    fc.record({
      target: fc.constant(struck),
      fault: fc.constantFrom(...faultsFor(struck).filter((name) => !isQuick || isShort(name))),
      skip: mostly(7, 0, 1, 2),
      times: mostly(5, 1, 2, 3, Infinity, Infinity),
    }),
  );
  const atRequest: fc.Arbitrary<At> = fc.record({
    target: fc.oneof(target, fc.constant<Target>('any')),
    nth: fc.nat(4),
    when: fc.constantFrom<Moment>('before', 'after'),
  });
  const at = isQuick ? atRequest : fc.oneof(atRequest, fc.record({ told: fc.nat(30) }));
  const broken = fc.record({ what: fc.constantFrom<'log' | 'files'>('log', 'files'), from: fc.nat(30) });
  return fc.record({
    faults: weighed([4, fc.constant<PlannedFault[]>([])], [6, fc.array(fault, { minLength: 1, maxLength: 3 })]),
    stop: sometimes(4, fc.record({ kind: fc.constantFrom(...stops), at })),
    broken: sometimes(isQuick ? 0 : 1, broken),
  });
}

/** @param isQuick for whole processes: only what needs no long wait, and can be done to them from outside */
export function plans(isQuick = false): fc.Arbitrary<Plan> {
  const run: fc.Arbitrary<RunPlan> = fc.record({
    start: mostly(5, 'fresh', 'queued', 'waiting', 'early', 'early', 'twin', 'twin', 'between', 'between'),
    envelope: mostly(7, false, true),
    dryRun: mostly(9, false, true),
    main: step(['kill', 'cancel', ...(isQuick ? [] : ['timeout' as const]), 'term', 'lost'], isQuick),
    post: weighed([5, fc.constant(NO_FAULTS)], [5, step(isQuick ? ['kill'] : ['kill', 'timeout'], isQuick)]),
    laterFailure: mostly(9, false, true),
  });
  const runs = weighed([7, fc.array(run, { minLength: 1, maxLength: 3 })], [3, rare(run, isQuick)]);
  return fc.record({ setting, runs });
}

/** What chance brings about too seldom: a run after a bad end, one that waited for two others, a race for the lock. */
function rare(run: fc.Arbitrary<RunPlan>, isQuick: boolean): fc.Arbitrary<RunPlan[]> {
  const refused = fc.constantFrom(...faultsFor('store').filter(isShort)).map((fault): StepPlan => {
    return { ...NO_FAULTS, faults: [{ target: 'store', fault, skip: 0, times: Infinity }] };
  });
  const atStore: At = { target: 'store', nth: 0, when: 'before' };
  const at: fc.Arbitrary<At> = isQuick ? fc.constant(atStore) : fc.nat(20).map((told) => ({ told: told + 8 }));
  const killed = at.map((moment): StepPlan => ({ ...NO_FAULTS, stop: { kind: 'kill', at: moment } }));
  const overtaken = fc.tuple(fc.oneof(refused, killed), run, fc.boolean()).map(([main, next, envelope]): RunPlan[] => {
    const start = next.start === 'fresh' ? next.start : 'between';
    return [
      { ...PLAIN, main },
      { ...next, start, envelope, main: NO_FAULTS },
    ];
  });
  const late = run.map((last): RunPlan[] => [PLAIN, PLAIN, { ...last, start: 'early', envelope: false }]);
  // Both look before either has written its record.
  const delayed: StepPlan = { ...NO_FAULTS, faults: [{ target: 'key', fault: '429', skip: 0, times: 1 }] };
  const race = run.map((other): RunPlan[] => [
    { ...PLAIN, main: delayed },
    { ...other, start: 'twin', main: delayed },
  ]);
  return weighed([2, overtaken], [1, late], [1, race]);
}
