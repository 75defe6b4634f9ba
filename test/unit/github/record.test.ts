import { createHmac, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GitHub, type GitHubAccess } from '../../../src/github/client.ts';
import { Records, recordName, recordPrefix } from '../../../src/github/record.ts';
import { PreparedStore, type Targets } from '../../../src/github/store.ts';
import { NOON } from '../../support/clock.ts';
import {
  answer,
  cut,
  type FakeGitHub,
  hanging,
  REPO,
  type Step,
  settle,
  storeOf,
  unreachable,
  world,
} from './support.ts';

const SEED = Buffer.alloc(32, 3);
const ONE: Targets = { refreshTokenSecret: 'RT', accessTokenSecret: undefined, expiresAtVariable: undefined };
const VARIABLE: Targets = { ...ONE, refreshTokenSecret: undefined, expiresAtVariable: 'EXP' };
const RECORD = 'RT_IN_FLIGHT_0123456789AB';
const LINES = ['repository', 'environment:cobo', 'dependabot'];
const PATHS = [
  `/repos/${REPO}/actions/secrets`,
  `/repos/${REPO}/environments/cobo/secrets`,
  `/repos/${REPO}/dependabot/secrets`,
] as const;
const [FIRST, SECOND, THIRD] = PATHS;
const at = (path: string, name = RECORD) => `${path}/${name}`;

interface Setting extends Partial<GitHubAccess> {
  lines?: string[];
  targets?: Targets;
  name?: string;
  fill?: (http: FakeGitHub) => void;
}

/** Stores that have been read, and the records of a run in them. */
async function recording({ lines = LINES, targets = ONE, name = RECORD, fill, ...changes }: Setting = {}) {
  const given = world(changes);
  fill?.(given.http);
  const github = new GitHub(given.access);
  const stores = await Promise.all(
    lines.map((line) => PreparedStore.read(github, storeOf(line), targets, name)),
  );
  given.http.sent.length = 0;
  const records = new Records(name, targets, stores, github.lastDate);
  const rooms: number[] = [];
  const room = async () => void rooms.push(given.http.writes.length);
  const write = () => records.write(room, (tasks) => given.cancellation.together(tasks), given.log);
  return { ...given, github, records, rooms, stores, write };
}

/** Fills a store up to its last place. */
const full =
  (...names: string[]) =>
  (http: FakeGitHub) => {
    for (const name of names) http.put(at(FIRST, name));
    for (let number = names.length; number < 100; number++) http.put(at(FIRST, `S_${number}`));
  };
const holdsTarget = full('RT');
const TOO_MANY = answer(422, { message: 'Too many secrets' });

describe('the name of a record', () => {
  it('is the target and a fingerprint that belongs to token and app secret', () => {
    const key = Buffer.from(hkdfSync('sha256', SEED, '', 'cobo-refresh-action in-flight record v1', 32));
    const digits = createHmac('sha256', key).update('tökèn').digest('hex').slice(0, 12).toUpperCase();
    expect(recordName('RT', 'tökèn', SEED)).toBe(`RT_IN_FLIGHT_${digits}`);
    expect(recordName('RT', 'token', SEED)).not.toBe(recordName('RT', 'token', Buffer.alloc(32, 4)));
  });

  it('stays the same in later versions', () => {
    expect(recordName('COBO', 'token', SEED)).toBe('COBO_IN_FLIGHT_8839E08D3165');
  });

  it('is ORG without a token', () => {
    expect(recordName('RT', undefined, SEED)).toBe('RT_IN_FLIGHT_ORG');
  });

  it('begins with the target', () => {
    expect(recordPrefix('RT')).toBe('RT_IN_FLIGHT_');
  });

  it.each([
    ['RT_IN_FLIGHT_ORG', true],
    ['RT_IN_FLIGHT_0123456789AB', false],
    ['RT_IN_FLIGHT_ORG_IN_FLIGHT_0123456789AB', false],
  ])('%s locks nothing: %s', (name, expected) => {
    expect(new Records(name, ONE, [], 0).locksNothing).toBe(expected);
  });
});

describe('writing records', () => {
  it('begins with the first store, takes room for each, and ends with one in every store', async () => {
    const { http, records, rooms, stores, write } = await recording();
    let later = 0;
    http.on(`PUT ${at(FIRST)}`, () => {
      later = http.sent.length;
      return answer(201);
    });
    await expect(write()).resolves.toEqual([]);
    expect(later).toBe(1);
    expect(http.lines).toEqual(PATHS.map((path) => `PUT ${at(path)}`));
    expect(rooms).toEqual([0, 1, 1]);
    expect(records.labels).toEqual(stores.map(({ label }) => label));
    expect(http.secrets.get(at(SECOND))?.value).toBe(
      'A run of cobo-refresh-action used a refresh token. The name of this secret says which one.',
    );
  });

  it('with no store does nothing', async () => {
    const { http, write } = await recording({ lines: [] });
    await expect(write()).resolves.toEqual([]);
    expect(http.sent).toEqual([]);
  });

  it('leaves those alone that were taken over', async () => {
    const { http, records, stores, write } = await recording();
    records.takeOver(stores.slice(0, 2));
    await expect(write()).resolves.toEqual([]);
    expect(http.lines).toEqual([`PUT ${at(THIRD)}`]);
  });

  it('ends where there is no room', async () => {
    const { http, records, log } = await recording();
    const room = () => Promise.reject(new Error('stopped'));
    await expect(records.write(room, (tasks) => Promise.all(tasks), log)).rejects.toThrow('stopped');
    expect(http.sent).toEqual([]);
    expect(records.labels).toEqual([]);
  });
});

describe('another run was first', () => {
  it('in the first store: no other store is asked', async () => {
    const { http, records, stores, write } = await recording();
    http.put(at(FIRST), { createdAt: NOON + 5_000 });
    http.put(at(FIRST, 'RT'), { updatedAt: NOON + 7_000 });
    await expect(write()).resolves.toEqual([
      { store: stores[0], createdAt: NOON + 5_000, updatedAt: NOON + 7_000 },
    ]);
    expect(http.writes).toEqual([`PUT ${at(FIRST)}`]);
    expect(records.labels).toEqual([]);
  });

  it('in the second store: the records in the others can be deleted', async () => {
    const { http, records, stores, write } = await recording();
    http.put(at(SECOND), { createdAt: NOON + 5_000 });
    await expect(write()).resolves.toEqual([
      { store: stores[1], createdAt: NOON + 5_000, updatedAt: undefined },
    ]);
    await expect(records.remove()).resolves.toEqual([]);
    expect([...http.secrets.keys()]).toEqual([at(SECOND)]);
    expect(http.writes.filter((line) => line.startsWith('DELETE'))).toHaveLength(2);
  });

  it('and its record has gone again', async () => {
    const { http, stores, write } = await recording({ lines: ['repository'] });
    http.on(/PUT/, answer(204));
    await expect(write()).resolves.toEqual([{ store: stores[0], createdAt: NOON, updatedAt: undefined }]);
  });

  it('of two that write no refresh token: nothing else is read', async () => {
    const targets = { ...ONE, refreshTokenSecret: undefined, accessTokenSecret: 'AT' };
    const { http, stores, write } = await recording({ targets, lines: ['repository'] });
    http.on(/PUT/, answer(204));
    await expect(write()).resolves.toEqual([{ store: stores[0], createdAt: NOON, updatedAt: undefined }]);
    expect(http.lines).toEqual([`PUT ${at(FIRST)}`, `GET ${at(FIRST)}`]);
  });

  it('is not forgotten where the store is full and cannot be read', async () => {
    const { http, log, write } = await recording({ lines: ['repository'], fill: holdsTarget });
    http.on(/PUT/, answer(204));
    http.on(`GET ${at(FIRST)}`, answer(403));
    await expect(write()).rejects.toMatchObject({ status: 403 });
    expect(log.warnings).toEqual([]);
  });

  it('does not matter to a record that locks nothing', async () => {
    const { http, records, write } = await recording({ name: 'RT_IN_FLIGHT_ORG', lines: ['repository'] });
    http.put(at(FIRST, 'RT_IN_FLIGHT_ORG'));
    await expect(write()).resolves.toEqual([]);
    expect(records.labels).toHaveLength(1);
    await records.remove();
    expect(http.secrets.size).toBe(0);
  });
});

describe('a record whose answer was lost', () => {
  it('is its own where it was created since', async () => {
    const { http, records, write } = await recording({ lines: ['repository'] });
    http.on(/PUT/, 'lost');
    await expect(write()).resolves.toEqual([]);
    expect(http.lines).toEqual([`PUT ${at(FIRST)}`, `PUT ${at(FIRST)}`, `GET ${at(FIRST)}`]);
    // It is surely this run's now: nothing is read again.
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.lines.slice(3)).toEqual([`DELETE ${at(FIRST)}`]);
  });

  it.each([
    ['in the second of the first attempt', 10_000, true],
    ['a second before it', 9_000, false],
    ['when the stores were read', 0, false],
  ])('is looked at: one that was created %s', async (_what, offset, isOwn) => {
    const { clock, github, http, stores, write } = await recording({ lines: ['repository'] });
    // Between the list and the first attempt, GitHub's clock has gone on.
    clock.skip(10_000);
    await github.call({
      method: 'GET',
      path: at(FIRST),
      expect: [404],
      manner: 'read',
      doing: '',
      permission: '',
    });
    http.on(/PUT/, cut());
    http.put(at(FIRST), { createdAt: NOON + offset });
    const doubt = { store: stores[0], createdAt: NOON + offset, updatedAt: undefined };
    await expect(write()).resolves.toEqual(isOwn ? [] : [doubt]);
  });

  it('is that of another run where nothing was sent before', async () => {
    const { http, write } = await recording({ lines: ['repository'] });
    http.on(/PUT/, unreachable());
    http.put(at(FIRST), { createdAt: NOON });
    await expect(write()).resolves.toHaveLength(1);
  });

  it('is in doubt where it has gone', async () => {
    const { http, records, write } = await recording({ lines: ['repository'] });
    http.on(/PUT/, 'lost', answer(204));
    http.on(/GET/, answer(404));
    await expect(write()).resolves.toMatchObject([{ createdAt: NOON }]);
    expect(records.labels).toEqual([]);
  });

  it('can be deleted where nobody could look', async () => {
    const { http, records, write } = await recording({ lines: ['repository'], maxAttempts: 2 });
    http.on(/PUT/, 'lost');
    http.on(/GET/, answer(403));
    await expect(write()).rejects.toMatchObject({ status: 403 });
    expect(records.labels).toHaveLength(1);
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.secrets.size).toBe(0);
  });
});

describe('a record that could not be written', () => {
  it.each<[string, Step[]]>([
    ['is refused', [answer(403, { message: 'Resource not accessible' })]],
    ['is never sent', [unreachable(), unreachable()]],
    ['is held back by a rate limit', [answer(429), answer(429)]],
  ])('leaves nothing to delete where it %s', async (_what, steps) => {
    const { http, records, write } = await recording({ lines: ['repository'], maxAttempts: 2 });
    http.on(/PUT/, ...steps);
    await expect(write()).rejects.toMatchObject({ name: 'GitHubFailure' });
    expect(records.labels).toEqual([]);
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.lines.filter((line) => !line.startsWith('PUT'))).toEqual([]);
  });

  it.each<[string, Step[]]>([
    ['was lost', ['lost', 'lost']],
    ['was lost, then refused', ['lost', answer(403)]],
    ['was lost, then held back by a rate limit', ['lost', answer(429)]],
    ['was answered 500', ['lost', answer(500)]],
    ['was answered 200, which GitHub does not', [() => answer(200)]],
  ])('may be there all the same where it %s, and is deleted', async (_what, steps) => {
    const { clock, http, records, write } = await recording({ lines: ['repository'], maxAttempts: 2 });
    http.on(/PUT/, ...steps);
    await expect(write()).rejects.toMatchObject({ name: 'GitHubFailure', maybeDone: true });
    expect(records.labels).toHaveLength(1);
    if (!http.secrets.has(at(FIRST))) http.put(at(FIRST), { createdAt: clock.now() });
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.secrets.size).toBe(0);
    expect(http.lines.slice(-2)).toEqual([`GET ${at(FIRST)}`, `DELETE ${at(FIRST)}`]);
  });

  it('does not hide a defect', async () => {
    const { http, write } = await recording({ lines: ['repository'] });
    http.on(/PUT/, new TypeError('defect'));
    await expect(write()).rejects.toThrow(TypeError);
  });

  it('is not looked at any more when the run has stopped', async () => {
    const { http, records, signals, write } = await recording({ lines: ['repository'] });
    http.on(/PUT/, 'lost', () => {
      signals.send('SIGINT');
      return answer(204);
    });
    await expect(write()).rejects.toMatchObject({ stopped: true });
    expect(http.writes).toEqual(http.lines);
    expect(records.labels).toHaveLength(1);
  });
});

describe('a full store', () => {
  it.each([403, 409, 422])('that holds the target goes on without a record: %i', async (status) => {
    const { http, log, records, write } = await recording({ lines: ['repository'], fill: holdsTarget });
    http.on(`PUT ${at(FIRST)}`, answer(status), answer(status));
    await expect(write()).resolves.toEqual([]);
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
    const { http, log, write } = await recording({ lines: ['repository'], targets, fill: full(...names) });
    http.on(/PUT/, TOO_MANY, TOO_MANY);
    await expect(write()).rejects.toMatchObject({
      code: 'store-full',
      message: `The store \`repository@octo-org/octo-repo\` is full, so ${missing} cannot be created there: GitHub returned HTTP 422, "Too many secrets".`,
      remedy: 'Delete a secret that is not needed, or use another store.',
      cause: expect.objectContaining({ status: 422 }),
    });
    expect(log.warnings).toEqual([]);
  });

  it.each([400, 401, 404])('says what else is wrong with it: %i', async (status) => {
    const { http, write } = await recording({ lines: ['repository'], fill: holdsTarget });
    http.on(/PUT/, answer(status));
    await expect(write()).rejects.toMatchObject({ status });
  });

  it('does not explain an answer that was lost', async () => {
    const { http, write } = await recording({ lines: ['repository'], fill: holdsTarget, maxAttempts: 1 });
    http.on(/PUT/, cut());
    await expect(write()).rejects.toMatchObject({ status: undefined });
  });

  it.each([403, 422])('is not blamed for %i while there is room', async (status) => {
    const { http, write } = await recording({
      lines: ['repository'],
      fill: (fake) => fake.put(at(FIRST, 'RT')),
    });
    http.on(/PUT/, answer(status), answer(status));
    await expect(write()).rejects.toMatchObject({ status });
  });
});

describe('where only a variable is written', () => {
  const NAME = 'EXP_IN_FLIGHT_ORG';
  const BELOW = `/repos/${REPO}/actions/variables`;
  const setting = { lines: ['repository', 'dependabot'], targets: VARIABLE, name: NAME };

  it('a variable stands for the record, and is removed', async () => {
    const { http, records, write } = await recording(setting);
    await expect(write()).resolves.toEqual([]);
    expect(http.lines).toEqual([`POST ${BELOW}`]);
    expect([...http.variables.keys()]).toEqual([`${BELOW}/${NAME}`]);
    expect(records.labels).toHaveLength(2);
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.lines.slice(1)).toEqual([`DELETE ${BELOW}/${NAME}`]);
    expect(records.labels).toEqual([]);
  });

  it('one that is there proves the same', async () => {
    const { http, write } = await recording({ ...setting, name: 'EXP_IN_FLIGHT_0123456789AB' });
    http.variables.set(`${BELOW}/EXP_IN_FLIGHT_0123456789AB`, '');
    await expect(write()).resolves.toEqual([]);
  });

  it('a refusal is not explained by too many secrets', async () => {
    const { http, log, write } = await recording({ ...setting, fill: holdsTarget });
    http.on(/POST/, answer(403));
    await expect(write()).rejects.toMatchObject({ status: 403 });
    expect(log.warnings).toEqual([]);
  });

  it('the command deletes a variable', async () => {
    const { records, stores } = await recording(setting);
    expect(stores.map((store) => records.command(store))[0]).toBe(
      `gh variable delete ${NAME} --repo ${REPO}`,
    );
  });
});

describe('deleting records', () => {
  it('deletes those of this run alone', async () => {
    const { http, records, write } = await recording();
    http.put(at(FIRST, 'RT_IN_FLIGHT_OTHER'));
    await write();
    await expect(records.remove()).resolves.toEqual([]);
    expect([...http.secrets.keys()]).toEqual([at(FIRST, 'RT_IN_FLIGHT_OTHER')]);
    expect(records.labels).toEqual([]);
    http.sent.length = 0;
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.sent).toEqual([]);
  });

  it('deletes those that were taken over, however old', async () => {
    const { http, records, stores } = await recording();
    http.put(at(FIRST));
    records.takeOver(stores.slice(0, 1));
    await records.remove();
    expect(http.lines).toEqual([`DELETE ${at(FIRST)}`]);
    expect(http.secrets.size).toBe(0);
  });

  it('leaves one alone that is older than the first attempt', async () => {
    const { http, records, write } = await recording({ lines: ['repository'], maxAttempts: 1 });
    http.on(/PUT/, cut());
    await write().catch(() => undefined);
    http.put(at(FIRST), { createdAt: NOON - 1_000 });
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.writes).toEqual([`PUT ${at(FIRST)}`]);
    expect(records.labels).toEqual([]);
  });

  it('tells the failures in the order of the stores, and tries again when asked', async () => {
    const { http, records, stores, write } = await recording({ maxAttempts: 2 });
    await write();
    http.on(`DELETE ${at(FIRST)}`, answer(500), answer(503));
    http.on(`DELETE ${at(SECOND)}`, answer(403, { message: 'No' }));
    http.on(`DELETE ${at(THIRD)}`, new TypeError('defect'));
    await expect(records.remove()).resolves.toEqual([
      { store: stores[0], reason: 'GitHub returned HTTP 503' },
      { store: stores[1], reason: 'GitHub returned HTTP 403, "No"' },
      { store: stores[2], reason: 'an unexpected error' },
    ]);
    expect(records.labels).toHaveLength(3);
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.secrets.size).toBe(0);
  });

  it.each([
    ['repository', `gh secret delete ${RECORD} --repo ${REPO}`],
    ['environment:cobo', `gh secret delete ${RECORD} --repo ${REPO} --env 'cobo'`],
    ['organization:octo-org', `gh secret delete ${RECORD} --org octo-org`],
  ])('can be done by hand: %s', async (line, command) => {
    const { records, stores } = await recording({ lines: [line] });
    expect(stores.map((store) => records.command(store))).toEqual([command]);
  });
});

describe('a signal while records are written', () => {
  it('leaves three seconds to the request under way, and what it may have done is deleted', async () => {
    const { clock, http, records, signals, write } = await recording({ lines: ['repository'] });
    http.on(/PUT/, (sent) => {
      http.put(at(FIRST), { createdAt: clock.now() });
      return hanging(sent);
    });
    const writing = write();
    await settle();
    signals.send('SIGINT');
    await expect(writing).rejects.toMatchObject({ stopped: true, maybeDone: true });
    expect(clock.waits).toEqual([3_000]);
    await expect(records.remove()).resolves.toEqual([]);
    expect(http.secrets.size).toBe(0);
    expect(http.sent.slice(1).map(({ options }) => options.timeoutMs)).toEqual([3_000, 3_000]);
  });

  it('lets no other record begin, and leaves alone what another run creates there', async () => {
    const { http, records, signals, write } = await recording();
    http.on(`PUT ${at(FIRST)}`, () => {
      signals.send('SIGINT');
      return answer(201);
    });
    await expect(write()).rejects.toMatchObject({ stopped: true });
    expect(http.writes).toEqual([`PUT ${at(FIRST)}`]);
    expect(records.labels).toEqual(['repository@octo-org/octo-repo']);
    http.put(at(SECOND), { createdAt: NOON + 1_000 });
    await records.remove();
    expect([...http.secrets.keys()]).toEqual([at(SECOND)]);
  });
});
