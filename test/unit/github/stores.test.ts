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
const DEPENDABOT = `/repos/${REPO}/dependabot/secrets`;
const BOTH = 'repository\nenvironment:cobo';
const failed = (line: string, name: string, reason: string, refused: boolean) => ({
  label: `${line}@${REPO}`,
  name,
  reason,
  refused,
});

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
async function read(setting: Setting = {}, token: string | null = 'token') {
  const given = opened(setting);
  await given.stores.read(token ?? undefined, undefined);
  given.http.sent.length = 0;
  return given;
}

const manyStores = (count: number) => Array.from({ length: count }, (_, index) => `environment:e${index}`).join('\n');

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
    await expect(stores.read('token', RUN)).resolves.toMatchObject({
      jobStartedAt: NOON - 5_000 + 3_600_500,
    });
    await expect(stores.read('token', { ...RUN, jobStartedAt: undefined })).resolves.toMatchObject({
      jobStartedAt: undefined,
    });
  });

  it('tells the first failure, and stops the rest', async () => {
    const { http, stores } = opened({ lines: manyStores(3) });
    http.on('e1/secrets/public-key', answer(403, { message: 'No' }));
    http.on('e2/secrets/public-key', hanging);
    await expect(stores.read('token', undefined)).rejects.toMatchObject({
      name: 'GitHubFailure',
      message: `Reading the encryption key of the store \`environment:e1@${REPO}\` failed: GitHub returned HTTP 403, "No".`,
    });
  });

  const NO_SECRETS = { ...ONE, refreshTokenSecret: undefined };
  it.each([
    [ONE, 'token', RECORD],
    [ONE, null, 'RT_IN_FLIGHT_ORG'],
    [{ ...NO_SECRETS, accessTokenSecret: 'AT', expiresAtVariable: 'EXP' }, null, 'AT_IN_FLIGHT_ORG'],
    [{ ...NO_SECRETS, expiresAtVariable: 'EXP' }, null, 'EXP_IN_FLIGHT_ORG'],
    [NO_SECRETS, null, '_IN_FLIGHT_ORG'],
  ])('names the record after the first of %j', async (targets, token, name) => {
    const { stores } = await read({ targets }, token);
    expect(stores.records.name).toBe(name);
    stores.useRecordOf(undefined);
    expect(stores.records.locksNothing).toBe(true);
  });

  it('finds the records of this token that are there', async () => {
    const { stores } = await read({
      fill: (http) => {
        http.put(`${COBO}/${RECORD}`, { createdAt: NOON - 9_000 });
        http.put(`${COBO}/RT`, { updatedAt: NOON - 8_000 });
      },
    });
    expect(stores.doubts).toEqual([{ store: stores.prepared[1], createdAt: NOON - 9_000, updatedAt: NOON - 8_000 }]);
    stores.useRecordOf('another token');
    expect(stores.doubts).toEqual([]);
  });
});

describe('the hourly limit', () => {
  it.each([
    [6, undefined],
    [
      5,
      {
        code: 'rate-limited',
        message: 'GitHub allows `github-token` 5 more requests until 2026-03-01T12:30:00Z, and this run needs 6.',
        remedy: 'Re-run the job after 2026-03-01T12:30:00Z, or use a token that is not shared with other jobs.',
      },
    ],
    ['not told', undefined],
  ])('of %s more requests, for two stores', async (remaining, error) => {
    const { http, stores } = opened();
    http.headers = () => ({
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': seconds(NOON + 1_800_000),
    });
    await stores.read('token', undefined);
    const check = () => stores.refuseShortBudget();
    if (error === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining(error));
  });
});

describe('writing the records', () => {
  it('begins with the first store', async () => {
    const { http, stores } = await read({ lines: `${BOTH}\ndependabot` });
    let sent = 0;
    http.on(`PUT ${PATH}/${RECORD}`, () => {
      sent = http.sent.length;
      return answer(201);
    });
    await expect(stores.record()).resolves.toEqual([]);
    expect(sent).toBe(1);
    expect(http.lines).toEqual([PATH, COBO, DEPENDABOT].map((path) => `PUT ${path}/${RECORD}`));
    expect(stores.records.labels).toEqual(stores.labels);
  });

  it('writes none where it has one', async () => {
    const { http, stores } = await read();
    stores.records.takeOver(stores.prepared.slice(0, 1));
    await expect(stores.record()).resolves.toEqual([]);
    await expect(stores.record()).resolves.toEqual([]);
    expect(http.lines).toEqual([`PUT ${COBO}/${RECORD}`]);
  });

  it('asks no other store when another run was first', async () => {
    const { http, stores } = await read();
    http.put(`${PATH}/${RECORD}`, { createdAt: NOON });
    await expect(stores.record()).resolves.toMatchObject([{ store: stores.prepared[0], createdAt: NOON }]);
    expect(http.writes).toEqual([`PUT ${PATH}/${RECORD}`]);
    expect(stores.records.labels).toEqual([]);
  });

  it('can delete those in other stores when another run was first', async () => {
    const { http, stores } = await read({ lines: `${BOTH}\ndependabot` });
    http.put(`${COBO}/${RECORD}`, { createdAt: NOON });
    await expect(stores.record()).resolves.toMatchObject([{ store: stores.prepared[1], createdAt: NOON }]);
    await expect(stores.records.remove()).resolves.toEqual([]);
    expect([...http.secrets.keys()]).toEqual([`${COBO}/${RECORD}`]);
    expect(http.writes.filter((line) => line.startsWith('DELETE'))).toHaveLength(2);
  });

  it('begins none after a signal, and leaves alone what another run creates there', async () => {
    const { http, signals, stores } = await read();
    http.on(`PUT ${PATH}/${RECORD}`, () => {
      signals.send('SIGINT');
      return answer(201);
    });
    await expect(stores.record()).rejects.toMatchObject({ stopped: true });
    expect(http.writes).toEqual([`PUT ${PATH}/${RECORD}`]);
    http.put(`${COBO}/${RECORD}`, { createdAt: NOON + 1_000 });
    await stores.records.remove();
    expect([...http.secrets.keys()]).toEqual([`${COBO}/${RECORD}`]);
  });

  it('tells a refusal while others wait for their turn', async () => {
    const { clock, http, stores } = await read({ lines: manyStores(90) });
    clock.skip(60_000);
    http.on(`e50/secrets/${RECORD}`, answer(403, { message: 'No' }));
    // The others are sent while those beyond eighty wait.
    clock.meanwhile = settle;
    await expect(stores.record()).rejects.toMatchObject({
      message: `Writing the secret ${RECORD} into the store \`environment:e50@${REPO}\` failed: GitHub returned HTTP 403, "No".`,
    });
    expect(http.sent.length).toBeLessThanOrEqual(80);
  });
});

describe('records, tokens and the minute', () => {
  const waiting = (what: string) =>
    `Waiting 1 min 0 s: GitHub allows 80 writes a minute, and there is no room for ${what} yet.`;
  const RECORDS = waiting('the in-flight records');
  const ROOM = waiting('the refresh token');
  const OTHERS = waiting('the other stores');

  it.each([
    [1, [], [], []],
    [40, [], [], []],
    [41, [], [ROOM], []],
    [80, [], [ROOM], []],
    [81, [RECORDS], [ROOM], [OTHERS]],
    [200, [RECORDS, RECORDS], [ROOM], [OTHERS, OTHERS]],
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
  ])('%i stores never write more than eighty times in a minute: Cobo takes %i ms', async (count, cobo) => {
    const { clock, http, stores } = await read({ lines: manyStores(count) });
    clock.meanwhile = settle;
    await stores.record();
    await stores.makeRoom();
    clock.skip(cobo);
    await stores.keepToken('new');
    const times = http.sent.map(({ at }) => at);
    expect(times).toHaveLength(2 * count);
    for (const time of times) {
      expect(times.filter((one) => one > time - 60_000 && one <= time).length).toBeLessThanOrEqual(80);
    }
  });

  it('forty stores wait for nothing, with everything that is to be read', async () => {
    const { clock, log, stores } = opened({ lines: manyStores(40), targets: ALL });
    await stores.read('token', undefined);
    await stores.record();
    await stores.makeRoom();
    await stores.keepToken('new');
    expect(log.lines).toEqual([]);
    expect(clock.waits).toEqual([]);
  });

  /** Stores after a minute's worth of writes, and a signal as soon as anything waits. */
  async function busy(targets = ONE) {
    const given = await read({ targets });
    for (let write = 0; write < 80; write++) given.stores.github.budget.count('PUT');
    given.clock.meanwhile = () => given.signals.send('SIGINT');
    return given;
  }

  it('no room is needed where no refresh token is stored', async () => {
    const { clock, stores } = await busy({ ...ALL, refreshTokenSecret: undefined });
    await stores.makeRoom();
    await expect(stores.keepToken('new')).resolves.toEqual([]);
    expect(clock.waits).toEqual([]);
  });

  it('a signal ends the wait for records and for room', async () => {
    const { http, stores } = await busy();
    await expect(stores.record()).rejects.toBe('cancelled');
    await expect(stores.makeRoom()).rejects.toBe('cancelled');
    expect(http.sent).toEqual([]);
    expect(stores.records.labels).toEqual([]);
  });

  it('a signal does not end the wait of a token that is to be stored', async () => {
    const { http, stores } = await busy();
    await expect(stores.keepToken('new')).resolves.toEqual([]);
    expect(http.sent).toHaveLength(2);
  });
});

describe('keeping the refresh token', () => {
  it.each([
    ['every store', undefined, [PATH, COBO]],
    ['some of them when asked', 1, [COBO]],
  ])('writes it to %s', async (_what, from, paths) => {
    const { http, stores } = await read();
    const into = from === undefined ? undefined : stores.prepared.slice(from);
    await expect(stores.keepToken('new', into)).resolves.toEqual([]);
    expect(http.lines).toEqual(paths.map((path) => `PUT ${path}/RT`));
    expect([...http.secrets.values()].map(({ value }) => value)).toEqual(paths.map(() => 'new'));
  });

  it('tells what failed, in the order of the stores, with the others written', async () => {
    const lines = `${BOTH}\ndependabot\nenvironment:last`;
    const { http, stores } = await read({ lines, maxAttempts: 2 });
    http.on(`PUT ${PATH}/RT`, cut(), answer(404, { message: 'Not Found' }));
    http.on(`PUT ${COBO}/RT`, new TypeError('defect'));
    http.on(`PUT ${DEPENDABOT}/RT`, answer(503), answer(503));
    await expect(stores.keepToken('new')).resolves.toEqual([
      failed('repository', 'RT', 'GitHub returned HTTP 404, "Not Found"', false),
      failed('environment:cobo', 'RT', 'an unexpected error', false),
      failed('dependabot', 'RT', 'GitHub returned HTTP 503', false),
    ]);
    expect([...http.secrets.keys()]).toEqual([`/repos/${REPO}/environments/last/secrets/RT`]);
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
  const SECRETS = [`PUT ${PATH}/AT`, `PUT ${COBO}/AT`];
  const VARIABLES = [PATH, COBO].map((path) => `POST ${path.replace('secrets', 'variables')}`);

  it.each([
    [ALL, [...SECRETS, ...VARIABLES]],
    [{ ...ONE, accessTokenSecret: 'AT' }, SECRETS],
    [{ ...ONE, expiresAtVariable: 'EXP' }, VARIABLES],
    [ONE, []],
  ])('writes of %j what there is', async (targets, lines) => {
    const { http, stores } = await read({ targets });
    await expect(stores.keepExtras(...EXTRAS)).resolves.toEqual([]);
    expect(http.lines.toSorted()).toEqual(lines.toSorted());
    for (const { value } of http.secrets.values()) expect(value).toBe(EXTRAS[0]);
    for (const value of http.variables.values()) expect(value).toBe(EXTRAS[1]);
  });

  it('tells what failed', async () => {
    const { http, stores } = await read({ targets: ALL });
    http.on(`PUT ${PATH}/AT`, answer(403));
    http.on('POST.*environments.*', answer(404));
    await expect(stores.keepExtras(...EXTRAS)).resolves.toEqual([
      failed('repository', 'AT', 'GitHub returned HTTP 403', true),
      failed('environment:cobo', 'EXP', 'GitHub returned HTTP 404', true),
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
    const stopped = { reason: 'the run stopped first' };
    await expect(stores.keepExtras(...EXTRAS)).resolves.toMatchObject([stopped, stopped]);
  });
});

describe('sweeping', () => {
  const OTHER = recordName('RT', 'other', SECRET);
  const OLD = [RECORD, OTHER, 'RT_IN_FLIGHT_OLD', 'RT_IN_FLIGHT_ORG'];
  const fill = (http: FakeGitHub) => {
    for (const name of ['RT', 'X_IN_FLIGHT_OLD', ...OLD]) http.put(`${PATH}/${name}`);
  };

  it.each<[string, (string | undefined)[], string[]]>([
    ['but that of the token in hand', ['token', undefined], OLD.slice(1)],
    ['but those of all tokens that it was given', ['other', 'token'], OLD.slice(2)],
    ['where there was no token', [undefined, undefined], OLD],
  ])('deletes older records %s', async (_what, tokens, names) => {
    const { http, log, stores } = await read({ fill });
    await stores.sweep(tokens, NOON);
    expect(http.lines).toEqual(names.map((name) => `DELETE ${PATH}/${name}`));
    expect(log.lines).toEqual([`deleted ${names.length} of ${names.length} records of older runs`]);
  });

  it.each([
    ['in the second in which the stores were read', 0, 1],
    ['later, by a later run', 1_000, 0],
  ])('deletes a record that was created %s', async (_what, offset, requests) => {
    const { http, stores } = await read({
      fill: (fake) => fake.put(`${PATH}/RT_IN_FLIGHT_OLD`, { createdAt: NOON + offset }),
    });
    await stores.sweep(['token'], NOON);
    expect(http.sent).toHaveLength(requests);
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
    await expect(stores.sweep(['token', 'other'], NOON)).resolves.toBeUndefined();
    expect(http.sent.map(({ options }) => options.timeoutMs)).toEqual([3_000, 3_000]);
    expect(clock.waits).toEqual([]);
    expect(log.lines).toEqual(['deleted 0 of 2 records of older runs']);
  });

  it('leaves them to the next run in a pause, and when the run has stopped', async () => {
    const { clock, http, log, signals, stores } = await read({ fill, lines: 'repository', maxAttempts: 1 });
    http.on(/PUT/, answer(429, '', { 'retry-after': '60' }));
    await stores.keepToken('new');
    await stores.sweep(['token', 'other'], NOON);
    clock.skip(60_000);
    signals.send('SIGINT');
    await stores.sweep(['token', 'other'], NOON);
    expect(http.lines).toEqual([`PUT ${PATH}/RT`]);
    expect(clock.waits).toEqual([]);
    expect(log.lines.at(-1)).toBe('deleted 0 of 2 records of older runs');
  });
});
