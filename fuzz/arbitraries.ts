import fc from 'fast-check';
import type { HttpAnswer } from '../src/http.ts';
import { ALL_SECRETS, SECRETS } from './secrets.ts';

/** Pieces that would do harm if they reached a log, a parser or a terminal unchanged. */
const PIECES = [
  '::add-mask::fuzz',
  '::error::fuzz',
  '::stop-commands::fuzz',
  '\n::set-output name=a::b',
  '\r::debug::fuzz',
  '\r\n  ::warning title=x::fuzz',
  '\u2028::error::fuzz',
  '\u0085::error::fuzz',
  '%0A::error::fuzz',
  '##[command]fuzz',
  '##[error]fuzz',
  '#\u200b#[group]fuzz',
  '###[add-mask]fuzz',
  '::',
  ':',
  '#',
  '\0',
  '\x1b[31m',
  '\u202e',
  '\u200b',
  '\ufeff',
  '\ud800',
  '\udc00',
  '🔑',
  '<script>',
  '</td>',
  '|',
  '`',
  '![x](https://fuzz.test/y)',
  '***',
  '\\n',
  '"',
  '{{',
  '__proto__',
  'secondary rate limit',
  'w'.repeat(39),
  'w'.repeat(500),
  ' '.repeat(60),
];

/** A text that somebody in the way, or a careless workflow, might give. */
export const nastyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...PIECES) },
      { weight: 1, arbitrary: fc.constantFrom(...ALL_SECRETS) },
      { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) },
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));

const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'toJSON',
  'hasOwnProperty',
  'length',
  'access_token',
  'refresh_token',
  'expires_in',
  'token_type',
  'scope',
  'error',
  'error_description',
  'error_code',
  'error_message',
  'error_id',
  'message',
  'key',
  'key_id',
  'updated_at',
  'created_at',
  'run_started_at',
  'visibility',
  'repositories',
  'id',
  'total_count',
];

const jsonString = nastyText.map((text) => JSON.stringify(text));

/** Objects that break whoever takes them for a text, a list or a plain object. */
const TRAPS = [
  '{"toString":0}',
  '{"toString":0,"valueOf":0}',
  '{"toJSON":0}',
  '{"length":4294967295}',
  '{"__proto__":{"access_token":"x"}}',
  '{"then":0}',
  '[[[{"toString":null}]]]',
];

const jsonScalar = fc.oneof(
  { weight: 6, arbitrary: jsonString },
  fc.constantFrom(...TRAPS),
  fc.constantFrom('null', 'true', 'false', '0', '-0', '-1', '0.5', '1e400', '-1e400', '1e-400', '""', '" "'),
  fc.constantFrom('9'.repeat(400), '9007199254740993', '2147483648', '31622401', '1e9', '{}', '[]'),
  fc.maxSafeInteger().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);

const deep = fc
  .tuple(fc.constantFrom('[', '{"a":'), fc.constantFrom(2, 50, 2_000, 12_000))
  .map(([open, times]) => `${open.repeat(times)}0${(open === '[' ? ']' : '}').repeat(times)}`);

/** JSON as a text: only so can there be `__proto__`, a key twice, or a number that no number can hold. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string; array: string }>(
  (tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: jsonScalar },
      { weight: 2, arbitrary: tie('object') },
      { weight: 2, arbitrary: tie('array') },
      { weight: 1, arbitrary: deep },
    ),
    object: fc
      .array(fc.tuple(fc.oneof(fc.constantFrom(...KEYS), nastyText), tie('value')), { maxLength: 5 })
      .map((entries) => objectText(entries)),
    array: fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
  }),
).value;

function objectText(entries: readonly (readonly [key: string, text: string])[]): string {
  return `{${entries.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
}

type Answers = Record<string, Record<string, unknown>>;

/** Everything that must not be said, as somebody might say it back. */
const ECHO = [...ALL_SECRETS].sort((a, b) => a.length - b.length).join(' ');

/** Answers as the services really give them; the fuzzing bends them. */
export const COBO_ANSWERS = {
  grant: {
    access_token: SECRETS.newAccessToken,
    token_type: 'Bearer',
    scope: '',
    expires_in: 7200,
    refresh_token: SECRETS.newRefreshToken,
  },
  oauth: { error: 'invalid_grant', error_description: 'The refresh token is expired.' },
  echo: { error: 'invalid_request', error_description: `Refused: ${ECHO}` },
  code: { error_code: 2024, error_message: 'Unauthorized', error_id: '0b6ddf19083c4bd1a9ca01bec44b24dd' },
} satisfies Answers;

export const GITHUB_ANSWERS = {
  key: { key_id: '568250167242549743', key: 'T/UAb6Nt4Og4iTIDGqmMrPBfuu+dmzAiK8OIhB5sLiE=' },
  secret: {
    name: 'COBO_REFRESH',
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-02-01T00:00:00Z',
    visibility: 'selected',
  },
  run: { id: 1658821493, created_at: '2026-03-01T11:59:00Z', run_started_at: '2026-03-01T11:59:30Z' },
  repositories: { total_count: 2, repositories: [{ id: 1 }, { id: 2 }] },
  page: { total_count: 100, repositories: Array.from({ length: 100 }, (_, id) => ({ id })) },
  count: { total_count: 100, secrets: [] },
  refusal: { message: 'Resource not accessible by personal access token', status: '403' },
  echo: { message: `Refused: ${ECHO}` },
  limit: { message: 'You have exceeded a secondary rate limit. Please wait.' },
} satisfies Answers;

/** One of `answers`, with fields left out, replaced or added. */
function bent(answers: Answers): fc.Arbitrary<string> {
  return fc
    .constantFrom(...Object.values(answers))
    .chain((answer) =>
      fc
        .tuple(
          ...Object.entries(answer).map(([key, value]) =>
            fc.oneof(
              { weight: 4, arbitrary: fc.constant<[string, string]>([key, JSON.stringify(value)]) },
              { weight: 2, arbitrary: jsonText.map((text): [string, string] => [key, text]) },
              { weight: 1, arbitrary: fc.constant(undefined) },
            ),
          ),
          fc.option(fc.tuple(fc.constantFrom(...KEYS), jsonText), { nil: undefined, freq: 4 }),
        )
        .map((entries) => objectText(entries.filter((entry) => entry !== undefined))),
    );
}

const bytes = fc.uint8Array({ maxLength: 200 }).map((given) => Buffer.from(given));

/** A body: a real answer bent, any JSON, any text, any bytes; or one of those, cut or with a byte changed. */
function bodyOf(answers: Answers): fc.Arbitrary<Buffer> {
  const text = fc.oneof(
    { weight: 6, arbitrary: bent(answers) },
    { weight: 2, arbitrary: jsonText },
    { weight: 1, arbitrary: nastyText },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', '<html>nope</html>', ' \n<!doctype html>', '\ufeff{}', 'null'),
    },
  );
  const whole = fc.oneof(
    { weight: 8, arbitrary: text.map((given) => Buffer.from(given, 'utf8')) },
    { weight: 1, arbitrary: bytes },
    {
      weight: 1,
      arbitrary: fc.tuple(text, bytes).map(([given, rest]) => Buffer.concat([Buffer.from(given), rest])),
    },
  );
  return fc.oneof(
    { weight: 6, arbitrary: whole },
    {
      weight: 1,
      arbitrary: fc.tuple(whole, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([given, at, byte]) => {
        const changed = Buffer.from(given);
        if (changed.length > 0) changed[at % changed.length] = byte;
        return changed;
      }),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(whole, fc.nat()).map(([given, at]) => given.subarray(0, at % (given.length + 1))),
    },
  );
}

const oddNumber = fc.oneof(
  fc.constantFrom(
    '0',
    '1',
    '59',
    '-1',
    '1.5',
    '1e3',
    '0x10',
    '999999999',
    '9999999999',
    '٣',
    ' 7 ',
    '',
    'NaN',
  ),
  fc.nat().map(String),
);

const oddDate = fc.oneof(
  fc.constantFrom(
    'Sun, 01 Mar 2026 12:00:30 GMT',
    'Sunday, 01-Mar-26 12:01:00 GMT',
    'Sun Mar  1 12:02:00 2026',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'Fri, 31 Dec 9999 23:59:59 GMT',
    'Sat, 13 Sep 275760 00:00:00 GMT',
    'Mon, 99 Foo 2026 99:99:99 GMT',
    '2',
    '-1',
    'yesterday',
    '',
  ),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
);

/** Headers as Node gives them: names in lower case, no line break in a value. */
const headers: fc.Arbitrary<Record<string, string>> = fc
  .record(
    {
      'retry-after': fc.oneof(oddNumber, oddDate, nastyText),
      date: fc.oneof(oddDate, nastyText),
      'x-ratelimit-remaining': fc.oneof(fc.constant('0'), oddNumber),
      'x-ratelimit-reset': fc.oneof(oddNumber, fc.constantFrom('1772366460', '999999999999'), nastyText),
      'biz-timestamp': fc.oneof(oddNumber, nastyText),
      'biz-resp-signature': fc.oneof(
        fc.constantFrom('0'.repeat(128), 'F'.repeat(128), 'f'.repeat(127)),
        nastyText,
      ),
      'x-github-request-id': nastyText,
      'x-request-id': nastyText,
      location: nastyText,
      'content-type': nastyText,
      'transfer-encoding': nastyText,
    },
    { requiredKeys: [] },
  )
  .map((given) =>
    Object.assign(
      Object.create(null),
      Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, value.replace(/[\0\r\n]/g, ' ')]),
      ),
    ),
  );

const status = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(200, 201, 204, 400, 401, 403, 404, 409, 414, 422, 429, 500, 502, 503),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 999 }) },
);

function answerOf(answers: Answers): fc.Arbitrary<HttpAnswer> {
  return fc.record({ status, headers, body: bodyOf(answers) });
}

export const coboAnswer = answerOf(COBO_ANSWERS);
export const githubAnswer = answerOf(GITHUB_ANSWERS);
