import sodium from 'libsodium-wrappers';
import { describe, expect, it } from 'vitest';
import { GitHub } from '../../../src/github/client.ts';
import { PreparedStore, type Targets } from '../../../src/github/store.ts';
import { NOON } from '../../support/clock.ts';
import { ALL, COBO, LABEL, ONE, PATH, REPO, VARIABLES } from './places.ts';
import { answer, base64, type FakeGitHub, iso, type Step, storeOf, unreachable, world } from './support.ts';

const ORG = 'organization:octo-org';
const ORG_PATH = '/orgs/octo-org/actions/secrets';
const KEY = `GET ${PATH}/public-key`;
const LIST = `GET ${PATH}?per_page=100`;

type Fill = (http: FakeGitHub) => void;

/** A store that is being read. */
function reading(line = 'repository', targets = ONE, fill: Fill = () => undefined, maxAttempts = 4) {
  const given = world({ maxAttempts });
  fill(given.http);
  const store = PreparedStore.read(new GitHub(given.access), storeOf(line), targets, ['RT_IN_FLIGHT_1']);
  return { ...given, store };
}

/** A store that has been read; `http` has forgotten the requests that it took. */
async function prepared(...setting: Parameters<typeof reading>) {
  const given = reading(...setting);
  const store = await given.store;
  const read = given.http.lines;
  given.http.sent.length = 0;
  return { ...given, store, read };
}

const bodies = (http: FakeGitHub) => http.sent.flatMap(({ request: { body } }) => (body ? JSON.parse(body) : []));
const failure = (doing: string, reason: string, label = LABEL) =>
  expect.objectContaining({ name: 'GitHubFailure', message: `${doing} the store \`${label}\` failed: ${reason}.` });
const malformed = (what: string, label = LABEL) =>
  failure(`Reading ${what} of`, 'the answer is malformed or incomplete', label);
const TIMES = { created_at: iso(NOON), updated_at: iso(NOON + 1_000) };
const entry = (name: string, more: object = {}) => ({ name, ...TIMES, ...more });
const seed = (number: number) => sodium.crypto_box_seed_keypair(new Uint8Array(32).fill(number));

const FACTS = 'the name and the times of a secret';

describe('reading a store', () => {
  it.each([
    ['repository', ONE, [KEY, LIST]],
    ['repository', ALL, [KEY, LIST, `GET ${VARIABLES}/EXP`]],
    ['dependabot', ALL, [KEY, LIST].map((line) => line.replace('actions', 'dependabot'))],
  ])('%s with %j takes these requests', async (line, targets, lines) => {
    const { read, store } = await prepared(line, targets);
    expect(read).toEqual(lines);
    expect(store.label).toBe(`${line}@${REPO}`);
  });

  it('tells of each secret by name, in upper case', async () => {
    const secrets = [entry('rt'), entry('C', { visibility: 'all' })];
    const fill: Fill = (http) => http.on('per_page=100', answer(200, { total_count: 2, secrets }));
    const { store } = await prepared('repository', ONE, fill);
    const times = { createdAt: NOON, updatedAt: NOON + 1_000 };
    expect(store.facts('RT')).toEqual({ ...times, visibility: undefined });
    expect(store.facts('C')).toEqual({ ...times, visibility: 'all' });
    expect([...store.secrets.keys()]).toEqual(['RT', 'C']);
    expect(store.facts('AT')).toBeUndefined();
  });

  it.each([
    ['environment:cobo', COBO, 100],
    [ORG, ORG_PATH, 1000],
  ])('%s has room for so many secrets: %s, %i', async (line, path, most) => {
    const { store } = await prepared(line, ONE, (http) => {
      for (let number = 0; number < most - 1; number++) http.put(`${path}/S_${number}`);
    });
    expect(store.places).toBe(1);
  });

  it.each<[number, Targets, string[], string[]]>([
    [100, ALL, [], []],
    [101, ALL, [], ['RT', 'AT', 'RT_IN_FLIGHT_1']],
    [101, ONE, ['RT_IN_FLIGHT_1'], ['RT']],
  ])('an organization with %i secrets, of which %j are targets and %j listed, is asked for %j', async (...row) => {
    const [count, targets, listed, asked] = row;
    const { read, store } = await prepared(ORG, targets, (http) => {
      for (const name of listed) http.put(`${ORG_PATH}/${name}`);
      for (let number = 0; number < count; number++) http.put(`${ORG_PATH}/S_${number}`);
      http.on(`GET ${ORG_PATH}/RT`, answer(200, entry('RT', { visibility: 'all' })));
    });
    expect(read.filter((line) => /secrets\/[A-Z]/.test(line))).toEqual(asked.map((name) => `GET ${ORG_PATH}/${name}`));
    expect(store.facts('RT')?.updatedAt).toBe(asked.includes('RT') ? NOON + 1_000 : undefined);
    expect(store.facts('AT')).toBeUndefined();
  });

  it.each<[string, string, unknown]>([
    ['the encryption key', 'public-key', { key_id: '', key: base64(seed(1).publicKey) }],
    ['the encryption key', 'public-key', { key_id: 12, key: base64(seed(1).publicKey) }],
    ['the encryption key', 'public-key', { key_id: '12', key: 5 }],
    ['the encryption key', 'public-key', { key_id: '12', key: base64(new Uint8Array(31)) }],
    ['the list of secrets', 'per_page=100', { total_count: 0 }],
    ['the list of secrets', 'per_page=100', { total_count: '1', secrets: [] }],
    [FACTS, 'per_page=100', { total_count: 1, secrets: [entry('A', { created_at: 5 })] }],
    [FACTS, 'per_page=100', { total_count: 1, secrets: [entry('A', { updated_at: 'soon' })] }],
    [FACTS, 'per_page=100', { total_count: 1, secrets: [entry('A', { name: 5 })] }],
  ])('refuses %s where %s answers %j', async (what, path, body) => {
    const { store } = reading('repository', ONE, (http) => http.on(path, answer(200, body)));
    await expect(store).rejects.toEqual(malformed(what));
  });
});

describe("who may use an organization's secret", () => {
  const page = (total: unknown, list: unknown) => answer(200, { total_count: total, repositories: list });
  const ids = (from: number, count: number) => Array.from({ length: count }, (_, index) => ({ id: from + index }));
  const what = 'the repositories of the secret RT';
  const known = (secrets: object[], pages: Step[]) =>
    reading(ORG, ONE, (http) => {
      http.on('[?]per_page=100', answer(200, { total_count: secrets.length, secrets }));
      http.on(/page=\d+$/, ...pages);
    });
  const of = (visibility: string) => [entry('RT', { visibility })];
  const SELECTED = of('selected');
  const selected = (count: number) => ids(1, count).map(({ id }) => id);

  it.each<[string, object[], Step[], string, number[]?]>([
    ['that is new', [], [], 'private'],
    ['that is private', of('private'), [], 'private'],
    ['that is for all', [...of('all'), entry('RT_IN_FLIGHT_1', { visibility: 'selected' })], [], 'all'],
    ['for no repository', SELECTED, [page(0, [])], 'selected', []],
    ['for more than a page', SELECTED, [page(101, ids(1, 100)), page(101, ids(101, 1))], 'selected', selected(101)],
    ['with pages that overlap', SELECTED, [page(3, ids(1, 2)), page(3, ids(2, 2))], 'selected', selected(3)],
    ['for more than GitHub counts', SELECTED, [page(1, ids(1, 2))], 'selected', selected(2)],
  ])('stays as it is when the value changes: one %s', async (_what, secrets, pages, visibility, repositories) => {
    const { http, store } = known(secrets, pages);
    await (await store).write('RT', 'new', 'keep');
    const asked = http.lines.filter((line) => line.includes('repositories'));
    expect(asked).toEqual(pages.map((_, index) => `GET ${ORG_PATH}/RT/repositories?per_page=100&page=${index + 1}`));
    const audience = { visibility, ...(repositories && { selected_repository_ids: repositories }) };
    expect(bodies(http)).toEqual([{ encrypted_value: expect.any(String), key_id: 'key-1', ...audience }]);
  });

  it.each<[string, Step[], string]>([
    ['the same page twice', [page(3, ids(1, 2)), page(3, ids(1, 2))], '2 of 3'],
    ['a repository that has no ID', [page(1, [{}])], '0 of 1'],
  ])('selected, with %s: refused, with the counts', async (_what, pages, counts) => {
    const reason = `GitHub lists only ${counts}, so \`github-token\` may not see all of them`;
    const { http, store } = known(SELECTED, pages);
    await expect(store).rejects.toEqual(failure(`Reading ${what} of`, reason, ORG));
    expect(http.sent.at(-1)?.options.maxBytes).toBe(16 * 1024 * 1024);
  });

  it.each<[string, Step[], object[]]>([
    [what, [page(1, undefined)], SELECTED],
    ['the visibility of the secret RT', [], of('public')],
  ])('is refused where GitHub does not tell %s', async (missing, pages, secrets) => {
    await expect(known(secrets, pages).store).rejects.toEqual(malformed(missing, ORG));
  });
});

it('a secret is sealed for the key of the store', async () => {
  const { http, store } = await prepared();
  await expect(store.write('RT', 'new token', 'keep')).resolves.toMatchObject({ status: 201, maybeDone: false });
  await expect(store.write('RT', 'newer token', 'keep')).resolves.toMatchObject({ status: 204 });
  expect(http.lines).toEqual([`PUT ${PATH}/RT`, `PUT ${PATH}/RT`]);
  expect(Object.keys(bodies(http)[0])).toEqual(['encrypted_value', 'key_id']);
  expect(http.secrets.get(`${PATH}/RT`)?.value).toBe('newer token');
});

describe('after a 422', () => {
  const PUT = `PUT ${PATH}/RT`;
  const newKey = (number: number) => answer(200, { key_id: `key-${number}`, key: base64(seed(number).publicKey) });

  async function writing(manner: 'keep' | 'record', puts: Step[], reads: Step[]) {
    const given = await prepared();
    given.http.on(/PUT/, ...puts);
    given.http.on(/public-key/, ...reads);
    const outcome = await given.store.write('RT', 'x', manner).catch((error: unknown) => error);
    return { ...given, outcome };
  }

  it('the key is read again at once', async () => {
    const puts = [answer(422), answer(204), answer(204)];
    const { clock, http, outcome, store } = await writing('keep', puts, [newKey(2)]);
    expect(outcome).toMatchObject({ status: 204 });
    expect(clock.waits).toEqual([]);
    // The new key stays.
    await store.write('RT', 'y', 'keep');
    expect(http.lines).toEqual([PUT, KEY, PUT, PUT]);
    expect(bodies(http).map(({ key_id }) => key_id)).toEqual(['key-1', 'key-2', 'key-2']);
    const box = Buffer.from(bodies(http)[1].encrypted_value, 'base64');
    const { publicKey, privateKey } = seed(2);
    expect(sodium.to_string(sodium.crypto_box_seal_open(box, publicKey, privateKey))).toBe('x');
  });

  it.each<[string, 'keep' | 'record', Step[], Step[], string[]]>([
    ['each time', 'keep', [answer(422), answer(422), answer(201)], [newKey(2), newKey(3)], [PUT, KEY, PUT, KEY, PUT]],
    ['not after another failure', 'keep', [answer(422), answer(503), answer(204)], [newKey(2)], [PUT, KEY, PUT, PUT]],
    ['after a refusal, to keep a token', 'keep', [answer(422), answer(204)], [answer(404)], [PUT, KEY, KEY, PUT]],
    ['after a lost connection', 'record', [answer(422), answer(204)], [unreachable()], [PUT, KEY, KEY, PUT]],
    ['not after a refusal, for a record', 'record', [answer(422)], [answer(404)], [PUT, KEY]],
  ])('the key is read again %s', async (_what, manner, puts, reads, lines) => {
    const { http, outcome } = await writing(manner, puts, reads);
    expect(http.lines).toEqual(lines);
    if (lines.at(-1) === PUT) expect(outcome).not.toBeInstanceOf(Error);
    else expect(outcome).toEqual(failure('Reading the encryption key of', 'GitHub returned HTTP 404'));
  });
});

it('a secret is removed, whether it is there or not', async () => {
  const { http, store } = await prepared('repository', ONE, (fake) => fake.put(`${PATH}/OLD`));
  for (const _ of ['there', 'gone']) await store.remove('OLD', 'tidy');
  expect(http.lines).toEqual([`DELETE ${PATH}/OLD`, `DELETE ${PATH}/OLD`]);
  expect(http.secrets.size).toBe(0);
});

describe('a variable', () => {
  const [POST, PATCH] = [`POST ${VARIABLES}`, `PATCH ${VARIABLES}/EXP`];

  it.each([
    ['one that is there', true, true, [PATCH]],
    ['one that is not', false, false, [POST]],
    ['one that was deleted meanwhile', true, false, [PATCH, POST]],
    ['one that was created meanwhile', false, true, [POST, PATCH]],
  ])('is written: %s', async (_what, wasThere, isThere, lines) => {
    const { http, cancel, store } = await prepared('repository', ALL, (fake) => {
      if (wasThere) fake.variables.set(`${VARIABLES}/EXP`, 'old');
    });
    http.variables.clear();
    if (isThere) http.variables.set(`${VARIABLES}/EXP`, 'old');
    // A run that has stopped writes it all the same.
    cancel();
    await store.writeVariable('EXP', 'new');
    expect(http.lines).toEqual(lines);
    expect(http.variables.get(`${VARIABLES}/EXP`)).toBe('new');
    expect(bodies(http)).toEqual(lines.map(() => ({ name: 'EXP', value: 'new' })));
  });

  it('is created, private in an organization, and removed', async () => {
    const { http, cancel, store } = await prepared(ORG);
    await expect(store.createVariable('X', 'v', 'record')).resolves.toMatchObject({ status: 201 });
    await expect(store.createVariable('X', 'w', 'record')).resolves.toMatchObject({ status: 409 });
    // A run that has stopped cleans up all the same.
    cancel();
    await store.removeVariable('X');
    await store.removeVariable('X');
    const path = '/orgs/octo-org/actions/variables';
    expect(http.lines).toEqual([`POST ${path}`, `POST ${path}`, `DELETE ${path}/X`, `DELETE ${path}/X`]);
    expect(bodies(http)[0]).toEqual({ name: 'X', value: 'v', visibility: 'private' });
    expect(http.variables.size).toBe(0);
  });

  it('is not asked for where a store has none', async () => {
    const { http, store } = await prepared('dependabot', ALL);
    await store.writeVariable('EXP', 'v');
    await store.createVariable('EXP', 'v', 'record');
    await store.removeVariable('EXP');
    expect(http.sent).toEqual([]);
  });
});

const read = (_: PreparedStore, github: GitHub) => PreparedStore.read(github, storeOf('repository'), ALL, ['X']);
it.each<[string, string, (store: PreparedStore, github: GitHub) => Promise<unknown>]>([
  ['Reading the encryption key of', 'public-key', read],
  ['Reading the list of secrets of', 'per_page=100', read],
  ['Reading the variable EXP of', 'EXP', read],
  ['Reading the secret RT of', 'RT', (store) => store.look('RT')],
  ['Writing the secret RT into', 'RT', (store) => store.write('RT', 'x', 'extra')],
  ['Writing the variable EXP of', 'EXP', (store) => store.writeVariable('EXP', 'x')],
  ['Writing the variable EXP of', 'variables', (store) => store.createVariable('EXP', 'x', 'extra')],
  ['Deleting the secret RT from', 'RT', (store) => store.remove('RT', 'sweep')],
  ['Deleting the variable EXP of', 'EXP', (store) => store.removeVariable('EXP')],
])('%s a store that refuses it fails, and says what it needs', async (doing, path, call) => {
  const fill: Fill = (fake) => fake.variables.set(`${VARIABLES}/EXP`, '');
  const { access, http, store } = await prepared('repository', ALL, fill);
  http.on(path, answer(403));
  const error = await call(store, new GitHub(access)).catch((thrown: unknown) => thrown);
  expect(error).toEqual(failure(doing, 'GitHub returned HTTP 403'));
  const permission = doing.includes('variable') ? '"Variables: write"' : '"Secrets: write"';
  expect(error).toMatchObject({ remedy: expect.stringContaining(permission) });
});
