import { describe, expect, it } from 'vitest';
import { readStores } from '../../../src/github/grammar.ts';
import { recordName } from '../../../src/github/record.ts';
import type { RunFacts } from '../../../src/github/staleness.ts';
import type { PreparedStore } from '../../../src/github/store.ts';
import { Stores } from '../../../src/github/stores.ts';
import { NOON } from '../../support/clock.ts';
import { ALL, COBO, DEPENDABOT, ONE, PATH, REPO, SEED, VARIABLE } from './places.ts';
import { answer, type FakeGitHub, iso, seconds, settle, world } from './support.ts';

const RECORD = recordName('RT', 'token', SEED);
const RUN: RunFacts = { repository: REPO, runId: 42, runAttempt: 1, jobStartedAt: NOON - 5_000 };
const BOTH = 'repository\nenvironment:cobo';
const many = (count: number) => Array.from({ length: count }, (_, index) => `environment:e${index}`).join('\n');

const noFill = (_http: FakeGitHub): void => undefined;

function opened({ lines = BOTH, targets = ONE, fill = noFill } = {}) {
  const given = world({ maxAttempts: 2 });
  fill(given.http);
  const stores = new Stores(given.access, readStores(lines, REPO), targets, SEED, given.cancellation);
  return { ...given, stores };
}

/** Stores that have been read; the requests that it took are forgotten. */
async function read(setting: Parameters<typeof opened>[0] = {}) {
  const given = opened(setting);
  await given.stores.read('token', undefined);
  given.http.sent.length = 0;
  return given;
}

describe('reading the stores', () => {
  it('keeps their order, and when they were read', async () => {
    const { clock, http, stores } = opened({ targets: ALL });
    expect(stores).toMatchObject({ prepared: [], lookedAt: 0, targets: ALL });
    clock.skip(1_234);
    await stores.read('token', undefined);
    expect(stores.labels).toEqual([`repository@${REPO}`, `environment:cobo@${REPO}`]);
    expect(stores.prepared.map(({ label }) => label)).toEqual(stores.labels);
    expect(stores.lookedAt).toBe(NOON + 1_000);
    expect(http.sent).toHaveLength(6);
  });

  it.each([
    ['one of two', BOTH, RUN, true],
    ['environments alone', 'environment:cobo', RUN, false],
    ['no matter', 'repository', undefined, false],
  ])('asks when the run was queued: %s', async (_what, lines, run, isAsked) => {
    const { http, stores } = opened({ lines });
    // The job's start is told by the clock of the runner, which is an hour behind.
    http.headers = () => ({ date: new Date(NOON + 3_600_000).toUTCString() });
    http.on('/runs/42', answer(200, { created_at: iso(NOON - 90_000) }, http.headers()));
    const times = await stores.read('token', run);
    expect(http.lines.some((line) => line.includes('/runs/'))).toBe(isAsked);
    const jobStartedAt = run && NOON - 5_000 + 3_600_500;
    expect(times).toEqual({ queuedAt: isAsked ? NOON - 90_000 : undefined, jobStartedAt });
  });

  it.each([
    [ALL, 'RT'],
    [{ ...ALL, refreshTokenSecret: undefined }, 'AT'],
    [VARIABLE, 'EXP'],
  ])('names the record after the first of %j', async (targets, first) => {
    const { stores } = await read({ targets });
    expect(stores.records.name).toBe(recordName(first, 'token', SEED));
    stores.useRecordOf(undefined);
    expect(stores.records.name).toBe(`${first}_IN_FLIGHT_ORG`);
  });

  it('finds the records of this token that are there, and full stores, which may lack one', async () => {
    const fill = (http: FakeGitHub) => {
      http.put(`${COBO}/${RECORD}`, { createdAt: NOON - 8_000 });
      http.put(`${PATH}/${RECORD}`, { createdAt: NOON - 9_000 });
      http.put(`${DEPENDABOT}/RT`, { updatedAt: NOON - 1_000 });
      for (let at = 1; at < 100; at++) for (const path of [PATH, DEPENDABOT]) http.put(`${path}/S${at}`);
    };
    const { stores } = await read({ fill, lines: `${BOTH}\ndependabot\nenvironment:empty` });
    const at = (index: number) => stores.prepared[index];
    expect(stores.doubts).toEqual([
      { store: at(0), createdAt: NOON - 9_000, updatedAt: undefined },
      { store: at(1), createdAt: NOON - 8_000, updatedAt: undefined },
      { store: at(2), createdAt: NOON - 9_000, updatedAt: NOON - 1_000 },
    ]);
    stores.useRecordOf('another token');
    expect(stores.doubts).toEqual([]);
  });
});

it.each([6, 5])('the hourly limit leaves %i more requests, and two stores need six', async (remaining) => {
  const { http, stores } = opened();
  const reset = seconds(NOON + 1_800_000);
  http.headers = () => ({ 'x-ratelimit-remaining': String(remaining), 'x-ratelimit-reset': reset });
  await stores.read('token', undefined);
  const check = () => stores.refuseShortBudget();
  if (remaining === 6) return expect(check).not.toThrow();
  const message = 'GitHub allows `github-token` 5 more requests until 2026-03-01T12:30:00Z, and this run needs 6.';
  const remedy = 'Re-run the job after 2026-03-01T12:30:00Z, or use a token that is not shared with other jobs.';
  expect(check).toThrow(expect.objectContaining({ code: 'rate-limited', message, remedy }));
});

it('a record is written where there is none of this run', async () => {
  const { http, stores } = await read();
  stores.records.takeOver(stores.prepared.slice(0, 1));
  for (const _ of [1, 2]) await expect(stores.record()).resolves.toEqual([]);
  expect(http.lines).toEqual([`PUT ${COBO}/${RECORD}`]);
});

it.each([
  ['first: no other is asked', 0, PATH, [PATH], []],
  ['second: those in the others can be deleted', 1, COBO, [PATH, COBO, DEPENDABOT], [PATH, DEPENDABOT]],
])('another run was first, in the %s', async (_what, index, path, asked, deleted) => {
  const { http, stores } = await read({ lines: `${BOTH}\ndependabot` });
  http.put(`${path}/${RECORD}`, { createdAt: NOON });
  await expect(stores.record()).resolves.toMatchObject([{ store: stores.prepared[index], createdAt: NOON }]);
  await expect(stores.records.remove()).resolves.toEqual([]);
  const lines = (method: string, paths: string[]) => paths.map((one) => `${method} ${one}/${RECORD}`);
  const writes = http.lines.filter((line) => !line.startsWith('GET'));
  expect(writes).toEqual([...lines('PUT', asked), ...lines('DELETE', deleted)]);
});

describe('records, tokens and the minute', () => {
  const waiting = (what: string) =>
    `Waiting 1 min 0 s: GitHub allows 80 writes a minute, and there is no room for ${what} yet.`;
  const RECORDS = waiting('the in-flight records');
  const ROOM = waiting('the refresh token');
  const OTHERS = waiting('the other stores');

  it.each([
    [40, 0, [], [], []],
    [41, 0, [], [ROOM], []],
    [81, 0, [RECORDS], [ROOM], [OTHERS]],
    [200, 300_000, [RECORDS, RECORDS], [ROOM], [OTHERS, OTHERS]],
  ])('%i stores wait where they must, while Cobo takes %i ms', async (count, cobo, forRecords, forToken, forOthers) => {
    const { clock, http, log, stores } = await read({ lines: many(count) });
    // What was read is a minute ago, and a minute is enough for what is under way.
    clock.skip(60_000);
    clock.meanwhile = settle;
    const told = () => log.lines.splice(0);
    await expect(stores.record()).resolves.toEqual([]);
    expect(told()).toEqual(forRecords);
    await stores.makeRoom();
    expect(told()).toEqual(forToken);
    clock.skip(cobo);
    await expect(stores.keepToken('new')).resolves.toMatchObject({ failed: [] });
    expect(told()).toEqual(forOthers);
    const times = http.sent.map(({ at }) => at);
    expect(times).toHaveLength(2 * count);
    for (const time of new Set(times)) {
      expect(times.filter((one) => one > time - 60_000 && one <= time).length).toBeLessThanOrEqual(80);
    }
  });

  /** Stores after a minute's worth of writes, and a signal as soon as anything waits. */
  async function busy(targets = ONE) {
    const given = await read({ targets });
    for (let write = 0; write < 80; write++) given.stores.github.budget.count('PUT');
    given.clock.meanwhile = given.cancel;
    return given;
  }

  it('no room is needed where no refresh token is stored', async () => {
    const { clock, http, log, stores } = await busy({ ...ALL, refreshTokenSecret: undefined });
    await stores.makeRoom();
    await expect(stores.keepToken('new')).resolves.toMatchObject({ failed: [] });
    expect([...clock.waits, ...http.sent, ...log.lines]).toEqual([]);
  });

  it('a signal ends the wait for records and for room, and not that of a token', async () => {
    const { http, stores } = await busy();
    await expect(stores.record()).rejects.toMatchObject({ code: 'cancelled' });
    await expect(stores.makeRoom()).rejects.toMatchObject({ code: 'cancelled' });
    expect(stores.records.labels).toEqual([]);
    await expect(stores.keepToken('new')).resolves.toMatchObject({ failed: [] });
    expect(http.lines).toEqual([`PUT ${PATH}/RT`, `PUT ${COBO}/RT`]);
  });
});

describe('reading again', () => {
  const labels = (failed: readonly { label: string }[]) => failed.map(({ label }) => label);

  it('goes on with each store as soon as it is read, whatever GitHub asks for another, and after a signal', async () => {
    const { cancel, clock, http, stores } = opened();
    http.on(`GET ${PATH}/public-key`, answer(429, '', { 'retry-after': '3000' }));
    cancel();
    const seen: [string, number][] = [];
    const then = async (store: PreparedStore) => {
      seen.push([store.label, clock.now() - NOON]);
      await stores.keepIn(store, 'new');
    };
    await expect(stores.readAgain([RECORD], then)).resolves.toEqual([]);
    const [repository = '', environment = ''] = stores.labels;
    expect(seen).toEqual([
      [environment, 0],
      [repository, 3_000_000],
    ]);
    expect([labels(stores.prepared), [...http.secrets.keys()]]).toEqual([stores.labels, [`${COBO}/RT`, `${PATH}/RT`]]);
  });

  it('tells what could not be read, or failed after that, and fails when nothing can be read', async () => {
    const { http, stores } = opened({ lines: `${BOTH}\ndependabot` });
    http.on(`GET ${PATH}/public-key`, ...Array(2).fill(answer(404)));
    http.on(`PUT ${COBO}/RT`, ...Array(2).fill(answer(403)));
    const [repository = '', environment = '', dependabot = ''] = stores.labels;
    await expect(stores.readAgain([RECORD], (store) => stores.keepIn(store, 'new'))).resolves.toMatchObject([
      { label: repository, name: 'RT', reason: 'GitHub returned HTTP 404', error: { status: 404 } },
      { label: environment, name: 'RT', reason: 'GitHub returned HTTP 403', refused: true },
    ]);
    expect([labels(stores.prepared), stores.records.name]).toEqual([[environment, dependabot], RECORD]);
    http.on('GET.*', ...Array(6).fill(answer(404)));
    await expect(stores.readAgain([RECORD])).rejects.toMatchObject({ status: 404 });
  });
});

it('storing it goes on in a run that has stopped, and through a pause, and tells what failed', async () => {
  const { clock, http, cancel, stores } = await read();
  http.on(`PUT ${PATH}/RT`, answer(403, '', { 'retry-after': '60' }));
  http.on(`PUT ${COBO}/RT`, answer(404), answer(404));
  cancel();
  await expect(stores.keepToken('new')).resolves.toMatchObject({ failed: [{ store: stores.prepared[1], name: 'RT' }] });
  expect(clock.waits).toContain(60_000);
  expect([...http.secrets.keys()]).toEqual([`${PATH}/RT`]);
});

const EXTRAS = ['access', '2026-03-02T00:00:00Z'] as const;
const SECRETS = [`${PATH}/AT`, `${COBO}/AT`];
const VARIABLES = [PATH, COBO].map((path) => `${path.replace('secrets', 'variables')}/EXP`);

it.each([
  [ALL, SECRETS, VARIABLES],
  [ONE, [], []],
])('of %j, the access token and the expiry are written', async (targets, secrets, variables) => {
  const { http, stores } = await read({ targets });
  await expect(stores.keepExtras(...EXTRAS)).resolves.toEqual([]);
  expect(http.sent).toHaveLength(secrets.length + variables.length);
  expect([...http.secrets].map(([path, { value }]) => [path, value])).toEqual(secrets.map((one) => [one, EXTRAS[0]]));
  expect([...http.variables]).toEqual(variables.map((one) => [one, EXTRAS[1]]));
});

it('what could not be written is told', async () => {
  const { http, stores } = await read({ targets: ALL });
  http.on(`PUT ${PATH}/AT`, answer(403));
  http.on('POST.*environments.*', answer(404));
  await expect(stores.keepExtras(...EXTRAS)).resolves.toMatchObject([
    { store: stores.prepared[0], name: 'AT' },
    { store: stores.prepared[1], name: 'EXP' },
  ]);
});

describe('sweeping', () => {
  const OLD = ['RT_IN_FLIGHT_0123456789AB', 'RT_IN_FLIGHT_ORG'];
  const others = ['RT', 'X_IN_FLIGHT_0123456789AB', 'RT_IN_FLIGHT_WEBHOOK_URL', 'RT_IN_FLIGHT_0123456789ABC'];
  const fill = (http: FakeGitHub) => {
    for (const name of [...others, RECORD, recordName('RT', 'other', SEED), ...OLD])
      http.put(`${PATH}/${name}`, { createdAt: NOON });
  };

  it.each<[string, (string | undefined)[], number, string[]]>([
    ['but its own, and those of all tokens that it was given', ['other', undefined], NOON, OLD],
    ['and none of a later run', [undefined], NOON - 1_000, []],
  ])('deletes older records %s', async (_what, tokens, until, names) => {
    const { http, log, stores } = await read({ fill });
    await stores.sweep(tokens, until);
    expect(http.lines).toEqual(names.map((name) => `DELETE ${PATH}/${name}`));
    expect(log.lines).toEqual([`deleted ${names.length} of ${names.length} records of older runs`]);
  });

  it('deletes its own record where that locks nothing', async () => {
    const { http, stores } = await read();
    stores.useRecordOf(undefined);
    await stores.record();
    await stores.sweep(['token', undefined], NOON);
    expect(http.secrets.size).toBe(0);
  });

  it('tries once, for three seconds, and never throws', async () => {
    const { clock, http, log, stores } = await read({ fill });
    http.on('0123456789AB', answer(503));
    http.on('ORG', new TypeError('defect'));
    await expect(stores.sweep(['token', 'other'], NOON)).resolves.toBeUndefined();
    expect(http.sent.map(({ options }) => options.timeoutMs)).toEqual([3_000, 3_000]);
    expect(clock.waits).toEqual([]);
    expect(log.lines).toEqual(['deleted 0 of 2 records of older runs']);
  });
});
