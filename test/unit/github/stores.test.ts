import { describe, expect, it } from 'vitest';
import type { GitHubAccess } from '../../../src/github/client.ts';
import { readStores } from '../../../src/github/grammar.ts';
import { recordName } from '../../../src/github/record.ts';
import type { RunFacts } from '../../../src/github/staleness.ts';
import type { Targets } from '../../../src/github/store.ts';
import { Stores } from '../../../src/github/stores.ts';
import { NOON } from '../../support/clock.ts';
import { answer, cut, type FakeGitHub, hanging, iso, REPO, seconds, settle, world } from './support.ts';

const SECRET = Buffer.alloc(32, 3);
const RECORD = recordName('RT', 'token', SECRET);
const ONE: Targets = { refreshTokenSecret: 'RT', accessTokenSecret: undefined, expiresAtVariable: undefined };
const ALL: Targets = { refreshTokenSecret: 'RT', accessTokenSecret: 'AT', expiresAtVariable: 'EXP' };
const RUN: RunFacts = { repository: REPO, runId: 42, runAttempt: 1, jobStartedAt: NOON - 5_000 };
const PATH = `/repos/${REPO}/actions/secrets`;
const COBO = `/repos/${REPO}/environments/cobo/secrets`;
const BOTH = 'repository\nenvironment:cobo';

interface Setting extends Partial<GitHubAccess> {
  lines?: string;
  targets?: Targets;
  fill?: (http: FakeGitHub) => void;
}

function opened({ lines = BOTH, targets = ONE, fill, ...changes }: Setting = {}) {
  const given = world(changes);
  fill?.(given.http);
  const stores = new Stores(given.access, readStores(lines, REPO), targets, SECRET, given.cancellation);
  return { ...given, stores };
}

/** Stores that have been read; the requests that it took are forgotten. */
async function read(setting: Setting = {}, token: string | undefined = 'token') {
  const given = opened(setting);
  await given.stores.read(token, undefined);
  given.http.sent.length = 0;
  return given;
}

const manyStores = (count: number) =>
  Array.from({ length: count }, (_, index) => `environment:e${index}`).join('\n');

describe('reading the stores', () => {
  it('keeps their order, and when they were read', async () => {
    const { clock, http, stores } = opened({ targets: ALL });
    expect(() => stores.records).toThrow('the stores have not been read');
    expect(stores.prepared).toEqual([]);
    expect(stores.lookedAt).toBe(0);
    clock.skip(1_234);
    await stores.read('token', undefined);
    expect(stores.labels).toEqual([`repository@${REPO}`, `environment:cobo@${REPO}`]);
    expect(stores.prepared.map(({ label }) => label)).toEqual(stores.labels);
    expect(stores.targets).toBe(ALL);
    expect(stores.lookedAt).toBe(NOON + 1_000);
    expect(stores.records.name).toBe(RECORD);
    expect(http.sent).toHaveLength(6);
  });

  it.each([
    ['a repository', 'repository', RUN, true],
    ['one of two', BOTH, RUN, true],
    ['environments alone', 'environment:cobo', RUN, false],
    ['no matter', 'repository', undefined, false],
  ])('asks when the run was queued: %s', async (_what, lines, run, isAsked) => {
    const { http, stores } = opened({ lines });
    http.on('/runs/42', answer(200, { created_at: iso(NOON - 90_000) }, http.headers()));
    const times = await stores.read('token', run);
    expect(http.lines.some((line) => line.includes('/runs/'))).toBe(isAsked);
    expect(times).toEqual({
      queuedAt: isAsked ? NOON - 90_000 : undefined,
      jobStartedAt: run === undefined ? undefined : NOON - 5_000,
    });
  });

  it("corrects the job's start by GitHub's clock", async () => {
    const { http, stores } = opened({ lines: 'environment:cobo' });
    http.headers = () => ({ date: new Date(NOON + 3_600_000).toUTCString() });
    await expect(stores.read('token', RUN)).resolves.toEqual({
      queuedAt: undefined,
      jobStartedAt: NOON - 5_000 + 3_600_500,
    });
    await expect(stores.read('token', { ...RUN, jobStartedAt: undefined })).resolves.toMatchObject({
      jobStartedAt: undefined,
    });
  });

  it('tells the first failure, and how many others there were', async () => {
    const { http, stores } = opened({ lines: manyStores(4) });
    http.on('e1/secrets/public-key', answer(403, { message: 'No' }));
    http.on('e2/secrets/public-key', answer(404));
    http.on('e3/secrets/public-key', hanging);
    await expect(stores.read('token', undefined)).rejects.toMatchObject({
      code: 'store-refused',
      message: `Reading the encryption key of the store \`environment:e1@${REPO}\` failed: GitHub returned HTTP 403, "No". (1 more check failed as well.)`,
      remedy: expect.stringContaining('"Environments: write"'),
      cause: expect.objectContaining({ status: 403 }),
    });
  });

  it('counts several others', async () => {
    const { http, stores } = opened({ lines: manyStores(3) });
    http.on(/public-key/, answer(403), answer(403), answer(403));
    await expect(stores.read('token', undefined)).rejects.toThrow('(2 more checks failed as well.)');
  });

  it('tells a single failure as it is', async () => {
    const { http, stores } = opened();
    http.on('cobo/secrets/public-key', answer(404));
    await expect(stores.read('token', undefined)).rejects.toMatchObject({
      name: 'GitHubFailure',
      message: `Reading the encryption key of the store \`environment:cobo@${REPO}\` failed: GitHub returned HTTP 404.`,
    });
  });

  it('tells a defect as it is', async () => {
    const { http, stores } = opened();
    http.on(/public-key/, new TypeError('defect'), answer(404));
    await expect(stores.read('token', undefined)).rejects.toThrow(TypeError);
  });

  it.each([
    [ONE, 'token', RECORD],
    [ONE, undefined, 'RT_IN_FLIGHT_ORG'],
    [{ ...ALL, refreshTokenSecret: undefined }, undefined, 'AT_IN_FLIGHT_ORG'],
    [{ ...ONE, refreshTokenSecret: undefined, expiresAtVariable: 'EXP' }, undefined, 'EXP_IN_FLIGHT_ORG'],
    [{ ...ONE, refreshTokenSecret: undefined }, undefined, '_IN_FLIGHT_ORG'],
  ])('names the record after the first of %j', async (targets, token, name) => {
    const { stores } = opened({ targets });
    await stores.read(token, undefined);
    expect(stores.records.name).toBe(name);
    stores.useRecordOf(undefined);
    expect(stores.records.locksNothing).toBe(true);
  });
});

describe('doubts by what was read', () => {
  const fill = (http: FakeGitHub) => {
    http.put(`${PATH}/${RECORD}`, { createdAt: NOON - 9_000 });
    http.put(`${PATH}/RT`, { updatedAt: NOON - 8_000 });
    http.put(`${COBO}/${RECORD}`, { createdAt: NOON - 7_000 });
  };

  it('are the records of this token, with the time of the secret', async () => {
    const { stores } = await read({ lines: `${BOTH}\ndependabot`, fill });
    expect(stores.doubts).toEqual([
      { store: stores.prepared[0], createdAt: NOON - 9_000, updatedAt: NOON - 8_000 },
      { store: stores.prepared[1], createdAt: NOON - 7_000, updatedAt: undefined },
    ]);
    stores.useRecordOf('another token');
    expect(stores.doubts).toEqual([]);
  });

  it('there are none without a token', async () => {
    const { stores } = opened({ fill: (http) => http.put(`${PATH}/RT_IN_FLIGHT_ORG`) });
    await stores.read(undefined, undefined);
    expect(stores.doubts).toEqual([]);
  });

  it('know no successor where no refresh token is stored', async () => {
    const targets = { ...ONE, refreshTokenSecret: undefined, accessTokenSecret: 'AT' };
    const name = recordName('AT', 'token', SECRET);
    const { stores } = await read({ targets, fill: (http) => http.put(`${PATH}/${name}`) });
    expect(stores.doubts).toMatchObject([{ updatedAt: undefined }]);
  });
});

describe('the hourly limit', () => {
  it.each([
    [6, true],
    [5, false],
  ])('of %i more requests is enough for two stores: %s', async (remaining, isEnough) => {
    const reset = NOON + 1_800_000;
    const { stores } = await read({
      fill: (http) => {
        http.headers = () => ({
          'x-ratelimit-remaining': String(remaining),
          'x-ratelimit-reset': seconds(reset),
        });
      },
    });
    if (isEnough) return expect(() => stores.refuseShortBudget()).not.toThrow();
    expect(() => stores.refuseShortBudget()).toThrow(
      expect.objectContaining({
        code: 'rate-limited',
        message:
          'GitHub allows `github-token` 5 more requests until 2026-03-01T12:30:00Z, and this run needs 6.',
        remedy:
          'Re-run the job after 2026-03-01T12:30:00Z, or use a token that is not shared with other jobs.',
      }),
    );
  });

  it('is no limit where GitHub tells none', async () => {
    const { stores } = await read();
    expect(() => stores.refuseShortBudget()).not.toThrow();
  });
});

describe('records, tokens and the minute', () => {
  const WAIT_RECORDS =
    'Waiting 1 min 0 s: GitHub allows 80 writes a minute, and there is no room for the in-flight records yet.';
  const WAIT_TOKEN =
    'Waiting 1 min 0 s: GitHub allows 80 writes a minute, and there is no room for the refresh token yet.';
  const WAIT_OTHERS =
    'Waiting 1 min 0 s: GitHub allows 80 writes a minute, and there is no room for the other stores yet.';

  it.each([
    [1, [], [], []],
    [40, [], [], []],
    [41, [], [WAIT_TOKEN], []],
    [80, [], [WAIT_TOKEN], []],
    [81, [WAIT_RECORDS], [WAIT_TOKEN], [WAIT_OTHERS]],
    [200, [WAIT_RECORDS, WAIT_RECORDS], [WAIT_TOKEN], [WAIT_OTHERS, WAIT_OTHERS]],
  ])('%i stores wait where they must', async (count, forRecords, forToken, forOthers) => {
    const { clock, http, log, stores } = await read({ lines: manyStores(count) });
    // What was read is a minute ago, and a minute is enough for what is under way.
    clock.skip(60_000);
    clock.meanwhile = settle;
    const told = () => log.lines.splice(0);
    await expect(stores.record()).resolves.toEqual([]);
    expect(told()).toEqual(forRecords);
    await stores.makeRoom();
    expect(told()).toEqual(forToken);
    await expect(stores.keepToken('new')).resolves.toEqual([]);
    expect(told()).toEqual(forOthers);
    expect(http.sent).toHaveLength(2 * count);
  });

  it.each([
    [81, 0],
    [90, 40_000],
    [120, 90_000],
    [200, 300_000],
  ])(
    '%i stores never write more than eighty times in a minute, however long Cobo takes: %i ms',
    async (count, sinceRoom) => {
      const { clock, http, stores } = await read({ lines: manyStores(count) });
      clock.meanwhile = settle;
      await stores.record();
      await stores.makeRoom();
      clock.skip(sinceRoom);
      await stores.keepToken('new');
      const times = http.sent.map(({ at }) => at);
      expect(times).toHaveLength(2 * count);
      for (const time of times) {
        expect(times.filter((one) => one > time - 60_000 && one <= time).length).toBeLessThanOrEqual(80);
      }
    },
  );

  it('forty stores wait for nothing, with everything that is to be read', async () => {
    const { clock, log, stores } = opened({ lines: manyStores(40), targets: ALL });
    await stores.read('token', undefined);
    await stores.record();
    await stores.makeRoom();
    await stores.keepToken('new');
    expect(log.lines).toEqual([]);
    expect(clock.waits).toEqual([]);
  });

  it('no room is needed where no refresh token is stored', async () => {
    const targets = { ...ALL, refreshTokenSecret: undefined };
    const { clock, stores } = await read({ targets });
    for (let write = 0; write < 80; write++) stores.github.budget.count('PUT');
    await stores.makeRoom();
    await expect(stores.keepToken('new')).resolves.toEqual([]);
    expect(clock.waits).toEqual([]);
  });

  it('a signal ends the wait for records and for room', async () => {
    const { clock, http, signals, stores } = await read();
    for (let write = 0; write < 80; write++) stores.github.budget.count('PUT');
    clock.meanwhile = () => signals.send('SIGINT');
    await expect(stores.record()).rejects.toBe('cancelled');
    await expect(stores.makeRoom()).rejects.toBe('cancelled');
    expect(http.sent).toEqual([]);
  });

  it('a signal does not end the wait of a token that is to be stored', async () => {
    const { clock, http, signals, stores } = await read();
    for (let write = 0; write < 80; write++) stores.github.budget.count('PUT');
    clock.meanwhile = () => signals.send('SIGINT');
    await expect(stores.keepToken('new')).resolves.toEqual([]);
    expect(http.sent).toHaveLength(2);
  });
});

describe('writing the records', () => {
  it('tells where another run was first; those in other stores can be deleted', async () => {
    const { http, stores } = await read();
    http.put(`${COBO}/${RECORD}`, { createdAt: NOON });
    await expect(stores.record()).resolves.toMatchObject([{ store: stores.prepared[1], createdAt: NOON }]);
    expect(stores.records.labels).toEqual([`repository@${REPO}`]);
    await stores.records.remove();
    expect([...http.secrets.keys()]).toEqual([`${COBO}/${RECORD}`]);
  });

  it('counts no store as failed that only waited for its turn', async () => {
    const { clock, http, stores } = await read({ lines: manyStores(90) });
    clock.skip(60_000);
    http.on(`e50/secrets/${RECORD}`, answer(403, { message: 'No' }));
    // The others are sent while those beyond eighty wait.
    clock.meanwhile = settle;
    await expect(stores.record()).rejects.toMatchObject({
      message: `Writing the secret ${RECORD} into the store \`environment:e50@${REPO}\` failed: GitHub returned HTTP 403, "No".`,
    });
  });
});

describe('keeping the refresh token', () => {
  it('writes it to every store', async () => {
    const { http, stores } = await read();
    await expect(stores.keepToken('new')).resolves.toEqual([]);
    expect(http.lines).toEqual([`PUT ${PATH}/RT`, `PUT ${COBO}/RT`]);
    expect([...http.secrets.values()].map(({ value }) => value)).toEqual(['new', 'new']);
  });

  it('writes it to some of them when asked', async () => {
    const { http, stores } = await read();
    await stores.keepToken('new', stores.prepared.slice(1));
    expect(http.lines).toEqual([`PUT ${COBO}/RT`]);
  });

  it('tells what failed, in the order of the stores, with the others written', async () => {
    const { http, stores } = await read({ lines: `${BOTH}\ndependabot`, maxAttempts: 2 });
    http.on(`PUT ${PATH}/RT`, cut(), answer(404, { message: 'Not Found' }));
    http.on(`PUT ${COBO}/RT`, new TypeError('defect'));
    await expect(stores.keepToken('new')).resolves.toEqual([
      {
        label: `repository@${REPO}`,
        name: 'RT',
        reason: 'GitHub returned HTTP 404, "Not Found"',
        refused: false,
      },
      { label: `environment:cobo@${REPO}`, name: 'RT', reason: 'an unexpected error', refused: false },
    ]);
    expect([...http.secrets.keys()]).toEqual([`/repos/${REPO}/dependabot/secrets/RT`]);
  });

  it('goes on in a run that has stopped, and through a pause', async () => {
    const { clock, http, signals, stores } = await read();
    http.on(`PUT ${PATH}/RT`, answer(403, '', { 'retry-after': '60' }));
    signals.send('SIGINT');
    await expect(stores.keepToken('new')).resolves.toEqual([]);
    expect(clock.waits).toEqual([60_000]);
    expect(http.lines).toEqual([`PUT ${PATH}/RT`, `PUT ${COBO}/RT`, `PUT ${PATH}/RT`]);
  });
});

describe('storing what comes with it', () => {
  const EXTRAS = ['access', '2026-03-02T00:00:00Z'] as const;

  it.each([
    [ALL, [`PUT ${PATH}/AT`, `PUT ${COBO}/AT`, `POST ${PATH.replace('secrets', 'variables')}`]],
    [{ ...ONE, accessTokenSecret: 'AT' }, [`PUT ${PATH}/AT`, `PUT ${COBO}/AT`]],
    [ONE, []],
  ])('writes of %j what there is', async (targets, lines) => {
    const { http, stores } = await read({ targets });
    await expect(stores.keepExtras(...EXTRAS)).resolves.toEqual([]);
    expect(http.lines).toEqual(expect.arrayContaining(lines));
    expect(http.lines).toHaveLength(targets === ALL ? 4 : lines.length);
    if (targets !== ALL) return;
    expect(http.secrets.get(`${COBO}/AT`)?.value).toBe('access');
    expect([...http.variables.values()]).toEqual([EXTRAS[1], EXTRAS[1]]);
  });

  it('tells what failed', async () => {
    const { http, stores } = await read({ targets: ALL });
    http.on(`PUT ${PATH}/AT`, answer(403));
    http.on('POST.*environments.*', answer(404));
    await expect(stores.keepExtras(...EXTRAS)).resolves.toEqual([
      { label: `repository@${REPO}`, name: 'AT', reason: 'GitHub returned HTTP 403', refused: true },
      { label: `environment:cobo@${REPO}`, name: 'EXP', reason: 'GitHub returned HTTP 404', refused: true },
    ]);
  });

  it('waits for a pause, and not in a run that has stopped', async () => {
    const { clock, http, signals, stores } = await read({
      targets: ALL,
      lines: 'repository',
      maxAttempts: 1,
    });
    http.on(/PUT/, answer(429, '', { 'retry-after': '60' }));
    await stores.keepToken('new');
    await expect(stores.keepExtras(...EXTRAS)).resolves.toEqual([]);
    expect(Math.max(...clock.waits)).toBe(60_000);
    http.on(/PUT/, answer(429, '', { 'retry-after': '60' }));
    await stores.keepToken('new');
    signals.send('SIGINT');
    await expect(stores.keepExtras(...EXTRAS)).resolves.toMatchObject([
      { reason: 'the run stopped first' },
      { reason: 'the run stopped first' },
    ]);
  });
});

describe('sweeping', () => {
  const fill = (http: FakeGitHub) => {
    for (const name of ['RT', 'RT_IN_FLIGHT_OLD', RECORD, 'RT_IN_FLIGHT_ORG', 'X_IN_FLIGHT_OLD']) {
      http.put(`${PATH}/${name}`);
    }
  };

  it('deletes older records, and keeps that of the token in hand', async () => {
    const { http, log, stores } = await read({ fill });
    await stores.sweep(['token', undefined], NOON);
    expect(http.lines).toEqual([`DELETE ${PATH}/RT_IN_FLIGHT_OLD`, `DELETE ${PATH}/RT_IN_FLIGHT_ORG`]);
    expect(log.lines).toEqual(['deleted 2 of 2 records of older runs']);
  });

  it('keeps the records of all tokens that it was given', async () => {
    const { http, stores } = await read({ fill });
    const other = recordName('RT', 'other', SECRET);
    http.put(`${COBO}/${other}`);
    await stores.read('token', undefined);
    await stores.sweep(['other', 'token'], NOON);
    expect(http.secrets.has(`${PATH}/${RECORD}`)).toBe(true);
    expect(http.secrets.has(`${COBO}/${other}`)).toBe(true);
  });

  it.each([
    ['in the second in which the stores were read', 0, true],
    ['later, by a later run', 1_000, false],
  ])('deletes a record that was created %s', async (_what, offset, isDeleted) => {
    const { http, stores } = await read({
      fill: (fake) => fake.put(`${PATH}/RT_IN_FLIGHT_OLD`, { createdAt: NOON + offset }),
    });
    await stores.sweep(['token'], NOON);
    expect(http.sent).toHaveLength(isDeleted ? 1 : 0);
  });

  it('deletes all of them where there was no token', async () => {
    const { http, stores } = await read({ fill });
    await stores.sweep([undefined, undefined], NOON);
    expect([...http.secrets.keys()]).toEqual([`${PATH}/RT`, `${PATH}/X_IN_FLIGHT_OLD`]);
  });

  it('deletes its own record where that locks nothing', async () => {
    const { http, stores } = await read();
    stores.useRecordOf(undefined);
    await stores.record();
    await stores.sweep(['token', undefined], NOON);
    expect(http.secrets.size).toBe(0);
  });

  it('does nothing where no refresh token is stored', async () => {
    const { http, log, stores } = await read({ targets: { ...ALL, refreshTokenSecret: undefined } });
    await stores.sweep([undefined, undefined], NOON);
    expect(http.sent).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  it('tries once, for three seconds, and never throws', async () => {
    const { clock, http, log, stores } = await read({ fill });
    http.on('OLD', answer(503));
    http.on('ORG', new TypeError('defect'));
    await expect(stores.sweep(['token', undefined], NOON)).resolves.toBeUndefined();
    expect(http.sent.map(({ options }) => options.timeoutMs)).toEqual([3_000, 3_000]);
    expect(clock.waits).toEqual([]);
    expect(log.lines).toEqual(['deleted 0 of 2 records of older runs']);
  });

  it('leaves them to the next run in a pause, and when the run has stopped', async () => {
    const { clock, http, log, signals, stores } = await read({ fill, lines: 'repository', maxAttempts: 1 });
    http.on(/PUT/, answer(429, '', { 'retry-after': '60' }));
    await stores.keepToken('new');
    await stores.sweep(['token', undefined], NOON);
    clock.skip(60_000);
    signals.send('SIGINT');
    await stores.sweep(['token', undefined], NOON);
    expect(http.lines).toEqual([`PUT ${PATH}/RT`]);
    expect(clock.waits).toEqual([]);
    expect(log.lines.at(-1)).toBe('deleted 0 of 2 records of older runs');
  });
});
