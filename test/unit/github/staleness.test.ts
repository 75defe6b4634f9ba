import { describe, expect, it } from 'vitest';
import { GitHub } from '../../../src/github/client.ts';
import { type Doubt, Records } from '../../../src/github/record.ts';
import type { ReadTimes, RunFacts } from '../../../src/github/staleness.ts';
import { doubtError, queueTime, readMoment, refuseStaleToken, warningsOf } from '../../../src/github/staleness.ts';
import { PreparedStore, type Targets } from '../../../src/github/store.ts';
import { NOON } from '../../support/clock.ts';
import { ACCESS, ONE, REPO } from './places.ts';
import { answer, cut, iso, type Step, storeOf, world } from './support.ts';

const DAY = 24 * 3_600_000;
const FACTS: RunFacts = { repository: REPO, runId: 42, runAttempt: 1, jobStartedAt: NOON };
const UNKNOWN: ReadTimes = { queuedAt: undefined, jobStartedAt: undefined };

/** A store whose secret was updated then; `undefined` if it is not there. */
async function store(line: string, updatedAt?: number): Promise<PreparedStore> {
  const { access, http } = world();
  const given = storeOf(line);
  if (updatedAt !== undefined) http.put(`${given.secretsPath}/RT`, { createdAt: 0, updatedAt });
  return PreparedStore.read(new GitHub(access), given, ONE, ['RT_IN_FLIGHT_1']);
}

const ANSWER = answer(200, { created_at: iso(NOON - 5_000), run_started_at: iso(NOON - 1_000) });
const message = expect.stringContaining('Reading when this run was queued failed: ');
const UNAVAILABLE = expect.objectContaining({ code: 'github-unavailable', message });
const REFUSED = expect.objectContaining({ code: 'github-refused', message });

it.each<[string, Step, unknown, Partial<RunFacts>?]>([
  ['is read for a first attempt', ANSWER, NOON - 5_000],
  ['is read for a later attempt', ANSWER, NOON - 1_000, { runAttempt: 2 }],
  ['is not asked for without a repository', ANSWER, undefined, { repository: undefined }],
  ['is not asked for without the ID of the run', ANSWER, undefined, { runId: Number.NaN }],
  ['is unknown after 403', answer(403, { message: 'Resource not accessible' }), undefined],
  ['is unknown after 401', answer(401), undefined],
  ['is unknown after 404', answer(404), undefined],
  ['ends the run without a time: a proxy may have answered', answer(200, {}), REFUSED],
  ['ends the run after a status that GitHub does not have', answer(204), REFUSED],
  ['ends the run after 500', answer(500), UNAVAILABLE],
  ['ends the run after a rate limit', answer(403, { message: 'a secondary rate limit' }), UNAVAILABLE],
  ['ends the run after a cut connection', cut(), UNAVAILABLE],
  ['does not hide a defect', new TypeError('defect'), expect.any(TypeError)],
])('when the run was queued %s', async (what, step, outcome, run) => {
  const { access, http } = world({ maxAttempts: 1 });
  http.on(/./, step);
  const asking = queueTime(new GitHub(access), { ...FACTS, ...run });
  expect(await asking.catch((error: unknown) => error)).toEqual(outcome);
  expect(http.lines).toEqual(what.includes('not asked') ? [] : [`GET /repos/${REPO}/actions/runs/42`]);
});

describe('a stale token', () => {
  const QUEUED = NOON - 60_000;
  const BOTH: ReadTimes = { queuedAt: QUEUED, jobStartedAt: NOON };
  const LATE: ReadTimes = { queuedAt: QUEUED + 999, jobStartedAt: NOON };
  const NO_QUEUE: ReadTimes = { queuedAt: undefined, jobStartedAt: NOON };
  const NO_START: ReadTimes = { queuedAt: QUEUED, jobStartedAt: undefined };

  const [IN_QUEUE, STARTED] = ['when the run was queued', 'when the job started'];
  const FALLBACK = `${STARTED}; \`github-token\` may not read when the run was queued`;
  it.each<[string, string, number | undefined, ReadTimes, string?]>([
    ['an update after the run was queued', 'repository', QUEUED + 1_000, BOTH, `11:59:00Z (${IN_QUEUE})`],
    ['the same second', 'repository', QUEUED, BOTH],
    ['the same second, a fraction later', 'repository', QUEUED, LATE],
    ['a secret that is not there', 'repository', undefined, BOTH],
    ['an environment, before the job', 'environment:x', QUEUED + 1_000, BOTH],
    ['an environment, in the job', 'environment:x', NOON + 1_000, BOTH, `12:00:00Z (${STARTED})`],
    ['an environment, with no start', 'environment:x', NOON + 1_000, NO_START],
    ['no queue time, in the job', 'repository', NOON + 1_000, NO_QUEUE, `12:00:00Z (${FALLBACK})`],
    ['no time at all', 'repository', NOON + 1_000, UNKNOWN],
  ])('%s', async (_what, line, updatedAt, times, moment) => {
    const updated = await store(line, updatedAt);
    const check = async () => refuseStaleToken([await store('dependabot'), updated], 'RT', times);
    if (moment === undefined) return expect(check()).resolves.toBeUndefined();
    const advice = line.startsWith('environment')
      ? 'make this step the first of its job, and give all jobs that rotate the token one `concurrency` group.'
      : 'keep the token in an environment secret, which is read when the job starts.';
    await expect(check()).rejects.toMatchObject({
      code: 'token-stale',
      message: `The secret RT in the store \`${updated.label}\` was updated at ${iso(updatedAt ?? 0)}, after this run read it at 2026-03-01T${moment}, so the token in hand has most likely been rotated.`,
      remedy: `Re-run the job: it reads the secret again. To avoid this, ${advice}`,
    });
  });

  it.each([
    ['the queue time', ['environment:x', 'repository'], BOTH, false],
    ["the job's start", ['environment:x', 'repository'], NO_QUEUE, true],
    ['nothing else than an environment needs', ['environment:x'], NO_QUEUE, false],
  ])('tells what a good one was compared with: %s', async (_what, lines, times, isFallback) => {
    const stores = await Promise.all(lines.map((line) => store(line)));
    const compared = ", compared with the job's start, because `github-token` may not read when the run was queued";
    expect(readMoment(stores, times)).toBe(`the refresh token is not stale${isFallback ? compared : ''}`);
  });
});

const [REPOSITORY, ENVIRONMENT] = ['`repository@octo-org/octo-repo`', '`environment:x@octo-org/octo-repo`'];
const COMMAND = `gh secret delete RT_IN_FLIGHT_1 --repo ${REPO}`;
const COMMANDS = `\`${COMMAND}\` and \`${COMMAND} --env 'x'\`.`;
const AGAIN = `Re-run the job: it reads the secret again. If it ends like this again, check that \`refresh-token\` reads the secret that \`refresh-token-secret\` and \`secret-stores\` name. If the old token was stored again by hand, use the recovery envelope of that run; only if it shows none, delete the in-flight record: ${COMMANDS}`;
const FIND =
  'Find that run; it may be an earlier attempt of this job. If it is still in progress, re-run this job after it. If it shows a recovery envelope, start a run with it as the input `recovery-envelope`. If neither, ';
const DELETE = `${FIND}nobody has a new token: delete the in-flight record and re-run this job: ${COMMANDS} If Cobo then says that the token is not valid, set the secret again, with a token of a new installation, or give \`org-id\`.`;
const READ = `${FIND}let the job read the secret of a store that holds the successor, set the secret again, or give \`org-id\`. Only if you know that the token in hand still works, delete its in-flight record: ${COMMANDS}`;
const NEWEST = `Find that run. If it is still in progress, re-run this job after it, with the token that it hands out. If it shows a recovery envelope, start a run with it as the input \`recovery-envelope\`. If it has handed out a token, give \`refresh-token\` that one. If none of this, delete the in-flight record and re-run this job: ${COMMANDS}`;

const began = (at: string) => `Another run began to use this refresh token at 2026-03-01T${at}Z`;
const STORED = `${began('12:00:00')}, and the secret was updated after that in ${REPOSITORY} and ${ENVIRONMENT}, so it most likely holds the successor.`;
const IN_NONE = `${began('11:59:59')}, and its successor is not in ${REPOSITORY} and ${ENVIRONMENT}.`;
const IN_ONE = `${began('12:00:00')}, and its successor is not in ${REPOSITORY}. Its successor is in ${ENVIRONMENT}.`;

/** When the record was created and the secret updated, seconds after noon. */
type Times = [created: number, updated?: number];
it.each<[string, Times, Times, string, string, string, Targets?]>([
  ['stale where both updates are as young as the records', [0, 1], [0, 0], 'token-stale', STORED, AGAIN],
  ['in doubt where there is none, or an older one', [0], [-1, -2], 'token-in-doubt', IN_NONE, DELETE],
  ['in doubt where one of them is', [0], [-1, -1], 'token-in-doubt', IN_ONE, READ],
  ['in doubt where it is not stored', [0], [-1], 'token-in-doubt', `${began('11:59:59')}.`, NEWEST, ACCESS],
])(
  'a token that another run has used is %s',
  async (_what, inRepository, inEnvironment, code, message, remedy, to = ONE) => {
    const { access, log } = world();
    const seen = async (line: string, [created, updated = Number.NaN]: Times): Promise<Doubt> => {
      const updatedAt = Number.isNaN(updated) ? undefined : NOON + 1_000 * updated;
      return { store: await store(line), createdAt: NOON + 1_000 * created, updatedAt };
    };
    const doubts = [await seen('repository', inRepository), await seen('environment:x', inEnvironment)];
    const records = new Records('RT_IN_FLIGHT_1', to, new GitHub(access), log);
    expect(doubtError(doubts, records)).toMatchObject({ code, message, remedy });
  },
);

describe('a warning', () => {
  const expiring = (tokenExpiresAt?: number) => ({ now: () => NOON, tokenExpiresAt });
  const TOKEN = (at: number) => `\`github-token\` expires at ${iso(at)}. Create a new one and store it before then.`;
  const AGE = (at: number) =>
    `The secret RT was last updated at ${iso(at)}. A refresh token expires after 30 days: rotate it on a schedule.`;
  const QUEUE = (words: string, kind: string) =>
    `This run waited ${words} in the queue after the secrets of \`${kind}@${REPO}\` were read. Another run may rotate the token in that time. An environment secret is read when the job starts.`;

  it.each([
    ['14 days', 14 * DAY, false],
    ['a millisecond less', 14 * DAY - 1, true],
    ['none, being over', -DAY, true],
  ])('of a writer token that has %s left', async (_what, left, isTold) => {
    const warnings = warningsOf([await store('repository')], 'RT', UNKNOWN, expiring(NOON + left));
    expect(warnings).toEqual(isTold ? [TOKEN(NOON + left)] : []);
  });

  it.each([
    ['25 days', [25 * DAY], []],
    ['more', [25 * DAY + 1_000], [25 * DAY + 1_000]],
    ['more, in both', [40 * DAY, 26 * DAY], [26 * DAY]],
    ['any time, where it is not there', [], []],
  ])('of a secret that was not updated for %s', async (_what, ages, told) => {
    const stores = await Promise.all([...ages.map((age) => store('repository', NOON - age)), store('environment:x')]);
    expect(warningsOf(stores, 'RT', UNKNOWN, expiring())).toEqual(told.map((age) => AGE(NOON - age)));
    expect(warningsOf(stores, undefined, UNKNOWN, expiring())).toEqual([]);
  });

  it.each<[string, Partial<ReadTimes>, string[], string[]]>([
    ['less than a minute', { queuedAt: NOON - 59_999 }, ['repository'], []],
    ['a minute', { queuedAt: NOON - 60_000 }, ['environment:x', 'repository'], [QUEUE('1 min 0 s', 'repository')]],
    ['five', { queuedAt: NOON - 300_000 }, ['dependabot', 'repository'], [QUEUE('5 min 0 s', 'dependabot')]],
    ['five, with environments alone', { queuedAt: NOON - 300_000 }, ['environment:x'], []],
    ['until nobody knows', { queuedAt: 0, jobStartedAt: undefined }, ['repository'], []],
  ])('of a run that waited %s', async (_what, times, lines, told) => {
    const stores = await Promise.all(lines.map((line) => store(line)));
    expect(warningsOf(stores, 'RT', { ...UNKNOWN, jobStartedAt: NOON, ...times }, expiring())).toEqual(told);
  });
});
