import { describe, expect, it } from 'vitest';
import { gitHub } from '../../../src/github/client.ts';
import { readStores } from '../../../src/github/stores.ts';
import { hasVariable, putVariable } from '../../../src/github/variables.ts';
import { FakeGitHub } from '../support/github-fake.ts';
import { answer } from '../support/github-script.ts';
import { accessTo } from '../support/github-world.ts';

/** A store with its variables, and what writes to them. */
function world(line = 'repository') {
  const [store] = readStores(line, 'octo/app');
  if (store?.variablesPath === undefined) throw new Error(`no variables in ${line}`);
  const path = store.variablesPath;
  const fake = new FakeGitHub().addStore(store.secretsPath);
  const github = gitHub(accessTo(fake, { maxAttempts: 1 }).access);
  const { variables } = fake.store(store.secretsPath);
  const put = (value: string, exists: boolean) => putVariable(github, store, path, 'EXPIRY', value, exists);
  return { fake, github, path, variables, put };
}

describe('a variable', () => {
  it('that is there is found', async () => {
    const { github, path, variables } = world();
    variables.set('EXPIRY', { value: 'old' });
    await expect(hasVariable(github, path, 'EXPIRY')).resolves.toBe(true);
  });

  it('that is not there is not found', async () => {
    const { github, path } = world();
    await expect(hasVariable(github, path, 'EXPIRY')).resolves.toBe(false);
  });

  it.each([401, 403, 500])('cannot be looked for with status %i', async (status) => {
    const { fake, github, path } = world();
    fake.intercept(`GET ${path}/EXPIRY`, answer(status));
    await expect(hasVariable(github, path, 'EXPIRY')).rejects.toMatchObject({ status });
  });

  it('cannot be looked for when the action is defective', async () => {
    const { fake, github, path } = world();
    const defect = new TypeError('defect');
    fake.intercept(`GET ${path}/EXPIRY`, defect);
    await expect(hasVariable(github, path, 'EXPIRY')).rejects.toBe(defect);
  });

  it.each(['repository', 'environment:a b', 'organization:acme'])('is created in %s', async (line) => {
    const { fake, path, variables, put } = world(line);
    await put('new', false);
    expect(variables.get('EXPIRY')?.value).toBe('new');
    expect(fake.requests).toEqual([`POST ${path}`]);
  });

  it.each(['repository', 'environment:a b', 'organization:acme'])('is updated in %s', async (line) => {
    const { fake, path, variables, put } = world(line);
    variables.set('EXPIRY', { value: 'old' });
    await put('new', true);
    expect(variables.get('EXPIRY')?.value).toBe('new');
    expect(fake.requests).toEqual([`PATCH ${path}/EXPIRY`]);
  });

  it('is private when it is new in an organization', async () => {
    const { variables, put } = world('organization:acme');
    await put('new', false);
    expect(variables.get('EXPIRY')).toEqual({ value: 'new', visibility: 'private' });
  });

  it('keeps its visibility in an organization', async () => {
    const { variables, put } = world('organization:acme');
    variables.set('EXPIRY', { value: 'old', visibility: 'all' });
    await put('new', true);
    expect(variables.get('EXPIRY')).toEqual({ value: 'new', visibility: 'all' });
  });

  it('has no visibility in a repository', async () => {
    const { variables, put } = world();
    await put('new', false);
    expect(variables.get('EXPIRY')).toEqual({ value: 'new' });
  });

  it('is created when it went since it was looked for', async () => {
    const { fake, path, variables, put } = world();
    await put('new', true);
    expect(variables.get('EXPIRY')?.value).toBe('new');
    expect(fake.requests).toEqual([`PATCH ${path}/EXPIRY`, `POST ${path}`]);
  });

  it.each([409, 422])('is updated when it came since it was looked for (status %i)', async (status) => {
    const { fake, path, variables, put } = world();
    variables.set('EXPIRY', { value: 'old' });
    fake.intercept(`POST ${path}`, answer(status));
    await put('new', false);
    expect(variables.get('EXPIRY')?.value).toBe('new');
    expect(fake.requests).toEqual([`POST ${path}`, `PATCH ${path}/EXPIRY`]);
  });

  it.each([
    { exists: true, status: 403 },
    { exists: true, status: 409 },
    { exists: true, status: 422 },
    { exists: true, status: 500 },
    { exists: false, status: 403 },
    { exists: false, status: 404 },
    { exists: false, status: 500 },
  ])('cannot be written with status $status (there before: $exists)', async ({ exists, status }) => {
    const { fake, path, put } = world();
    fake.intercept(exists ? `PATCH ${path}/EXPIRY` : `POST ${path}`, answer(status));
    await expect(put('new', exists)).rejects.toMatchObject({ status });
    expect(fake.requests).toHaveLength(1);
  });

  it('cannot be written when the second request fails as well', async () => {
    const { fake, path, put } = world();
    fake.intercept(`POST ${path}`, answer(403));
    await expect(put('new', true)).rejects.toMatchObject({ status: 403 });
  });

  it.each([true, false])(
    'cannot be written when the action is defective (there before: %s)',
    async (exists) => {
      const { fake, path, put } = world();
      const defect = new TypeError('defect');
      fake.intercept(exists ? `PATCH ${path}/EXPIRY` : `POST ${path}`, defect);
      await expect(put('new', exists)).rejects.toBe(defect);
    },
  );
});
