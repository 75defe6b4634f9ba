import sodium from 'libsodium-wrappers';
import { describe, expect, it } from 'vitest';
import { GitHub } from '../../../src/github/client.ts';
import { PreparedStore, type Targets, targetSecrets } from '../../../src/github/store.ts';
import { NOON } from '../../support/clock.ts';
import { answer, cut, REPO, type Step, storeOf, unreachable, world } from './support.ts';

const PATH = `/repos/${REPO}/actions/secrets`;
const ORG_PATH = '/orgs/octo-org/actions/secrets';
const ALL: Targets = { refreshTokenSecret: 'RT', accessTokenSecret: 'AT', expiresAtVariable: 'EXP' };
const ONE: Targets = { refreshTokenSecret: 'RT', accessTokenSecret: undefined, expiresAtVariable: undefined };

/** A store that has been read; `http` has forgotten the requests that it took. */
async function prepared(
  line = 'repository',
  targets = ONE,
  fill?: (http: ReturnType<typeof world>['http']) => void,
) {
  const given = world();
  fill?.(given.http);
  const github = new GitHub(given.access);
  const store = await PreparedStore.read(github, storeOf(line), targets, 'RT_IN_FLIGHT_1');
  const read = given.http.lines;
  given.http.sent.length = 0;
  return { ...given, github, store, read };
}

const bodies = (http: ReturnType<typeof world>['http']) =>
  http.sent
    .filter(({ request }) => request.body !== undefined)
    .map(({ request }) => JSON.parse(request.body ?? ''));

it.each([
  [ALL, ['RT', 'AT']],
  [ONE, ['RT']],
  [{ ...ALL, refreshTokenSecret: undefined }, ['AT']],
  [{ ...ONE, refreshTokenSecret: undefined, expiresAtVariable: 'EXP' }, []],
])('the secrets among %j are %j', (targets, names) => {
  expect(targetSecrets(targets)).toEqual(names);
});

describe('reading a store', () => {
  it('takes two requests', async () => {
    const { read, store } = await prepared();
    expect(read).toEqual([`GET ${PATH}/public-key`, `GET ${PATH}?per_page=100`]);
    expect(store.label).toBe('repository@octo-org/octo-repo');
  });

  it('takes a third for a variable', async () => {
    const { read } = await prepared('repository', ALL);
    expect(read).toContain(`GET /repos/${REPO}/actions/variables/EXP`);
    expect(read).toHaveLength(3);
  });

  it('tells of each secret, and which names begin so', async () => {
    const { store } = await prepared('repository', ONE, (http) => {
      http.put(`${PATH}/RT`, { createdAt: NOON - 2_000, updatedAt: NOON - 1_000 });
      http.put(`${PATH}/RT_IN_FLIGHT_0`);
      http.put(`${PATH}/X_RT_IN_FLIGHT_0`);
    });
    expect(store.facts('RT')).toEqual({
      createdAt: NOON - 2_000,
      updatedAt: NOON - 1_000,
      visibility: undefined,
    });
    expect(store.facts('AT')).toBeUndefined();
    expect(store.names('RT_IN_FLIGHT_')).toEqual(['RT_IN_FLIGHT_0']);
  });

  it("knows GitHub's clock at the last answer", async () => {
    const { clock, store } = await prepared();
    expect(store.lastDate).toBe(NOON);
    clock.skip(5_000);
    await store.look('RT');
    expect(store.lastDate).toBe(NOON + 5_000);
  });

  it.each([
    ['repository', PATH, 99, false],
    ['repository', PATH, 100, true],
    ['environment:cobo', `/repos/${REPO}/environments/cobo/secrets`, 99, false],
    ['environment:cobo', `/repos/${REPO}/environments/cobo/secrets`, 100, true],
    ['dependabot', `/repos/${REPO}/dependabot/secrets`, 100, true],
    ['organization:octo-org', ORG_PATH, 999, false],
    ['organization:octo-org', ORG_PATH, 1000, true],
  ])('%s is full with its last secret: %s, %i: %s', async (line, path, count, isFull) => {
    const { store } = await prepared(line, ONE, (http) => {
      for (let number = 0; number < count; number++) http.put(`${path}/S_${number}`);
    });
    expect(store.isFull).toBe(isFull);
  });

  describe('of an organization', () => {
    const fill = (count: number) => (http: ReturnType<typeof world>['http']) => {
      for (let number = 0; number < count; number++) http.put(`${ORG_PATH}/S_${number}`);
      http.on(`GET ${ORG_PATH}/AT`, answer(404));
      http.on(`GET ${ORG_PATH}/RT`, answer(200, FACTS));
    };
    const FACTS = {
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-02-01T00:00:00Z',
      visibility: 'all',
    };

    it.each([0, 100])('with %i secrets takes one list', async (count) => {
      const { read } = await prepared('organization:octo-org', ALL, fill(count));
      expect(read).toHaveLength(3);
    });

    it('with more than a hundred asks for the targets and the record by name', async () => {
      const { read, store } = await prepared('organization:octo-org', ALL, fill(101));
      expect(read.slice(3)).toEqual(['RT', 'AT', 'RT_IN_FLIGHT_1'].map((name) => `GET ${ORG_PATH}/${name}`));
      expect(store.facts('RT')).toMatchObject({ updatedAt: Date.UTC(2026, 1, 1) });
      expect(store.facts('AT')).toBeUndefined();
      expect(store.facts('RT_IN_FLIGHT_1')).toBeUndefined();
    });

    it('with more than a hundred asks for nothing that is in the list', async () => {
      const { read } = await prepared('organization:octo-org', ONE, (http) => {
        http.put(`${ORG_PATH}/RT_IN_FLIGHT_1`);
        fill(101)(http);
      });
      expect(read.slice(2)).toEqual([`GET ${ORG_PATH}/RT`]);
    });

    it('asks for no record where there is none', async () => {
      const { access, http } = world();
      fill(101)(http);
      await PreparedStore.read(new GitHub(access), storeOf('organization:octo-org'), ONE, undefined);
      expect(http.lines.slice(2)).toEqual([`GET ${ORG_PATH}/RT`]);
    });
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
    expect(bodies(http)[0]).toEqual({ encrypted_value: expect.any(String), key_id: 'key-1' });
  });

  it.each([
    ['none yet', undefined, { visibility: 'private' }],
    ['all', { visibility: 'all' }, { visibility: 'all' }],
    ['selected', { visibility: 'selected' }, { visibility: 'selected', selected_repository_ids: [4, 2] }],
  ])("keeps an organization's visibility: %s", async (_what, known, audience) => {
    const times = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-02-01T00:00:00Z' };
    const { http, read, store } = await prepared('organization:octo-org', ALL, (fake) => {
      const secrets = known === undefined ? [] : [{ name: 'RT', ...times, ...known }];
      fake.on('per_page=100', answer(200, { total_count: secrets.length, secrets }));
      fake.on('page=1', answer(200, { total_count: 2, repositories: [{ id: 4 }, { id: 2 }] }));
    });
    await store.write('RT', 'new', 'keep');
    expect(bodies(http)).toEqual([{ encrypted_value: expect.any(String), key_id: 'key-1', ...audience }]);
    expect(read.filter((line) => line.includes('/repositories'))).toHaveLength(
      known?.visibility === 'selected' ? 1 : 0,
    );
  });

  it('reads no visibility of a repository', async () => {
    const { http, store } = await prepared('repository', ONE, (fake) => fake.put(`${PATH}/RT`));
    await store.write('RT', 'new', 'keep');
    expect(bodies(http)[0]).not.toHaveProperty('visibility');
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
  const other = (seed: number) => {
    const keys = sodium.crypto_box_seed_keypair(new Uint8Array(32).fill(seed));
    return { keys, body: { key_id: `key-${seed}`, key: Buffer.from(keys.publicKey).toString('base64') } };
  };

  async function writing(manner: 'keep' | 'record', puts: Step[], reads: Step[], maxAttempts = 4) {
    const given = world({ maxAttempts });
    const store = await PreparedStore.read(new GitHub(given.access), storeOf('repository'), ONE, undefined);
    given.http.sent.length = 0;
    given.http.on(/PUT/, ...puts);
    given.http.on(/public-key/, ...reads);
    const outcome = await store.write('RT', 'x', manner).catch((error: unknown) => error);
    return { ...given, store, outcome };
  }

  it.each(['keep', 'record'] as const)('the key is read again at once, for a %s', async (manner) => {
    const two = other(2);
    const { clock, http, outcome, store } = await writing(
      manner,
      [answer(422), answer(204), answer(204)],
      [answer(200, two.body)],
    );
    expect(outcome).toMatchObject({ status: 204 });
    expect(http.lines).toEqual([PUT, READ, PUT]);
    expect(clock.waits).toEqual([]);
    const [first, second] = bodies(http);
    expect([first.key_id, second.key_id]).toEqual(['key-1', 'key-2']);
    const box = Buffer.from(second.encrypted_value, 'base64');
    const { publicKey, privateKey } = two.keys;
    expect(sodium.to_string(sodium.crypto_box_seal_open(box, publicKey, privateKey))).toBe('x');
    // The new key stays.
    await store.write('RT', 'y', manner);
    expect(http.lines).toEqual([PUT, READ, PUT, PUT]);
    expect(bodies(http)[2]).toMatchObject({ key_id: 'key-2' });
  });

  it('the key is read again each time', async () => {
    const { http, outcome } = await writing(
      'keep',
      [answer(422), answer(422), answer(422), answer(201)],
      [answer(200, other(2).body), answer(200, other(3).body), answer(200, other(4).body)],
    );
    expect(outcome).toMatchObject({ status: 201 });
    expect(http.lines).toEqual([PUT, READ, PUT, READ, PUT, READ, PUT]);
    expect(bodies(http).map((body) => body.key_id)).toEqual(['key-1', 'key-2', 'key-3', 'key-4']);
  });

  it('the key is not read again after another failure', async () => {
    const { http } = await writing(
      'keep',
      [answer(422), answer(503), answer(204)],
      [answer(200, other(2).body)],
    );
    expect(http.lines).toEqual([PUT, READ, PUT, PUT]);
  });

  it.each<[string, 'keep' | 'record', Step]>([
    ['fails for a while', 'keep', answer(503)],
    ['fails for a while', 'record', answer(503)],
    ['has no answer', 'record', cut()],
    ['is refused', 'keep', answer(404)],
    ['gives nonsense', 'keep', answer(200, '<html>')],
    [
      'gives a key that seals nothing',
      'keep',
      answer(200, { key_id: 'bad', key: Buffer.alloc(32).toString('base64') }),
    ],
  ])('a key that %s is read again before a %s goes on', async (_what, manner, step) => {
    const { http, outcome } = await writing(
      manner,
      [answer(422), answer(204)],
      [step, answer(200, other(2).body)],
    );
    expect(outcome).toMatchObject({ status: 204 });
    expect(http.lines).toEqual([PUT, READ, READ, PUT]);
    expect(bodies(http).at(-1)).toMatchObject({ key_id: 'key-2' });
  });

  it('a key that cannot be read ends a record', async () => {
    const { http, outcome } = await writing('record', [answer(422)], [answer(404)]);
    expect(outcome).toMatchObject({
      message:
        'Reading the encryption key of the store `repository@octo-org/octo-repo` failed: GitHub returned HTTP 404.',
    });
    expect(http.lines).toEqual([PUT, READ]);
  });

  it('a key that cannot be read takes a new connection where the one before failed', async () => {
    const { http } = await writing(
      'keep',
      [answer(422), answer(204)],
      [unreachable(), answer(200, other(2).body)],
    );
    expect(http.sent.map(({ options }) => options.newConnection)).toEqual([false, false, true, true]);
  });
});

it('a key that seals nothing is told as such', async () => {
  const given = world();
  given.http.on(/public-key/, answer(200, { key_id: '1', key: Buffer.alloc(32).toString('base64') }));
  const store = await PreparedStore.read(new GitHub(given.access), storeOf('repository'), ONE, undefined);
  await expect(store.write('RT', 'x', 'record')).rejects.toMatchObject({
    message:
      'Writing the secret RT into the store `repository@octo-org/octo-repo` failed: the encryption key of the store is invalid.',
    status: 200,
    code: 'github-refused',
    cause: expect.any(Error),
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

  it('proves by its creation that variables can be written, and is removed', async () => {
    const { http, store } = await prepared();
    await store.tryVariable('EXP', 'x');
    expect(http.variables.get(EXP)).toBe('x');
    await store.removeVariable('EXP');
    expect(http.variables.size).toBe(0);
  });

  it('is no proof in a run that has stopped', async () => {
    const { signals, store } = await prepared();
    signals.send('SIGINT');
    await expect(store.tryVariable('EXP', 'x')).rejects.toMatchObject({ stopped: true });
  });
});
