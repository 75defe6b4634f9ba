import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ActionError } from '../../../src/errors.ts';
import { readStores } from '../../../src/github/grammar.ts';
import { REPO } from './places.ts';
import { RUNS } from './support.ts';

const LONG = 'n'.repeat(100);
const PATH = `/repos/${REPO}`;

const [ENV, ORG, BOT] = ['environment:cobo', 'organization:octo-org', 'dependabot'];
it.each([
  ['repository', `repository@${REPO}`, `${PATH}/actions`, 'Secrets', 'Variables', `--repo ${REPO}`],
  [ENV, `${ENV}@${REPO}`, `${PATH}/environments/cobo`, 'Environments', 'Environments', `--repo ${REPO} --env 'cobo'`],
  [ORG, ORG, '/orgs/octo-org/actions', 'Organization secrets', 'Organization variables', '--org octo-org'],
  [BOT, `${BOT}@${REPO}`, `${PATH}/${BOT}`, 'Dependabot secrets', '', `--repo ${REPO} --app dependabot`],
])('%s is a store', (line, label, path, secrets, variables, gh) => {
  expect(readStores(line, REPO)).toEqual([
    {
      kind: line.replace(/:.*/, ''),
      label,
      secretsPath: `${path}/secrets`,
      variablesPath: variables === '' ? undefined : `${path}/variables`,
      permission: `"${secrets}: write"`,
      variablesPermission: variables === '' ? '' : `"${variables}: write"`,
      gh,
    },
  ]);
});

it.each([
  ['repository@ a/b ', 'repository@a/b'],
  ['environment: prod @ a/b', 'environment:prod@a/b'],
  ['environment:team@home', `environment:team@home@${REPO}`],
  ['environment:team@home@own/name', 'environment:team@home@own/name'],
  ['environment:a/b', `environment:a/b@${REPO}`],
  ['environment:x@a/b/c', `environment:x@a/b/c@${REPO}`],
  ['environment:.x.', `environment:.x.@${REPO}`],
  ['organization: octo-org', 'organization:octo-org'],
  ['organization:.github', 'organization:.github'],
  [`repository@${LONG}/${LONG}`, `repository@${LONG}/${LONG}`],
  ['repository@a.b_c-1/.github', 'repository@a.b_c-1/.github'],
  ['\n  repository@a/b  \r\n\n\t\n dependabot@a/b\r\n', 'repository@a/b dependabot@a/b'],
  ['repository\nrepository@Octo-Org/Octo-Repo', 'repository@Octo-Org/Octo-Repo'],
  ['environment:Prod@a/b\nenvironment:prod@a/b', 'environment:prod@a/b'],
])('%j names %s', (text, labels) => {
  const stores = readStores(text, REPO);
  expect(stores.map(({ label }) => label).join(' ')).toBe(labels);
});

it.each([
  ['a b/ü', 'a%20b%2F%C3%BC', "'a b/ü'"],
  ["it's; rm -rf 'x'", "it's%3B%20rm%20-rf%20'x'", "'it'\\''s; rm -rf '\\''x'\\'''"],
  ['n'.repeat(255), 'n'.repeat(255), `'${'n'.repeat(255)}'`],
])('an environment %s is encoded in its path and quoted for a shell', (name, segment, quoted) => {
  expect(readStores(`environment:${name}`, REPO)).toMatchObject([
    { secretsPath: `${PATH}/environments/${segment}/secrets`, gh: `--repo ${REPO} --env ${quoted}` },
  ]);
});

const START = 'must begin with `repository`, `environment:`, `organization:` or `dependabot`';
const ENVIRONMENT = 'names no environment; write `environment:NAME`';
const INVALID = 'has an invalid environment name';
const ORGANIZATION = 'names no organization; write `organization:NAME`';
const NAMED = 'must have `owner/name` after the `@`';
const ONLY = (kind: string) => `may have only \`@owner/name\` after \`${kind}\``;

it.each([
  [START, ['repo', 'Repository', 'my organization:x', 'repository-x', 'repositoryx']],
  [ORGANIZATION, ['organization', 'organization@x', 'organization:', 'organization:.', 'organization:..']],
  [ORGANIZATION, ['organization:a/b', 'organization:a b', 'organization:a\u2028b', `organization:${LONG}n`]],
  [ONLY('repository'), ['repository:x', 'repository a/b']],
  [ONLY('dependabot'), ['dependabot/x']],
  [NAMED, ['repository@', 'repository@a', 'repository@a/b/c', 'repository@a b/c', 'environment:x@ü/b']],
  [NAMED, ['repository@../b', 'repository@a/..', 'repository@a/.', `repository@${LONG}n/b`, `repository@a/${LONG}n`]],
  [ENVIRONMENT, ['environment', 'environment:', 'environment: ', 'environment@a/b', 'environment:@a/b']],
  [INVALID, ['environment:.', 'environment:..', 'environment:a\u0007b', `environment:${'n'.repeat(256)}`]],
])('it is refused because a line %s: %j', (reason, lines) => {
  const message = `The input \`secret-stores\` is invalid: line 3 ${reason}.`;
  const remedy = expect.stringContaining('Write one store a line: `repository`, `environment:NAME`');
  const error = expect.objectContaining({ code: 'input-invalid', message, remedy });
  for (const line of lines) expect(() => readStores(`\nrepository@a/b\n${line}`, REPO)).toThrow(error);
});

it.each([undefined, '', 'octo-repo', '../octo-repo'])('it is refused because the own repository is %j', (own) => {
  const reason = 'line 1 names no repository, and GITHUB_REPOSITORY is not set; add `@owner/name`';
  for (const line of ['repository', 'environment:x']) expect(() => readStores(line, own)).toThrow(reason);
  expect(readStores('environment:x@a/b', own)).toHaveLength(1);
});

it.each(['', ' \n\t\r\n'])('it is refused because there is no line at all: %j', (text) => {
  expect(() => readStores(text, REPO)).toThrow('The input `secret-stores` is invalid: it names no store.');
});

it('any text is taken, or refused as such', () => {
  const unit = fc.constantFrom(...'aZ0-_.:@/%#? \\\t\u0000\u2028é\ud83d\udd11');
  const kinds = fc.constantFrom('repository', 'environment:', 'organization:', 'dependabot', '');
  fc.assert(
    fc.property(kinds, fc.string({ unit, maxLength: 60 }), (kind, rest) => {
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
