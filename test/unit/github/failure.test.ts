import { describe, expect, it } from 'vitest';
import { GitHubFailure, storeError } from '../../../src/github/failure.ts';
import { readStores } from '../../../src/github/stores.ts';

const STORES = ['repository', 'environment:cobo', 'organization:acme', 'dependabot'].map((line) => {
  const [store] = readStores(line, 'octo/app');
  if (store === undefined) throw new Error(`no store for ${line}`);
  return store;
});
const [repository] = readStores('repository', 'octo/app');

function errorFor(status: number | undefined, store = repository) {
  if (store === undefined) throw new Error('no store');
  const failure = new GitHubFailure('GitHub said no', status);
  return { error: storeError(store, 'Reading the encryption key of', failure), failure };
}

describe('a failure at a store', () => {
  it.each([
    [undefined, 'github-unavailable'],
    [401, 'store-refused'],
    [403, 'store-refused'],
    [404, 'store-missing'],
    [200, 'github-refused'],
    [301, 'github-refused'],
    [400, 'github-refused'],
    [409, 'github-refused'],
    [422, 'github-refused'],
    [428, 'github-refused'],
    [430, 'github-refused'],
    [499, 'github-refused'],
    [429, 'github-unavailable'],
    [500, 'github-unavailable'],
    [502, 'github-unavailable'],
    [503, 'github-unavailable'],
  ])('with status %s is the error %s', (status, code) => {
    expect(errorFor(status).error.code).toBe(code);
  });

  const statuses = [undefined, 200, 401, 403, 404, 422, 429, 500];

  it.each(statuses)('with status %s tells what was done where, and why it failed', (status) => {
    expect(errorFor(status).error.message).toBe(
      'Reading the encryption key of the store `repository@octo/app` failed: GitHub said no.',
    );
  });

  it.each(statuses)('with status %s keeps its cause', (status) => {
    const { error, failure } = errorFor(status);
    expect(error.cause).toBe(failure);
  });

  it.each(STORES)('of kind $kind names that store', (store) => {
    expect(errorFor(403, store).error.message).toContain(`\`${store.label}\``);
  });
});

describe('the remedy', () => {
  it.each(STORES.flatMap((store) => [403, 404, 422].map((status) => ({ status, store }))))(
    'for status $status names the permission that the store of kind $store.kind needs',
    ({ status, store }) => {
      expect(errorFor(status, store).error.remedy).toContain(`permission ${store.permission}`);
    },
  );

  it.each([403, 404])('for status %i says that `GITHUB_TOKEN` cannot do it', (status) => {
    expect(errorFor(status).error.remedy).toMatch(/`GITHUB_TOKEN` cannot be given that permission/);
  });

  it('for status 404 says that the store may not exist', () => {
    expect(errorFor(404).error.remedy).toMatch(/^The store does not exist, or/);
  });

  it('for status 401 says that the token is not known', () => {
    expect(errorFor(401).error.remedy).toContain('GitHub does not know `github-token`');
  });

  it.each([undefined, 429, 500])('for status %s is another run, for nothing was spent', (status) => {
    expect(errorFor(status).error.remedy).toMatch(/^Run the job again.*nothing was spent\.$/);
  });
});
