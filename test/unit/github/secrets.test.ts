import { describe, expect, it } from 'vitest';
import { gitHub } from '../../../src/github/client.ts';
import { GitHubFailure } from '../../../src/github/failure.ts';
import {
  countSecrets,
  deleteSecret,
  putSecret,
  readEncryptionKey,
  readSecret,
} from '../../../src/github/secrets.ts';
import { readStores, type Store } from '../../../src/github/stores.ts';
import { field } from '../../../src/text.ts';
import { FakeGitHub } from '../support/github-fake.ts';
import { answer } from '../support/github-script.ts';
import { accessTo, NOON, thrownBy } from '../support/github-world.ts';

const REPOSITORY = '/repos/octo/app/actions/secrets';
const ORGANIZATION = '/orgs/acme/actions/secrets';

function storeOf(line: string): Store {
  const [store] = readStores(line, 'octo/app');
  if (store === undefined) throw new Error(`no store for ${line}`);
  return store;
}
const repository = storeOf('repository');
const organization = storeOf('organization:acme');

function world() {
  const fake = new FakeGitHub().addStore(REPOSITORY).addStore(ORGANIZATION);
  const { access } = accessTo(fake, { maxAttempts: 1 });
  return { fake, github: gitHub(access) };
}

describe('the encryption key', () => {
  it('is read with its ID', async () => {
    const { fake, github } = world();
    const { keyId, keys } = fake.store(REPOSITORY);
    await expect(readEncryptionKey(github, repository)).resolves.toEqual({
      keyId,
      publicKey: Buffer.from(keys.publicKey),
    });
  });

  const key = Buffer.alloc(32, 9).toString('base64');

  it.each([
    ['no JSON', '<html>'],
    ['an empty object', {}],
    ['no key', { key_id: '1' }],
    ['no ID', { key }],
    ['an empty ID', { key_id: '', key }],
    ['an ID that is no text', { key_id: 7, key }],
    ['a key that is no text', { key_id: '1', key: 7 }],
    ['a key that is too short', { key_id: '1', key: Buffer.alloc(31).toString('base64') }],
    ['a key that is too long', { key_id: '1', key: Buffer.alloc(33).toString('base64') }],
  ])('is not taken from %s', async (_name, body) => {
    const { fake, github } = world();
    fake.intercept(`GET ${REPOSITORY}/public-key`, answer(200, body));
    const error = await thrownBy(readEncryptionKey(github, repository));
    expect(error).toBeInstanceOf(GitHubFailure);
    expect(error).toMatchObject({
      message: 'GitHub answered with something that is no encryption key',
      status: 200,
    });
  });
});

describe('what GitHub tells of a secret', () => {
  it('is when it was updated', async () => {
    const { fake, github } = world();
    fake.addSecret(REPOSITORY, 'TOKEN', { updatedAt: NOON - 5000 });
    await expect(readSecret(github, repository, 'TOKEN')).resolves.toEqual({
      updatedAt: NOON - 5000,
      visibility: undefined,
    });
  });

  it('is the update, not the creation', async () => {
    const { fake, github } = world();
    const facts = { created_at: '2020-01-01T00:00:00Z', updated_at: '2026-03-01T12:00:00Z' };
    fake.intercept(`GET ${REPOSITORY}/TOKEN`, answer(200, { name: 'TOKEN', ...facts }));
    await expect(readSecret(github, repository, 'TOKEN')).resolves.toHaveProperty('updatedAt', NOON);
  });

  it('is nothing when there is no such secret', async () => {
    const { github } = world();
    await expect(readSecret(github, repository, 'TOKEN')).resolves.toBeUndefined();
  });

  it.each([401, 403, 500])('is not to be had with status %i', async (status) => {
    const { fake, github } = world();
    fake.intercept(`GET ${REPOSITORY}/TOKEN`, answer(status));
    await expect(readSecret(github, repository, 'TOKEN')).rejects.toMatchObject({ status });
  });

  it.each(['all', 'private'] as const)('is the visibility `%s` in an organization', async (visibility) => {
    const { fake, github } = world();
    fake.addSecret(ORGANIZATION, 'TOKEN', { visibility });
    await expect(readSecret(github, organization, 'TOKEN')).resolves.toHaveProperty('visibility', {
      visibility,
    });
  });

  it('is no list of repositories unless some are selected', async () => {
    const { fake, github } = world();
    fake.addSecret(ORGANIZATION, 'TOKEN', { visibility: 'private' });
    await readSecret(github, organization, 'TOKEN');
    expect(fake.requests).toEqual([`GET ${ORGANIZATION}/TOKEN`]);
  });

  it.each([
    ['none', 0, 1],
    ['one', 1, 1],
    ['99', 99, 1],
    ['a full page', 100, 2],
    ['a page and one', 101, 2],
    ['several pages', 250, 3],
  ])('is all selected repositories: %s', async (_name, count, pages) => {
    const { fake, github } = world();
    const selected = Array.from({ length: count }, (_, index) => 1000 + index);
    fake.addSecret(ORGANIZATION, 'TOKEN', { visibility: 'selected', selected });
    const facts = await readSecret(github, organization, 'TOKEN');
    expect(facts?.visibility).toEqual({ visibility: 'selected', selected_repository_ids: selected });
    expect(fake.requests.slice(1)).toEqual(
      Array.from({ length: pages }, (_, index) => {
        return `GET ${ORGANIZATION}/TOKEN/repositories?per_page=100&page=${index + 1}`;
      }),
    );
  });

  it('leaves out what is no ID of a repository', async () => {
    const { fake, github } = world();
    fake.addSecret(ORGANIZATION, 'TOKEN', { visibility: 'selected' });
    const repositories = [{ id: 5 }, { id: 'six' }, null, { name: 'x' }, { id: 7 }];
    fake.intercept(`GET ${ORGANIZATION}/TOKEN/repositories`, answer(200, { repositories }));
    const facts = await readSecret(github, organization, 'TOKEN');
    expect(facts?.visibility).toEqual({ visibility: 'selected', selected_repository_ids: [5, 7] });
  });

  it('is no repository when the list is none', async () => {
    const { fake, github } = world();
    fake.addSecret(ORGANIZATION, 'TOKEN', { visibility: 'selected' });
    fake.intercept(`GET ${ORGANIZATION}/TOKEN/repositories`, answer(200, {}));
    const facts = await readSecret(github, organization, 'TOKEN');
    expect(facts?.visibility).toEqual({ visibility: 'selected', selected_repository_ids: [] });
  });

  it.each([undefined, 'public', 7, null])(
    'has to be a visibility that is known, not %j',
    async (visibility) => {
      const { fake, github } = world();
      fake.addSecret(ORGANIZATION, 'TOKEN', { visibility });
      await expect(readSecret(github, organization, 'TOKEN')).rejects.toThrow(
        'GitHub answered without the visibility of the secret',
      );
    },
  );
});

describe('a secret is written', () => {
  /** The body of the one PUT. */
  async function put(store: Store, path: string, visibility?: Parameters<typeof putSecret>[5]) {
    const { fake, github } = world();
    let body: unknown;
    fake.intercept(`PUT ${path}/TOKEN`, (request) => {
      body = JSON.parse(request.body ?? '');
      return undefined;
    });
    await putSecret(
      github,
      store,
      'TOKEN',
      'the value',
      await readEncryptionKey(github, store),
      visibility,
      {},
    );
    return { fake, body };
  }

  it('so that GitHub can open it', async () => {
    const { fake } = await put(repository, REPOSITORY);
    expect(fake.secret(REPOSITORY, 'TOKEN')?.value).toBe('the value');
  });

  it('with the ID of the key that it is sealed with', async () => {
    const { fake, body } = await put(repository, REPOSITORY);
    expect(field(body, 'key_id')).toBe(fake.store(REPOSITORY).keyId);
  });

  it('without a visibility in a repository', async () => {
    const { body } = await put(repository, REPOSITORY);
    expect(Object.keys(Object(body)).sort()).toEqual(['encrypted_value', 'key_id']);
  });

  it('as private when it is new in an organization', async () => {
    const { body } = await put(organization, ORGANIZATION);
    expect(field(body, 'visibility')).toBe('private');
  });

  it.each([
    { visibility: 'all' as const },
    { visibility: 'private' as const },
    { visibility: 'selected' as const, selected_repository_ids: [3, 5] },
    { visibility: 'selected' as const, selected_repository_ids: [] },
  ])('with the visibility that it had in an organization: %j', async (visibility) => {
    const { body } = await put(organization, ORGANIZATION, visibility);
    expect(body).toMatchObject(visibility);
  });
});

describe('a secret is deleted', () => {
  it('when it is there', async () => {
    const { fake, github } = world();
    fake.addSecret(REPOSITORY, 'TOKEN').addSecret(REPOSITORY, 'OTHER');
    await deleteSecret(github, repository, 'TOKEN', false);
    expect([...fake.store(REPOSITORY).secrets.keys()]).toEqual(['OTHER']);
  });

  it('as good as, when it is not there', async () => {
    const { github } = world();
    await expect(deleteSecret(github, repository, 'TOKEN', false)).resolves.toBeUndefined();
  });

  it.each([403, 500])('unless GitHub answers with status %i', async (status) => {
    const { fake, github } = world();
    fake.addSecret(REPOSITORY, 'TOKEN').intercept(`DELETE ${REPOSITORY}/TOKEN`, answer(status));
    await expect(deleteSecret(github, repository, 'TOKEN', false)).rejects.toMatchObject({ status });
  });

  it('unless no answer comes', async () => {
    const defect = new TypeError('defect');
    const { fake, github } = world();
    fake.intercept(`DELETE ${REPOSITORY}/TOKEN`, defect);
    await expect(deleteSecret(github, repository, 'TOKEN', false)).rejects.toBe(defect);
  });

  it.each([
    [true, 1],
    [false, 2],
  ])('and again after a failure, unless in a hurry (hurried: %s)', async (hurried, attempts) => {
    const fake = new FakeGitHub().addStore(REPOSITORY).addSecret(REPOSITORY, 'TOKEN');
    const { access } = accessTo(fake, { maxAttempts: 2 });
    fake.intercept(`DELETE ${REPOSITORY}/TOKEN`, answer(502), 2);
    await thrownBy(deleteSecret(gitHub(access), repository, 'TOKEN', hurried));
    expect(fake.requests).toHaveLength(attempts);
  });
});

describe('the number of secrets', () => {
  it.each([0, 1, 100])('%i is told', async (count) => {
    const { fake, github } = world();
    for (let index = 0; index < count; index++) fake.addSecret(REPOSITORY, `S${index}`);
    await expect(countSecrets(github, repository)).resolves.toBe(count);
  });

  it('is asked without the list itself', async () => {
    const { fake, github } = world();
    await countSecrets(github, repository);
    expect(fake.requests).toEqual([`GET ${REPOSITORY}?per_page=1`]);
  });

  it('counts as 0 when GitHub does not tell it', async () => {
    const { fake, github } = world();
    fake.intercept(`GET ${REPOSITORY}`, answer(200, { total_count: '100' }));
    await expect(countSecrets(github, repository)).resolves.toBe(0);
  });
});
