import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRefreshToken, type Grant, readGrant } from '../../../src/cobo/grant.ts';
import { RUNS } from './support.ts';

const SIGNED_AT = 1718588251593;
const GOOD = {
  access_token: 'access-1',
  token_type: 'Bearer',
  scope: '',
  expires_in: 43199,
  refresh_token: 'refresh-2',
};

function read(body: unknown): Grant {
  return readGrant(typeof body === 'string' ? body : JSON.stringify(body), SIGNED_AT, 'refresh-1');
}

const AWKWARD_TOKENS: [string, string][] = [
  ['quotes and backslashes', '"\\"\\\\'],
  ['line breaks', 'a\r\nb\u2028c'],
  ['percent signs and blanks', '%25 %zz +'],
  ['blanks at its ends', ' a '],
  ['other scripts', 'é漢🔑'],
  ['control characters', 'a\0\x1bb'],
  ['half of a surrogate pair', 'a\ud800b'],
];

const anyToken = fc
  .string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    minLength: 1,
  })
  .filter((text) => text.trim() !== '' && text !== 'refresh-1');

describe('a good answer', () => {
  it('gives both tokens and all that belongs to them', () => {
    expect(read(GOOD)).toStrictEqual({
      refreshToken: 'refresh-2',
      access: {
        accessToken: 'access-1',
        tokenType: 'Bearer',
        scope: '',
        expiresIn: 43199,
        expiresAt: SIGNED_AT + 43_199_000,
      },
      problem: undefined,
    });
  });

  it.each(['Bearer', 'bearer', 'BEARER'])('may write the type as %s, and it is kept so', (type) => {
    expect(read({ ...GOOD, token_type: type }).access?.tokenType).toBe(type);
  });

  it.each([
    ['none', undefined, ''],
    ['null', null, ''],
    ['an empty one', '', ''],
    ['one', 'read write', 'read write'],
  ])('may name %s as its scope', (_what, scope, expected) => {
    expect(read({ ...GOOD, scope }).access?.scope).toBe(expected);
  });

  it('may have fields that nobody knows', () => {
    expect(read({ ...GOOD, extra: { deep: [1] } }).problem).toBeUndefined();
  });

  it.each([1, 43199, 366 * 24 * 3600])('may last %i seconds', (seconds) => {
    expect(read({ ...GOOD, expires_in: seconds }).access).toMatchObject({
      expiresIn: seconds,
      expiresAt: SIGNED_AT + seconds * 1000,
    });
  });

  it.each([
    ['none', undefined],
    ['null', null],
    ['an empty one', ''],
    ['the one that was sent', 'refresh-1'],
  ])('may carry %s as its refresh token: the old one stays', (_what, token) => {
    const { refreshToken, access, problem } = read({ ...GOOD, refresh_token: token });
    expect({ refreshToken, problem, accessToken: access?.accessToken }).toEqual({
      refreshToken: undefined,
      problem: undefined,
      accessToken: 'access-1',
    });
  });

  it('may have another refresh token deeper within', () => {
    expect(read({ ...GOOD, extra: { refresh_token: 'refresh-3' } }).refreshToken).toBe('refresh-2');
  });

  it.each(AWKWARD_TOKENS)('keeps tokens with %s exactly', (_what, token) => {
    const grant = read({ ...GOOD, access_token: token, refresh_token: token });
    expect([grant.access?.accessToken, grant.refreshToken]).toEqual([token, token]);
  });
});

const ANYTHING_ELSE: [string, unknown][] = [
  ['a number', 5],
  ['a flag', true],
  ['an array', ['x']],
  ['an object', { x: 1 }],
];
const NO_ACCESS_TOKEN = '`access_token` is not a non-empty string';
const NO_BEARER = '`token_type` is not `Bearer`';
const NO_SCOPE = '`scope` is not a string';
const NO_EXPIRY = '`expires_in` is not a whole number of seconds above 0';
const NO_REFRESH_TOKEN = '`refresh_token` is not a non-empty string';
const NO_OBJECT = 'it is not a JSON object';

describe('a malformed answer', () => {
  it.each([
    ...[...ANYTHING_ELSE, ['nothing', undefined], ['null', null], ['an empty text', ''], ['blanks', ' \n']].map(
      ([what, value]) => ['access_token', what, value, NO_ACCESS_TOKEN],
    ),
    ...[
      ...ANYTHING_ELSE,
      ['nothing', undefined],
      ['null', null],
      ['another type', 'mac'],
      ['blanks around it', ' Bearer'],
    ].map(([what, value]) => ['token_type', what, value, NO_BEARER]),
    ...ANYTHING_ELSE.map(([what, value]) => ['scope', what, value, NO_SCOPE]),
    ...[
      ['nothing', undefined],
      ['null', null],
      ['a text', '43199'],
      ['a flag', true],
      ['an array', [43199]],
      ['an object', {}],
      ['zero', 0],
      ['less than zero', -1],
      ['a fraction', 1.5],
      ['more than a year', 366 * 24 * 3600 + 1],
    ].map(([what, value]) => ['expires_in', what, value, NO_EXPIRY]),
  ])('with %s: %s still gives its refresh token', (name, _what, value, problem) => {
    expect(read({ ...GOOD, [String(name)]: value })).toStrictEqual({
      refreshToken: 'refresh-2',
      access: undefined,
      problem,
    });
  });

  it.each([...ANYTHING_ELSE, ['blanks', ' \t']])(
    'with refresh_token: %s hands out no access token either',
    (_what, value) => {
      expect(read({ ...GOOD, refresh_token: value })).toStrictEqual({
        refreshToken: undefined,
        access: undefined,
        problem: NO_REFRESH_TOKEN,
      });
    },
  );

  it('reports the refresh token first', () => {
    expect(read({ ...GOOD, refresh_token: 5, access_token: 5 }).problem).toBe(NO_REFRESH_TOKEN);
  });

  it('with a number that JSON cannot hold as its expiry', () => {
    expect(read(JSON.stringify(GOOD).replace('43199', '1e999')).problem).toBe(NO_EXPIRY);
  });

  it.each([
    ['nothing', ''],
    ['a web page', '<!DOCTYPE html><p>ok'],
    ['cut JSON', '{"access_token":"a'],
    ['an array', '[{"access_token":"a"}]'],
    ['null', 'null'],
    ['a text', '"access_token"'],
    ['a number', '1'],
    ['a flag', 'true'],
    ['a hundred thousand brackets', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('that is %s gives nothing but a problem', (_what, body) => {
    expect(read(body)).toStrictEqual({ refreshToken: undefined, access: undefined, problem: NO_OBJECT });
  });

  it('that is a hundred thousand objects in each other gives nothing but a problem', () => {
    const { refreshToken, access, problem } = read(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
    expect([refreshToken, access, typeof problem]).toEqual([undefined, undefined, 'string']);
  });

  it.each([
    ['that was cut off', JSON.stringify(GOOD).slice(0, -1), NO_OBJECT],
    ['with something behind it', `${JSON.stringify(GOOD)},`, NO_OBJECT],
    ['in a wrapping', JSON.stringify({ data: GOOD }), NO_ACCESS_TOKEN],
    ['in a list', JSON.stringify([GOOD]), NO_OBJECT],
  ])('%s still gives its refresh token', (_what, body, problem) => {
    expect(read(body)).toStrictEqual({ refreshToken: 'refresh-2', access: undefined, problem });
  });

  it.each([
    ['__proto__', `{"__proto__":${JSON.stringify({ ...GOOD, refresh_token: '' })}}`],
    ['constructor', `{"constructor":{"prototype":${JSON.stringify({ ...GOOD, refresh_token: '' })}}}`],
  ])('that lends its fields by %s is not believed', (_what, body) => {
    expect(read(body)).toStrictEqual({
      refreshToken: undefined,
      access: undefined,
      problem: NO_ACCESS_TOKEN,
    });
  });

  it('does not change what other objects are', () => {
    read('{"__proto__":{"polluted":true}}');
    expect('polluted' in {}).toBe(false);
  });

  it('never has a value of it in the problem', () => {
    const value = fc.string({ unit: fc.constantFrom(...'0123456789xyz'), minLength: 8 });
    const names = fc.constantFrom('access_token', 'token_type', 'scope', 'expires_in', 'refresh_token');
    fc.assert(
      fc.property(names, value, (name, text) => {
        expect(read({ ...GOOD, [name]: [text] }).problem).not.toContain(text);
      }),
      RUNS,
    );
  });
});

describe('a refresh token in any text', () => {
  it.each([
    ['JSON', '{"refresh_token":"a"}', 'a'],
    ['JSON with blanks and line breaks', '{ "refresh_token" \n:\t "a" }', 'a'],
    ['JSON that was cut off behind it', '{"refresh_token":"a"', 'a'],
    ['JSON that was cut off within it', '{"refresh_token":"a', undefined],
    ['JSON that was cut off in an escape', '{"refresh_token":"a\\"', undefined],
    ['a web page', '<pre>{"refresh_token":"a"}</pre>', 'a'],
    ['two answers', '{"refresh_token":"a"}{"refresh_token":"b"}', 'b'],
    ['an answer and a piece of another', '{"refresh_token":"a"}{"refresh_token":"b', 'a'],
    ['an answer and an empty one', '{"refresh_token":"a"}{"refresh_token":" "}', 'a'],
    ['escapes', '{"refresh_token":"\\u0061\\"\\\\\\n\\/"}', 'a"\\\n/'],
    ['escapes that JSON does not have', '{"refresh_token":"\\x61"}', undefined],
    ['a line break that JSON does not allow', '{"refresh_token":"a\nb"}', undefined],
    ['a number', '{"refresh_token":5}', undefined],
    ['no JSON', 'refresh_token=a', undefined],
    ['another field', '{"old_refresh_token":"a","refresh_tokens":"b"}', undefined],
    ['a quotation', '{"message":"\\"refresh_token\\":\\"a\\""}', undefined],
    ['the one that was sent', '{"refresh_token":"known"}', undefined],
    ['the one that was sent, then another', '{"refresh_token":"known"}{"refresh_token":"a"}', 'a'],
    ['another, then the one that was sent', '{"refresh_token":"a"}{"refresh_token":"known"}', 'a'],
    ['nothing', '', undefined],
  ])('%s', (_what, text, token) => {
    expect(findRefreshToken(text, 'known')).toBe(token);
  });

  it('is found as the one that was sent where none was sent', () => {
    expect(findRefreshToken('{"refresh_token":"known"}', undefined)).toBe('known');
  });

  it('is found exactly, whatever it is and wherever the answer is cut off behind it', () => {
    fc.assert(
      fc.property(anyToken, fc.nat(20), (token, cut) => {
        const text = JSON.stringify({ access_token: 'a', refresh_token: token, scope: 'x'.repeat(20) });
        expect(findRefreshToken(text.slice(0, text.length - cut), 'refresh-1')).toBe(token);
        expect(read({ ...GOOD, refresh_token: token }).refreshToken).toBe(token);
      }),
      RUNS,
    );
  });

  it('may be as long as an answer', () => {
    const token = '\\"'.repeat(30_000);
    const text = JSON.stringify({ refresh_token: token });
    expect(findRefreshToken(text, undefined)).toBe(token);
    expect(findRefreshToken(text.slice(0, -2), undefined)).toBeUndefined();
  });
});
