import { describe, expect, it } from 'vitest';
import { gitHub } from '../../../src/github/client.ts';
import { PreparedStore } from '../../../src/github/prepared-store.ts';
import {
  queueTime,
  type ReadTimes,
  type RunFacts,
  refuseStaleToken,
  warnOfLongQueue,
} from '../../../src/github/staleness.ts';
import { readStores } from '../../../src/github/stores.ts';
import { TransportError } from '../../../src/http.ts';
import { FakeGitHub } from '../support/github-fake.ts';
import { answer, ScriptedHttp } from '../support/github-script.ts';
import { accessTo, KeptLog, NOON } from '../support/github-world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

describe('when a run was queued', () => {
  const RUN: RunFacts = { repository: 'octo/app', runId: 77, runAttempt: 1, jobStartedAt: NOON };
  const TIMES = { created_at: '2026-03-01T12:00:00Z', run_started_at: '2026-03-01T15:00:00Z' };

  type Step = ConstructorParameters<typeof ScriptedHttp>[0];

  function ask(step: Step, run: Partial<RunFacts> = {}) {
    const http = new ScriptedHttp(step);
    const github = gitHub(accessTo(http, { maxAttempts: 1 }).access);
    return { http, asked: queueTime(github, { ...RUN, ...run }) };
  }

  it.each([
    [1, 'created_at', NOON],
    [2, 'run_started_at', NOON + 180 * MINUTE],
    [7, 'run_started_at', NOON + 180 * MINUTE],
  ])('is, for attempt %i, its `%s`', async (runAttempt, _field, time) => {
    await expect(ask(answer(200, TIMES), { runAttempt }).asked).resolves.toBe(time);
  });

  it('is asked about that very run', async () => {
    const { http, asked } = ask(answer(200, TIMES));
    await asked;
    expect(http.sent.map(({ request }) => `${request.method} ${request.url.pathname}`)).toEqual([
      'GET /repos/octo/app/actions/runs/77',
    ]);
  });

  it.each([400, 401, 403, 404, 410, 422])('stays open when GitHub answers with status %i', async (status) => {
    await expect(ask(answer(status)).asked).resolves.toBeUndefined();
  });

  it.each([
    ['has no time', {}],
    ['has no time that makes sense', { created_at: 'yesterday' }],
    ['has null for a time', { created_at: null }],
    ['is no JSON', '<html>'],
  ])('stays open when the answer %s', async (_name, body) => {
    await expect(ask(answer(200, body)).asked).resolves.toBeUndefined();
  });

  it.each([
    ['no repository', { repository: undefined }],
    ['no run', { runId: Number.NaN }],
  ])('stays open, with nothing asked, when the runner names %s', async (_name, run) => {
    const { http, asked } = ask(answer(200, TIMES), run);
    await expect(asked).resolves.toBeUndefined();
    expect(http.sent).toEqual([]);
  });

  it.each([
    ['status 429', answer(429), 'GitHub answered HTTP 429'],
    ['status 500', answer(500), 'GitHub answered HTTP 500'],
    ['status 503', answer(503), 'GitHub answered HTTP 503'],
    ['no answer', new TransportError('the connection was cut', true), 'the connection was cut'],
  ])('has to be known, so that %s ends the run', async (_name, step, reason) => {
    await expect(ask(step).asked).rejects.toMatchObject({
      name: 'ActionError',
      code: 'github-unavailable',
      message: `Reading when this run was queued failed: ${reason}.`,
      remedy: 'Run the job again; nothing was spent.',
    });
  });

  it('hands a defect on as it is', async () => {
    const defect = new TypeError('defect');
    await expect(ask(defect).asked).rejects.toBe(defect);
  });
});

/** Stores, each with a secret TOKEN that was updated then; `undefined` for a store without it. */
async function stores(...given: [line: string, updatedAt: number | undefined][]): Promise<PreparedStore[]> {
  return Promise.all(
    given.map(async ([line, updatedAt]) => {
      const [store] = readStores(line, 'octo/app');
      if (store === undefined) throw new Error(`no store for ${line}`);
      const fake = new FakeGitHub().addStore(store.secretsPath);
      if (updatedAt !== undefined) {
        fake.addSecret(store.secretsPath, 'TOKEN', { updatedAt, visibility: 'all' });
      }
      return PreparedStore.read(
        gitHub(accessTo(fake).access),
        store,
        {
          refreshTokenSecret: 'TOKEN',
          accessTokenSecret: undefined,
          expiresAtVariable: undefined,
        },
        new AbortController(),
      );
    }),
  );
}

const AT_QUEUE = ['repository', 'repository@other/lib', 'organization:acme', 'dependabot'];
const KINDS = [...AT_QUEUE, 'environment:cobo'];

/** Queued at noon, started ten minutes later. */
const TIMES: ReadTimes = { queuedAt: NOON, jobStartedAt: NOON + 10 * MINUTE };

describe('a token is stale', () => {
  it.each(AT_QUEUE)('when its secret in %s was updated after the run was queued', async (line) => {
    const prepared = await stores([line, NOON + SECOND]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', TIMES)).toThrow('(when the run was queued)');
  });

  it('when its secret in an environment was updated after the job started', async () => {
    const prepared = await stores(['environment:cobo', NOON + 10 * MINUTE + SECOND]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', TIMES)).toThrow('(when the job started)');
  });

  it.each(KINDS)('when nothing is known but the job start, and %s was updated later', async (line) => {
    const times = { queuedAt: undefined, jobStartedAt: NOON };
    const prepared = await stores([line, NOON + SECOND]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', times)).toThrow('(when the job started)');
  });

  it.each(AT_QUEUE)('when %s was updated after the queue time, with the job start unknown', async (line) => {
    const times = { queuedAt: NOON, jobStartedAt: undefined };
    const prepared = await stores([line, NOON + SECOND]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', times)).toThrow('(when the run was queued)');
  });

  it('when a single one of several stores says so', async () => {
    const prepared = await stores(['repository', NOON - SECOND], ['dependabot', NOON + SECOND]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', TIMES)).toThrow('`dependabot@octo/app`');
  });

  it('which is told with the store and both times', async () => {
    const prepared = await stores(['repository', NOON + 5 * MINUTE]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', TIMES)).toThrow(
      expect.objectContaining({
        name: 'ActionError',
        code: 'token-stale',
        message:
          'The secret TOKEN in the store `repository@octo/app` was updated at 2026-03-01T12:05:00Z, after this run read it at 2026-03-01T12:00:00Z (when the run was queued): another run has rotated the token, and the one in hand is most likely spent.',
        remedy: expect.stringMatching(/^Run the job again/),
      }),
    );
  });
});

describe('a token is not stale', () => {
  it.each(AT_QUEUE)('when its secret in %s was updated before the run was queued', async (line) => {
    const prepared = await stores([line, NOON - SECOND]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', TIMES)).not.toThrow();
  });

  it.each(AT_QUEUE)('when its secret in %s was updated in the very second of queueing', async (line) => {
    const prepared = await stores([line, NOON]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', TIMES)).not.toThrow();
  });

  it('when its secret in an environment was updated between queueing and job start', async () => {
    const prepared = await stores(['environment:cobo', NOON + 9 * MINUTE]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', TIMES)).not.toThrow();
  });

  it('when its secret in an environment was updated in the very second of the job start', async () => {
    const prepared = await stores(['environment:cobo', NOON + 10 * MINUTE]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', TIMES)).not.toThrow();
  });

  it.each(KINDS)('when %s has no such secret yet', async (line) => {
    const prepared = await stores([line, undefined]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', TIMES)).not.toThrow();
  });

  it.each(KINDS)('as far as %s can tell when no time is known at all', async (line) => {
    const times = { queuedAt: undefined, jobStartedAt: undefined };
    const prepared = await stores([line, NOON + MINUTE]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', times)).not.toThrow();
  });

  it('as far as an environment can tell when the job start is unknown', async () => {
    const times = { queuedAt: NOON, jobStartedAt: undefined };
    const prepared = await stores(['environment:cobo', NOON + MINUTE]);
    expect(() => refuseStaleToken(prepared, 'TOKEN', times)).not.toThrow();
  });

  it('when another secret was updated', async () => {
    const prepared = await stores(['repository', NOON + MINUTE]);
    expect(() => refuseStaleToken(prepared, 'OTHER', TIMES)).not.toThrow();
  });
});

describe('a long time in the queue', () => {
  async function warnings(lines: readonly string[], times: ReadTimes): Promise<string[]> {
    const log = new KeptLog();
    const prepared = await stores(...lines.map((line): [string, undefined] => [line, undefined]));
    warnOfLongQueue(prepared, times, log);
    return log.warnings;
  }
  const waited = (ms: number): ReadTimes => ({ queuedAt: NOON, jobStartedAt: NOON + ms });

  it.each([
    ['repository', 'repository@octo/app'],
    ['organization:acme', 'organization:acme'],
  ])('is a warning for %s', async (line, label) => {
    await expect(warnings([line], waited(10 * MINUTE))).resolves.toEqual([
      `This run waited 10 min 0 s between reading the secrets of ${label} and starting. Another run may rotate the token in such a time; an environment secret is read only when the job starts.`,
    ]);
  });

  it('is one warning for any number of stores, and names the first that is at risk', async () => {
    const lines = ['environment:cobo', 'organization:acme', 'repository', 'repository@other/lib'];
    const given = await warnings(lines, waited(10 * MINUTE));
    expect(given).toEqual([expect.stringContaining('the secrets of organization:acme and')]);
  });

  it.each([['environment:cobo'], ['dependabot'], ['environment:cobo', 'dependabot']])(
    'is none for %s',
    async (...lines) => {
      await expect(warnings(lines, waited(10 * MINUTE))).resolves.toEqual([]);
    },
  );

  it('begins at a minute', async () => {
    await expect(warnings(['repository'], waited(MINUTE))).resolves.toHaveLength(1);
  });

  it('begins no earlier than that', async () => {
    await expect(warnings(['repository'], waited(MINUTE - 1))).resolves.toEqual([]);
  });

  it.each([
    ['queue time', { queuedAt: undefined, jobStartedAt: NOON }],
    ['job start', { queuedAt: NOON - 60 * MINUTE, jobStartedAt: undefined }],
  ])('cannot be told without the %s', async (_name, times) => {
    await expect(warnings(['repository'], times)).resolves.toEqual([]);
  });
});
