import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActionError } from '../../src/errors.ts';
import {
  checkedUrl,
  missing,
  optional,
  readFlag,
  readIdentifier,
  readNumber,
  readSecretName,
  readTime,
  readToken,
  readUrl,
  readVariableName,
} from '../../src/input-values.ts';
import { RUNS, UNIT } from './support.ts';

/** An input that holds this text. */
const given = (text: string) => () => text;

/** Why a value is refused. */
function refusal(reading: () => unknown): ActionError {
  try {
    reading();
  } catch (error) {
    if (error instanceof ActionError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const said = ({ code, message, remedy }: ActionError) => [code, message, remedy];

const READERS: Record<string, (text: string) => unknown> = {
  readFlag: (text) => readFlag(given(text), 'dry-run'),
  readIdentifier: (text) => readIdentifier(given(text), 'client-id'),
  readNumber: (text) => readNumber(given(text), 'max-attempts', 4, 1, 20),
  readSecretName: (text) => readSecretName(given(text), 'refresh-token-secret'),
  readTime: (text) => readTime('expires-at', text),
  readToken: (text) => readToken(given(text), 'refresh-token'),
  readUrl: (text) => readUrl(given(text), 'api-url'),
  readVariableName: (text) => readVariableName(given(text), 'access-token-env'),
};

describe.each(Object.entries(READERS))('%s', (_name, read) => {
  it('throws nothing but an error that does not repeat the value', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: UNIT }),
      fc.date({ noInvalidDate: true }).map(String),
    );
    fc.assert(
      fc.property(text, (value) => {
        try {
          read(value);
        } catch (error) {
          expect(error).toBeInstanceOf(ActionError);
          if (value.length > 12 && error instanceof ActionError) {
            expect(`${error.message} ${error.remedy}`).not.toContain(value);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });
});

it.each(['readIdentifier', 'readSecretName', 'readToken', 'readUrl', 'readVariableName'])(
  '%s takes an empty text for none',
  (name) => {
    expect(READERS[name]?.('')).toBeUndefined();
  },
);

describe('an ID', () => {
  it.each(['x', 'x'.repeat(256), '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'])('may be %s', (id) => {
    expect(readIdentifier(given(id), 'org-id')).toBe(id);
  });

  it.each(['my id', 'my\nid', 'idé', 'a\u0007b', 'a\u007f', 'i'.repeat(257)])('may not be %j', (id) => {
    expect(said(refusal(() => readIdentifier(given(id), 'org-id')))).toEqual([
      'input-invalid',
      'The input `org-id` must be at most 256 ASCII characters without blanks.',
      'Copy the ID from Cobo Portal.',
    ]);
  });
});

describe('a URL', () => {
  it.each([
    ['https://cobo.test/v2', 'https://cobo.test/v2'],
    ['https://cobo.test/v2//', 'https://cobo.test/v2'],
    ['https://cobo.test', 'https://cobo.test'],
    ['https://cobo.test:8443/a/v2', 'https://cobo.test:8443/a/v2'],
    ['HTTPS://Cobo.Test/v2', 'https://cobo.test/v2'],
    ['http://localhost:8080/v2', 'http://localhost:8080/v2'],
    ['http://127.0.0.1:8080/v2', 'http://127.0.0.1:8080/v2'],
    ['http://127.8.9.10/v2', 'http://127.8.9.10/v2'],
    ['http://[::1]:8080/v2', 'http://[::1]:8080/v2'],
  ])('may be %s', (text, url) => {
    expect(readUrl(given(text), 'api-url')).toBe(url);
  });

  const NO_URL = ['is not a URL', 'Use a complete URL that begins with `https://`.'];
  const NAMED = ['must not contain a user name or password', 'Remove them.'];
  const QUERY = ['must not have a query or a fragment', 'Use the base URL only.'];
  const PLAIN = ['must use `https:`', 'Only a loopback host may be called with `http:`.'];

  it.each([
    ['api.example.com', NO_URL],
    ['/api/v2', NO_URL],
    ['see the wiki', NO_URL],
    ['https://:443', NO_URL],
    ['https://example.com/v2\n', NO_URL],
    ['https://exam\tple.com/v2', NO_URL],
    ['https://example.com/\u200bv2', NO_URL],
    ['https://somebody@example.com/v2', NAMED],
    ['https://:hunter2@example.com/v2', NAMED],
    ['https://example.com/v2?key=x', QUERY],
    ['https://example.com/v2?', QUERY],
    ['https://example.com/v2#part', QUERY],
    ['https://example.com/v2#', QUERY],
    ['http://example.com/v2', PLAIN],
    ['http://10.0.0.1/v2', PLAIN],
    ['http://127.0.0.1.example.com/v2', PLAIN],
    ['http://localhost.example.com/v2', PLAIN],
    ['http://0.0.0.0/v2', PLAIN],
    ['ftp://localhost/v2', PLAIN],
    ['file:///etc/passwd', PLAIN],
    ['javascript:alert(1)', PLAIN],
  ])('may not be %j', (text, [problem, remedy]) => {
    expect(said(refusal(() => checkedUrl(text, 'api-url')))).toEqual([
      'input-invalid',
      `The input \`api-url\` ${problem}.`,
      remedy,
    ]);
  });
});

describe('the name of a secret', () => {
  it.each([
    ['cobo_refresh', 'COBO_REFRESH'],
    ['_', '_'],
    ['A1', 'A1'],
    ['GITHUBX', 'GITHUBX'],
    ['MY_GITHUB_TOKEN', 'MY_GITHUB_TOKEN'],
    ['N'.repeat(200), 'N'.repeat(200)],
  ])('may be %s, in upper case as GitHub keeps it', (text, name) => {
    expect(readSecretName(given(text), 'access-token-secret')).toBe(name);
  });

  it.each([
    'MY SECRET',
    'MY-SECRET',
    '1SECRET',
    'SÉCRET',
    '../SECRET',
    'S?x',
    'GITHUB_X',
    'github_x',
    'S'.repeat(201),
    'A\nB',
  ])('may not be %j', (text) => {
    expect(said(refusal(() => readSecretName(given(text), 'access-token-secret')))).toEqual([
      'input-invalid',
      'The input `access-token-secret` is not a valid name for a secret or variable.',
      'Use letters, digits and `_`, and do not begin with a digit or `GITHUB_`.',
    ]);
  });
});

describe('the name of an environment variable', () => {
  it.each([
    'COBO_TOKEN',
    'cobo_token',
    '_',
    'T1',
    'PATHS',
    'MY_PATH',
    'HOMEPAGE',
    'CIRCLE',
    'MY_CI',
    'N'.repeat(200),
  ])('may be %s', (name) => {
    expect(readVariableName(given(name), 'access-token-env')).toBe(name);
  });

  it.each([
    ...['MY TOKEN', 'MY-TOKEN', '1TOKEN', 'TOKEN=x', 'A\nB', 'T'.repeat(201), 'GITHUB_TOKEN', 'RUNNER_TEMP'],
    ...['ACTIONS_X', 'INPUT_X', 'NODE_OPTIONS', 'PATH', 'Path', 'HOME', 'CI', 'ci'],
  ])('may not be %j', (name) => {
    expect(said(refusal(() => readVariableName(given(name), 'access-token-env')))).toEqual([
      'input-invalid',
      'The input `access-token-env` is not a valid name for an environment variable.',
      'Use letters, digits and `_`, and no name that the runner uses itself.',
    ]);
  });
});

describe('a time', () => {
  const noon = Date.UTC(2026, 2, 1, 12);

  it.each([
    ['2026-03-01T12:00:00Z', noon],
    ['2026-03-01T12:00Z', noon],
    ['2026-03-01T12:00:00.250Z', noon + 250],
    ['2026-03-01T12:00:00.123456789Z', noon + 123],
    ['2026-03-01T14:00:00+02:00', noon],
    ['2026-03-01T06:30:00-05:30', noon],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ])('may be %s', (text, time) => {
    expect(readTime('expires-at', text)).toBe(time);
  });

  it.each([
    ...['2026-03-01', '2026-03-01T12:00:00', '2026-03-01 12:00:00Z', '1772366400', 'tomorrow', ''],
    ...['2026-13-01T12:00:00Z', '2026-03-01T25:00:00Z', '2026-02-30T12:00:00Z', '2025-02-29T12:00:00Z'],
    ...['Sun, 01 Mar 2026 12:00:00 GMT', 'x2026-03-01T12:00:00Z', '2026-03-01T12:00:00Zx'],
    '2026-03-01T12:00:00.1234567890Z',
  ])('may not be %j', (text) => {
    expect(said(refusal(() => readTime('expires-at', text)))).toEqual([
      'input-invalid',
      'The input `expires-at` must be a time in ISO 8601 with its time zone.',
      'Use the output `expires-at` of an earlier run, such as `2026-01-31T12:00:00Z`, or leave it empty.',
    ]);
  });
});

describe('a flag', () => {
  it.each([
    ['true', true],
    ['True', true],
    ['TRUE', true],
    ['false', false],
    ['False', false],
    ['FALSE', false],
    ['', false],
  ])('may be %j', (text, flag) => {
    expect(readFlag(given(text), 'dry-run')).toBe(flag);
  });

  it.each(['yes', '1', 'tRUE', 'off', 'true\n', 'xtrue', 'falsex', '0'])('may not be %j', (text) => {
    expect(said(refusal(() => readFlag(given(text), 'dry-run')))).toEqual([
      'input-invalid',
      'The input `dry-run` must be `true` or `false`.',
      'Use one of the two.',
    ]);
  });
});

describe('a number', () => {
  const read = (text: string) => readNumber(given(text), 'max-attempts', 4, 2, 20);

  it.each([
    ['', 4],
    ['2', 2],
    ['20', 20],
    ['007', 7],
  ])('may be %j', (text, number) => {
    expect(read(text)).toBe(number);
  });

  it.each(['0', '1', '21', '-4', '2.5', 'many', '1000000000', '0000000004x', '0x10', '1e1', '+4', ' 4'])(
    'may not be %j',
    (text) => {
      expect(said(refusal(() => read(text)))).toEqual([
        'input-invalid',
        'The input `max-attempts` must be a whole number from 2 to 20.',
        'Leave it out to use 4.',
      ]);
    },
  );
});

describe('a token', () => {
  it('has eight characters at least', () => {
    expect(readToken(given('12345678'), 'refresh-token')).toBe('12345678');
    expect(said(refusal(() => readToken(given('1234567'), 'refresh-token')))).toEqual([
      'input-invalid',
      'The input `refresh-token` is too short to be a token.',
      'Store the token itself in the secret.',
    ]);
  });
});

it('an input that is missing is named', () => {
  expect(said(missing('client-id', 'Give it.'))).toEqual([
    'input-missing',
    'The input `client-id` is empty.',
    'Give it.',
  ]);
});

it('empty means not given', () => {
  expect([optional(''), optional(' '), optional('x')]).toEqual([undefined, ' ', 'x']);
});
