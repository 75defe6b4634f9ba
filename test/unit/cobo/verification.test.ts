import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyAnswer } from '../../../src/cobo/verification.ts';
import type { HttpAnswer } from '../../../src/http.ts';
import { newSigner, signed, unsigned } from './fake-cobo.ts';

const cobo = newSigner();
const stranger = newSigner();
const BODY = '{"access_token":"é漢"}';
const good = signed(cobo, 200, BODY);

function withHeaders(changes: Record<string, string>): HttpAnswer {
  return { ...good, headers: { ...good.headers, ...changes } };
}

const signature = good.headers['biz-resp-signature'] ?? '';

describe('the signature on an answer is valid', () => {
  it('when Cobo has signed this very body', () => {
    expect(verifyAnswer(good, cobo.publicKey)).toBe('valid');
  });

  it('in upper-case hexadecimal as well', () => {
    const answer = withHeaders({ 'biz-resp-signature': signature.toUpperCase() });
    expect(verifyAnswer(answer, cobo.publicKey.toUpperCase())).toBe('valid');
  });

  it('whatever the status', () => {
    expect(verifyAnswer({ ...good, status: 500 }, cobo.publicKey)).toBe('valid');
  });

  it('for any bytes, those that are no UTF-8 included', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(verifyAnswer(signed(cobo, 200, Buffer.from(bytes)), cobo.publicKey)).toBe('valid');
      }),
    );
  });
});

describe('the signature on an answer is missing', () => {
  it.each([
    ['no header of it', unsigned(200, BODY)],
    ['two empty headers', withHeaders({ 'biz-timestamp': '', 'biz-resp-signature': '' })],
  ])('with %s', (_what, answer) => {
    expect(verifyAnswer(answer, cobo.publicKey)).toBe('missing');
  });
});

describe('the signature on an answer is invalid', () => {
  it.each([
    ['when somebody else has signed', signed(stranger, 200, BODY)],
    ['without its timestamp', withHeaders({ 'biz-timestamp': '' })],
    ['with a timestamp alone', withHeaders({ 'biz-resp-signature': '' })],
    ['with another timestamp', withHeaders({ 'biz-timestamp': '1718588251594' })],
    ['when the body was changed', { ...good, body: Buffer.from(`${BODY} `) }],
    ['when the body is gone', { ...good, body: Buffer.alloc(0) }],
    ['when it is cut', withHeaders({ 'biz-resp-signature': signature.slice(0, -2) })],
    ['when it is longer', withHeaders({ 'biz-resp-signature': `${signature}00` })],
    ['when it is no hexadecimal', withHeaders({ 'biz-resp-signature': 'z'.repeat(128) })],
    ['when it came twice', withHeaders({ 'biz-resp-signature': `${signature}, ${signature}` })],
    ['when it is all zeros', withHeaders({ 'biz-resp-signature': '0'.repeat(128) })],
  ])('%s', (_what, answer) => {
    expect(verifyAnswer(answer, cobo.publicKey)).toBe('invalid');
  });

  it.each([
    ['of no point of the curve', 'ff'.repeat(32)],
    ['that is too short', 'ab'.repeat(31)],
    ['that is empty', ''],
  ])('for a key %s', (_what, key) => {
    expect(verifyAnswer(good, key)).toBe('invalid');
  });

  it('when any one bit of it is changed', () => {
    const bytes = Buffer.from(signature, 'hex');
    for (const index of bytes.keys()) {
      const bent = Buffer.from(bytes);
      bent[index] = (bent[index] ?? 0) ^ (1 << (index % 8));
      const answer = withHeaders({ 'biz-resp-signature': bent.toString('hex') });
      expect(verifyAnswer(answer, cobo.publicKey)).toBe('invalid');
    }
  });
});
