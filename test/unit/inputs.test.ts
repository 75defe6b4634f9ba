import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { ENVIRONMENTS } from '../../src/cobo/api.ts';
import { ActionError } from '../../src/errors.ts';
import { HEADER, ID, PUBLIC_KEY, SECRET_NAME, TOKEN, VARIABLE_NAME, WHY_EMPTY } from '../../src/input-values.ts';
import { type Inputs, readInputs } from '../../src/inputs.ts';
import { field, Masks } from '../../src/text.ts';
import { RecordingToolkit } from '../support/toolkit.ts';
import { RUNS, UNIT } from './support.ts';

/** RFC 8032, section 7.1, test 1. */
const APP_SECRET = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const APP_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
/** The same key as a PEM. */
const APP_PEM = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${APP_SECRET}`, 'hex'),
  format: 'der',
  type: 'pkcs8',
})
  .export({ format: 'pem', type: 'pkcs8' })
  .toString();

type Given = Record<string, string>;

/** The least that is right, without write-back. */
const LEAST: Given = {
  'private-key': APP_SECRET,
  'client-id': 'client-of-the-tests',
  'refresh-token': 'refresh-token-of-the-tests',
};
/** Everything, and all of it right. */
const ALL: Given = {
  ...LEAST,
  'org-id': 'org-of-the-tests',
  'cobo-environment': 'dev',
  'api-url': 'https://cobo.test/v2',
  'response-public-key': 'ab'.repeat(32),
  'github-token': 'github_pat_of_the_tests',
  'github-api-url': 'https://ghe.test/api/v3',
  'refresh-token-secret': 'COBO_REFRESH',
  'access-token-secret': 'COBO_ACCESS',
  'expires-at-variable': 'COBO_EXPIRY',
  'secret-stores': 'environment:cobo\norganization:acme',
  'access-token-env': 'COBO_TOKEN',
  'access-token': 'access-token-of-the-tests',
  'expires-at': '2026-03-01T12:00:00Z',
  'min-validity': '600',
  'dry-run': 'true',
  'recovery-envelope': 'envelope-of-the-tests',
  'timeout-seconds': '15',
  'max-attempts': '7',
};
const SECRETS = ['private-key', 'refresh-token', 'github-token', 'access-token'];
const ENV = { GITHUB_REPOSITORY: 'octo/app', GITHUB_API_URL: 'https://api.github.com' };

function reading(given: Given, env: NodeJS.ProcessEnv = ENV) {
  const masked: string[] = [];
  const masks = new Masks((secret) => masked.push(secret));
  return { read: () => readInputs(new RecordingToolkit(given).toolkit, masks, env), masked };
}

const read = (given: Given, env?: NodeJS.ProcessEnv): Inputs => reading(given, env).read();
const least = (changes: Given): Inputs => read({ ...LEAST, ...changes });
/** The least that is right with write-back. */
const WRITING: Given = { ...LEAST, 'github-token': 'github_pat_1', 'refresh-token-secret': 'COBO' };
const writing = (changes: Given, env?: NodeJS.ProcessEnv) => read({ ...WRITING, ...changes }, env).writeBack;

/** Why inputs are refused, and what was masked by then. */
function refusal(given: Given, env?: NodeJS.ProcessEnv): { error: ActionError; said: string[]; masked: string[] } {
  const { read: readAll, masked } = reading(given, env);
  try {
    readAll();
  } catch (error) {
    if (error instanceof ActionError) return { error, said: [error.code, error.message, error.remedy], masked };
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('what is right', () => {
  test('the least of it gives every default', () => {
    expect(read(LEAST)).toEqual({
      keys: { appSecret: Buffer.from(APP_SECRET, 'hex'), appKey: APP_KEY },
      clientId: 'client-of-the-tests',
      refreshToken: 'refresh-token-of-the-tests',
      orgId: undefined,
      recoveryEnvelope: undefined,
      cobo: { environment: 'prod', isCustom: false, ...ENVIRONMENTS.prod },
      writeBack: undefined,
      accessTokenEnv: undefined,
      stored: undefined,
      dryRun: false,
      timeoutMs: 30_000,
      maxAttempts: 4,
    });
  });

  test('all of it is read', () => {
    expect(read(ALL)).toMatchObject({
      keys: { appKey: APP_KEY },
      orgId: 'org-of-the-tests',
      recoveryEnvelope: 'envelope-of-the-tests',
      cobo: {
        environment: 'dev',
        apiUrl: 'https://cobo.test/v2',
        isCustom: true,
        responseKey: 'ab'.repeat(32),
      },
      writeBack: {
        token: 'github_pat_of_the_tests',
        apiUrl: 'https://ghe.test/api/v3',
        stores: [{ label: 'environment:cobo@octo/app' }, { label: 'organization:acme' }],
        refreshTokenSecret: 'COBO_REFRESH',
        accessTokenSecret: 'COBO_ACCESS',
        expiresAtVariable: 'COBO_EXPIRY',
      },
      accessTokenEnv: 'COBO_TOKEN',
      stored: {
        accessToken: 'access-token-of-the-tests',
        expiresAt: Date.UTC(2026, 2, 1, 12),
        minValidity: 600,
      },
      dryRun: true,
      timeoutMs: 15_000,
      maxAttempts: 7,
    });
  });

  test('every input of action.yml is in these tests, with its default', () => {
    const action: unknown = parse(readFileSync(new URL('../../action.yml', import.meta.url), 'utf8'));
    const declared = Object.entries(Object(field(action, 'inputs')));
    expect(declared.map(([name]) => name).toSorted()).toEqual(Object.keys(ALL).toSorted());
    const defaults = declared.map(([name, input]) => [name, String(field(input, 'default') ?? '')]);
    const given = Object.fromEntries(defaults.map(([name, text]) => [name, text?.includes('{{') ? '' : text]));
    expect(read({ ...given, ...LEAST })).toEqual(read(LEAST));
  });

  test.each([
    ['org-id', 'org-1', 'orgId'],
    ['recovery-envelope', 'envelope', 'recoveryEnvelope'],
  ])('`%s` is enough instead of a refresh token', (name, value, property) => {
    expect(least({ 'refresh-token': ' \n', [name]: value })).toMatchObject({
      refreshToken: undefined,
      [property]: value,
    });
  });

  test('any input may have blanks around it', () => {
    const given = Object.fromEntries(Object.entries(ALL).map(([name, value]) => [name, ` ${value}\n`]));
    expect(read(given)).toEqual(read(ALL));
  });

  test.each([
    ['hexadecimal', APP_SECRET],
    ['hexadecimal in upper case', APP_SECRET.toUpperCase()],
    ['hexadecimal in both cases', `${APP_SECRET.slice(0, 32).toUpperCase()}${APP_SECRET.slice(32)}`],
    ['hexadecimal with blanks and line breaks around it', ` \r\n\t${APP_SECRET}\n\n`],
    ['a PEM', APP_PEM],
    ['a PEM with the line breaks of Windows', APP_PEM.replaceAll('\n', '\r\n')],
    ['a PEM with literal line breaks', APP_PEM.replaceAll('\n', '\\n')],
  ])('`private-key` may be %s, and is masked in every form', (_name, key) => {
    const { read: readAll, masked } = reading({ ...LEAST, 'private-key': key });
    expect(readAll().keys).toEqual({ appSecret: Buffer.from(APP_SECRET, 'hex'), appKey: APP_KEY });
    expect(masked).toEqual(expect.arrayContaining([key, APP_SECRET, APP_SECRET.toUpperCase()]));
  });

  test('every other secret is masked with and without blanks around it, and nothing that is public', () => {
    const given = Object.fromEntries(Object.entries(ALL).map(([name, value]) => [name, ` ${value}\n`]));
    const { read: readAll, masked } = reading(given);
    readAll();
    const shown = Object.values(ALL).filter((value) => masked.includes(value));
    expect(shown).toEqual(SECRETS.map((name) => ALL[name]));
    expect(masked).toEqual(expect.arrayContaining(SECRETS.map((name) => given[name])));
  });
});

it.each([
  ...(['prod', 'dev', 'sandbox'] as const).map((environment) => ({
    given: { 'cobo-environment': environment },
    expected: { environment, isCustom: false, ...ENVIRONMENTS[environment] },
  })),
  {
    given: { 'api-url': 'https://cobo.test/v2/' },
    expected: { ...ENVIRONMENTS.prod, environment: 'prod', apiUrl: 'https://cobo.test/v2', isCustom: true },
  },
  {
    given: { 'response-public-key': 'AB'.repeat(32) },
    expected: { ...ENVIRONMENTS.prod, environment: 'prod', isCustom: false, responseKey: 'AB'.repeat(32) },
  },
])('Cobo is reached as $given says', ({ given, expected }) => {
  expect(least(given).cobo).toEqual(expected);
});

describe('write-back', () => {
  it.each([
    ['refresh-token-secret', 'refreshTokenSecret'],
    ['access-token-secret', 'accessTokenSecret'],
    ['expires-at-variable', 'expiresAtVariable'],
  ])('is turned on by `%s`, a name in either case', (name, property) => {
    const { writeBack } = least({ 'github-token': 'github_pat_1', [name]: 'name' });
    expect(writeBack).toMatchObject({ [property]: 'NAME' });
  });

  it.each([{ 'github-token': 'github_pat_1' }, { 'secret-stores': 'dependabot' }])(
    'is not turned on by %j',
    (given: Given) => {
      expect(least(given).writeBack).toBeUndefined();
    },
  );

  it.each([
    ["the runner's by default", {}, { GITHUB_API_URL: 'https://ghe.test/api/v3/' }, 'https://ghe.test/api/v3'],
    ["GitHub's where the runner names none", {}, {}, 'https://api.github.com'],
    ['another one', { 'github-api-url': 'https://other.test/' }, ENV, 'https://other.test'],
  ])('goes through an API: %s', (_what, given: Given, env: NodeJS.ProcessEnv, apiUrl) => {
    expect(writing(given, { GITHUB_REPOSITORY: 'octo/app', ...env })?.apiUrl).toBe(apiUrl);
  });

  it.each([
    ['the repository by default', {}, ENV, 'repository@octo/app'],
    ['another one', { 'secret-stores': 'repository@other/lib' }, {}, 'repository@other/lib'],
  ])('goes to %s', (_what, given: Given, env: NodeJS.ProcessEnv, label) => {
    expect(writing(given, env)?.stores.map((store) => store.label)).toEqual([label]);
  });

  it('may give the variable the name of a secret', () => {
    expect(writing({ 'expires-at-variable': 'cobo' })).toMatchObject({
      refreshTokenSecret: 'COBO',
      expiresAtVariable: 'COBO',
    });
  });

  it.each(['COBO_IN_FLIGHT', 'COBOX_IN_FLIGHT_A', 'A_COBO_IN_FLIGHT_'])('may have a target %s', (name) => {
    expect(writing({ 'access-token-secret': name })?.accessTokenSecret).toBe(name);
  });
});

const STORED = { 'access-token': 'stored-token', 'expires-at': '2026-03-01T12:00:00Z' };

it.each([
  ['has to live for no time', STORED, 0],
  ['may have to live for a year', { ...STORED, 'min-validity': '31622400' }, 31_622_400],
  ['needs its expiry', { ...STORED, 'expires-at': '' }, undefined],
  ['is none when it is empty, as in the first run', { ...STORED, 'access-token': '' }, undefined],
])('a stored access token %s', (_what, given, minValidity) => {
  const stored = { accessToken: 'stored-token', expiresAt: Date.UTC(2026, 2, 1, 12), minValidity };
  expect(least(given).stored).toEqual(minValidity === undefined ? undefined : stored);
});

const KEY_NAME = `Check the name of the secret. ${WHY_EMPTY}`;
const IN_FLIGHT = 'begins like an in-flight record of another target';
const RENAME = 'Use another name.';
const STORES =
  'Write one store a line: `repository`, `environment:NAME`, `organization:NAME` or `dependabot`, with `@owner/name` for another repository.';
const NO_ENVIRONMENT = 'names no environment; write `environment:NAME`';
const NO_TARGET = { 'refresh-token-secret': '', 'access-token-secret': '', 'expires-at-variable': '' };

/** Input, wrong value, problem, remedy where it is not the kind's own (input-values.test.ts), what else is given. */
const WRONG: [input: string, value: string, problem: string, remedy?: string, beside?: Given][] = [
  ['private-key', '', 'is empty', KEY_NAME],
  ['private-key', ' \n', 'is empty', KEY_NAME],
  ['private-key', APP_SECRET.slice(1), 'has 63 hexadecimal characters instead of 64'],
  ['private-key', `0x${APP_SECRET}`, 'begins with 0x', 'Leave the 0x out.'],
  ['private-key', 'correct horse battery', 'is neither 64 hexadecimal characters nor a PEM'],
  [
    'client-id',
    '',
    'is empty',
    `It is the Portal App's client ID, as Cobo Portal shows it. Check its name. ${WHY_EMPTY}`,
  ],
  ['client-id', 'my id', ID.problem],
  ['org-id', 'my id', ID.problem],
  [
    'refresh-token',
    '',
    'is empty',
    `Check the name of the secret. ${WHY_EMPTY} Without a refresh token, \`org-id\` is required.`,
    { 'org-id': ' ', 'recovery-envelope': '\n' },
  ],
  ['refresh-token', 'short', TOKEN.problem],
  ['access-token', 'short', TOKEN.problem],
  ['cobo-environment', 'PROD', 'must be `prod`, `dev` or `sandbox`', 'Use one of the three, in lower case.'],
  ['cobo-environment', '__proto__', 'must be `prod`, `dev` or `sandbox`'],
  ['response-public-key', 'ab', PUBLIC_KEY.problem],
  ['api-url', 'cobo.test', 'is not a URL'],
  ['github-api-url', 'ghe.test', 'is not a URL'],
  ['refresh-token-secret', 'MY-SECRET', SECRET_NAME.problem],
  ['access-token-secret', 'MY-SECRET', SECRET_NAME.problem],
  ['expires-at-variable', 'MY-SECRET', SECRET_NAME.problem],
  ['access-token-secret', 'Cobo_Refresh', 'names the same secret as `refresh-token-secret`', RENAME],
  ['access-token-secret', 'COBO_REFRESH_IN_FLIGHT_X', IN_FLIGHT, RENAME],
  ['expires-at-variable', 'cobo_access_in_flight_', IN_FLIGHT, RENAME],
  ['refresh-token-secret', 'COBO_EXPIRY_IN_FLIGHT_X', IN_FLIGHT, RENAME],
  [
    'github-token',
    '',
    'is empty',
    `It is required to write secrets or variables. Use a fine-grained personal access token or a GitHub App token; the workflow's own \`GITHUB_TOKEN\` cannot write secrets. ${WHY_EMPTY}`,
  ],
  ['github-token', 'short', TOKEN.problem],
  ['github-token', 'github_pat one', HEADER.problem],
  ['secret-stores', 'dependabot\nenvironment:', `is invalid: line 2 ${NO_ENVIRONMENT}`, STORES],
  ['secret-stores', 'environment:', `is invalid: line 1 ${NO_ENVIRONMENT}`, STORES, NO_TARGET],
  ['access-token-env', 'PATH', VARIABLE_NAME.problem],
  ['expires-at', 'tomorrow', 'must be a time in ISO 8601 with its time zone'],
  ['min-validity', '31622401', 'must be a whole number from 0 to 31622400', 'Leave it out to use 0.'],
  ['dry-run', 'yes', 'must be `true` or `false`'],
  ['timeout-seconds', '601', 'must be a whole number from 1 to 600', 'Leave it out to use 30.'],
  ['max-attempts', '21', 'must be a whole number from 1 to 20', 'Leave it out to use 4.'],
];

it.each(WRONG)('`%s` of %j is refused, after every secret was masked', (input, value, problem, remedy, beside = {}) => {
  const given = { ...ALL, ...beside, [input]: value };
  const { error, said, masked } = refusal(given);
  const code = value.trim() === '' ? 'input-missing' : 'input-invalid';
  expect(said).toEqual([code, `The input \`${input}\` ${problem}.`, remedy ?? error.remedy]);
  expect(error.remedy).toMatch(/^[A-Z`].{10,}[.?]$/);
  const secrets = SECRETS.map((name) => given[name] ?? '').filter((secret) => secret.trim().length >= 8);
  expect(masked).toEqual(expect.arrayContaining(secrets));
});

it('what the runner says wrongly is refused as the input that could replace it', () => {
  const api = refusal(WRITING, { ...ENV, GITHUB_API_URL: 'http://ghe.test/api/v3' });
  expect(api.error.message).toBe('The input `github-api-url` must use `https:`.');
  const repository = refusal(WRITING, { GITHUB_REPOSITORY: undefined });
  expect(repository.error.message).toMatch(/^The input `secret-stores` is invalid: line 1 names no repository/);
});

const both = `${APP_SECRET}${'cd'.repeat(32)}`;
it.each([
  ['in lower case', both.toUpperCase(), both],
  ['in upper case', both, both.toUpperCase()],
  ['as the secret alone, without the public key', both, APP_SECRET],
  ['as the secret alone in upper case', both, APP_SECRET.toUpperCase()],
  ['in lower case, when it is cut', APP_SECRET.slice(4).toUpperCase(), APP_SECRET.slice(4)],
])('a key that is wrong is masked %s', (_name, value, form) => {
  expect(refusal({ ...LEAST, 'private-key': value }).masked).toContain(form);
});

it('any inputs are read, or refused without any secret in the error', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: UNIT }), fc.constantFrom(...Object.values(ALL)));
  const changes = fc.dictionary(fc.constantFrom(...Object.keys(ALL)), text, { maxKeys: 3 });
  fc.assert(
    fc.property(changes, (given) => {
      const all: Given = { ...ALL, ...given };
      try {
        read(all);
      } catch (error) {
        expect(error).toBeInstanceOf(ActionError);
        if (!(error instanceof ActionError)) return;
        const said = `${error.message} ${error.remedy}`;
        for (const name of SECRETS) {
          const secret = (all[name] ?? '').trim();
          if (secret.length >= 12) expect(said).not.toContain(secret);
        }
      }
    }),
    { numRuns: 2 * RUNS },
  );
});
