import { createHmac, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GitHub } from '../../../src/github/client.ts';
import { Records, recordName } from '../../../src/github/record.ts';
import { PreparedStore, type Targets } from '../../../src/github/store.ts';
import { NOON } from '../../support/clock.ts';
import { ACCESS, LABEL, ONE, PATH, REPO, SEED, VARIABLE, VARIABLES } from './places.ts';
import { answer, cut, type FakeGitHub, type Step, storeOf, unreachable, world } from './support.ts';

const NAME = 'RT_IN_FLIGHT_0123456789AB';
const ORG = 'RT_IN_FLIGHT_ORG';
const RECORD = `${PATH}/${NAME}`;
const PUT = `PUT ${RECORD}`;
const GET = `GET ${RECORD}`;
const DELETE = `DELETE ${RECORD}`;

type Fill = (http: FakeGitHub) => void;

const DEFAULTS = { line: 'repository', targets: ONE, name: NAME, fill: (() => undefined) as Fill, maxAttempts: 4 };
type Setting = Partial<typeof DEFAULTS>;

/** A store that has been read, and the record of a run in it. */
async function recording(setting: Setting = {}) {
  const { line, targets, name, fill, maxAttempts } = { ...DEFAULTS, ...setting };
  const given = world({ maxAttempts });
  fill(given.http);
  const github = new GitHub(given.access);
  const store = await PreparedStore.read(github, storeOf(line), targets, name);
  given.http.sent.length = 0;
  const records = new Records(name, targets, github, given.log);
  return { ...given, github, records, store, write: () => records.write(store) };
}

/** Fills the store up to its last place. */
const full =
  (...names: string[]): Fill =>
  (http) => {
    for (const name of names) http.put(`${PATH}/${name}`);
    for (let number = names.length; number < 100; number++) http.put(`${PATH}/S_${number}`);
  };

describe('the name of a record', () => {
  it('is the target and a fingerprint that belongs to token and app secret', () => {
    const key = Buffer.from(hkdfSync('sha256', SEED, '', 'cobo-refresh-action in-flight record v1', 32));
    const digits = createHmac('sha256', key).update('tökèn').digest('hex').slice(0, 12).toUpperCase();
    expect(recordName('RT', 'tökèn', SEED)).toBe(`RT_IN_FLIGHT_${digits}`);
    expect(recordName('RT', 'tökèn', Buffer.alloc(32, 4))).not.toBe(`RT_IN_FLIGHT_${digits}`);
    expect(recordName('RT', undefined, SEED)).toBe(ORG);
    // It stays the same in later versions.
    expect(recordName('COBO', 'token', SEED)).toBe('COBO_IN_FLIGHT_8839E08D3165');
  });

  it.each([
    [ORG, true],
    [NAME, false],
    ['RT_IN_FLIGHT_ORG_IN_FLIGHT_0123456789AB', false],
  ])('%s locks nothing: %s', async (name, expected) => {
    expect((await recording({ name })).records.locksNothing).toBe(expected);
  });
});

it('a record is one request, remembered as its own, and deleted once', async () => {
  const { http, records, write } = await recording();
  expect(records.labels).toEqual([]);
  await expect(write()).resolves.toBeUndefined();
  expect(records.labels).toEqual([LABEL]);
  expect(http.secrets.get(RECORD)?.value).toBe(
    'A run of cobo-refresh-action used a refresh token. The name of this secret says which one.',
  );
  http.put(`${PATH}/RT_IN_FLIGHT_OTHER`);
  await expect(records.remove()).resolves.toEqual([]);
  await expect(records.remove()).resolves.toEqual([]);
  expect(http.lines).toEqual([PUT, DELETE]);
  expect([...http.secrets.keys()]).toEqual([`${PATH}/RT_IN_FLIGHT_OTHER`]);
});

describe('a record that was there when the store was read', () => {
  const fill: Fill = (http) => {
    http.put(RECORD, { createdAt: NOON - 9_000 });
    http.put(`${PATH}/RT`, { updatedAt: NOON - 8_000 });
    http.put(`${PATH}/${ORG}`);
  };

  it.each<[string, Setting, object | undefined]>([
    ['of this very token', {}, { createdAt: NOON - 9_000, updatedAt: NOON - 8_000 }],
    ['where no refresh token is stored', { targets: ACCESS }, { createdAt: NOON - 9_000, updatedAt: undefined }],
    ['of another token', { name: 'RT_IN_FLIGHT_BA9876543210' }, undefined],
    ['that locks nothing', { name: ORG }, undefined],
  ])('%s', async (_what, setting, doubt) => {
    const { http, records, store } = await recording({ fill, ...setting });
    expect(records.doubt(store)).toEqual(doubt && { store, ...doubt });
    expect(http.sent).toEqual([]);
  });
});

describe('another run was first', () => {
  const made: Fill = (http) => http.put(RECORD, { createdAt: NOON + 5_000 });
  const stored: Fill = (http) => http.put(`${PATH}/RT`, { updatedAt: NOON + 7_000 });

  it.each<[string, Fill[], Targets, number, number | undefined]>([
    ['and has updated the secret', [made, stored], ONE, 5_000, NOON + 7_000],
    ['and its record has gone again', [(http) => http.on(/PUT/, answer(204))], ONE, 0, undefined],
    ['and stores no refresh token', [made, stored], ACCESS, 5_000, undefined],
  ])('%s', async (_what, events, targets, offset, updatedAt) => {
    const { http, records, store, write } = await recording({ targets });
    for (const event of events) event(http);
    await expect(write()).resolves.toEqual({ store, createdAt: NOON + offset, updatedAt });
    expect(http.lines).toEqual([PUT, GET, ...(targets === ONE ? [`GET ${PATH}/RT`] : [])]);
    expect(records.labels).toEqual([]);
  });

  it('does not matter to a record that locks nothing', async () => {
    const { http, records, write } = await recording({ name: ORG });
    http.put(`${PATH}/${ORG}`);
    await expect(write()).resolves.toBeUndefined();
    await records.remove();
    expect(http.lines).toEqual([`PUT ${PATH}/${ORG}`, `DELETE ${PATH}/${ORG}`]);
  });
});

describe('a record whose answer was lost', () => {
  it('is its own where it was created since', async () => {
    const { http, records, write } = await recording();
    http.on(/PUT/, 'lost');
    await expect(write()).resolves.toBeUndefined();
    // It is surely this run's now: nothing is read again.
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.lines).toEqual([PUT, PUT, GET, DELETE]);
  });

  it.each<[string, Step, number, number, boolean]>([
    ['created in the second of the first attempt', cut(), 10_000, 10_000, true],
    ['created a second before it', cut(), 10_000, 9_000, false],
    // One of GitHub's clocks may be behind.
    ['created before the store was read', cut(), -10_000, -5_000, false],
    ['where the first attempt was not sent', unreachable(), 10_000, 10_000, false],
  ])('is looked at: one %s', async (_what, step, skip, offset, isOwn) => {
    const { github, http, store, write } = await recording();
    // Between the list and the first attempt, GitHub's clock has gone on, or another one has answered.
    http.headers = () => ({ date: new Date(NOON + skip).toUTCString() });
    const silent = { doing: '', permission: '', manner: 'read', expect: [404] } as const;
    await github.call({ ...silent, method: 'GET', path: RECORD });
    http.on(/PUT/, step);
    http.put(RECORD, { createdAt: NOON + offset });
    const doubt = { store, createdAt: NOON + offset, updatedAt: undefined };
    await expect(write()).resolves.toEqual(isOwn ? undefined : doubt);
  });

  it.each<[string, Step[], Step[], object, string[]]>([
    ['is in doubt where it has gone', ['lost', answer(204)], [answer(404)], { createdAt: NOON }, []],
    ['can be deleted where nobody could look', ['lost'], [answer(403)], { status: 403 }, [LABEL]],
  ])('%s', async (_what, puts, gets, outcome, labels) => {
    const { http, records, write } = await recording({ maxAttempts: 2 });
    http.on(/PUT/, ...puts);
    http.on(/GET/, ...gets);
    expect(await write().catch((error: unknown) => error)).toMatchObject(outcome);
    expect(records.labels).toEqual(labels);
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.secrets.has(RECORD)).toBe(labels.length === 0);
  });
});

describe('a record that could not be written', () => {
  it.each<[string, Step[]]>([
    ['is refused', [answer(403, { message: 'Resource not accessible' })]],
    ['is never sent', [unreachable(), unreachable()]],
  ])('leaves nothing to delete where it %s', async (_what, steps) => {
    const { http, records, write } = await recording({ maxAttempts: 2 });
    http.on(/PUT/, ...steps);
    await expect(write()).rejects.toMatchObject({ name: 'GitHubFailure' });
    expect(records.labels).toEqual([]);
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.lines).toEqual(steps.map(() => PUT));
  });

  it.each<[string, Step[], number, string[]]>([
    ['was lost', ['lost', 'lost'], 0, [DELETE]],
    ['was answered 200, which GitHub does not', [answer(200)], 0, [DELETE]],
    ['was lost, and somebody had written it before', [answer(200)], -1_000, []],
  ])('may be there where it %s', async (_what, steps, offset, deletions) => {
    const { http, records, write } = await recording({ maxAttempts: 2 });
    http.on(/PUT/, ...steps);
    await expect(write()).rejects.toMatchObject({ name: 'GitHubFailure', maybeDone: true });
    expect(records.labels).toEqual([LABEL]);
    if (!http.secrets.has(RECORD)) http.put(RECORD, { createdAt: NOON + offset });
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.lines.slice(steps.length)).toEqual([GET, ...deletions]);
    expect(records.labels).toEqual([]);
  });

  it('may be there after a defect, which is not hidden', async () => {
    const { http, records, write } = await recording();
    http.on(/PUT/, new TypeError('defect'));
    await expect(write()).rejects.toThrow(TypeError);
    expect(records.labels).toEqual([LABEL]);
  });
});

describe('a full store', () => {
  it.each([403, 409, 422])('that holds the target goes on without a record: %i', async (status) => {
    const { http, log, records, write } = await recording({ fill: full('RT') });
    http.on(PUT, answer(status), answer(status));
    await expect(write()).resolves.toBeUndefined();
    expect(log.warnings).toEqual([
      'The store `repository@octo-org/octo-repo` is full, so it has no in-flight record of this run. The secrets that have to be stored exist and can be updated. Delete a secret that is not needed.',
    ]);
    expect(records.labels).toEqual([]);
  });

  it.each([
    ['both targets', [], 'RT and AT'],
    ['one of the targets', ['RT'], 'AT'],
  ])('that lacks %s is refused', async (_what, names, missing) => {
    const targets = { ...ONE, accessTokenSecret: 'AT' };
    const { http, log, write } = await recording({ targets, fill: full(...names) });
    const tooMany = answer(422, { message: 'Too many secrets' });
    http.on(/PUT/, tooMany, tooMany);
    await expect(write()).rejects.toMatchObject({
      code: 'store-full',
      message: `The store \`repository@octo-org/octo-repo\` is full, so ${missing} cannot be created there: GitHub returned HTTP 422, "Too many secrets".`,
      remedy: 'Delete a secret that is not needed, or use another store.',
      cause: expect.objectContaining({ status: 422 }),
    });
    expect(log.warnings).toEqual([]);
  });

  const room: Fill = (http) => http.put(`${PATH}/RT`);
  it.each<[string, Setting, Step, number | undefined]>([
    ['404', { fill: full('RT') }, answer(404), 404],
    ['a lost answer', { fill: full('RT'), maxAttempts: 1 }, cut(), undefined],
    ['403 while there is room', { fill: room }, answer(403), 403],
    ['403 for a variable', { fill: full('RT'), targets: VARIABLE }, answer(403), 403],
  ])('does not explain %s', async (_what, setting, step, status) => {
    const { http, log, write } = await recording(setting);
    http.on(/PUT|POST/, step);
    await expect(write()).rejects.toMatchObject({ name: 'GitHubFailure', status });
    expect(log.warnings).toEqual([]);
  });
});

it.each([true, false])('where only a variable is written, a variable stands for the record; there: %s', async (is) => {
  const name = 'EXP_IN_FLIGHT_0123456789AB';
  const { http, records, store, write } = await recording({ targets: VARIABLE, name });
  if (is) http.variables.set(`${VARIABLES}/${name}`, 'A run of cobo-refresh-action used a refresh token.');
  expect(records.isVariable).toBe(true);
  await expect(write()).resolves.toBeUndefined();
  expect(records.labels).toEqual([LABEL]);
  expect(http.variables.get(`${VARIABLES}/${name}`)).toContain('A run of cobo-refresh-action');
  expect(records.command(store)).toBe(`gh variable delete ${name} --repo ${REPO}`);
  await expect(records.remove()).resolves.toEqual([]);
  expect(http.lines).toEqual([`POST ${VARIABLES}`, `DELETE ${VARIABLES}/${name}`]);
  expect(records.labels).toEqual([]);
});

describe('deleting records', () => {
  it('deletes those that were taken over, however old', async () => {
    const { http, records, store } = await recording({ fill: (fake) => fake.put(RECORD) });
    records.takeOver([store]);
    await records.remove();
    expect(http.lines).toEqual([DELETE]);
  });

  it('tells the failures, and tries again when asked', async () => {
    const { github, http, records, store, write } = await recording({ maxAttempts: 2 });
    const other = await PreparedStore.read(github, storeOf('dependabot'), ONE, NAME);
    await write();
    await records.write(other);
    http.on(DELETE, answer(500), answer(503));
    http.on('DELETE.*dependabot.*', new TypeError('defect'));
    await expect(records.remove()).resolves.toMatchObject([
      { store, reason: 'GitHub returned HTTP 503' },
      { store: other, reason: 'an unexpected error' },
    ]);
    expect(records.labels).toHaveLength(2);
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.secrets.size).toBe(0);
  });

  it.each([
    ['environment:cobo', `gh secret delete ${NAME} --repo ${REPO} --env 'cobo'`],
    ['organization:octo-org', `gh secret delete ${NAME} --org octo-org`],
  ])('can be done by hand: %s', async (line, command) => {
    const { records, store } = await recording({ line });
    expect(records.command(store)).toBe(command);
  });
});

describe('a signal while a record is written', () => {
  it.each(['secret', 'variable'])('lets none begin: a %s', async (kind) => {
    const { http, cancel, write } = await recording(kind === 'variable' ? { targets: VARIABLE } : {});
    cancel();
    await expect(write()).rejects.toMatchObject({ stopped: true });
    expect(http.sent).toEqual([]);
  });

  it('ends it before a record whose answer was lost is looked at', async () => {
    const { http, records, cancel, write } = await recording();
    http.on(/PUT/, 'lost', () => {
      cancel();
      return answer(204);
    });
    await expect(write()).rejects.toMatchObject({ stopped: true });
    expect(http.lines).toEqual([PUT, PUT]);
    expect(records.labels).toEqual([LABEL]);
  });
});
