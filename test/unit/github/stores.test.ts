import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStores, StoreGrammarError } from '../../../src/github/stores.ts';

const OWN = 'octo/app';

/** The only store of a text. */
function only(text: string, repository: string | undefined = OWN) {
  const stores = readStores(text, repository);
  expect(stores).toHaveLength(1);
  return stores[0];
}

const paths = (text: string) => readStores(text, OWN).map(({ secretsPath }) => secretsPath);

describe('a line names a store', () => {
  it.each([
    ['repository', 'repository', '/repos/octo/app/actions/secrets'],
    ['repository@other/lib', 'repository', '/repos/other/lib/actions/secrets'],
    ['repository@other/a.b_c-d', 'repository', '/repos/other/a.b_c-d/actions/secrets'],
    ['repository@o/l', 'repository', '/repos/o/l/actions/secrets'],
    ['repository@ other/lib', 'repository', '/repos/other/lib/actions/secrets'],
    ['environment:cobo', 'environment', '/repos/octo/app/environments/cobo/secrets'],
    ['environment: cobo ', 'environment', '/repos/octo/app/environments/cobo/secrets'],
    ['environment:cobo@other/lib', 'environment', '/repos/other/lib/environments/cobo/secrets'],
    ['environment:cobo @ other/lib', 'environment', '/repos/other/lib/environments/cobo/secrets'],
    ['organization:acme', 'organization', '/orgs/acme/actions/secrets'],
    ['organization: acme', 'organization', '/orgs/acme/actions/secrets'],
    ['dependabot', 'dependabot', '/repos/octo/app/dependabot/secrets'],
    ['dependabot@other/lib', 'dependabot', '/repos/other/lib/dependabot/secrets'],
  ])('%s', (line, kind, secretsPath) => {
    expect(only(line)).toMatchObject({ kind, secretsPath });
  });

  it.each([
    ['repository', '/repos/octo/app/actions/variables'],
    ['environment:cobo', '/repos/octo/app/environments/cobo/variables'],
    ['environment:cobo@other/lib', '/repos/other/lib/environments/cobo/variables'],
    ['organization:acme', '/orgs/acme/actions/variables'],
    ['dependabot', undefined],
  ])('%s has its variables at %s', (line, variablesPath) => {
    expect(only(line)?.variablesPath).toBe(variablesPath);
  });

  it.each([
    ['repository', 'repository@octo/app'],
    ['environment: cobo', 'environment:cobo@octo/app'],
    ['environment:cobo@other/lib', 'environment:cobo@other/lib'],
    ['organization: acme', 'organization:acme'],
    ['dependabot', 'dependabot@octo/app'],
  ])('%s is called %s in logs and errors', (line, label) => {
    expect(only(line)?.label).toBe(label);
  });

  it.each([
    ['repository', '"Secrets: write"'],
    ['environment:cobo', '"Environments: write"'],
    ['dependabot', '"Dependabot secrets: write"'],
    ['organization:acme', '"Organization secrets: write"'],
  ])('%s needs the permission %s', (line, permission) => {
    expect(only(line)?.permission).toContain(permission);
  });

  it.each([
    'repository@other/lib',
    'environment:cobo@other/lib',
    'organization:acme',
    'dependabot@other/lib',
  ])('%s needs no repository of the workflow', (line) => {
    expect(readStores(line, undefined)).toHaveLength(1);
  });
});

describe('the name of an environment is encoded', () => {
  it.each([
    ['two words', 'two%20words'],
    ['eu/prod', 'eu%2Fprod'],
    ['Zürich', 'Z%C3%BCrich'],
    ['東京', '%E6%9D%B1%E4%BA%AC'],
    ['🔑', '%F0%9F%94%91'],
    ['100%', '100%25'],
    ['a?b#c', 'a%3Fb%23c'],
    ['a:b', 'a%3Ab'],
    ['a&b=c+d', 'a%26b%3Dc%2Bd'],
    ['me@home', 'me%40home'],
    ['@', '%40'],
  ])('%s', (name, segment) => {
    expect(only(`environment:${name}`)?.secretsPath).toBe(`/repos/octo/app/environments/${segment}/secrets`);
  });

  it('also where it holds an @ before the repository', () => {
    expect(only('environment:me@home@other/lib')?.secretsPath).toBe(
      '/repos/other/lib/environments/me%40home/secrets',
    );
  });

  it('whatever it is, so that it stays one segment of the path', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .map((text) => text.trim())
      .filter((text) => text.length <= 255 && !/\p{C}|\p{Zl}|\p{Zp}|@|^\.*$/u.test(text));
    fc.assert(
      fc.property(name, (environment) => {
        const path = only(`environment:${environment}`)?.secretsPath ?? '';
        const segments = new URL(`https://api.github.test${path}`).pathname.split('/');
        expect(segments).toHaveLength(7);
        expect(decodeURIComponent(segments[5] ?? '')).toBe(environment);
      }),
    );
  });

  it('up to 255 characters', () => {
    expect(paths(`environment:${'e'.repeat(255)}`)).toEqual([
      `/repos/octo/app/environments/${'e'.repeat(255)}/secrets`,
    ]);
  });
});

describe('several lines', () => {
  it('name several stores, in order', () => {
    expect(readStores('dependabot\nrepository\norganization:acme', OWN).map(({ kind }) => kind)).toEqual([
      'dependabot',
      'repository',
      'organization',
    ]);
  });

  it('may end as Windows ends them', () => {
    expect(paths('repository\r\ndependabot\r\n')).toEqual(paths('repository\ndependabot'));
  });

  it('may be empty or blank in between', () => {
    expect(paths('\n\n  repository\t\n \t \n\n dependabot \n')).toEqual(paths('repository\ndependabot'));
  });
});

describe('the same store twice counts once', () => {
  it.each([
    ['repository', 'repository'],
    ['repository', 'repository@octo/app'],
    ['repository@octo/app', 'repository@Octo/App'],
    ['environment:cobo', 'environment:cobo@octo/app'],
    ['environment:cobo', 'environment:COBO'],
    ['organization:acme', 'organization:Acme'],
    ['dependabot', 'dependabot@octo/app'],
  ])('%s and %s', (one, other) => {
    expect(readStores(`${one}\n${other}`, OWN)).toHaveLength(1);
  });

  it.each([
    ['repository', 'dependabot'],
    ['repository', 'repository@octo/other'],
    ['environment:cobo', 'environment:cobo-2'],
    ['environment:Ä', 'environment:Ö'],
    ['environment:octo', 'organization:octo'],
  ])('but %s and %s are two', (one, other) => {
    expect(readStores(`${one}\n${other}`, OWN)).toHaveLength(2);
  });
});

describe('a wrong line is refused', () => {
  const nothing = 'begins with none of `repository`, `environment:`, `organization:`, `dependabot`';
  const notOwnerName = 'has something other than `owner/name` after the `@`';
  const noOrganization = 'names no organization; write `organization:NAME`';
  const noEnvironment = 'names no environment; write `environment:NAME`';
  const impossible = 'holds a name that no environment can have';

  it.each([
    ['an unknown word', 'vault:cobo', nothing],
    ['a kind in the plural', 'repositorys', nothing],
    ['a kind that goes on with a hyphen', 'repository-secrets', nothing],
    ['a kind in upper case', 'Repository', nothing],
    ['a bare repository', 'octo/app', nothing],
    ['an organization without a colon', 'organization acme', nothing],
    ['an old line break within', 'repository\rdependabot', 'other than `@owner/name` after `repository`'],
    ['a colon after `repository`', 'repository:other/lib', 'other than `@owner/name` after `repository`'],
    ['a word after `repository`', 'repository other/lib', 'other than `@owner/name` after `repository`'],
    ['a colon after `dependabot`', 'dependabot:other/lib', 'other than `@owner/name` after `dependabot`'],
    ['nothing after the @', 'repository@', notOwnerName],
    ['an owner alone', 'repository@other', notOwnerName],
    ['a name alone', 'repository@/lib', notOwnerName],
    ['an owner and a slash', 'dependabot@other/', notOwnerName],
    ['three parts', 'repository@other/lib/tree', notOwnerName],
    ['a URL', 'repository@https://github.com/other/lib', notOwnerName],
    ['a blank in a repository', 'repository@other/my lib', notOwnerName],
    ['two stores in one line', 'repository@other/lib dependabot', notOwnerName],
    ['a repository beyond ASCII', 'repository@öther/lib', notOwnerName],
    ['an owner of 101 characters', `repository@${'o'.repeat(101)}/lib`, notOwnerName],
    ['a repository of 101 characters', `repository@other/${'n'.repeat(101)}`, notOwnerName],
    ['an environment in a wrong repository', 'environment:cobo@other/my lib', notOwnerName],
    ['an environment without a name', 'environment:', noEnvironment],
    ['an environment of blanks', 'environment:   ', noEnvironment],
    ['an environment without a colon', 'environment', noEnvironment],
    ['an environment that begins with @', 'environment@other/lib', noEnvironment],
    ['an environment with a repository alone', 'environment:@other/lib', noEnvironment],
    ['an environment of 256 characters', `environment:${'e'.repeat(256)}`, impossible],
    ['an environment with a control character', 'environment:a\u0007b', impossible],
    ['an environment with a tab', 'environment:a\tb', impossible],
    ['an environment with half a surrogate pair', 'environment:a\ud800b', impossible],
    ['an environment with an invisible character', 'environment:a\u202eb', impossible],
    ['an environment with a line separator', 'environment:a\u2028b', impossible],
    ['an organization without a name', 'organization:', noOrganization],
    ['an organization with a blank', 'organization:my acme', noOrganization],
    ['an organization with a repository', 'organization:acme@other/lib', noOrganization],
    ['an organization of 101 characters', `organization:${'o'.repeat(101)}`, noOrganization],
  ])('%s', (_name, line, why) => {
    expect(() => readStores(line, OWN)).toThrow(StoreGrammarError);
    expect(() => readStores(line, OWN)).toThrow(why);
  });

  it('and its number is told, empty lines counted', () => {
    expect(() => readStores('repository\n\nvault', OWN)).toThrow(/^line 3 begins with none/);
  });

  it('and is not repeated', () => {
    expect(() => readStores('ghp_pastedByMistake', OWN)).not.toThrow(/ghp_/);
  });

  it.each(['', '\n', ' \r\n\t '])('and so is a text that names no store: %j', (text) => {
    expect(() => readStores(text, OWN)).toThrow('it names no store');
  });
});

describe('no line leads out of its path', () => {
  it.each([
    'repository@..',
    'repository@../..',
    'repository@other/..',
    'repository@../lib',
    'repository@./lib',
    'repository@other/.',
    'repository@other/lib?x=y',
    'repository@other/lib#x',
    'repository@other/%2e%2e',
    'repository@%2e%2e/lib',
    'repository@other\\lib',
    'repository@other/lib/../../user',
    'dependabot@other/..',
    'dependabot@../lib',
    'environment:cobo@../..',
    'environment:cobo@other/..',
    'environment:cobo@other/%2e%2e',
    'environment:cobo@other/lib?x',
    'environment:.',
    'environment:..',
    'environment: .. ',
    'environment:..@other/lib',
    'organization:.',
    'organization:..',
    'organization:../user',
    'organization:acme/actions',
    'organization:acme?x=y',
    'organization:acme#x',
    'organization:%2e%2e',
  ])('%s is refused', (line) => {
    expect(() => readStores(line, OWN)).toThrow(StoreGrammarError);
  });

  it.each([
    ['environment:../x', '/repos/octo/app/environments/..%2Fx/secrets'],
    ['environment:%2e%2e', '/repos/octo/app/environments/%252e%252e/secrets'],
    ['environment:..\\x', '/repos/octo/app/environments/..%5Cx/secrets'],
    ['environment:a?ref=b', '/repos/octo/app/environments/a%3Fref%3Db/secrets'],
  ])('%s stays one segment', (line, path) => {
    expect(new URL(`https://api.github.test${only(line)?.secretsPath}`).href).toBe(
      `https://api.github.test${path}`,
    );
  });
});

describe('where the workflow names no repository', () => {
  it.each(['repository', 'environment:cobo', 'dependabot'])('%s is refused', (line) => {
    expect(() => readStores(line, undefined)).toThrow('names no repository, and the workflow tells none');
  });

  it.each(['', 'octo', 'octo/app/x', 'octo/my app', '../..', 'octo/..'])(
    'or a senseless one (%j), so is `repository`',
    (repository) => {
      expect(() => readStores('repository', repository)).toThrow('GITHUB_REPOSITORY');
    },
  );
});
