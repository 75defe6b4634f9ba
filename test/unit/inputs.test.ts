import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { ENVIRONMENTS } from '../../src/cobo/api.ts';
import { ActionError } from '../../src/errors.ts';
import { type Inputs, readInputs } from '../../src/inputs.ts';
import { field, Masks } from '../../src/text.ts';
import { RecordingToolkit } from '../support/toolkit.ts';
import { RUNS, UNIT } from './support.ts';

/** RFC 8032, section 7.1, test 1. */
const APP_SECRET = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const APP_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const DER = Buffer.from(`302e020100300506032b657004220420${APP_SECRET}`, 'hex').toString('base64');
const APP_PEM = `-----BEGIN PRIVATE KEY-----\n${DER}\n-----END PRIVATE KEY-----\n`;
const KEYS = { appSecret: Buffer.from(APP_SECRET, 'hex'), appKey: APP_KEY };

type Given = Record<string, string>;

const [CLIENT, TOKEN] = ['client-of-the-tests', 'refresh-token-of-the-tests'];
/** The least that is right, without write-back. */
const LEAST: Given = { 'private-key': APP_SECRET, 'client-id': CLIENT, 'refresh-token': TOKEN };
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
/** Nothing is written, but the inputs for it are checked. */
const NO_TARGET = { 'refresh-token-secret': '', 'access-token-secret': '', 'expires-at-variable': '' };
const SECRETS = ['private-key', 'refresh-token', 'github-token', 'access-token'];
const ENV = { GITHUB_REPOSITORY: 'octo/app', GITHUB_API_URL: 'https://api.github.com' };
const NOON = Date.UTC(2026, 2, 1, 12);

/** Reads the inputs, or says why they are refused, and what was masked by then. */
function outcome(given: Given, env: NodeJS.ProcessEnv = ENV) {
  const masked: string[] = [];
  const masks = new Masks((secret) => masked.push(secret));
  try {
    return { masked, inputs: readInputs(new RecordingToolkit(given).toolkit, masks, env) };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return { masked, error };
  }
}

function read(given: Given, env?: NodeJS.ProcessEnv): Inputs {
  const { inputs, error } = outcome(given, env);
  if (inputs === undefined) throw error;
  return inputs;
}

test('the least of it gives every default', () => {
  expect(read(LEAST)).toEqual({
    keys: KEYS,
    clientId: CLIENT,
    refreshToken: TOKEN,
    cobo: { environment: 'prod', isCustom: false, ...ENVIRONMENTS.prod },
    dryRun: false,
    timeoutMs: 30_000,
    maxAttempts: 4,
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

test('blanks around an input do not matter; every secret is masked with and without, and nothing that is public', () => {
  const given = Object.fromEntries(Object.entries(ALL).map(([name, value]) => [name, ` ${value}\n`]));
  const { inputs, masked } = outcome(given);
  expect(inputs).toEqual(read(ALL));
  const shown = Object.values(ALL).filter((value) => masked.includes(value));
  expect(shown).toEqual(SECRETS.map((name) => ALL[name]));
  expect(masked).toEqual(expect.arrayContaining(SECRETS.map((name) => given[name])));
});

const MIXED = `${APP_SECRET.slice(0, 32).toUpperCase()}${APP_SECRET.slice(32)}`;
test.each([APP_SECRET, MIXED, APP_PEM, APP_PEM.replaceAll('\n', ' ')])(
  '`private-key` may be %j, and is masked in every form',
  (key) => {
    const { inputs, masked } = outcome({ ...LEAST, 'private-key': key });
    expect(inputs?.keys).toEqual(KEYS);
    const line = key.includes(DER) ? [DER] : [];
    expect(masked).toEqual(expect.arrayContaining([key, APP_SECRET, APP_SECRET.toUpperCase(), ...line]));
  },
);

test('a key that is wrong is masked in both cases, and its first half alone, if it may hold the secret', () => {
  const both = `${APP_SECRET}${'cd'.repeat(32)}`;
  for (const key of [both, both.toUpperCase()]) {
    const { error, masked } = outcome({ ...LEAST, 'private-key': key });
    expect(error?.message).toMatch(/^The input `private-key` has 128 hexadecimal characters/);
    const forms = [both, APP_SECRET].flatMap((form) => [form, form.toUpperCase()]);
    expect(masked).toEqual(expect.arrayContaining(forms));
  }
});

const same = (...texts: string[]) => Object.fromEntries(texts.map((text) => [text, text]));
const LONGEST = 'N'.repeat(200);

/** An input, where it is read to, and what some texts become there. */
const RIGHT: [input: string, path: string, values: Record<string, unknown>][] = [
  ['client-id', 'clientId', same('x', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', 'i'.repeat(256))],
  ['org-id', 'orgId', same('x')],
  ['recovery-envelope', 'recoveryEnvelope', same('x')],
  ['cobo-environment', 'cobo.environment', same('prod', 'dev', 'sandbox')],
  ['refresh-token', 'refreshToken', { ...same('12345678', '1234\n678'), '': undefined }],
  ['github-token', 'writeBack.token', same('!~345678')],
  ['refresh-token-secret', 'writeBack.refreshTokenSecret', same('X')],
  ['access-token', 'stored.accessToken', same('12345678')],
  ['response-public-key', 'cobo.responseKey', same('09afAF'.padEnd(64, '0'))],
  ['access-token-secret', 'writeBack.accessTokenSecret', { my_secret: 'MY_SECRET', '': undefined }],
  ['access-token-secret', 'writeBack.accessTokenSecret', same('_', 'A1', 'GITHUBX', 'A_GITHUB_', LONGEST)],
  ['access-token-secret', 'writeBack.accessTokenSecret', same('COBO_REFRESH_IN_FLIGHT', 'A_COBO_REFRESH_IN_FLIGHT_')],
  ['expires-at-variable', 'writeBack.expiresAtVariable', same('COBO_REFRESH')],
  ['access-token-env', 'accessTokenEnv', same('cobo_token', '_', 'T1', 'PATHS', 'MY_CI', 'MY_RUNNER_X', LONGEST)],
  ['dry-run', 'dryRun', { true: true, True: true, TRUE: true, false: false, False: false, FALSE: false, '': false }],
  ['timeout-seconds', 'timeoutMs', { 1: 1_000, 600: 600_000 }],
  ['max-attempts', 'maxAttempts', { 1: 1, '020': 20 }],
  ['min-validity', 'stored.minValidity', { '': 0, 0: 0, 31622400: 31_622_400 }],
  ['expires-at', 'stored', { '': undefined }],
  ['expires-at', 'stored.expiresAt', { '2026-03-01T12:00Z': NOON, '2026-03-01T12:00:00.250Z': NOON + 250 }],
  ['expires-at', 'stored.expiresAt', { '2026-03-01T14:00:00+02:00': NOON, '2026-03-01T06:30:00-05:30': NOON }],
  ['api-url', 'cobo.isCustom', { 'https://cobo.test/v2': true, '': false }],
  ['api-url', 'cobo.apiUrl', { 'https://cobo.test/v2//': 'https://cobo.test/v2' }],
  ['api-url', 'cobo.apiUrl', { 'HTTPS://Cobo.Test:8443/a/v2': 'https://cobo.test:8443/a/v2' }],
  ['api-url', 'cobo.apiUrl', same('http://localhost:1', 'http://127.8.9.100', 'http://[::1]:8080/v2')],
];

it.each(
  RIGHT.flatMap(([input, path, values]) => Object.entries(values).map(([text, value]) => [input, text, path, value])),
)('`%s` may be %j: %s becomes %j', (input, text, path, value) => {
  expect(read({ ...ALL, [`${input}`]: `${text}` })).toHaveProperty(`${path}`, value);
});

test.each(['org-id', 'recovery-envelope'])('`%s` is enough instead of a refresh token', (name) => {
  expect(read({ ...LEAST, 'refresh-token': ' \n', [name]: 'x' }).refreshToken).toBeUndefined();
});

test.each(Object.entries(NO_TARGET))('`%s` turns write-back on', (name) => {
  expect(read({ ...ALL, ...NO_TARGET }).writeBack).toBeUndefined();
  expect(read({ ...ALL, ...NO_TARGET, [name]: 'dependabot' }).writeBack).toBeDefined();
});

it.each([
  ['github-api-url', '', { GITHUB_API_URL: 'https://ghe.test/api/v3/' }, { apiUrl: 'https://ghe.test/api/v3' }],
  ['github-api-url', '', { GITHUB_API_URL: '' }, { apiUrl: 'https://api.github.com' }],
  ['github-api-url', 'https://x.test/', { GITHUB_API_URL: 'ftp://y' }, { apiUrl: 'https://x.test' }],
  ['secret-stores', '', {}, { stores: [{ label: 'repository@octo/app' }] }],
  ['secret-stores', 'repository@a/b', { GITHUB_REPOSITORY: '' }, { stores: [{ label: 'repository@a/b' }] }],
])('with `%s` of %j and %j of the runner, write-back has %j', (input, text, env, expected) => {
  expect(read({ ...ALL, [input]: text }, { ...ENV, ...env }).writeBack).toMatchObject(expected);
});

it.each([
  [{ GITHUB_API_URL: 'http://ghe.test' }, /^The input `github-api-url` must use `https:`.$/],
  [{ GITHUB_REPOSITORY: '' }, /^The input `secret-stores` is invalid: line 1 names no repository/],
])('%j of the runner is refused as the input that could replace it', (env, message) => {
  expect(outcome({ ...ALL, 'github-api-url': '', 'secret-stores': '' }, { ...ENV, ...env }).error?.message).toMatch(
    message,
  );
  // On other servers than GitHub, a run that stores nothing needs no API.
  if ('GITHUB_API_URL' in env) expect(read(LEAST, { ...ENV, ...env }).writeBack).toBeUndefined();
});

const WHY =
  'A secret or variable is empty when the job does not name the environment that holds it (`environment:`), when its name is misspelled, and in runs from forks or started by Dependabot.';
const NO_ID = ['must be at most 256 ASCII characters without blanks', 'Copy the ID from Cobo Portal.'];
const NO_TOKEN = ['is too short to be a token', 'Store the token itself in the secret.'];
const NO_HEADER = ['must not contain blanks or special characters', 'Store it again, without line breaks.'];
const NO_KEY = ['must be 64 hexadecimal characters', "Leave it out to use the environment's own key."];
const NO_ENVIRONMENT = ['must be `prod`, `dev` or `sandbox`', 'Use one of the three, in lower case.'];
const RULES = 'Use letters, digits and `_`, and';
const NO_NAME = ['is not a valid name for a secret or variable', `${RULES} do not begin with a digit or \`GITHUB_\`.`];
const NO_VARIABLE = [
  'is not a valid name for an environment variable',
  `${RULES} no name that the runner uses itself.`,
];
const AGAIN = 'Use the output `expires-at` of an earlier run, such as `2026-01-31T12:00:00Z`, or leave it empty.';
const NO_TIME = ['must be a time in ISO 8601 with its time zone', AGAIN];
const NO_URL = ['is not a URL', 'Use a complete URL that begins with `https://`.'];
const NO_HTTPS = ['must use `https:`', 'Only a loopback host may be called with `http:`.'];
const NO_BASE = ['must not have a query or a fragment', 'Use the base URL only.'];
const RENAME = 'Use another name.';
const RECORD = ['begins like an in-flight record of another target', RENAME];
const NO_STORE = ['is invalid: line 2 names no environment; write `environment:NAME`'];
const limits = (range: string, or: number) => [`must be a whole number from ${range}`, `Leave it out to use ${or}.`];
const empty = (hint: string, addition = '') => ['is empty', `${hint} ${WHY}${addition}`];
const NO_WRITER = empty(
  "It is required to write secrets or variables. Use a fine-grained personal access token or a GitHub App token; the workflow's own `GITHUB_TOKEN` cannot write secrets.",
);
const NO_REFRESH = empty('Check the name of the secret.', ' Without a refresh token, `org-id` is required.');

/** An input, what is said of it and to its user, wrong values, and what else is given. */
const WRONG: [input: string, said: string[], values: string[], beside?: Given][] = [
  ['private-key', empty('Check the name of the secret.'), ['', ' \n']],
  ['client-id', empty("It is the Portal App's client ID, as Cobo Portal shows it. Check its name."), ['']],
  ['client-id', NO_ID, ['my id', 'my\nid', 'idé', 'a\u0007b', 'a\u007f', 'i'.repeat(257)]],
  ['org-id', NO_ID, ['my id']],
  ['refresh-token', NO_REFRESH, ['', ' '], { 'org-id': ' ', 'recovery-envelope': '\n' }],
  ['refresh-token', NO_TOKEN, ['1234567', 'x']],
  ['access-token', NO_TOKEN, ['1234567']],
  ['github-token', NO_TOKEN, ['1234567']],
  ['github-token', NO_HEADER, ['1234567 x', '1234567\nx', '1234567ä', '1234567\u0007', '1234567\u007f']],
  ['github-token', NO_WRITER, ['']],
  ['cobo-environment', NO_ENVIRONMENT, ['PROD', '__proto__']],
  ['response-public-key', NO_KEY, ['a'.repeat(63), 'a'.repeat(65), `${'a'.repeat(63)}g`]],
  ['api-url', NO_URL, ['a.com', '/v2', 'https://:443', 'https://a\tb.com', 'https://a.com/\u200bv2', 'https://ä.com']],
  ['api-url', ['must not contain a user name or password', 'Remove them.'], ['https://me@a.com', 'https://:pw@a.com']],
  ['api-url', NO_BASE, ['?key=x', '?', '#part', '#'].map((rest) => `https://example.com/v2${rest}`)],
  ['api-url', NO_HTTPS, ['http://127.0.0.1.a.com', 'http://a.localhost', 'http://1127.0.0.1.a', 'ftp://localhost/v2']],
  ['github-api-url', NO_URL, ['ghe.test']],
  ['refresh-token-secret', NO_NAME, ['MY-SECRET', '1SECRET', 'SÉCRET', 'A\nB', 'GITHUB_X', 'github_x', `${LONGEST}N`]],
  ['access-token-secret', NO_NAME, ['MY-SECRET']],
  ['expires-at-variable', NO_NAME, ['MY-SECRET']],
  ['access-token-secret', ['names the same secret as `refresh-token-secret`', RENAME], ['Cobo_Refresh']],
  ['access-token-secret', RECORD, ['COBO_REFRESH_IN_FLIGHT_X']],
  ['expires-at-variable', RECORD, ['cobo_access_in_flight_']],
  ['refresh-token-secret', RECORD, ['COBO_EXPIRY_IN_FLIGHT_X']],
  ['secret-stores', NO_STORE, ['dependabot\nenvironment:'], NO_TARGET],
  ['access-token-env', NO_VARIABLE, ['MY TOKEN', '1TOKEN', 'TOKEN=x', 'A\nB', `${LONGEST}N`, 'GITHUB_X']],
  ['access-token-env', NO_VARIABLE, ['RUNNER_X', 'ACTIONS_X', 'INPUT_X', 'NODE_OPTIONS', 'PATH', 'Path', 'HOME', 'ci']],
  ['expires-at', NO_TIME, ['2026-03-01', '2026-03-01T12:00:00', '2026-03-01 12:00:00Z', '1772366400', 'tomorrow']],
  ['expires-at', NO_TIME, ['2026-13-01T12:00:00Z', '2026-03-01T25:00:00Z', 'Sun, 01 Mar 2026 12:00:00 GMT']],
  ['min-validity', limits('0 to 31622400', 0), ['31622401', '-1']],
  ['dry-run', ['must be `true` or `false`', 'Use one of the two.'], ['yes', '1', 'tRUE', 'xtrue', 'falsex', '0']],
  ['timeout-seconds', limits('1 to 600', 30), ['0', '601']],
  ['max-attempts', limits('1 to 20', 4), ['0', '21', '-4', '2.5', 'many', '0000000004', '0x10', '1e1', '+4', '4 4']],
];

it.each(WRONG.flatMap(([input, said, values, beside]) => values.map((value) => ({ input, value, said, beside }))))(
  '`$input` of $value is refused, after every secret was masked',
  ({ input, value, said, beside }) => {
    const given = { ...ALL, ...beside, [input]: value };
    const { error, masked } = outcome(given);
    const [problem, remedy = error?.remedy] = said;
    const code = problem === 'is empty' ? 'input-missing' : 'input-invalid';
    expect([error?.code, error?.message, error?.remedy]).toEqual([code, `The input \`${input}\` ${problem}.`, remedy]);
    const secrets = SECRETS.map((name) => given[name] ?? '').filter((secret) => secret.trim().length >= 8);
    expect(masked).toEqual(expect.arrayContaining(secrets));
  },
);

it('any inputs are read, or refused without any of them in the error', () => {
  const date = fc.date({ noInvalidDate: true }).map(String);
  const text = fc.oneof(fc.string(), fc.string({ unit: UNIT }), date, fc.constantFrom(...Object.values(ALL)));
  const changes = fc.dictionary(fc.constantFrom(...Object.keys(ALL)), text, { maxKeys: 3 });
  fc.assert(
    fc.property(changes, (given) => {
      const all: Given = { ...ALL, ...given };
      const { error } = outcome(all);
      for (const value of Object.values(all).map((one) => one.trim())) {
        if (value.length > 12) expect(`${error?.message} ${error?.remedy}`).not.toContain(value);
      }
    }),
    { numRuns: 4 * RUNS },
  );
});
