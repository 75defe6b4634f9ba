import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { findRefreshToken, MAX_ANSWER_BYTES, readGrant, verifyAnswer } from '../../../src/cobo/answer.ts';
import type { HttpAnswer } from '../../../src/http.ts';
import { ANY_TEXT, newSigner, RUNS, signatureOf, signedAt, unsigned } from './support.ts';

const cobo = newSigner();
const TIME = 1718588251593;
const timestamp = String(TIME);
const BODY = '{"refresh_token":"é漢"}';
const signature = signatureOf(cobo, BODY, TIME);
const BOTH = { 'biz-timestamp': timestamp, 'biz-resp-signature': signature };

const verify = (answer: HttpAnswer, key = cobo.publicKey) => verifyAnswer(answer, key);
const withHeaders = (headers: Record<string, string>, body: unknown = BODY) => unsigned(200, body, headers);

describe('an answer that Cobo has signed', () => {
  it('comes out with everything that it says, without a byte order mark', () => {
    const headers = { ...BOTH, 'retry-after': '1' };
    const told = { status: 503, headers, text: BODY, signedAt: TIME };
    expect(verify(unsigned(503, BODY, headers))).toEqual({ ...told, signature: 'valid' });
    expect(verify(unsigned(503, `\uFEFF${BODY}\n`, headers))).toEqual({ ...told, signature: 'invalid' });
  });

  it.each([
    ['in underscores', { biz_timestamp: timestamp, biz_resp_signature: signature }],
    ['one in each', { biz_timestamp: timestamp, 'biz-resp-signature': signature }],
    ['in both', { ...BOTH, biz_timestamp: timestamp, biz_resp_signature: signature }],
    ['with some empty', { ...BOTH, biz_timestamp: '', biz_resp_signature: ' ' }],
    ['joined', { 'biz-timestamp': `${timestamp}, ${timestamp}`, 'biz-resp-signature': `${signature},${signature}` }],
    ['in both cases', { ...BOTH, 'biz-resp-signature': `${signature.toUpperCase()}, ${signature}` }],
  ])('may have its headers %s', (_what, headers) => {
    const { signature, signedAt } = verify(withHeaders(headers), cobo.publicKey.toUpperCase());
    expect([signature, signedAt]).toEqual(['valid', TIME]);
  });

  it.each([
    ['milliseconds', '1718588251593', 1718588251593],
    ['the last second', '99999999999', 99999999999000],
    ['the first millisecond that is no second', '100000000000', 100000000000],
    ['no number', 'yesterday', Number.NaN],
    ['a number too long', '1718588251593000', Number.NaN],
    ['a number below zero', '-1718588251593', Number.NaN],
  ])('may have a timestamp in %s', (_what, text, time) => {
    expect(verify(signedAt(text, cobo, 200, BODY))).toMatchObject({ signature: 'valid', signedAt: time });
  });
});

const ofNoTime = signatureOf(cobo, BODY, '');
it.each([
  ['without the headers', 'missing', withHeaders({})],
  ['with empty ones', 'missing', withHeaders({ 'biz-timestamp': '', 'biz-resp-signature': ' , ' })],
  ['of somebody else', 'invalid', signedAt(TIME, newSigner(), 200, BODY)],
  ['without a timestamp', 'invalid', withHeaders({ 'biz-resp-signature': ofNoTime })],
  ['missing beside a timestamp', 'invalid', withHeaders({ 'biz-timestamp': timestamp })],
  ['with another timestamp', 'invalid', withHeaders({ ...BOTH, 'biz-timestamp': '1718588251594' })],
  ['with two timestamps', 'invalid', withHeaders({ ...BOTH, 'biz-timestamp': `${timestamp}, 1` })],
  ['with two timestamps, in two spellings', 'invalid', withHeaders({ ...BOTH, biz_timestamp: '1' })],
  ['beside another', 'invalid', withHeaders({ ...BOTH, 'biz-resp-signature': `${signature}, ${ofNoTime}` })],
  ['of another body', 'invalid', withHeaders(BOTH, `${BODY} `)],
  ['cut', 'invalid', withHeaders({ ...BOTH, 'biz-resp-signature': signature.slice(0, -2) })],
  ['with something behind it', 'invalid', withHeaders({ ...BOTH, 'biz-resp-signature': `${signature}zz` })],
])('the signature on an answer is, %s, %s', (_what, expected, answer) => {
  expect(verify(answer).signature).toBe(expected);
});

const CODINGS: [string, (body: Buffer | string) => Buffer][] = [
  ['gzip', zlib.gzipSync],
  ['X-GZIP', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['deflate', zlib.deflateRawSync],
  ['br', zlib.brotliCompressSync],
];

describe.each(CODINGS)('an answer that is compressed, %s (%o)', (coding, compress) => {
  const headers = { 'content-encoding': coding };
  const packed = compress(BODY);
  const long = `${BODY}${Array.from({ length: 2000 }, (_, index) => index.toString(36)).join(' ')}`;
  const decoded = (body: Buffer) => verify(withHeaders(headers, body)).text;

  it.each([
    ['valid', 'as sent', signedAt(TIME, cobo, 200, packed, headers)],
    ['valid', 'as decoded', { ...signedAt(TIME, cobo, 200, BODY, headers), body: packed }],
    ['invalid', 'as something else', { ...signedAt(TIME, cobo, 200, `${BODY} `, headers), body: packed }],
  ])('is %s where it is signed %s', (expected, _how, answer) => {
    expect(verify(answer)).toMatchObject({ text: BODY, signature: expected });
  });

  it('gives what it holds where it was cut off', () => {
    const text = decoded(compress(long).subarray(0, -20));
    expect(text.length).toBeGreaterThan(BODY.length);
    expect(text.length).toBeLessThan(long.length);
    expect(long.startsWith(text)).toBe(true);
  });

  it.each([
    ['is damaged', compress(long).fill(0xff, 1000)],
    ['is damaged at its end, where a checksum may be', compress(long).fill(0xff, compress(long).length - 2)],
    ['is much longer than any answer', compress(BODY + 'x'.repeat(300_000))],
  ])('gives its refresh token where it %s behind it', (_what, body) => {
    const text = decoded(body);
    expect(findRefreshToken(text, undefined)).toBe('é漢');
    expect(text.length).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
  });

  it('is not decoded where it would be longer than any answer, and begins with no refresh token', () => {
    const largest = 'x'.repeat(MAX_ANSWER_BYTES);
    expect(decoded(compress(largest))).toBe(largest);
    const bomb = compress(`${largest}x`);
    expect(decoded(bomb)).toBe(bomb.toString('utf8').trim());
  });
});

it('an answer is decoded where gzip is not named, or where brotli begins like JSON', async () => {
  expect(verify(withHeaders({}, zlib.gzipSync(BODY))).text).toBe(BODY);
  const encoder = zlib.createBrotliCompress();
  encoder.write('x'.repeat(247));
  await new Promise<void>((resolve) => encoder.flush(resolve));
  const packed = Buffer.concat(await encoder.end().toArray());
  expect(packed.toString('latin1')).toMatch(/^\v\{/);
  expect(verify(withHeaders({ 'content-encoding': 'br' }, packed)).text).toBe('x'.repeat(247));
});

describe('an answer that is not compressed', () => {
  it.each(['gzip', 'deflate', 'br', 'identity', 'gzip, br'])('is left as it is under the name %s', (coding) => {
    const load = vi.spyOn(process, 'getBuiltinModule');
    for (const body of [BODY, ` \uFEFF ${BODY}`]) {
      const answer = signedAt(TIME, cobo, 200, body, { 'content-encoding': coding });
      expect(verify(answer)).toMatchObject({ text: BODY, signature: 'valid' });
    }
    expect(load).not.toHaveBeenCalled();
    load.mockRestore();
    for (const body of ['<html>', `<p>${BODY}`]) {
      expect(verify(withHeaders({ 'content-encoding': coding }, body)).text).toBe(body);
    }
  });

  it.each(['zstd', 'gzip, br', 'xgzip', 'gzips', 'brr', 'xbr'])('is left as it is where it is %s', (coding) => {
    const packed = coding.includes('br') ? zlib.brotliCompressSync(BODY) : zlib.gzipSync(BODY);
    expect(verify(withHeaders({ 'content-encoding': coding }, packed)).text).toBe(packed.toString('utf8').trim());
  });
});

const YEAR = 366 * 24 * 3600;
const GOOD = { access_token: 'access-1', token_type: 'Bearer', scope: '', expires_in: 9, refresh_token: 'refresh-2' };
const ACCESS = { accessToken: 'access-1', tokenType: 'Bearer', scope: '', expiresIn: 9, expiresAt: TIME + 9000 };

function read(body: unknown, isFresh = false) {
  return readGrant(typeof body === 'string' ? body : JSON.stringify(body), TIME, 'refresh-1', isFresh);
}

describe('a good answer', () => {
  it.each([
    ['as Cobo gives it', {}, {}],
    ['in lower case', { token_type: 'bearer' }, { tokenType: 'bearer' }],
    ['without a scope', { scope: undefined }, {}],
    ['with null as its scope', { scope: null }, {}],
    ['with a scope', { scope: 'read write' }, { scope: 'read write' }],
    ['with more fields', { extra: { refresh_token: 'refresh-3' } }, {}],
    ['of a second', { expires_in: 1 }, { expiresIn: 1, expiresAt: TIME + 1000 }],
    ['of a year', { expires_in: YEAR }, { expiresIn: YEAR, expiresAt: TIME + YEAR * 1000 }],
  ])('gives both tokens, %s', (_what, fields, access) => {
    const grant = { refreshToken: 'refresh-2', access: { ...ACCESS, ...access }, problem: undefined };
    expect([read({ ...GOOD, ...fields }), read({ ...GOOD, ...fields }, true)]).toStrictEqual([grant, grant]);
  });

  it.each([undefined, null, '', 'refresh-1'])('may bring %j, where there is an old refresh token', (token) => {
    const body = { ...GOOD, refresh_token: token };
    expect(read(body)).toStrictEqual({ refreshToken: undefined, access: ACCESS, problem: undefined });
    const problem = '`refresh_token` is missing';
    expect(read(body, true)).toStrictEqual({ refreshToken: undefined, access: undefined, problem });
  });
});

describe('a malformed answer', () => {
  const NOT_A_TOKEN = '`refresh_token` is not a non-empty string';
  const NO_OBJECT = 'it is not a JSON object';
  const OTHERS = [5, ['x'], { x: 1 }];
  const PROBLEMS = {
    access_token: ['is not a non-empty string', ...OTHERS, undefined, null, '', ' \n'],
    token_type: ['is not `Bearer`', ...OTHERS, undefined, null, 'mac', ' Bearer', 'Bearer '],
    scope: ['is not a string', ...OTHERS],
    expires_in: ['is not a whole number of seconds above 0', undefined, null, '9', true, [9], {}, 0, -1, 1.5, YEAR + 1],
  };
  const rows = Object.entries(PROBLEMS).flatMap(([name, [problem, ...values]]) =>
    values.map((value) => ({ name, value, problem: `\`${name}\` ${problem}` })),
  );

  it.each(rows)('with $name: $value still gives its refresh token', ({ name, value, problem }) => {
    expect(read({ ...GOOD, [name]: value })).toStrictEqual({ refreshToken: 'refresh-2', access: undefined, problem });
  });

  it.each([...OTHERS, ' \t'])('with %j as refresh token hands out no access token either', (value) => {
    const grant = read({ ...GOOD, refresh_token: value, access_token: 5 });
    expect(grant).toStrictEqual({ refreshToken: undefined, access: undefined, problem: NOT_A_TOKEN });
  });

  const NO_TOKEN = '`access_token` is not a non-empty string';
  it.each([
    ['nothing', '', undefined, NO_OBJECT],
    ['a web page', '<!DOCTYPE html><p>ok', undefined, NO_OBJECT],
    ['null', 'null', undefined, NO_OBJECT],
    ['a text', '"access_token"', undefined, NO_OBJECT],
    ['a hundred thousand brackets', '['.repeat(100_000) + ']'.repeat(100_000), undefined, NO_OBJECT],
    ['cut off', JSON.stringify(GOOD).slice(0, -1), 'refresh-2', NO_OBJECT],
    ['in a list', [GOOD], 'refresh-2', NO_OBJECT],
    ['in a wrapping', { data: GOOD }, 'refresh-2', NO_TOKEN],
    ['a prototype', '{"__proto__":{"access_token":"a","token_type":"Bearer","expires_in":1}}', undefined, NO_TOKEN],
  ])('that is %s gives at most its refresh token', (_what, body, refreshToken, problem) => {
    expect(read(body)).toStrictEqual({ refreshToken, access: undefined, problem });
  });
});

describe('a refresh token in any text', () => {
  it.each([
    ['JSON with blanks and line breaks', '{ "refresh_token" \n:\t "a" }', 'a'],
    ['JSON that was cut off behind it', '{"refresh_token":"a"', 'a'],
    ['JSON that was cut off within it', '{"refresh_token":"a', undefined],
    ['JSON that was cut off in an escape', '{"refresh_token":"a\\"', undefined],
    ['a web page', '<pre>{"refresh_token":"a"}</pre>', 'a'],
    ['two answers', '{"refresh_token":"a"}{"refresh_token":"b"}', 'b'],
    ['an answer and an empty one', '{"refresh_token":"a"}{"refresh_token":" "}', 'a'],
    ['escapes', '{"refresh_token":"\\u0061\\"\\\\\\n\\/"}', 'a"\\\n/'],
    ['escapes that JSON does not have', '{"refresh_token":"\\x61"}', undefined],
    ['another field', '{"old_refresh_token":"a","refresh_tokens":"b"}', undefined],
    ['a quotation', '{"message":"\\"refresh_token\\":\\"a\\""}', undefined],
    ['the one that was sent', '{"refresh_token":"known"}', undefined],
    ['another, then the one that was sent', '{"refresh_token":"a"}{"refresh_token":"known"}', 'a'],
  ])('%s', (_what, text, token) => {
    expect(findRefreshToken(text, 'known')).toBe(token);
  });

  it('is found exactly, whatever it is and wherever the answer is cut off behind it', () => {
    const tokens = ANY_TEXT.filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(tokens, fc.nat(20), (token, cut) => {
        const text = JSON.stringify({ access_token: 'a', refresh_token: token, scope: 'x'.repeat(20) });
        expect(findRefreshToken(text.slice(0, text.length - cut), undefined)).toBe(token);
        const { refreshToken, access } = read({ ...GOOD, refresh_token: token, access_token: token });
        expect([refreshToken, access?.accessToken]).toEqual([token, token]);
      }),
      { ...RUNS, examples: [['\\"'.repeat(30_000), 1]] },
    );
  });
});
