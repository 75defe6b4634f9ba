import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActionError } from '../../src/errors.ts';
import {
  HEADER,
  ID,
  type Kind,
  missing,
  PUBLIC_KEY,
  type Read,
  reader,
  readFlag,
  readNumber,
  readTime,
  readUrl,
  SECRET_NAME,
  TOKEN,
  VARIABLE_NAME,
} from '../../src/input-values.ts';
import { RUNS, UNIT } from './support.ts';

const NAME = 'the-input';
const NOON = Date.UTC(2026, 2, 1, 12);

type Reading = (read: Read) => unknown;
const of =
  (kind: Kind): Reading =>
  (read) =>
    read(NAME, kind);
const url: Reading = (read) => readUrl(read, NAME, 'https://otherwise.test/');
const number: Reading = (read) => readNumber(read, NAME, 4, 2, 20);

/** What becomes of an input with this text: its value, or why it is refused. */
function outcome(reading: Reading, text: string): unknown {
  try {
    return reading(reader(() => text));
  } catch (error) {
    if (error instanceof ActionError) return [error.code, error.message, error.remedy];
    throw error;
  }
}

interface Rows {
  reading: Reading;
  problem: string;
  remedy: string;
  /** Texts and their values; a text alone stands for itself. */
  right: (string | [text: string, value: unknown])[];
  wrong: string[];
}

const NO_URL = {
  reading: url,
  problem: 'is not a URL',
  remedy: 'Use a complete URL that begins with `https://`.',
};

const KINDS: Record<string, Rows> = {
  'an ID': {
    reading: of(ID),
    problem: 'must be at most 256 ASCII characters without blanks',
    remedy: 'Copy the ID from Cobo Portal.',
    right: ['x', 'x'.repeat(256), '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', ['', undefined]],
    wrong: ['my id', 'my\nid', 'idé', 'a\u0007b', 'a\u007f', 'i'.repeat(257)],
  },
  'a token': {
    reading: of(TOKEN),
    problem: 'is too short to be a token',
    remedy: 'Store the token itself in the secret.',
    right: ['12345678', '1234\n678', 'x'.repeat(5000), ['', undefined]],
    wrong: ['1234567', 'x'],
  },
  'a value of a header': {
    reading: of(HEADER),
    problem: 'must not contain blanks or special characters',
    remedy: 'Store it again, without line breaks.',
    right: ['!~', ['', undefined]],
    wrong: ['github_pat one', 'github_pat\none', 'github_pät', 'github_pat\u0007', 'github_pat\u007f'],
  },
  'a public key': {
    reading: of(PUBLIC_KEY),
    problem: 'must be 64 hexadecimal characters',
    remedy: "Leave it out to use the environment's own key.",
    right: ['09afAF'.padEnd(64, '0'), ['', undefined]],
    wrong: ['a'.repeat(63), 'a'.repeat(65), `${'a'.repeat(63)}g`],
  },
  'the name of a secret': {
    reading: of(SECRET_NAME),
    problem: 'is not a valid name for a secret or variable',
    remedy: 'Use letters, digits and `_`, and do not begin with a digit or `GITHUB_`.',
    right: ['cobo_refresh', '_', 'A1', 'GITHUBX', 'MY_GITHUB_TOKEN', 'N'.repeat(200), ['', undefined]],
    wrong: [
      ...['MY SECRET', 'MY-SECRET', '1SECRET', 'SÉCRET', '../SECRET', 'S?x', 'A\nB', 'A\n'],
      ...['GITHUB_X', 'github_x', 'S'.repeat(201)],
    ],
  },
  'the name of an environment variable': {
    reading: of(VARIABLE_NAME),
    problem: 'is not a valid name for an environment variable',
    remedy: 'Use letters, digits and `_`, and no name that the runner uses itself.',
    right: [
      ...['COBO_TOKEN', 'cobo_token', '_', 'T1', 'PATHS', 'MY_PATH', 'HOMEPAGE', 'CIRCLE', 'MY_CI', 'MY_RUNNER_X'],
      ...['N'.repeat(200), ''].map((text): [string, unknown] => [text, text || undefined]),
    ],
    wrong: [
      ...['MY TOKEN', 'MY-TOKEN', '1TOKEN', 'TOKEN=x', 'A\nB', 'T'.repeat(201), 'GITHUB_TOKEN', 'RUNNER_TEMP'],
      ...['ACTIONS_X', 'INPUT_X', 'NODE_OPTIONS', 'PATH', 'Path', 'HOME', 'CI', 'ci'],
    ],
  },
  'a flag': {
    reading: (read) => readFlag(read, NAME),
    problem: 'must be `true` or `false`',
    remedy: 'Use one of the two.',
    right: [
      ...['true', 'True', 'TRUE'].map((text): [string, boolean] => [text, true]),
      ...['false', 'False', 'FALSE', ''].map((text): [string, boolean] => [text, false]),
    ],
    wrong: ['yes', '1', 'tRUE', 'off', 'true\n', 'xtrue', 'falsex', '0'],
  },
  'a number': {
    reading: number,
    problem: 'must be a whole number from 2 to 20',
    remedy: 'Leave it out to use 4.',
    right: [
      ['', 4],
      ['2', 2],
      ['20', 20],
      ['007', 7],
    ],
    wrong: ['0', '1', '21', '-4', '2.5', 'many', '0000000004', '0000000004x', '0x10', '1e1', '+4', ' 4'],
  },
  'a time': {
    reading: (read) => readTime(read, NAME),
    problem: 'must be a time in ISO 8601 with its time zone',
    remedy: 'Use the output `expires-at` of an earlier run, such as `2026-01-31T12:00:00Z`, or leave it empty.',
    right: [
      ['', undefined],
      ['2026-03-01T12:00:00Z', NOON],
      ['2026-03-01T12:00Z', NOON],
      ['2026-03-01T12:00:00.250Z', NOON + 250],
      ['2026-03-01T14:00:00+02:00', NOON],
      ['2026-03-01T06:30:00-05:30', NOON],
    ],
    wrong: [
      ...['2026-03-01', '2026-03-01T12:00:00', '2026-03-01 12:00:00Z', '1772366400', 'tomorrow'],
      ...['2026-13-01T12:00:00Z', '2026-03-01T25:00:00Z', 'Sun, 01 Mar 2026 12:00:00 GMT'],
      ...['x2026-03-01T12:00:00Z', '2026-03-01T12:00:00Zx'],
    ],
  },
  'a URL': {
    ...NO_URL,
    right: [
      ['', 'https://otherwise.test'],
      ['https://cobo.test/v2', 'https://cobo.test/v2'],
      ['https://cobo.test/v2//', 'https://cobo.test/v2'],
      ['https://cobo.test:8443/a/v2', 'https://cobo.test:8443/a/v2'],
      ['HTTPS://Cobo.Test/v2', 'https://cobo.test/v2'],
      ['http://localhost:8080/v2', 'http://localhost:8080/v2'],
      ['http://127.0.0.1:8080/v2', 'http://127.0.0.1:8080/v2'],
      ['http://127.8.9.10/v2', 'http://127.8.9.10/v2'],
      ['http://[::1]:8080/v2', 'http://[::1]:8080/v2'],
    ],
    wrong: [
      ...['api.example.com', '/api/v2', 'see the wiki', 'https://:443', 'https://example.com/v2\n'],
      ...['https://exam\tple.com/v2', 'https://example.com/\u200bv2', 'https://exämple.com'],
    ],
  },
  'a URL with a user': {
    ...NO_URL,
    problem: 'must not contain a user name or password',
    remedy: 'Remove them.',
    right: [],
    wrong: ['https://somebody@example.com/v2', 'https://:hunter2@example.com/v2'],
  },
  'a URL with a query': {
    ...NO_URL,
    problem: 'must not have a query or a fragment',
    remedy: 'Use the base URL only.',
    right: [],
    wrong: ['?key=x', '?', '#part', '#'].map((rest) => `https://example.com/v2${rest}`),
  },
  'a URL of another protocol': {
    ...NO_URL,
    problem: 'must use `https:`',
    remedy: 'Only a loopback host may be called with `http:`.',
    right: [],
    wrong: [
      ...['http://example.com/v2', 'http://10.0.0.1/v2', 'http://127.0.0.1.example.com/v2', 'http://0.0.0.0/v2'],
      ...['http://localhost.example.com/v2', 'ftp://localhost/v2', 'file:///etc/passwd'],
    ],
  },
};

describe.each(Object.entries(KINDS))('%s', (_kind, { reading, problem, remedy, right, wrong }) => {
  it('may be any of these', () => {
    for (const row of right) {
      const [text, value] = typeof row === 'string' ? [row, row] : row;
      expect([text, outcome(reading, text)]).toEqual([text, value]);
    }
  });

  it.each(wrong)('may not be %j', (text) => {
    expect(outcome(reading, text)).toEqual(['input-invalid', `The input \`${NAME}\` ${problem}.`, remedy]);
  });

  it('is refused with an error that does not repeat it, and with no other', () => {
    const date = fc.date({ noInvalidDate: true }).map(String);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: UNIT }), date), (text) => {
        const ended = outcome(reading, text);
        if (text.length > 12 && Array.isArray(ended)) expect(ended.join(' ')).not.toContain(text);
      }),
      { numRuns: RUNS },
    );
  });
});

it('an input may have to be of two kinds, and any text is right where none is given', () => {
  const both: Reading = (read) => read(NAME, TOKEN, HEADER);
  expect(outcome(both, 'short')).toContain(TOKEN.remedy);
  expect(outcome(both, 'with a blank')).toContain(HEADER.remedy);
  expect(outcome((read) => read(NAME), 'with a blank')).toBe('with a blank');
});

it('an input that is missing is named', () => {
  const { code, message, remedy } = missing('client-id', 'Give it.');
  expect([code, message, remedy]).toEqual(['input-missing', 'The input `client-id` is empty.', 'Give it.']);
});
