import { describe, expect, it } from 'vitest';
import { ActionError } from '../../../src/errors.ts';
import { gitHub } from '../../../src/github/client.ts';
import { PreparedStore, type Targets, targetSecrets } from '../../../src/github/prepared-store.ts';
import { readStores } from '../../../src/github/stores.ts';
import { TransportError } from '../../../src/http.ts';
import { FakeGitHub } from '../support/github-fake.ts';
import { answer } from '../support/github-script.ts';
import { accessTo, NOON, thrownBy } from '../support/github-world.ts';

const TARGETS: Targets = {
  refreshTokenSecret: 'REFRESH',
  accessTokenSecret: 'ACCESS',
  expiresAtVariable: 'EXPIRY',
};

/** A store at the fake GitHub; `prepare` reads it. */
function world(line = 'repository', targets = TARGETS) {
  const [store] = readStores(line, 'octo/app');
  if (store === undefined) throw new Error(`no store for ${line}`);
  const path = store.secretsPath;
  const fake = new FakeGitHub().addStore(path);
  const github = gitHub(accessTo(fake, { maxAttempts: 1 }).access);
  return {
    fake,
    path,
    store,
    prepare: () => PreparedStore.read(github, store, targets, new AbortController()),
  };
}

/** A prepared store, and only the requests that follow. */
async function prepared(line = 'repository', targets = TARGETS) {
  const { fake, path, prepare } = world(line, targets);
  const store = await prepare();
  fake.requests.length = 0;
  return { fake, path, store };
}

describe('the secrets among the targets', () => {
  it.each([
    [{ ...TARGETS }, ['REFRESH', 'ACCESS']],
    [{ ...TARGETS, accessTokenSecret: undefined }, ['REFRESH']],
    [{ ...TARGETS, refreshTokenSecret: undefined }, ['ACCESS']],
    [{ ...TARGETS, refreshTokenSecret: undefined, accessTokenSecret: undefined }, []],
  ])('of %j are %j', (targets, names) => {
    expect(targetSecrets(targets)).toEqual(names);
  });
});

describe('reading a store', () => {
  it('asks for the key, each target secret and the variable, and nothing else', async () => {
    const { fake, path, prepare } = world();
    await prepare();
    expect(fake.requests.toSorted()).toEqual([
      `GET ${path}/ACCESS`,
      `GET ${path}/REFRESH`,
      `GET ${path}/public-key`,
      'GET /repos/octo/app/actions/variables/EXPIRY',
    ]);
  });

  it('asks for no variable where Dependabot has none', async () => {
    const { fake, path, prepare } = world('dependabot');
    await prepare();
    expect(fake.requests.toSorted()).toEqual([
      `GET ${path}/ACCESS`,
      `GET ${path}/REFRESH`,
      `GET ${path}/public-key`,
    ]);
  });

  it('asks for no variable where none is wanted', async () => {
    const { fake, path, prepare } = world('repository', {
      ...TARGETS,
      accessTokenSecret: undefined,
      expiresAtVariable: undefined,
    });
    await prepare();
    expect(fake.requests.toSorted()).toEqual([`GET ${path}/REFRESH`, `GET ${path}/public-key`]);
  });

  it('tells which targets are there', async () => {
    const { fake, path, prepare } = world();
    fake.addSecret(path, 'ACCESS');
    const store = await prepare();
    expect(['REFRESH', 'ACCESS', 'OTHER'].map((name) => store.holds(name))).toEqual([false, true, false]);
  });

  it('tells when a target was updated', async () => {
    const { fake, path, prepare } = world();
    fake.addSecret(path, 'ACCESS', { updatedAt: NOON - 9000 });
    const store = await prepare();
    expect(['REFRESH', 'ACCESS'].map((name) => store.updatedAt(name))).toEqual([undefined, NOON - 9000]);
  });

  it.each([
    ['the key', '/actions/secrets/public-key', 'Reading the encryption key of'],
    ['a secret', '/actions/secrets/ACCESS', 'Reading about the secret ACCESS in'],
    ['the variable', '/actions/variables/EXPIRY', 'Reading the variable EXPIRY in'],
  ])('that is refused %s names it and the store', async (_name, path, doing) => {
    const { fake, prepare } = world();
    fake.intercept(`GET /repos/octo/app${path}`, answer(403, { message: 'No' }));
    const error = await thrownBy(prepare());
    expect(error).toBeInstanceOf(ActionError);
    expect(error).toMatchObject({
      code: 'store-refused',
      message: `${doing} the store \`repository@octo/app\` failed: GitHub answered HTTP 403, "No".`,
    });
  });

  it('that does not exist is an error', async () => {
    const { fake, path, prepare } = world('environment:cobo');
    fake.intercept(`GET ${path}/public-key`, answer(404));
    await expect(prepare()).rejects.toMatchObject({ code: 'store-missing' });
  });

  it('hands a defect on as it is', async () => {
    const { fake, path, prepare } = world();
    const defect = new TypeError('defect');
    fake.intercept(`GET ${path}/public-key`, defect);
    await expect(prepare()).rejects.toBe(defect);
  });
});

describe('writing a secret', () => {
  it('is a single request', async () => {
    const { fake, path, store } = await prepared();
    await store.write('REFRESH', 'new');
    expect(fake.requests).toEqual([`PUT ${path}/REFRESH`]);
  });

  it.each(['repository', 'environment:a/b', 'organization:acme', 'dependabot'])(
    'changes its value in %s',
    async (line) => {
      const { fake, path, store } = await prepared(line);
      await store.write('REFRESH', 'one');
      await store.write('REFRESH', 'two');
      expect(fake.secret(path, 'REFRESH')?.value).toBe('two');
    },
  );

  it('keeps the visibility that it has in an organization', async () => {
    const { fake, path, prepare } = world('organization:acme');
    fake.addSecret(path, 'REFRESH', { visibility: 'all' });
    const store = await prepare();
    await store.write('REFRESH', 'new');
    expect(fake.secret(path, 'REFRESH')).toMatchObject({ value: 'new', visibility: 'all' });
  });

  it('keeps the selected repositories that it has in an organization, over several pages', async () => {
    const { fake, path, prepare } = world('organization:acme');
    const selected = Array.from({ length: 230 }, (_, index) => index + 1);
    fake.addSecret(path, 'REFRESH', { visibility: 'selected', selected });
    const store = await prepare();
    await store.write('REFRESH', 'new');
    expect(fake.secret(path, 'REFRESH')).toMatchObject({ value: 'new', visibility: 'selected', selected });
  });

  it('makes it private when it is new in an organization', async () => {
    const { fake, path, store } = await prepared('organization:acme');
    await store.write('REFRESH', 'new');
    expect(fake.secret(path, 'REFRESH')).toMatchObject({ value: 'new', visibility: 'private' });
  });

  it.each([
    ['refused', answer(403), 403],
    ['not there', answer(404), 404],
    ['in conflict', answer(409), 409],
    ['broken', answer(500), 500],
    ['unreachable', new TransportError('the connection was cut', true), undefined],
  ])('fails when GitHub says that it is %s, and the key is not read again', async (_name, end, status) => {
    const { fake, path, store } = await prepared();
    fake.intercept(`PUT ${path}/REFRESH`, end);
    await expect(store.write('REFRESH', 'new')).rejects.toMatchObject({ name: 'GitHubFailure', status });
    expect(fake.requests).toEqual([`PUT ${path}/REFRESH`]);
  });

  it('hands a defect on as it is', async () => {
    const { fake, path, store } = await prepared();
    const defect = new TypeError('defect');
    fake.intercept(`PUT ${path}/REFRESH`, defect);
    await expect(store.write('REFRESH', 'new')).rejects.toBe(defect);
  });
});

describe('when the encryption key was rotated meanwhile', () => {
  it('it is read once more, and the write repeated', async () => {
    const { fake, path, store } = await prepared();
    fake.rotateKey(path);
    await store.write('REFRESH', 'new');
    expect(fake.secret(path, 'REFRESH')?.value).toBe('new');
    expect(fake.requests).toEqual([`PUT ${path}/REFRESH`, `GET ${path}/public-key`, `PUT ${path}/REFRESH`]);
  });

  it('the next write uses the new key at once', async () => {
    const { fake, path, store } = await prepared();
    fake.rotateKey(path);
    await store.write('REFRESH', 'new');
    fake.requests.length = 0;
    await store.write('ACCESS', 'new');
    expect(fake.requests).toEqual([`PUT ${path}/ACCESS`]);
  });

  it('the repeated write keeps the visibility', async () => {
    const { fake, path, prepare } = world('organization:acme');
    fake.addSecret(path, 'REFRESH', { visibility: 'selected', selected: [4, 2] });
    const store = await prepare();
    fake.rotateKey(path);
    await store.write('REFRESH', 'new');
    expect(fake.secret(path, 'REFRESH')).toMatchObject({ visibility: 'selected', selected: [4, 2] });
  });

  it('and then once again, the write is given up', async () => {
    const { fake, path, store } = await prepared();
    const rotate = () => {
      fake.rotateKey(path);
      return undefined;
    };
    fake.intercept(`PUT ${path}/REFRESH`, rotate, 2);
    await expect(store.write('REFRESH', 'new')).rejects.toMatchObject({ status: 422 });
    expect(fake.requests).toEqual([`PUT ${path}/REFRESH`, `GET ${path}/public-key`, `PUT ${path}/REFRESH`]);
  });

  it('a write is given up when the new key cannot be read', async () => {
    const { fake, path, store } = await prepared();
    fake.rotateKey(path);
    fake.intercept(`GET ${path}/public-key`, answer(403));
    await expect(store.write('REFRESH', 'new')).rejects.toMatchObject({ status: 403 });
  });

  it('a 422 with the key unchanged is final', async () => {
    const { fake, path, store } = await prepared();
    fake.intercept(`PUT ${path}/REFRESH`, answer(422, { message: 'Too large' }));
    await expect(store.write('REFRESH', 'new')).rejects.toMatchObject({
      status: 422,
      message: 'GitHub answered HTTP 422, "Too large"',
    });
    expect(fake.requests).toEqual([`PUT ${path}/REFRESH`, `GET ${path}/public-key`]);
  });
});

describe('the expiry variable', () => {
  it('is created where it was not there', async () => {
    const { fake, path, store } = await prepared();
    await store.writeVariable('EXPIRY', '2026-03-01T13:00:00Z');
    expect(fake.store(path).variables.get('EXPIRY')?.value).toBe('2026-03-01T13:00:00Z');
    expect(fake.requests).toEqual(['POST /repos/octo/app/actions/variables']);
  });

  it('is updated where it was there', async () => {
    const { fake, path, prepare } = world();
    fake.store(path).variables.set('EXPIRY', { value: 'old' });
    const store = await prepare();
    await store.writeVariable('EXPIRY', 'new');
    expect(fake.store(path).variables.get('EXPIRY')?.value).toBe('new');
    expect(fake.requests.at(-1)).toBe('PATCH /repos/octo/app/actions/variables/EXPIRY');
  });

  it('is skipped for Dependabot', async () => {
    const { fake, store } = await prepared('dependabot');
    await store.writeVariable('EXPIRY', 'new');
    expect(fake.requests).toEqual([]);
  });
});

it('a prepared store removes a secret', async () => {
  const { fake, path, store } = await prepared();
  fake.addSecret(path, 'OTHER');
  await store.remove('OTHER', false);
  expect(fake.secret(path, 'OTHER')).toBeUndefined();
});

it('a prepared store counts its secrets', async () => {
  const { fake, path, store } = await prepared();
  fake.addSecret(path, 'ONE').addSecret(path, 'TWO');
  await expect(store.count()).resolves.toBe(2);
});
