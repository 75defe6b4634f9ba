import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActionError } from '../../../src/errors.ts';
import { isRepository, readStores } from '../../../src/github/grammar.ts';
import { REPO, RUNS } from './support.ts';

const LONG = 'n'.repeat(100);

describe('a line names a store:', () => {
  it('the own repository', () => {
    expect(readStores('repository', REPO)).toEqual([
      {
        kind: 'repository',
        label: 'repository@octo-org/octo-repo',
        secretsPath: '/repos/octo-org/octo-repo/actions/secrets',
        variablesPath: '/repos/octo-org/octo-repo/actions/variables',
        permission: '"Secrets: write"',
        variablesPermission: '"Variables: write"',
        gh: '--repo octo-org/octo-repo',
      },
    ]);
  });

  it('an environment', () => {
    expect(readStores('environment:cobo', REPO)).toEqual([
      {
        kind: 'environment',
        label: 'environment:cobo@octo-org/octo-repo',
        secretsPath: '/repos/octo-org/octo-repo/environments/cobo/secrets',
        variablesPath: '/repos/octo-org/octo-repo/environments/cobo/variables',
        permission: '"Environments: write"',
        variablesPermission: '"Environments: write"',
        gh: "--repo octo-org/octo-repo --env 'cobo'",
      },
    ]);
  });

  it('an organization', () => {
    expect(readStores('organization:octo-org', undefined)).toEqual([
      {
        kind: 'organization',
        label: 'organization:octo-org',
        secretsPath: '/orgs/octo-org/actions/secrets',
        variablesPath: '/orgs/octo-org/actions/variables',
        permission: '"Organization secrets: write"',
        variablesPermission: '"Organization variables: write"',
        gh: '--org octo-org',
      },
    ]);
  });

  it('Dependabot, which has no variables', () => {
    expect(readStores('dependabot', REPO)).toEqual([
      {
        kind: 'dependabot',
        label: 'dependabot@octo-org/octo-repo',
        secretsPath: '/repos/octo-org/octo-repo/dependabot/secrets',
        variablesPath: undefined,
        permission: '"Dependabot secrets: write"',
        variablesPermission: '',
        gh: '--repo octo-org/octo-repo --app dependabot',
      },
    ]);
  });

  it.each([
    ['repository@a/b', 'repository@a/b'],
    ['repository@ a/b ', 'repository@a/b'],
    ['dependabot@a/b', 'dependabot@a/b'],
    ['environment:prod@a/b', 'environment:prod@a/b'],
    ['environment: prod @ a/b', 'environment:prod@a/b'],
    ['environment:team@home', 'environment:team@home@octo-org/octo-repo'],
    ['environment:team@home@a/b', 'environment:team@home@a/b'],
    ['environment:a/b', 'environment:a/b@octo-org/octo-repo'],
    ['environment:x@a/b/c', 'environment:x@a/b/c@octo-org/octo-repo'],
    ['environment:.x.', 'environment:.x.@octo-org/octo-repo'],
    ['organization: octo-org', 'organization:octo-org'],
    ['organization:.github', 'organization:.github'],
    ['organization:octo.', 'organization:octo.'],
    [`organization:${LONG}`, `organization:${LONG}`],
    [`repository@${LONG}/${LONG}`, `repository@${LONG}/${LONG}`],
    ['repository@a.b_c-1/.github', 'repository@a.b_c-1/.github'],
  ])('%s', (line, label) => {
    expect(readStores(line, REPO).map((store) => store.label)).toEqual([label]);
  });

  it('with a repository of its own, where the workflow has none', () => {
    expect(readStores('environment:x@a/b', undefined)).toHaveLength(1);
  });

  it.each([
    ['a b/c', 'a%20b%2Fc', "'a b/c'"],
    ['Zürich', 'Z%C3%BCrich', "'Zürich'"],
    ["it's; rm -rf 'x'", "it's%3B%20rm%20-rf%20'x'", "'it'\\''s; rm -rf '\\''x'\\'''"],
    ['n'.repeat(255), 'n'.repeat(255), `'${'n'.repeat(255)}'`],
  ])('an environment %s, encoded in its path and quoted for a shell', (name, segment, quoted) => {
    expect(readStores(`environment:${name}`, REPO)).toMatchObject([
      {
        secretsPath: `/repos/${REPO}/environments/${segment}/secrets`,
        variablesPath: `/repos/${REPO}/environments/${segment}/variables`,
        gh: `--repo ${REPO} --env ${quoted}`,
      },
    ]);
  });
});

describe('several lines', () => {
  it.each([
    ['a line each', 'repository\nenvironment:cobo', ['repository', 'environment']],
    ['line breaks of Windows', 'repository\r\ndependabot\r\n', ['repository', 'dependabot']],
    ['blanks and empty lines', '\n  repository  \n\n\t\n dependabot\n', ['repository', 'dependabot']],
    ['the same store twice', 'repository\nrepository@Octo-Org/Octo-Repo', ['repository']],
    [
      'stores of one name and different kinds',
      'repository\ndependabot\norganization:octo-org',
      ['repository', 'dependabot', 'organization'],
    ],
  ])('%s', (_what, text, kinds) => {
    expect(readStores(text, REPO).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('tells environments apart by case no more than GitHub does', () => {
    expect(readStores('environment:Prod\nenvironment:prod', REPO)).toHaveLength(1);
  });
});

describe('a wrong line is refused:', () => {
  const refusal = (problem: string) =>
    expect.objectContaining({
      code: 'input-invalid',
      message: `The input \`secret-stores\` is invalid: ${problem}.`,
      remedy: expect.stringContaining('Write one store a line: `repository`, `environment:NAME`'),
    });
  const START = 'must begin with `repository`, `environment:`, `organization:` or `dependabot`';
  const ENVIRONMENT = 'names no environment; write `environment:NAME`';
  const ORGANIZATION = 'names no organization; write `organization:NAME`';
  const NAMED = 'must have `owner/name` after the `@`';

  it.each([
    ['repo', START],
    ['Repository', START],
    ['my repository', START],
    ['my organization:x', START],
    ['repository-x', START],
    ['repositoryx', START],
    ['environments:x', START],
    ['organization', ORGANIZATION],
    ['organization@x', ORGANIZATION],
    ['organization-x:y', START],
    ['repository:x', 'may have only `@owner/name` after `repository`'],
    ['repository a/b', 'may have only `@owner/name` after `repository`'],
    ['dependabot/x', 'may have only `@owner/name` after `dependabot`'],
    ['repository@', NAMED],
    ['repository@a', NAMED],
    ['repository@a/b/c', NAMED],
    ['repository@a b/c', NAMED],
    ['repository@../b', NAMED],
    ['repository@a/..', NAMED],
    ['repository@a/.', NAMED],
    [`repository@${LONG}n/b`, NAMED],
    [`repository@a/${LONG}n`, NAMED],
    ['environment:x@ü/b', NAMED],
    ['environment', ENVIRONMENT],
    ['environment:', ENVIRONMENT],
    ['environment: ', ENVIRONMENT],
    ['environment@a/b', ENVIRONMENT],
    ['environment:@a/b', ENVIRONMENT],
    ['environment:.', 'has an invalid environment name'],
    ['environment:..', 'has an invalid environment name'],
    ['environment:a\u0007b', 'has an invalid environment name'],
    ['environment:a\u2028b', 'has an invalid environment name'],
    [`environment:${'n'.repeat(256)}`, 'has an invalid environment name'],
    ['organization:', ORGANIZATION],
    ['organization:.', ORGANIZATION],
    ['organization:..', ORGANIZATION],
    ['organization:a/b', ORGANIZATION],
    ['organization:a b', ORGANIZATION],
    ['organization:a\u2028b', ORGANIZATION],
    [`organization:${LONG}n`, ORGANIZATION],
  ])('%j', (line, reason) => {
    expect(() => readStores(`\nrepository@a/b\n${line}`, REPO)).toThrow(refusal(`line 3 ${reason}`));
  });

  it.each([undefined, '', 'octo-repo', '../octo-repo'])('`repository` where the own one is %j', (own) => {
    const reason = 'line 1 names no repository, and GITHUB_REPOSITORY is not set; add `@owner/name`';
    expect(() => readStores('repository', own)).toThrow(reason);
    expect(() => readStores('environment:x', own)).toThrow(reason);
    expect(() => readStores('dependabot', own)).toThrow(reason);
  });

  it.each(['', ' \n\t\r\n'])('no line at all: %j', (text) => {
    expect(() => readStores(text, REPO)).toThrow(refusal('it names no store'));
  });
});

it('takes any text, or refuses it as such', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  const kinds = fc.constantFrom('repository', 'environment:', 'organization:', 'dependabot', '');
  fc.assert(
    fc.property(kinds, text, (kind, rest) => {
      try {
        for (const { secretsPath } of readStores(kind + rest, REPO)) {
          // It leads to where it says, and nowhere else.
          const url = new URL(`https://api.github.test${secretsPath}`);
          expect(url.pathname.split('/')).toHaveLength(secretsPath.split('/').length);
          expect(url.search + url.hash).toBe('');
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ActionError);
      }
    }),
    RUNS,
  );
});

it.each([
  ['a/b', true],
  ['a/b/c', false],
  ['a', false],
  ['a/..', false],
])('%s is a repository: %s', (text, expected) => {
  expect(isRepository(text)).toBe(expected);
});
