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
const [PUT, DELETE] = [`PUT ${RECORD}`, `DELETE ${RECORD}`];

type Fill = (http: FakeGitHub) => void;

interface Setting {
  targets?: Targets;
  name?: string;
  fill?: Fill;
}

/** A store that has been read, and the record of a run in it. */
async function recording({ targets = ONE, name = NAME, fill }: Setting = {}) {
  const given = world({ maxAttempts: 2 });
  fill?.(given.http);
  const github = new GitHub(given.access);
  const store = await PreparedStore.read(github, storeOf('repository'), targets, [name]);
  given.http.sent.length = 0;
  const records = new Records(name, targets, github, given.log);
  return { ...given, github, records, store, write: () => records.write(store) };
}

/** Puts so many secrets into the store, these among them. */
const filled =
  (count: number, ...names: string[]): Fill =>
  (http) => {
    for (const name of names) http.put(`${PATH}/${name}`);
    for (let number = names.length; number < count; number++) http.put(`${PATH}/S_${number}`);
  };
const full = (...names: string[]) => filled(100, ...names);

it('the name of a record is the target and a fingerprint that belongs to token and app secret', () => {
  const key = Buffer.from(hkdfSync('sha256', SEED, '', 'cobo-refresh-action in-flight record v1', 32));
  const digits = createHmac('sha256', key).update('tökèn').digest('hex').slice(0, 12).toUpperCase();
  expect(recordName('RT', 'tökèn', SEED)).toBe(`RT_IN_FLIGHT_${digits}`);
  expect(recordName('RT', 'tökèn', Buffer.alloc(32, 4))).not.toBe(`RT_IN_FLIGHT_${digits}`);
  expect(recordName('RT', undefined, SEED)).toBe(ORG);
  // It stays the same in later versions.
  expect(recordName('COBO', 'token', SEED)).toBe('COBO_IN_FLIGHT_8839E08D3165');
});

it('the name of a record tells whether it locks anything', async () => {
  const names = [ORG, NAME, 'RT_IN_FLIGHT_ORG_IN_FLIGHT_0123456789AB'];
  const records = await Promise.all(names.map((name) => recording({ name })));
  expect(records.map((one) => one.records.locksNothing)).toEqual([true, false, false]);
});

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
])('a record that was there when the store was read, %s', async (_what, setting, doubt) => {
  const { http, records, store } = await recording({ fill, ...setting });
  expect(records.doubt(store)).toEqual(doubt && { store, ...doubt });
  expect(http.sent).toEqual([]);
});

/** What happens while a record is written; times are seconds after noon. */
interface Course extends Setting {
  puts?: Step[];
  get?: Step;
  /** When somebody has created the record, and updated the secret. */
  record?: number;
  secret?: number;
  /** GitHub's time at the first attempt. */
  now?: number;
}
const at = (seconds: number) => NOON + 1_000 * seconds;
/** Another run was first. */
const first = (created: number) => ({ createdAt: at(created), updatedAt: undefined });
const [REFUSED, THERE] = [answer(403), answer(204)];
const LOOKED = 'PUT PUT GET GET GET-RT';
const LOST = { maybeDone: true };
const PAUSE = answer(429, '', { 'retry-after': '60', date: new Date(NOON).toUTCString() });

// What comes of it (nothing: the run may go on), and the requests that write it and that delete it.
it.each<[string, Course, object | undefined, string, string]>([
  ['of this run', {}, undefined, 'PUT', 'DELETE'],
  ['that locks nothing', { name: ORG, record: 0 }, undefined, 'PUT', 'DELETE'],
  ['of a first run that stored its token', { record: 5, secret: 7 }, { updatedAt: at(7) }, 'PUT GET GET-RT', ''],
  ['of a first run where no token is', { record: 5, secret: 7, targets: ACCESS }, first(5), 'PUT GET', ''],
  ['of a first run that has deleted it', { puts: [THERE] }, first(0), 'PUT GET GET-RT', ''],
  // Where an answer was lost, it is the record of this run if it was created since.
  ['that is new', { puts: ['lost'] }, undefined, 'PUT PUT GET', 'DELETE'],
  ['of the same second', { puts: [cut()], now: 10, record: 10 }, undefined, 'PUT PUT GET', 'DELETE'],
  ['of the second before', { puts: [cut()], now: 10, record: 9 }, first(9), LOOKED, ''],
  ['older than the list, by a clock that is behind', { puts: [cut()], now: -10, record: -5 }, first(-5), LOOKED, ''],
  ['of the pause before the attempt that was lost', { puts: [PAUSE, cut()], record: 49 }, LOST, 'PUT PUT', 'GET'],
  ['of the seconds before that', { puts: [PAUSE, cut()], record: 50 }, LOST, 'PUT PUT', 'GET DELETE'],
  ['that was not sent', { puts: [unreachable()], now: 10, record: 10 }, first(10), 'PUT PUT GET GET-RT', ''],
  ['that is gone again', { puts: ['lost', THERE], get: answer(404) }, first(0), LOOKED, ''],
  ['that nobody may look at', { puts: ['lost'], get: REFUSED }, { status: 403 }, 'PUT PUT GET', 'GET DELETE'],
  // It could not be written, as far as anybody knows.
  ['that is refused', { puts: [REFUSED] }, { status: 403, maybeDone: false }, 'PUT', ''],
  ['that is lost', { puts: ['lost', 'lost'] }, LOST, 'PUT PUT', 'GET DELETE'],
  ['that is lost, and was there', { puts: [cut(), cut()], record: -1 }, LOST, 'PUT PUT', 'GET'],
  ['after a defect', { puts: [new TypeError('defect')] }, { name: 'TypeError' }, 'PUT', 'GET'],
])('a record %s is written and deleted', async (_what, course, outcome, writing, deleting) => {
  const { github, http, records, store, write } = await recording(course);
  const { name = NAME, puts = [], get, record, secret, now = 0 } = course;
  http.headers = () => ({ date: new Date(at(now)).toUTCString() });
  const silent = { doing: '', permission: '', manner: 'read', expect: [404] } as const;
  await github.call({ ...silent, method: 'GET', path: '/secrets/X' });
  http.on(/PUT/, ...puts);
  if (get !== undefined) http.on(/GET/, get);
  if (record !== undefined) http.put(`${PATH}/${name}`, { createdAt: at(record) });
  if (secret !== undefined) http.put(`${PATH}/RT`, { updatedAt: at(secret) });
  const methods = () =>
    http.sent.splice(0).map(({ line }) => line.replace(/ .*_IN_FLIGHT_.*/, '').replace(/ .*\//, '-'));
  http.sent.length = 0;
  const ended = await write().catch((error: unknown) => error);
  if (outcome === undefined) expect(ended).toBeUndefined();
  else expect(ended).toMatchObject('updatedAt' in outcome ? { store, ...outcome } : outcome);
  expect(methods().join(' ')).toBe(writing);
  // What may be its own is known as such until it is deleted.
  expect(records.labels).toEqual(deleting === '' ? [] : [LABEL]);
  for (const _ of [1, 2]) await expect(records.remove()).resolves.toEqual([]);
  expect(methods().join(' ')).toBe(deleting);
  expect(records.labels).toEqual([]);
});

it('a record has a text that explains it, and leaves other records alone', async () => {
  const { http, records, write } = await recording();
  await write();
  const text = 'A run of cobo-refresh-action used a refresh token. The name of this secret says which one.';
  expect(http.secrets.get(RECORD)?.value).toBe(text);
  http.put(`${PATH}/RT_IN_FLIGHT_OTHER`);
  await records.remove();
  expect([...http.secrets.keys()]).toEqual([`${PATH}/RT_IN_FLIGHT_OTHER`]);
});

const TWO = { ...ONE, accessTokenSecret: 'AT' };
const NOT_ALLOWED = { message: 'Resource not accessible by personal access token' };
const isFull = (missing: string) => ({
  code: 'store-full',
  message: `The store \`${LABEL}\` is full, so ${missing} cannot be created there: GitHub returned HTTP 422, "Too many".`,
  remedy: 'Delete a secret that is not needed, or use another store.',
  cause: expect.objectContaining({ status: 422 }),
});
it.each<[string, number | Step, Setting, object | undefined]>([
  ['403, and goes on without a record', 403, { fill: full('RT') }, undefined],
  ['409, and goes on without a record', 409, { fill: full('RT') }, undefined],
  ['422, and goes on without a record', 422, { fill: full('RT') }, undefined],
  ['422, and lacks both targets', 422, { fill: full(), targets: TWO }, isFull('RT and AT')],
  ['422, and lacks a target', 422, { fill: full('RT'), targets: TWO }, isFull('AT')],
  ['404', 404, { fill: full('RT') }, { status: 404 }],
  [
    '403 for another reason',
    answer(403, { message: 'Repository was archived' }),
    { fill: full('RT') },
    { status: 403 },
  ],
  ['403 to a token that may not write', answer(403, NOT_ALLOWED), { fill: full('RT') }, { status: 403 }],
  ['403 as a limit', answer(403, { message: 'a secondary rate limit' }), { fill: full('RT') }, { status: 403 }],
  ['no answer', cut(), { fill: full('RT') }, { status: undefined }],
  ['403 while there is room', 403, { fill: (http) => http.put(`${PATH}/RT`) }, { status: 403 }],
  ['403 to a variable', 403, { fill: full('RT'), targets: VARIABLE }, { status: 403 }],
])('a full store answers %s', async (_what, status, setting, outcome) => {
  const { http, log, records, write } = await recording(setting);
  const step = typeof status === 'number' ? answer(status, { message: 'Too many' }) : status;
  http.on(/PUT|POST/, step, step);
  const ended = await write().catch((error: unknown) => error);
  if (outcome !== undefined) expect(ended).toMatchObject(outcome);
  else expect([ended, records.labels]).toEqual([undefined, []]);
  const warning = `The store \`${LABEL}\` is full, so it has no in-flight record of this run. The secrets that have to be stored exist and can be updated. Delete a secret that is not needed.`;
  expect(log.warnings).toEqual(outcome === undefined ? [warning] : []);
});

it.each<[number, string[], Targets, string?]>([
  [98, [], ONE],
  [98, [], TWO, '2, and an in-flight record needs one, so RT and AT'],
  [99, ['RT'], TWO, '1, and an in-flight record needs one, so AT'],
  [99, ['RT'], ONE],
  [99, [NAME], ONE],
  [99, [], VARIABLE],
])('a record takes no place that a target needs: %i secrets, %j among them, %j', async (count, names, targets, why) => {
  const { http, write } = await recording({ targets, fill: filled(count, ...names) });
  const ended = await write().catch((error: unknown) => error);
  if (why === undefined) return expect([ended instanceof Error, http.lines.length > 0]).toEqual([false, true]);
  const message = `The store \`${LABEL}\` is full but for ${why} cannot be created there.`;
  expect(ended).toMatchObject({ code: 'store-full', message });
  expect(http.lines).toEqual([]);
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
    const { github, http, records, store, write } = await recording();
    const other = await PreparedStore.read(github, storeOf('dependabot'), ONE, [NAME]);
    await write();
    await records.write(other);
    http.on(DELETE, answer(500), answer(503));
    http.on('DELETE.*dependabot.*', new TypeError('defect'));
    await expect(records.remove()).resolves.toMatchObject([
      { store, reason: 'GitHub returned HTTP 503' },
      { store: other, reason: 'an unexpected error' },
    ]);
    expect(records.labels).toHaveLength(2);
    expect(records.command(other)).toBe(`gh secret delete ${NAME} --repo ${REPO} --app dependabot`);
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.secrets.size).toBe(0);
  });
});

it.each([ONE, VARIABLE])('a signal lets no record begin, of %j', async (targets) => {
  const { http, cancel, write } = await recording({ targets });
  cancel();
  await expect(write()).rejects.toMatchObject({ stopped: true });
  expect(http.sent).toEqual([]);
});

it('a signal ends it before a record whose answer was lost is looked at', async () => {
  const { http, records, cancel, write } = await recording();
  http.on(/PUT/, 'lost', () => {
    cancel();
    return answer(204);
  });
  await expect(write()).rejects.toMatchObject({ stopped: true });
  expect(http.lines).toEqual([PUT, PUT]);
  expect(records.labels).toEqual([LABEL]);
});
