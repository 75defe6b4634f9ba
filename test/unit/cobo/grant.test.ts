import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readGrant } from '../../../src/cobo/grant.ts';

const GOOD = {
  access_token: 'access-1',
  token_type: 'Bearer',
  scope: '',
  expires_in: 43199,
  refresh_token: 'refresh-1',
};

function read(body: unknown) {
  return readGrant(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body), 'utf8'));
}

const AWKWARD_TOKENS = [
  ['quotes and backslashes', '"\\"\\\\'],
  ['line breaks', 'a\r\nb\u2028c'],
  ['percent signs and blanks', '%25 %zz +'],
  ['blanks at its ends', ' a '],
  ['other scripts', 'é漢🔑'],
  ['control characters', 'a\0\x1bb'],
  ['half of a surrogate pair', 'a\ud800b'],
];

describe('a good answer', () => {
  it('gives both tokens and all that belongs to them', () => {
    expect(read(GOOD)).toEqual({
      refreshToken: 'refresh-1',
      access: { accessToken: 'access-1', tokenType: 'Bearer', scope: '', expiresIn: 43199 },
      problem: undefined,
    });
  });

  it.each(['Bearer', 'bearer', 'BEARER'])('may write the type as %s, and it is kept so', (type) => {
    expect(read({ ...GOOD, token_type: type }).access?.tokenType).toBe(type);
  });

  it.each([
    ['none', undefined],
    ['null', null],
    ['an empty one', ''],
  ])('may name %s as its scope', (_what, scope) => {
    expect(read({ ...GOOD, scope }).access?.scope).toBe('');
  });

  it('may name a scope', () => {
    expect(read({ ...GOOD, scope: 'read write' }).access?.scope).toBe('read write');
  });

  it('may have fields that nobody knows', () => {
    expect(read({ ...GOOD, extra: { deep: [1] } }).problem).toBeUndefined();
  });

  it.each([1, 43199, 366 * 24 * 3600])('may last %i seconds', (seconds) => {
    expect(read({ ...GOOD, expires_in: seconds }).access?.expiresIn).toBe(seconds);
  });

  it.each([
    ['none', undefined],
    ['null', null],
    ['an empty one', ''],
  ])('may carry %s as its refresh token: the old one stays', (_what, token) => {
    const { refreshToken, access, problem } = read({ ...GOOD, refresh_token: token });
    expect({ refreshToken, problem, accessToken: access?.accessToken }).toEqual({
      refreshToken: undefined,
      problem: undefined,
      accessToken: 'access-1',
    });
  });

  it.each(AWKWARD_TOKENS)('keeps tokens with %s exactly', (_what, token) => {
    const grant = read({ ...GOOD, access_token: token, refresh_token: token });
    expect([grant.access?.accessToken, grant.refreshToken]).toEqual([token, token]);
  });

  it('keeps any token exactly', () => {
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(
        fc.string({ unit, minLength: 1 }).filter((text) => text.trim() !== ''),
        (token) => {
          expect(read({ ...GOOD, refresh_token: token }).refreshToken).toBe(token);
        },
      ),
    );
  });
});

const ANYTHING_ELSE: [string, unknown][] = [
  ['a number', 5],
  ['a flag', true],
  ['an array', ['x']],
  ['an object', { x: 1 }],
];
const NO_ACCESS_TOKEN = '`access_token` is not a string with something in it';
const NO_BEARER = '`token_type` is not `Bearer`';
const NO_SCOPE = '`scope` is not a string';
const NO_EXPIRY = '`expires_in` is not a whole number of seconds above 0';
const NO_REFRESH_TOKEN = '`refresh_token` is not a string with something in it';

describe('a malformed answer', () => {
  it.each([
    ...[
      ...ANYTHING_ELSE,
      ['nothing', undefined],
      ['null', null],
      ['an empty text', ''],
      ['blanks', ' \n'],
    ].map(([what, value]) => ['access_token', what, value, NO_ACCESS_TOKEN]),
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
  ])('with %s: %s', (name, _what, value, problem) => {
    expect(read({ ...GOOD, [String(name)]: value })).toEqual({
      refreshToken: 'refresh-1',
      access: undefined,
      problem,
    });
  });

  it.each(ANYTHING_ELSE)('with refresh_token: %s hands out no access token either', (_what, value) => {
    expect(read({ ...GOOD, refresh_token: value })).toEqual({
      refreshToken: undefined,
      access: undefined,
      problem: NO_REFRESH_TOKEN,
    });
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
    ['a hundred thousand brackets', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['a hundred thousand objects in each other', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ])('that is %s gives nothing but a problem', (_what, body) => {
    const { refreshToken, access, problem } = read(body);
    expect([refreshToken, access, typeof problem]).toEqual([undefined, undefined, 'string']);
  });

  it('that is no object says so', () => {
    expect(read('[]').problem).toBe('it is not a JSON object');
  });

  it.each([
    ['__proto__', `{"__proto__":${JSON.stringify(GOOD)}}`],
    ['constructor', `{"constructor":{"prototype":${JSON.stringify(GOOD)}}}`],
  ])('that lends its fields by %s is not believed', (_what, body) => {
    expect(read(body)).toEqual({ refreshToken: undefined, access: undefined, problem: NO_ACCESS_TOKEN });
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
    );
  });
});
