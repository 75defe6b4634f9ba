import { describe, expect, it } from 'vitest';
import { readStores, StoreGrammarError } from '../../../src/github/stores.ts';

// What mutation testing found nobody looking at.

describe('a list of stores', () => {
  it.each(['octo/.github', '.octo/app', 'octo/app.', 'octo./..app', 'octo/app..'])(
    'takes the repository %s, which is no way out of the path',
    (repository) => {
      const [store] = readStores(`repository@${repository}`, 'octo/app');
      expect(store?.secretsPath).toBe(`/repos/${repository}/actions/secrets`);
    },
  );

  it.each(['.hidden', 'v1.', '..v1', 'v1..'])('takes the environment %s', (name) => {
    const [store] = readStores(`environment:${name}`, 'octo/app');
    expect(store?.secretsPath).toBe(`/repos/octo/app/environments/${name}/secrets`);
  });

  it.each(['acme.', '.acme'])('takes the organization %s', (name) => {
    expect(readStores(`organization:${name}`, undefined)[0]?.secretsPath).toBe(
      `/orgs/${name}/actions/secrets`,
    );
  });

  it.each(['my organization:acme', 'x-organization:acme'])('does not take %s for an organization', (line) => {
    expect(() => readStores(line, 'octo/app')).toThrow(StoreGrammarError);
    expect(() => readStores(line, 'octo/app')).toThrow('begins with none of');
  });

  it('throws an error with a name', () => {
    expect(new StoreGrammarError('x').name).toBe('StoreGrammarError');
  });

  it('takes two spellings of one store for the same', () => {
    expect(readStores('repository@Octo/App\nrepository@octo/app', undefined)).toHaveLength(1);
  });
});
