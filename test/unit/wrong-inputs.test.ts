import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ActionError } from '../../src/errors.ts';
import { field } from '../../src/text.ts';
import { ALL, APP_PEM, APP_SECRET, type Given, reading, SURROUNDINGS } from './support/github-inputs.ts';

/** One way to get one input wrong, with all others right unless `beside` says otherwise. */
interface Wrong {
  input: string;
  wrong: string;
  value: string;
  /** What the message has to say. */
  says: string;
  beside?: Given;
}

const rows = (input: string, says: string, values: Record<string, string>, beside: Given = {}): Wrong[] =>
  Object.entries(values).map(([wrong, value]) => ({ input, wrong, value, says, beside }));

const EMPTY = { 'an empty text': '', blanks: ' \n\t ' };
const ed25519 = generateKeyPairSync('ed25519');
const pem = (key: typeof ed25519.privateKey) => key.export({ format: 'pem', type: 'pkcs8' }).toString();

const NO_NAME = {
  'a blank within': 'MY SECRET',
  'a hyphen': 'MY-SECRET',
  'a digit in front': '1SECRET',
  'a letter beyond ASCII': 'SÉCRET',
  'a path': '../SECRET',
  'a query': 'SECRET?x',
  'a name of GitHub': 'GITHUB_SECRET',
  'a name of GitHub in lower case': 'github_secret',
  '201 characters': 'S'.repeat(201),
  'a line break within': 'MY\nSECRET',
  'an expression that was not evaluated': `\${{ vars.NAME }}`,
};

const NO_ID = {
  'a blank within': 'my identifier',
  'a line break within': 'my\nidentifier',
  'a letter beyond ASCII': 'idéntifier',
  'a control character': 'my\u0007identifier',
  '257 characters': 'i'.repeat(257),
};

const NO_TOKEN = {
  'a blank within': 'github_pat one',
  'a line break within': 'github_pat\none',
  'a letter beyond ASCII': 'github_pät_one',
  'a control character': 'github_pat\u0007one',
};

function wrongUrls(input: string): Wrong[] {
  return [
    ...rows(input, 'is not a URL', {
      'a host alone': 'api.example.com',
      'a path alone': '/api/v2',
      'a sentence': 'see the wiki',
      'a port alone': 'https://:443',
    }),
    ...rows(input, 'carries a user name or password', {
      'a user name': 'https://somebody@example.com/v2',
      'a password': 'https://somebody:hunter2@example.com/v2',
      'a password alone': 'https://:hunter2@example.com/v2',
    }),
    ...rows(input, 'has a query or a fragment', {
      'a query': 'https://example.com/v2?key=hunter2',
      'an empty query': 'https://example.com/v2?',
      'a fragment': 'https://example.com/v2#part',
      'an empty fragment': 'https://example.com/v2#',
    }),
    ...rows(input, 'does not use `https:`', {
      'no encryption': 'http://example.com/v2',
      'no encryption in a private network': 'http://10.0.0.1/v2',
      'a host that begins like loopback': 'http://127.0.0.1.example.com/v2',
      'a host that begins like localhost': 'http://localhost.example.com/v2',
      'every address of the machine': 'http://0.0.0.0/v2',
      'another protocol': 'ftp://example.com/v2',
      'another protocol on loopback': 'ftp://localhost/v2',
      'a file': 'file:///etc/passwd',
      'a script': 'javascript:alert(1)',
    }),
  ];
}

const WRONG: Wrong[] = [
  ...rows('private-key', 'is empty', EMPTY),
  ...rows('private-key', 'hexadecimal characters instead of 64', {
    'a digit too few': APP_SECRET.slice(1),
    'a digit too many': `${APP_SECRET}0`,
  }),
  ...rows('private-key', 'together', { 'secret and public key in one': `${APP_SECRET}${'cd'.repeat(32)}` }),
  ...rows('private-key', 'begins with 0x', { 'a prefix': `0x${APP_SECRET}` }),
  ...rows('private-key', 'is neither', {
    'a word': 'correct horse battery',
    'a digit that is none': `${APP_SECRET.slice(1)}g!`,
    'a blank within': `${APP_SECRET.slice(0, 32)} ${APP_SECRET.slice(32)}`,
  }),
  ...rows('private-key', 'looks like base64', {
    base64: Buffer.from(APP_SECRET, 'hex').toString('base64'),
    'a PEM without its first and last line': APP_PEM.split('\n')[1] ?? '',
  }),
  ...rows('private-key', 'public key', {
    'a public key': ed25519.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    'a public key of OpenSSH': `ssh-ed25519 ${'A'.repeat(68)} me@home`,
  }),
  ...rows('private-key', 'is an encrypted PEM', {
    'an encrypted PEM': ed25519.privateKey
      .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'hunter2' })
      .toString(),
  }),
  ...rows('private-key', 'of type', {
    'a key for key exchange': pem(generateKeyPairSync('x25519').privateKey),
    'a key of another curve': pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
    'a key in the old form': generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ format: 'pem', type: 'sec1' })
      .toString(),
  }),
  ...rows('private-key', 'OpenSSH', {
    'a private key of OpenSSH': `-----BEGIN OPENSSH PRIVATE KEY-----\n${'b3Bl'.repeat(16)}\n-----END OPENSSH PRIVATE KEY-----`,
  }),
  ...rows('private-key', 'is a PEM that cannot be read', {
    'a PEM that was cut': `${APP_PEM.slice(0, 60)}\n-----END PRIVATE KEY-----`,
    'a PEM with a letter changed': APP_PEM.replace('MC4C', 'MC9C'),
    'a PEM without its last line': APP_PEM.split('-----END')[0] ?? '',
  }),

  ...rows('client-id', 'is empty', EMPTY),
  ...rows('client-id', 'has blanks, other characters than ASCII', NO_ID),
  ...rows('org-id', 'has blanks, other characters than ASCII', NO_ID),

  ...rows('refresh-token', 'is empty', EMPTY, { 'org-id': '', 'recovery-envelope': '' }),
  ...rows(
    'refresh-token',
    'is empty',
    { 'nothing, beside blank substitutes': '' },
    {
      'org-id': ' ',
      'recovery-envelope': ' \n ',
    },
  ),

  ...rows('cobo-environment', 'is none of `prod`, `dev`, `sandbox`', {
    'a longer word': 'production',
    'another case': 'PROD',
    'two of them': 'prod, dev',
    'a property of every object': 'constructor',
    'another property of every object': '__proto__',
  }),
  ...wrongUrls('api-url'),
  ...rows('response-public-key', 'is not 64 hexadecimal characters', {
    'a digit too few': 'ab'.repeat(32).slice(1),
    'a digit too many': `${'ab'.repeat(32)}c`,
    'a digit that is none': `${'ab'.repeat(31)}zz`,
    'a prefix': `0x${'ab'.repeat(32)}`,
    'a line break within': `${'ab'.repeat(16)}\n${'ab'.repeat(16)}`,
    'a PEM': ed25519.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  }),

  ...['refresh-token-secret', 'access-token-secret', 'expires-at-variable'].flatMap((target) =>
    rows('github-token', 'is empty', EMPTY, {
      'refresh-token-secret': '',
      'access-token-secret': '',
      'expires-at-variable': '',
      [target]: 'TARGET',
    }),
  ),
  ...rows('github-token', 'has blanks or characters that no token has', NO_TOKEN),
  ...wrongUrls('github-api-url'),
  ...rows('refresh-token-secret', 'is no name that GitHub takes', NO_NAME),
  ...rows('access-token-secret', 'is no name that GitHub takes', NO_NAME),
  ...rows('access-token-secret', 'names the same secret as `refresh-token-secret`', {
    'the name of the other secret': 'COBO_REFRESH',
    'the name of the other secret in another case': 'Cobo_refresh',
  }),
  ...rows('expires-at-variable', 'is no name that GitHub takes', NO_NAME),

  ...rows('secret-stores', 'line 1 begins with none of', {
    'an unknown word': 'vault',
    'a repository alone': 'other/lib',
    'a kind in the plural': 'environments:cobo',
  }),
  ...rows('secret-stores', 'line 2', {
    'a wrong second line': 'environment:cobo\nvault:cobo',
    'an environment without a name': 'environment:cobo\nenvironment:',
    'an organization without a name': 'environment:cobo\norganization:',
    'a path that leads elsewhere': 'environment:cobo\nrepository@../lib',
  }),
  ...rows(
    'secret-stores',
    'line 1 begins with none of',
    { 'an unknown word, although nothing is written': 'vault:cobo' },
    { 'refresh-token-secret': '', 'access-token-secret': '', 'expires-at-variable': '' },
  ),

  ...rows('access-token-env', 'is no name for an environment variable of a job', {
    'a blank within': 'MY TOKEN',
    'a hyphen': 'MY-TOKEN',
    'a digit in front': '1TOKEN',
    'an equals sign': 'TOKEN=x',
    'a line break within': 'MY\nTOKEN',
    '201 characters': 'T'.repeat(201),
    'a name of GitHub': 'GITHUB_TOKEN',
    'a name of the runner': 'RUNNER_TEMP',
    'a name of the toolkit': 'ACTIONS_RUNTIME_TOKEN',
    'the name of an input': 'INPUT_TOKEN',
    "a name of Node's": 'NODE_OPTIONS',
    'the search path': 'PATH',
    'the search path of Windows': 'Path',
    'the home directory': 'HOME',
    'the mark of a CI job': 'CI',
  }),
  ...rows('expires-at', 'is not a time in ISO 8601 with its zone', {
    'a date alone': '2026-03-01',
    'a time without a zone': '2026-03-01T12:00:00',
    'a blank instead of the T': '2026-03-01 12:00:00Z',
    'seconds since 1970': '1772366400',
    'a word': 'tomorrow',
    'a month that is none': '2026-13-01T12:00:00Z',
    'an hour that is none': '2026-03-01T25:00:00Z',
    'a time as HTTP writes it': 'Sun, 01 Mar 2026 12:00:00 GMT',
  }),
  ...rows('min-validity', 'is not a whole number from 0 to 31622400', {
    'a negative number': '-1',
    'a fraction': '1.5',
    'a unit': '10min',
    'a word': 'ten',
    'another notation': '1e3',
    'hexadecimal digits': '0x10',
    'a second more than a leap year': '31622401',
    'a number of ten digits': '1000000000',
  }),
  ...rows('dry-run', 'is neither `true` nor `false`', {
    'a yes': 'yes',
    'a number': '1',
    'mixed case': 'tRUE',
    'a no': 'off',
  }),
  ...rows('timeout-seconds', 'is not a whole number from 1 to 600', {
    zero: '0',
    'a negative number': '-30',
    'a second too many': '601',
    'a fraction': '2.5',
    'a unit': '30s',
    'a word': 'Infinity',
    'a plus sign': '+30',
  }),
  ...rows('max-attempts', 'is not a whole number from 1 to 20', {
    zero: '0',
    'a negative number': '-4',
    'one too many': '21',
    'a fraction': '2.5',
    'a word': 'many',
    'a number of ten digits': '1000000000',
  }),
];

/**
 * Inputs that have no wrong form of their own here: a stored access token is handed out as it is, and an
 * envelope is opened, or not, elsewhere. inputs.test.ts tells what it means when they are empty.
 */
const NEVER_WRONG = ['access-token', 'recovery-envelope'];

const SECRET_INPUTS = ['private-key', 'refresh-token', 'github-token', 'access-token'];

/** What reading throws, and what was masked by then. */
function refusal({ input, value, beside }: Wrong, surroundings = SURROUNDINGS) {
  const given = { ...ALL, ...beside, [input]: value };
  const { read, masked } = reading(given, surroundings);
  try {
    read();
  } catch (error) {
    if (error instanceof ActionError) return { error, masked, given };
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Whether `text` repeats `value`, or a line of it, other than as a part of a longer word. */
function repeats(text: string, value: string): boolean {
  const parts = [value, ...value.split('\n')].map((part) => part.trim()).filter((part) => part !== '');
  return parts.some((part) => new RegExp(`(?<![\\w-])${escaped(part)}(?!\\w)`).test(text));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

describe.each(WRONG)('$input, when it is $wrong', (row) => {
  it('is refused with an error that names it', () => {
    const { error } = refusal(row);
    expect(error.message).toMatch(new RegExp(`^The input \`${row.input}\` `));
    expect(error.message).toContain(row.says);
  });

  it('is refused as missing if it is blank, else as invalid', () => {
    expect(refusal(row).error.code).toBe(row.value.trim() === '' ? 'input-missing' : 'input-invalid');
  });

  it('is not repeated', () => {
    const { error } = refusal(row);
    expect(repeats(`${error.message} ${error.remedy}`, row.value)).toBe(false);
  });

  it('has a remedy in whole sentences', () => {
    expect(refusal(row).error.remedy).toMatch(/^[A-Z0-9`].{10,}[.?]$/);
  });

  it('is refused after every secret was masked', () => {
    const { masked, given } = refusal(row);
    const secrets = SECRET_INPUTS.map((name) => given[name] ?? '')
      .flatMap((secret) => [secret, secret.trim(), ...secret.split('\n').map((line) => line.trim())])
      .filter((piece) => piece.trim().length >= 4);
    expect(masked).toEqual(expect.arrayContaining(secrets));
  });
});

describe('every input that action.yml declares', () => {
  const action: unknown = parse(readFileSync(new URL('../../action.yml', import.meta.url), 'utf8'));
  const declared = Object.keys(Object(field(action, 'inputs')));
  const covered = new Set([...WRONG.map(({ input }) => input), ...NEVER_WRONG]);

  it.each(declared)('`%s` is in the table', (input) => {
    expect([...covered]).toContain(input);
  });

  it('and no other is in the table', () => {
    expect([...covered].toSorted()).toEqual(declared.toSorted());
  });

  it('has a right value in these tests', () => {
    expect(Object.keys(ALL).toSorted()).toEqual(declared.toSorted());
  });
});

it('every input at its right value is not refused', () => {
  expect(() => reading(ALL).read()).not.toThrow();
});

it('`expires-at` is refused when it is a day that the month has not', () => {
  const row = { input: 'expires-at', wrong: '', value: '2026-02-30T12:00:00Z', says: '' };
  expect(refusal(row).error.message).toContain('is not a time in ISO 8601 with its zone');
});

describe('what the runner tells wrongly is refused as the input that could replace it:', () => {
  it.each([
    ['no URL', ''],
    ['a URL without encryption', 'http://ghe.test/api/v3'],
  ])('%s as its API', (_name, apiUrl) => {
    const row = { input: 'github-api-url', wrong: '', value: '', says: '' };
    expect(refusal(row, { ...SURROUNDINGS, apiUrl }).error.message).toMatch(/^The input `github-api-url` /);
  });

  it('no repository', () => {
    const row = { input: 'secret-stores', wrong: '', value: 'repository', says: '' };
    const { error } = refusal(row, { ...SURROUNDINGS, repository: undefined });
    expect(error.message).toMatch(/^The input `secret-stores` is wrong: line 1 names no repository/);
  });
});

describe('a key that is wrong is masked in the forms in which it could come up:', () => {
  const both = `${APP_SECRET}${'cd'.repeat(32)}`;

  it.each([
    ['in lower case', both.toUpperCase(), both],
    ['in upper case', both, both.toUpperCase()],
    ['as the secret alone, without the public key', both, APP_SECRET],
    ['in lower case, when it is cut', APP_SECRET.slice(4).toUpperCase(), APP_SECRET.slice(4)],
  ])('%s', (_name, value, form) => {
    expect(refusal({ input: 'private-key', wrong: '', value, says: '' }).masked).toContain(form);
  });
});

describe('the order of the checks:', () => {
  it('the key comes first, for nothing works without it', () => {
    const row = { input: 'private-key', wrong: '', value: '', says: '', beside: { 'client-id': '' } };
    expect(refusal(row).error.message).toContain('`private-key`');
  });

  it('a missing secret explains where GitHub leaves secrets empty', () => {
    const row = { input: 'private-key', wrong: '', value: '', says: '' };
    expect(refusal(row).error.remedy).toMatch(/runs from forks.*Dependabot.*misspelt/);
  });
});
