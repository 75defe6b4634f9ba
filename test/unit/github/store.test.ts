import sodium from 'libsodium-wrappers';
import { describe, expect, it } from 'vitest';
import { GitHub } from '../../../src/github/client.ts';
import { PreparedStore, type Targets, targetSecrets } from '../../../src/github/store.ts';
import { NOON } from '../../support/clock.ts';
import { answer, type FakeGitHub, REPO, type Step, storeOf, unreachable, world } from './support.ts';

const PATH = `/repos/${REPO}/actions/secrets`;
const ORG_PATH = '/orgs/octo-org/actions/secrets';
const ALL: Targets = { refreshTokenSecret: 'RT', accessTokenSecret: 'AT', expiresAtVariable: 'EXP' };
const ONE: Targets = { refreshTokenSecret: 'RT', accessTokenSecret: undefined, expiresAtVariable: undefined };

/** A store that has been read; `http` has forgotten the requests that it took. */
async function prepared(line = 'repository', targets = ONE, fill?: (http: FakeGitHub) => void) {
  const given = world();
  fill?.(given.http);
  const store = await PreparedStore.read(new GitHub(given.access), storeOf(line), targets, 'RT_IN_FLIGHT_1');
  const read = given.http.lines;
  given.http.sent.length = 0;
  return { ...given, store, read };
}

const bodies = (http: FakeGitHub) =>
  http.sent.flatMap(({ request: { body } }) => (body === undefined ? [] : JSON.parse(body)));

it.each([
  [ALL, ['RT', 'AT']],
  [ONE, ['RT']],
  [{ ...ALL, refreshTokenSecret: undefined }, ['AT']],
  [{ ...ONE, refreshTokenSecret: undefined, expiresAtVariable: 'EXP' }, []],
])('the secrets among %j are %j', (targets, names) => {
  expect(targetSecrets(targets)).toEqual(names);
});

describe('reading a store', () => {
  it.each([
    ['two requests', ONE, []],
    ['a third for a variable', ALL, [`GET /repos/${REPO}/actions/variables/EXP`]],
  ])('takes %s, and tells of each secret', async (_what, targets, more) => {
    const { read, store } = await prepared('repository', targets, (http) => {
      http.put(`${PATH}/RT`, { createdAt: NOON - 2_000, updatedAt: NOON - 1_000 });
      http.put(`${PATH}/RT_IN_FLIGHT_0`);
      http.put(`${PATH}/X_RT_IN_FLIGHT_0`);
    });
    expect(read).toEqual([`GET ${PATH}/public-key`, `GET ${PATH}?per_page=100`, ...more]);
    expect(store.label).toBe('repository@octo-org/octo-repo');
    expect(store.facts('RT')).toMatchObject({ createdAt: NOON - 2_000, updatedAt: NOON - 1_000 });
    expect(store.facts('AT')).toBeUndefined();
    expect(store.names('RT_IN_FLIGHT_')).toEqual(['RT_IN_FLIGHT_0']);
  });

  it.each([
    ['repository', PATH, 100],
    ['environment:cobo', `/repos/${REPO}/environments/cobo/secrets`, 100],
    ['dependabot', `/repos/${REPO}/dependabot/secrets`, 100],
    ['organization:octo-org', ORG_PATH, 1000],
  ])('%s is full with its last secret: %s, %i', async (line, path, most) => {
    for (const count of [most - 1, most]) {
      const { store } = await prepared(line, ONE, (http) => {
        for (let number = 0; number < count; number++) http.put(`${path}/S_${number}`);
      });
      expect(store.isFull).toBe(count === most);
    }
  });

  it.each<[number, Targets, string[], string[]]>([
    [0, ALL, [], []],
    [100, ALL, [], []],
    [101, ALL, [], ['RT', 'AT', 'RT_IN_FLIGHT_1']],
    [101, ONE, ['RT_IN_FLIGHT_1'], ['RT']],
  ])('an organization with %i secrets, of which %j are targets and %j listed, is asked for %j', async (...row) => {
    const [count, targets, listed, asked] = row;
    const { read, store } = await prepared('organization:octo-org', targets, (http) => {
      for (const name of listed) http.put(`${ORG_PATH}/${name}`);
      for (let number = 0; number < count; number++) http.put(`${ORG_PATH}/S_${number}`);
      const times = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-02-01T00:00:00Z' };
      http.on(`GET ${ORG_PATH}/RT`, answer(200, { ...times, visibility: 'all' }));
    });
    const first = [`GET ${ORG_PATH}/public-key`, `GET ${ORG_PATH}?per_page=100`];
    const variable = targets === ALL ? ['GET /orgs/octo-org/actions/variables/EXP'] : [];
    expect(read).toEqual([...first, ...variable, ...asked.map((name) => `GET ${ORG_PATH}/${name}`)]);
    expect(store.facts('RT')?.updatedAt).toBe(asked.includes('RT') ? Date.UTC(2026, 1, 1) : undefined);
    expect(store.facts('AT')).toBeUndefined();
  });
});

describe('writing a secret', () => {
  it('seals it for the key of the store', async () => {
    const { http, store } = await prepared();
    await expect(store.write('RT', 'new token', 'keep')).resolves.toMatchObject({
      status: 201,
      maybeDone: false,
    });
    await expect(store.write('RT', 'newer token', 'keep')).resolves.toMatchObject({ status: 204 });
    expect(http.lines).toEqual([`PUT ${PATH}/RT`, `PUT ${PATH}/RT`]);
    expect(http.secrets.get(`${PATH}/RT`)?.value).toBe('newer token');
  });

  const selected = { visibility: 'selected', selected_repository_ids: [4, 2] };
  it.each([
    ['organization:octo-org', undefined, { visibility: 'private' }],
    ['organization:octo-org', { visibility: 'all' }, { visibility: 'all' }],
    ['organization:octo-org', { visibility: 'selected' }, selected],
    ['repository', {}, {}],
  ])('into %s keeps its visibility: %j', async (line, known, audience) => {
    const times = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-02-01T00:00:00Z' };
    const { http, read, store } = await prepared(line, ALL, (fake) => {
      const secrets = known === undefined ? [] : [{ name: 'RT', ...times, ...known }];
      fake.on('per_page=100', answer(200, { total_count: secrets.length, secrets }));
      fake.on('page=1', answer(200, { total_count: 2, repositories: [{ id: 4 }, { id: 2 }] }));
    });
    await store.write('RT', 'new', 'keep');
    expect(bodies(http)).toEqual([{ encrypted_value: expect.any(String), key_id: 'key-1', ...audience }]);
    expect(read.filter((one) => one.includes('/repositories'))).toHaveLength(audience === selected ? 1 : 0);
  });

  it.each([200, 202])('is not done by %i, which GitHub does not answer', async (status) => {
    const { http, store } = await prepared();
    http.on(/PUT/, answer(status));
    await expect(store.write('RT', 'x', 'extra')).rejects.toMatchObject({
      message: `Writing the secret RT into the store \`repository@octo-org/octo-repo\` failed: GitHub returned HTTP ${status}, which is not the status of success, so a proxy may have answered.`,
      remedy: 'Check the store, and that `github-token` has the permission "Secrets: write".',
    });
  });
});

describe('after a 422', () => {
  const PUT = `PUT ${PATH}/RT`;
  const READ = `GET ${PATH}/public-key`;
  const keysOf = (seed: number) => sodium.crypto_box_seed_keypair(new Uint8Array(32).fill(seed));
  const newKey = (seed: number) =>
    answer(200, { key_id: `key-${seed}`, key: Buffer.from(keysOf(seed).publicKey).toString('base64') });

  async function writing(manner: 'keep' | 'record', puts: Step[], reads: Step[]) {
    const given = await prepared();
    given.http.on(/PUT/, ...puts);
    given.http.on(/public-key/, ...reads);
    const outcome = await given.store.write('RT', 'x', manner).catch((error: unknown) => error);
    return { ...given, outcome };
  }

  it.each(['keep', 'record'] as const)('the key is read again at once, for a %s', async (manner) => {
    const puts = [answer(422), answer(204), answer(204)];
    const { clock, http, outcome, store } = await writing(manner, puts, [newKey(2)]);
    expect(outcome).toMatchObject({ status: 204 });
    expect(clock.waits).toEqual([]);
    // The new key stays.
    await store.write('RT', 'y', manner);
    expect(http.lines).toEqual([PUT, READ, PUT, PUT]);
    expect(bodies(http).map(({ key_id }) => key_id)).toEqual(['key-1', 'key-2', 'key-2']);
    const box = Buffer.from(bodies(http)[1].encrypted_value, 'base64');
    const { publicKey, privateKey } = keysOf(2);
    expect(sodium.to_string(sodium.crypto_box_seal_open(box, publicKey, privateKey))).toBe('x');
  });

  it('the key is read again each time', async () => {
    const puts = [answer(422), answer(422), answer(422), answer(201)];
    const { http, outcome } = await writing('keep', puts, [newKey(2), newKey(3), newKey(4)]);
    expect(outcome).toMatchObject({ status: 201 });
    expect(http.lines).toEqual([PUT, READ, PUT, READ, PUT, READ, PUT]);
    expect(bodies(http).map(({ key_id }) => key_id)).toEqual(['key-1', 'key-2', 'key-3', 'key-4']);
  });

  it('the key is not read again after another failure', async () => {
    const { http } = await writing('keep', [answer(422), answer(503), answer(204)], [newKey(2)]);
    expect(http.lines).toEqual([PUT, READ, PUT, PUT]);
  });

  it.each<[string, 'keep' | 'record', Step]>([
    ['fails for a while', 'keep', answer(503)],
    ['fails for a while', 'record', answer(503)],
    ['has no answer', 'record', unreachable()],
    ['is refused', 'keep', answer(404)],
  ])('a key that %s is read again before a %s goes on', async (_what, manner, step) => {
    const { http, outcome } = await writing(manner, [answer(422), answer(204)], [step, newKey(2)]);
    expect(outcome).toMatchObject({ status: 204 });
    expect(http.lines).toEqual([PUT, READ, READ, PUT]);
    expect(bodies(http).at(-1)).toMatchObject({ key_id: 'key-2' });
    // After a connection failed, a new one is taken.
    const isNew = step instanceof Error;
    expect(http.sent.map(({ options }) => options.newConnection)).toEqual([false, false, isNew, false]);
  });

  it('a key that cannot be read ends a record', async () => {
    const { http, outcome } = await writing('record', [answer(422)], [answer(404)]);
    expect(outcome).toMatchObject({
      message:
        'Reading the encryption key of the store `repository@octo-org/octo-repo` failed: GitHub returned HTTP 404.',
    });
    expect(http.lines).toEqual([PUT, READ]);
  });
});

describe('removing a secret', () => {
  it.each([true, false])('that is there: %s', async (isThere) => {
    const { http, store } = await prepared('repository', ONE, (fake) => {
      if (isThere) fake.put(`${PATH}/OLD`);
    });
    await store.remove('OLD', 'tidy');
    expect(http.lines).toEqual([`DELETE ${PATH}/OLD`]);
    expect(http.secrets.size).toBe(0);
  });

  it('says what it is where it is refused', async () => {
    const { http, store } = await prepared();
    http.on(/DELETE/, answer(403));
    await expect(store.remove('OLD', 'sweep')).rejects.toMatchObject({
      message:
        'Deleting the secret OLD from the store `repository@octo-org/octo-repo` failed: GitHub returned HTTP 403.',
      remedy: expect.stringContaining('"Secrets: write"'),
    });
  });
});

describe('a variable', () => {
  const EXP = `/repos/${REPO}/actions/variables/EXP`;

  it.each([
    ['updated where it was read', true, [`PATCH ${EXP}`]],
    ['created where it was not there', false, [`POST ${EXP.slice(0, -4)}`]],
  ])('is %s', async (_what, isThere, lines) => {
    const { http, store } = await prepared('repository', ALL, (fake) => {
      if (isThere) fake.variables.set(EXP, 'old');
    });
    await store.writeVariable('EXP', 'new');
    expect(http.lines).toEqual(lines);
    expect(http.variables.get(EXP)).toBe('new');
  });
});
