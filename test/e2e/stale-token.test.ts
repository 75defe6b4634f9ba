import { describe, expect } from 'vitest';
import type { StepOptions } from '../../emulators/runner/step.ts';
import { REPOSITORY, SECRET, STORE, type Stage } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess, it, named, warnings } from './support/scenario.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const ENVIRONMENT = `environment:cobo@${REPOSITORY}`;
const RUN_ID = 7;

/** A timeline: how long ago, in milliseconds. Runner and GitHub may disagree by `skew`. */
interface Timeline {
  name: string;
  store: 'repository' | 'environment:cobo' | 'dependabot';
  /** How far GitHub's clock is ahead of the runner's. */
  skew?: number;
  updated: number;
  created: number;
  /** A later attempt of the run, that began then. */
  rerunStarted?: number;
  jobStarted: number;
  /** The token may not read the run. */
  runUnreadable?: boolean;
  stale: false | RegExp;
}

const QUEUED = /when the run was queued/;
const STARTED = /when the job started/;

const TIMELINES: Timeline[] = [
  {
    name: 'a repository secret is read when the run is queued: updated after that, it is stale [recovery: token-stale]',
    ...{ store: 'repository', created: 10 * MINUTE, updated: 5 * MINUTE, jobStarted: 0, stale: QUEUED },
  },
  {
    name: 'a repository secret that was updated before the run was queued is fresh',
    ...{ store: 'repository', created: 50 * SECOND, updated: 5 * MINUTE, jobStarted: 0, stale: false },
  },
  {
    name: 'a secret of Dependabot is read when the run is queued, too',
    ...{ store: 'dependabot', created: 10 * MINUTE, updated: 5 * MINUTE, jobStarted: 0, stale: QUEUED },
  },
  {
    name: 'a re-run reads the secret afresh',
    ...{
      store: 'repository',
      created: HOUR,
      updated: 5 * MINUTE,
      rerunStarted: MINUTE,
      jobStarted: 0,
      stale: false,
    },
  },
  {
    name: 'a re-run that was overtaken in its turn holds a stale token',
    ...{
      store: 'repository',
      created: HOUR,
      updated: MINUTE,
      rerunStarted: 5 * MINUTE,
      jobStarted: 0,
      stale: QUEUED,
    },
  },
  {
    name: 'an environment secret is read when the job starts: updated while the run was queued, it is fresh',
    ...{ store: 'environment:cobo', created: HOUR, updated: 5 * MINUTE, jobStarted: MINUTE, stale: false },
  },
  {
    name: 'an environment secret that was updated after the job started is stale',
    ...{ store: 'environment:cobo', created: HOUR, updated: MINUTE, jobStarted: 5 * MINUTE, stale: STARTED },
  },
  {
    name: "where the run cannot be read, the job's start counts: an update before it goes unnoticed",
    ...{
      store: 'repository',
      created: HOUR,
      updated: 5 * MINUTE,
      jobStarted: MINUTE,
      runUnreadable: true,
      stale: false,
    },
  },
  {
    name: "where the run cannot be read, the job's start counts: an update after it is noticed",
    ...{
      store: 'repository',
      created: HOUR,
      updated: MINUTE,
      jobStarted: 5 * MINUTE,
      runUnreadable: true,
      stale: STARTED,
    },
  },
  {
    name: "a runner's clock that is an hour slow makes no fresh token stale",
    ...{
      store: 'environment:cobo',
      skew: HOUR,
      created: HOUR,
      updated: 5 * MINUTE,
      jobStarted: MINUTE,
      stale: false,
    },
  },
  {
    name: "a runner's clock that is an hour slow hides no stale token",
    ...{
      store: 'environment:cobo',
      skew: HOUR,
      created: HOUR,
      updated: MINUTE,
      jobStarted: 5 * MINUTE,
      stale: STARTED,
    },
  },
  {
    name: "a runner's clock that is an hour fast hides no stale token",
    ...{
      store: 'environment:cobo',
      skew: -HOUR,
      created: HOUR,
      updated: MINUTE,
      jobStarted: 5 * MINUTE,
      stale: STARTED,
    },
  },
  {
    name: "a runner's clock that is an hour fast makes no fresh token stale",
    ...{
      store: 'environment:cobo',
      skew: -HOUR,
      created: HOUR,
      updated: 5 * MINUTE,
      jobStarted: MINUTE,
      stale: false,
    },
  },
];

const LABELS = { repository: STORE, 'environment:cobo': ENVIRONMENT, dependabot: `dependabot@${REPOSITORY}` };
const isoSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Sets the scene, and says how the step is to be run in it. */
function unfold(stage: Stage, line: Timeline): Partial<StepOptions> {
  const { github, refreshToken } = stage;
  const now = github.clock;
  github.setSecret(LABELS[line.store], SECRET, refreshToken, now - line.updated);
  const started =
    line.rerunStarted === undefined ? {} : { run_started_at: now - line.rerunStarted, run_attempt: 2 };
  github.addRun(REPOSITORY, { id: RUN_ID, created_at: now - line.created, ...started });
  return {
    github: { run_id: String(RUN_ID), run_attempt: line.rerunStarted === undefined ? '1' : '2' },
    // By the runner's own clock.
    eventPathMtime: new Date(Date.now() - line.jobStarted),
  };
}

describe('a token is used only when it is the latest:', () => {
  it.concurrent.for(named(TIMELINES))('%s', async ([, line], { open }) => {
    const readable = line.runUnreadable === true ? {} : { actions: 'read' as const };
    const stage = await open({
      environments: ['cobo'],
      grants: [
        {
          repo: REPOSITORY,
          secrets: 'write',
          environments: 'write',
          dependabot_secrets: 'write',
          ...readable,
        },
      ],
      github: { clockSkewMs: line.skew ?? 0 },
    });
    const step = unfold(stage, line);
    const updated = stage.github.secretMeta(LABELS[line.store], SECRET)?.updatedAt ?? 0;
    const result = await stage.run({ 'secret-stores': line.store }, step);
    if (line.stale === false) {
      expectSuccess(stage, result, { state: 'stored', stores: [LABELS[line.store]] });
      return;
    }
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'token-stale',
      says: [
        `The secret ${SECRET} in the store \`${LABELS[line.store]}\` was updated at ${isoSeconds(updated)}`,
        /after this run read it at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/,
        line.stale,
      ],
      remedy: /Run the job again: a re-run reads the secret afresh\..*environment secret/,
      stores: [LABELS[line.store]],
    });
    expect(stage.cobo.requests).toEqual([]);
    expect(stage.cobo.state(stage.refreshToken)).toBe('living');
  });

  it.concurrent('a run that waited for long with a repository secret is warned, and goes on', async ({
    open,
  }) => {
    const stage = await open();
    stage.github.addRun(REPOSITORY, { id: RUN_ID, created_at: stage.github.clock - 20 * MINUTE });
    const result = await stage.run({}, { github: { run_id: String(RUN_ID) } });
    expectSuccess(stage, result, { state: 'stored' });
    expect(warnings(result)).toEqual([
      expect.stringMatching(/waited (20|19) min .* environment secret is read only/),
    ]);
  });

  it.concurrent('a second run of a concurrency group, queued before the first one rotated, spends nothing', async ({
    open,
  }) => {
    const stage = await open();
    const now = stage.github.clock;
    stage.github.addRun(REPOSITORY, { id: 1, created_at: now - 20 * SECOND });
    stage.github.addRun(REPOSITORY, { id: 2, created_at: now - 10 * SECOND });
    expectSuccess(stage, await stage.run({}, { github: { run_id: '1' } }), { state: 'stored' });
    const [living] = stage.cobo.livingRefreshTokens();
    const second = await stage.run({}, { github: { run_id: '2' } });
    expectFailure(stage, second, {
      state: 'unspent',
      code: 'token-stale',
      says: ['another run has rotated the token'],
      remedy: 'Run the job again',
      // Spent by the first run, as the error says.
      coboLied: true,
    });
    expect(stage.cobo.livingRefreshTokens()).toEqual([living]);
    expect(stage.cobo.history.some(({ operation }) => operation === 'replay')).toBe(false);
  });
});
