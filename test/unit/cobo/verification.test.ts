import { Transform } from 'node:stream';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { MAX_ANSWER_BYTES, verifyAnswer } from '../../../src/cobo/verification.ts';
import type { HttpAnswer } from '../../../src/http.ts';
import { bytesOf, newSigner, RUNS, signatureOf, signedAt, unsigned } from './support.ts';

const cobo = newSigner();
const TIME = 1718588251593;
const BODY = '{"access_token":"é漢"}';
const good = signedAt(TIME, cobo, 200, BODY);
const { timestamp, signature } = signatureOf(cobo, BODY, TIME);

function withHeaders(headers: Record<string, string>, body: unknown = BODY): HttpAnswer {
  return unsigned(200, body, headers);
}

async function signatureIn(answer: HttpAnswer, key = cobo.publicKey): Promise<string> {
  return (await verifyAnswer(answer, key)).signature;
}

describe('an answer that Cobo has signed', () => {
  it('comes out with everything that it says', async () => {
    const headers = { ...good.headers, 'retry-after': '1' };
    expect(await verifyAnswer({ ...good, status: 503, headers }, cobo.publicKey)).toEqual({
      status: 503,
      headers,
      text: BODY,
      signature: 'valid',
      signedAt: TIME,
    });
  });

  it.each([
    ['in hyphens', { 'biz-timestamp': timestamp, 'biz-resp-signature': signature }],
    ['in underscores', { biz_timestamp: timestamp, biz_resp_signature: signature }],
    ['one in each', { biz_timestamp: timestamp, 'biz-resp-signature': signature }],
    [
      'in both',
      {
        biz_timestamp: timestamp,
        biz_resp_signature: signature,
        'biz-timestamp': timestamp,
        'biz-resp-signature': signature,
      },
    ],
    [
      'with one empty',
      {
        biz_timestamp: '',
        'biz-timestamp': timestamp,
        biz_resp_signature: signature,
        'biz-resp-signature': ' ',
      },
    ],
    [
      'joined by a proxy',
      { 'biz-timestamp': `${timestamp}, ${timestamp}`, 'biz-resp-signature': `${signature},${signature}` },
    ],
    [
      'in upper-case hexadecimal, and in lower',
      { 'biz-timestamp': timestamp, 'biz-resp-signature': `${signature.toUpperCase()}, ${signature}` },
    ],
  ])('may have its headers %s', async (_what, headers) => {
    expect(await verifyAnswer(withHeaders(headers), cobo.publicKey.toUpperCase())).toMatchObject({
      signature: 'valid',
      signedAt: TIME,
    });
  });

  it('may be any bytes, those that are no UTF-8 included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await signatureIn(signedAt(TIME, cobo, 200, Buffer.from(bytes)))).toBe('valid');
      }),
      RUNS,
    );
  });

  it('may have a byte order mark, which is no part of its text', async () => {
    const { text, signature } = await verifyAnswer(signedAt(TIME, cobo, 200, `\uFEFF${BODY}\n`), cobo.publicKey);
    expect({ text, signature }).toEqual({ text: BODY, signature: 'valid' });
  });

  it.each([
    ['milliseconds', '1718588251593', 1718588251593],
    ['seconds', '1718588251', 1718588251000],
    ['the last second', '99999999999', 99999999999000],
    ['the first millisecond that is no second', '100000000000', 100000000000],
    ['no number', 'yesterday', Number.NaN],
    ['a fraction', '1718588251.5', Number.NaN],
    ['a number too long', '1718588251593000', Number.NaN],
    ['a number below zero', '-1718588251593', Number.NaN],
  ])('may have a timestamp in %s', async (_what, timestamp, time) => {
    const answer = signedAt(timestamp, cobo, 200, BODY);
    expect(await verifyAnswer(answer, cobo.publicKey)).toMatchObject({ signature: 'valid', signedAt: time });
  });
});

describe('an answer is not signed', () => {
  it.each([
    ['without the headers', {}],
    ['with empty ones', { 'biz-timestamp': '', 'biz-resp-signature': ' , ' }],
  ])('%s', async (_what, headers) => {
    expect(await verifyAnswer(withHeaders(headers), cobo.publicKey)).toMatchObject({
      signature: 'missing',
      signedAt: Number.NaN,
    });
  });
});

describe('the signature on an answer is invalid', () => {
  const both = { 'biz-timestamp': timestamp, 'biz-resp-signature': signature };
  const emptyTime = signatureOf(cobo, BODY, '').signature;

  it.each([
    ['when somebody else has signed', signedAt(TIME, newSigner(), 200, BODY)],
    ['without its timestamp', withHeaders({ 'biz-resp-signature': signature })],
    ['without its timestamp, even where it fits', withHeaders({ 'biz-resp-signature': emptyTime })],
    ['with a timestamp alone', withHeaders({ 'biz-timestamp': timestamp })],
    ['with another timestamp', withHeaders({ ...both, 'biz-timestamp': '1718588251594' })],
    ['with two timestamps', withHeaders({ ...both, 'biz-timestamp': `${timestamp}, 1` })],
    ['with two timestamps in two spellings', withHeaders({ ...both, biz_timestamp: '1' })],
    ['with two signatures', withHeaders({ ...both, 'biz-resp-signature': `${signature}, ${emptyTime}` })],
    ['with two signatures in two spellings', withHeaders({ ...both, biz_resp_signature: emptyTime })],
    ['when the body was changed', withHeaders(both, `${BODY} `)],
    ['when the body is gone', withHeaders(both, '')],
    ['when it is cut', withHeaders({ ...both, 'biz-resp-signature': signature.slice(0, -2) })],
    ['when it is longer', withHeaders({ ...both, 'biz-resp-signature': `${signature}00` })],
    ['when it is no hexadecimal', withHeaders({ ...both, 'biz-resp-signature': 'z'.repeat(128) })],
    ['when it is all zeros', withHeaders({ ...both, 'biz-resp-signature': '0'.repeat(128) })],
  ])('%s', async (_what, answer) => {
    expect(await signatureIn(answer)).toBe('invalid');
  });

  it('for a key that is no point of the curve', async () => {
    expect(await signatureIn(good, 'ff'.repeat(32))).toBe('invalid');
  });

  it('when any one bit of it is changed', async () => {
    const bytes = Buffer.from(signature, 'hex');
    for (const index of bytes.keys()) {
      const bent = Buffer.from(bytes);
      bent[index] = (bent[index] ?? 0) ^ (1 << (index % 8));
      expect(await signatureIn(withHeaders({ ...both, 'biz-resp-signature': bent.toString('hex') }))).toBe('invalid');
    }
  });
});

const CODINGS: [string, (body: Buffer) => Buffer][] = [
  ['gzip', zlib.gzipSync],
  ['GZIP', zlib.gzipSync],
  ['x-gzip', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['deflate', zlib.deflateRawSync],
  ['br', zlib.brotliCompressSync],
  ['gzip, gzip', zlib.gzipSync],
];

describe('a compressed answer', () => {
  describe.each(CODINGS)('%s, %o', (coding, compress) => {
    const packed = compress(bytesOf(BODY));
    const headers = { 'content-encoding': coding };

    it('may be signed over the bytes as sent', async () => {
      expect(await verifyAnswer(signedAt(TIME, cobo, 200, packed, headers), cobo.publicKey)).toMatchObject({
        text: BODY,
        signature: 'valid',
      });
    });

    it('may be signed over the bytes as decoded', async () => {
      const answer = { ...signedAt(TIME, cobo, 200, BODY, headers), body: packed };
      expect(await verifyAnswer(answer, cobo.publicKey)).toMatchObject({ text: BODY, signature: 'valid' });
    });

    it('is invalid where it is signed over neither', async () => {
      const answer = { ...signedAt(TIME, cobo, 200, `${BODY} `, headers), body: packed };
      expect(await verifyAnswer(answer, cobo.publicKey)).toMatchObject({ text: BODY, signature: 'invalid' });
    });

    it('gives what it holds where it was cut off', async () => {
      const long = `${BODY}${Array.from({ length: 2000 }, (_, index) => index.toString(36)).join(' ')}`;
      const whole = compress(bytesOf(long));
      const { text } = await verifyAnswer(withHeaders(headers, whole.subarray(0, whole.length - 20)), cobo.publicKey);
      expect(text.length).toBeGreaterThan(BODY.length);
      expect(text.length).toBeLessThan(long.length);
      expect(long.startsWith(text)).toBe(true);
    });

    it('ends at the limit for an answer', async () => {
      const decoded = vi.spyOn(Transform.prototype, 'push');
      const bomb = compress(Buffer.concat([bytesOf(BODY), Buffer.alloc(20_000_000, 'x')]));
      const { text } = await verifyAnswer(withHeaders(headers, bomb), cobo.publicKey);
      const sizes = decoded.mock.calls.map(([chunk]) => (Buffer.isBuffer(chunk) ? chunk.length : 0));
      decoded.mockRestore();
      expect(Buffer.byteLength(text)).toBe(MAX_ANSWER_BYTES);
      expect(text.startsWith(BODY)).toBe(true);
      const size = sizes.reduce((sum, length) => sum + length, 0);
      expect(size).toBeGreaterThanOrEqual(MAX_ANSWER_BYTES);
      expect(size).toBeLessThan(2 * MAX_ANSWER_BYTES);
    });
  });

  it('may have a byte order mark within', async () => {
    const answer = withHeaders({ 'content-encoding': 'gzip' }, zlib.gzipSync(`\uFEFF${BODY}`));
    expect((await verifyAnswer(answer, cobo.publicKey)).text).toBe(BODY);
  });
});

describe('an answer that is not compressed', () => {
  it.each(['gzip', 'deflate', 'br', 'zstd', 'identity', 'gzip, br', 'toString', 'xgzip', 'gzips', 'brr'])(
    'is left as it is under the name %s',
    async (coding) => {
      for (const body of [BODY, ` \uFEFF ${BODY}`, '<html>']) {
        const answer = signedAt(TIME, cobo, 200, body, { 'content-encoding': coding });
        const { text, signature } = await verifyAnswer(answer, cobo.publicKey);
        expect({ text, signature }).toEqual({ text: body.trim(), signature: 'valid' });
      }
    },
  );

  it.each(['zstd', 'gzip, br', 'xgzip', 'gzips'])('is left as it is where it is %s', async (coding) => {
    const packed = zlib.deflateRawSync(BODY);
    const { text } = await verifyAnswer(withHeaders({ 'content-encoding': coding }, packed), cobo.publicKey);
    expect(text).toBe(packed.toString('utf8').trim());
  });

  it('costs no decoder', async () => {
    const load = vi.spyOn(process, 'getBuiltinModule');
    await verifyAnswer(signedAt(TIME, cobo, 200, BODY, { 'content-encoding': 'gzip' }), cobo.publicKey);
    await verifyAnswer(good, cobo.publicKey);
    expect(load).not.toHaveBeenCalled();
    load.mockRestore();
  });
});
