import fc from 'fast-check';
import type { Moment } from '../../emulators/faults.ts';
import { type FaultName, faultsFor, type PlannedFault, TARGETS, type Target } from './faults.ts';

/** How the world of a story is set up. The first value of each choice is the simplest: plans shrink towards it. */
export interface Setting {
  /** Lines of `secret-stores`; the workflow reads its token from the first. */
  stores: string[];
  orgId: 'none' | 'allowed' | 'refused';
  /** What is written back: the refresh token, with it the access token and its expiry, these alone, or nothing. */
  saves: 'refresh' | 'all' | 'access' | 'nothing';
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
export type At = { target: Target | 'any'; nth: number; when: Moment } | { told: number };

export interface Stop {
  /**
   * `kill`: SIGKILL. `cancel`: SIGINT, SIGTERM, SIGKILL as the runner sends them to a cancelled job. `timeout`:
   * the same for a step that reached its limit. `lost`: the machine is gone, so that no post step runs.
   */
  kind: 'kill' | 'cancel' | 'timeout' | 'term' | 'lost';
  at: At;
}

export interface StepPlan {
  faults: PlannedFault[];
  stop: Stop | undefined;
  /** What can no longer be written: the log, or the files of the runner. `from`: the n-th thing told. */
  broken: { what: 'log' | 'files'; from: number } | undefined;
}

export interface RunPlan {
  /**
   * `fresh`: queued after the run before has ended. `queued`: queued before that run began. `waiting`: its job
   * began before that run did. `early`: queued before the first run of the story. `twin`: in the same instant as that run. `between`: between its main and post step.
   */
  start: 'fresh' | 'queued' | 'waiting' | 'early' | 'twin' | 'between';
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

const NO_FAULTS: StepPlan = { faults: [], stop: undefined, broken: undefined };

/** A run that nothing disturbs. */
export const PLAIN: RunPlan = {
  ...{ start: 'fresh', envelope: false, dryRun: false, laterFailure: false },
  ...{ main: NO_FAULTS, post: NO_FAULTS },
};

export const SIMPLE: Setting = {
  ...{ stores: ['repository'], orgId: 'none', saves: 'refresh', replayRevokes: true, implicitRevokes: false },
  ...{ omits: false, attempts: 2, skewMs: 0, paceMs: 0, full: false, mayReadRun: true },
};

/** One of `values`, the first in `share` of 10 cases. */
function mostly<T>(share: number, first: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: share, arbitrary: fc.constant(first) },
    { weight: 10 - share, arbitrary: fc.constantFrom(...others) },
  );
}

function sometimes<T>(share: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 10 - share, arbitrary: fc.constant(undefined) }, { weight: share, arbitrary: value });
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

const targets = Object.keys(TARGETS) as Target[];
/** The critical ones more often than the others. */
const target = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Target>('refresh', 'store', 'record') },
  { weight: 2, arbitrary: fc.constantFrom(...targets) },
);

/** Without those that wait for a time limit, which whole processes really spend. */
const QUICK = (name: FaultName) => !/^(hang|forget)/.test(name);

function step(stops: Stop['kind'][], isQuick: boolean): fc.Arbitrary<StepPlan> {
  const fault: fc.Arbitrary<PlannedFault> = target.chain((struck) =>
    fc.record({
      target: fc.constant(struck),
      fault: fc.constantFrom(...faultsFor(struck).filter((name) => !isQuick || QUICK(name))),
      skip: mostly(7, 0, 1, 2),
      times: mostly(5, 1, 2, 3, null, null),
    }),
  );
  const atRequest: fc.Arbitrary<At> = fc.record({
    target: fc.oneof(target, fc.constant('any' as const)),
    nth: fc.nat(4),
    when: fc.constantFrom<Moment>('before', 'after'),
  });
  const at = isQuick ? atRequest : fc.oneof(atRequest, fc.record({ told: fc.nat(30) }));
  const broken = fc.record({ what: fc.constantFrom<'log' | 'files'>('log', 'files'), from: fc.nat(30) });
  return fc.record({
    faults: fc.oneof(
      { weight: 4, arbitrary: fc.constant<PlannedFault[]>([]) },
      { weight: 6, arbitrary: fc.array(fault, { minLength: 1, maxLength: 3 }) },
    ),
    stop: sometimes(4, fc.record({ kind: fc.constantFrom(...stops), at })),
    broken: isQuick ? fc.constant(undefined) : sometimes(1, broken),
  });
}

/** @param isQuick for whole processes: only what needs no long wait, and can be done to them from outside */
export function plans(isQuick = false): fc.Arbitrary<Plan> {
  const stops: Stop['kind'][] = ['kill', 'cancel', 'timeout', 'term', 'lost'];
  const run: fc.Arbitrary<RunPlan> = fc.record({
    start: mostly(5, 'fresh', 'queued', 'waiting', 'early', 'early', 'twin', 'twin', 'between', 'between'),
    envelope: mostly(7, false, true),
    dryRun: mostly(9, false, true),
    main: step(
      stops.filter((kind) => !isQuick || kind !== 'timeout'),
      isQuick,
    ),
    post: fc.oneof(
      { weight: 5, arbitrary: fc.constant(NO_FAULTS) },
      { weight: 5, arbitrary: step(isQuick ? ['kill'] : ['kill', 'timeout'], isQuick) },
    ),
    laterFailure: mostly(9, false, true),
  });
  const runs = fc.oneof(
    { weight: 7, arbitrary: fc.array(run, { minLength: 1, maxLength: 3 }) },
    { weight: 3, arbitrary: rare(run, isQuick) },
  );
  return fc.record({ setting, runs });
}

/** What chance brings about too seldom: another run after a bad end, and a run that waited for two others. */
function rare(run: fc.Arbitrary<RunPlan>, isQuick: boolean): fc.Arbitrary<RunPlan[]> {
  const refused = fc.constantFrom(...faultsFor('store').filter(QUICK)).map((name): StepPlan => {
    return { ...NO_FAULTS, faults: [{ target: 'store', fault: name, skip: 0, times: null }] };
  });
  const atStore: At = { target: 'store', nth: 0, when: 'before' };
  const at: fc.Arbitrary<At> = isQuick ? fc.constant(atStore) : fc.nat(20).map((told) => ({ told: told + 8 }));
  const killed = at.map((moment): StepPlan => ({ ...NO_FAULTS, stop: { kind: 'kill', at: moment } }));
  const overtaken = fc.tuple(fc.oneof(refused, killed), run, fc.boolean()).map(([main, next, envelope]) => {
    const start = next.start === 'fresh' ? next.start : 'between';
    return [{ ...PLAIN, main }, { ...next, start, envelope, main: NO_FAULTS } satisfies RunPlan];
  });
  const late = run.map((last): RunPlan[] => [PLAIN, PLAIN, { ...last, start: 'early', envelope: false }]);
  return fc.oneof({ weight: 2, arbitrary: overtaken }, { weight: 1, arbitrary: late });
}
