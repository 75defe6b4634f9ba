import { createHash, sign as nodeSign } from 'node:crypto';
import { hashes, sign } from '@noble/ed25519';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { readAppSecret } from '../../../src/cobo/app-key.ts';
import { getOrgAccessToken, refreshOrgAccessToken } from '../../../src/cobo/operations.ts';
import {
  canonicalString,
  doubleSha256,
  rehearseSigning,
  type Signable,
  signedHeaders,
  verifies,
} from '../../../src/cobo/signing.ts';
import sdkRequests from '../../vectors/request-signing.json' with { type: 'json' };
import { newSigner, RFC_8032, RUNS, verified } from './support.ts';

/** Any text of UTF-16 code units, lone surrogates included. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
});
const keys = readAppSecret(RFC_8032[0]?.seed ?? '');

describe("requests that Cobo's own SDK has signed", () => {
  const signed = sdkRequests.map((vector) => {
    const operation =
      vector.operation === 'get_token'
        ? getOrgAccessToken('/v2', vector.client_id, vector.org_id ?? '')
        : refreshOrgAccessToken('/v2', vector.client_id, vector.refresh_token ?? '');
    const secret = readAppSecret(vector.private_key);
    const headers = signedHeaders(operation, secret, vector.headers['biz-api-nonce']);
    return { client: vector.client_id, vector, operation, headers };
  });

  it.each(signed)('$client: method, path, query and body are the same', ({ operation, vector }) => {
    expect(operation).toEqual(vector.request);
  });

  it.each(signed)('$client: the headers are the same', ({ headers, vector }) => {
    const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    expect(Object.fromEntries(lowerCase)).toEqual(vector.headers);
  });
});

describe('Ed25519', () => {
  it.each(RFC_8032)('signs as RFC 8032 does, $name', ({ seed, message, signature }) => {
    const signed = sign(Buffer.from(message, 'hex'), Buffer.from(seed, 'hex'));
    expect(Buffer.from(signed).toString('hex')).toBe(signature);
  });
});

describe('the signed text', () => {
  it('joins method, path, nonce, query and body', () => {
    const request = { method: 'POST', path: '/v2/oauth/token', query: 'a=b', body: '{}' };
    expect(canonicalString(request, '1718588251593')).toBe('POST|/v2/oauth/token|1718588251593|a=b|{}');
  });

  it('keeps the bars of a GET without query and body', () => {
    expect(canonicalString({ method: 'GET', path: '/v2', query: '', body: '' }, '1')).toBe('GET|/v2|1||');
  });

  it('splits back into its fields where none of them has a bar', () => {
    const part = anyText.map((text) => text.replaceAll('|', ''));
    fc.assert(
      fc.property(part, part, part, part, part, (method, path, query, body, nonce) => {
        const text = canonicalString({ method, path, query, body }, nonce);
        expect(text.split('|')).toEqual([method, path, nonce, query, body]);
      }),
      RUNS,
    );
  });
});

describe('the digest', () => {
  // SHA-256 of SHA-256 of "hello", as many other places print it.
  it('is the SHA-256 of the SHA-256', () => {
    expect(doubleSha256('hello').toString('hex')).toBe(
      '9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50',
    );
  });

  it('is the same for a text in one piece, in several, and as bytes', () => {
    const digests = [
      doubleSha256('é|漢'),
      doubleSha256('é', '|', '漢'),
      doubleSha256(Buffer.from('é'), '|', Buffer.from('漢')),
    ];
    expect(new Set(digests.map((digest) => digest.toString('hex'))).size).toBe(1);
  });
});

describe('the headers', () => {
  it('carry the public key and the nonce as they are', () => {
    expect(signedHeaders(getOrgAccessToken('/v2', 'client', 'org'), keys, '1718588251593')).toMatchObject({
      'Biz-Api-Key': keys.appKey,
      'Biz-Api-Nonce': '1718588251593',
    });
  });

  it('carry a signature that Node verifies, for any request in any script', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, anyText, fc.nat(), (method, path, query, body, nonce) => {
        const headers = signedHeaders({ method, path, query, body }, keys, String(nonce));
        const text = `${method}|${path}|${nonce}|${query}|${body}`;
        expect(verified(text, headers['Biz-Api-Signature'] ?? '', keys.appKey)).toBe(true);
      }),
      RUNS,
    );
  });

  const request: Signable = { method: 'POST', path: '/v2/oauth/token', query: 'a=b', body: '{}' };

  it.each([
    ['method', { ...request, method: 'PUT' }, '1'],
    ['path', { ...request, path: '/v2/oauth/tokens' }, '1'],
    ['query', { ...request, query: 'a=c' }, '1'],
    ['body', { ...request, body: '{ }' }, '1'],
    ['nonce', request, '2'],
  ])('carry another signature when the %s differs', (_what, other, nonce) => {
    expect(signedHeaders(other, keys, nonce)['Biz-Api-Signature']).not.toBe(
      signedHeaders(request, keys, '1')['Biz-Api-Signature'],
    );
  });
});

describe('a signature that is wrong because an implementation is broken', () => {
  const { sha512 } = hashes;
  afterEach(() => {
    hashes.sha512 = sha512;
  });

  it('is never sent', () => {
    hashes.sha512 = (message) => createHash('sha512').update(message).update('wrong').digest();
    const request = getOrgAccessToken('/v2', 'client', 'org');
    expect(() => signedHeaders(request, keys, '1')).toThrow('The signature does not verify.');
    expect(() => rehearseSigning(keys)).toThrow('The signature does not verify.');
  });

  it('is none in a rehearsal otherwise', () => {
    expect(rehearseSigning(keys)).toBeUndefined();
  });
});

describe('verifying', () => {
  const { privateKey, publicKey } = newSigner();
  const message = Buffer.from('message');
  const signature = nodeSign(null, message, privateKey).toString('hex');

  it.each([
    ['the very message', message, signature, publicKey, true],
    ['another message', Buffer.from('massage'), signature, publicKey, false],
    ['a signature of zeros', message, '0'.repeat(128), publicKey, false],
    ['a signature that is too short', message, signature.slice(2), publicKey, false],
    ['a signature that is empty', message, '', publicKey, false],
    ['another key', message, signature, newSigner().publicKey, false],
    ['a key that is no point of the curve', message, signature, 'ff'.repeat(32), false],
    ['a key that is too short', message, signature, 'ab'.repeat(31), false],
    ['a key that is empty', message, signature, '', false],
  ])('%s', (_what, text, signed, key, expected) => {
    expect(verifies(text, signed, key)).toBe(expected);
  });

  it('agrees with RFC 8032', () => {
    for (const vector of RFC_8032)
      expect(verifies(Buffer.from(vector.message, 'hex'), vector.signature, vector.publicKey)).toBe(true);
  });
});
