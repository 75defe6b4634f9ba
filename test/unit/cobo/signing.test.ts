import { createHash } from 'node:crypto';
import { hashes, sign } from '@noble/ed25519';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getOrgAccessToken, refreshOrgAccessToken } from '../../../src/cobo/api.ts';
import { readAppSecret } from '../../../src/cobo/app-key.ts';
import { canonicalString, doubleSha256, rehearseSigning, signedHeaders, verifies } from '../../../src/cobo/signing.ts';
import sdkRequests from '../../vectors/request-signing.json' with { type: 'json' };
import { ANY_TEXT, RFC_8032, RUNS, verified } from './support.ts';

const keys = readAppSecret(RFC_8032[0].seed);
const request = getOrgAccessToken('https://cobo.test/v2', 'client', 'org');

describe("requests that Cobo's own SDK has signed", () => {
  it.each(sdkRequests)('are the same, byte for byte: $client_id', (vector) => {
    const apiUrl = 'https://api.cobo.com/v2';
    const own =
      vector.operation === 'get_token'
        ? getOrgAccessToken(apiUrl, vector.client_id, vector.org_id ?? '')
        : refreshOrgAccessToken(apiUrl, vector.client_id, vector.refresh_token ?? '');
    const { method, url, body = '' } = own;
    expect({ method, path: url.pathname, query: url.search.slice(1), body }).toEqual(vector.request);
    const headers = signedHeaders(own, readAppSecret(vector.private_key), vector.headers['biz-api-nonce']);
    const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    expect(Object.fromEntries(lowerCase)).toEqual(vector.headers);
  });
});

describe('the signed text', () => {
  it.each([
    [{ method: 'POST', url: new URL('https://x.test/v2/a%20b?a=b'), body: '{}' }, 'POST|/v2/a%20b|7|a=b|{}'],
    [{ method: 'GET', url: new URL('https://x.test:8080/') }, 'GET|/|7||'],
  ])('joins method, path, nonce, query and body', (signable, text) => {
    expect(canonicalString(signable, '7')).toBe(text);
  });
});

describe('the digest', () => {
  // SHA-256 of SHA-256 of "hello", as many other places print it.
  it.each([[['hello']], [['he', Buffer.from('llo')]]])('is the SHA-256 of the SHA-256 of all parts: %j', (parts) => {
    expect(doubleSha256(...parts).toString('hex')).toBe(
      '9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50',
    );
  });
});

describe('the signature', () => {
  it.each(RFC_8032)('is that of RFC 8032, for $message', ({ seed, message, signature, publicKey }) => {
    expect(Buffer.from(sign(Buffer.from(message, 'hex'), Buffer.from(seed, 'hex'))).toString('hex')).toBe(signature);
    expect(verifies(Buffer.from(message, 'hex'), signature, publicKey)).toBe(true);
  });

  it('is one that Node verifies, for any body in any script', () => {
    fc.assert(
      fc.property(ANY_TEXT, fc.nat(), (body, nonce) => {
        const headers = signedHeaders({ ...request, method: 'POST', body }, keys, String(nonce));
        const text = `POST|/v2/oauth/token|${nonce}|${request.url.search.slice(1)}|${body}`;
        expect(verified(text, headers['Biz-Api-Signature'] ?? '', keys.appKey)).toBe(true);
      }),
      RUNS,
    );
  });

  it('is never sent when it is wrong because an implementation is broken', () => {
    const { sha512 } = hashes;
    expect(rehearseSigning(keys)).toBeUndefined();
    hashes.sha512 = (message) => createHash('sha512').update(message).update('wrong').digest();
    expect(() => signedHeaders(request, keys, '1')).toThrow('The signature does not verify.');
    expect(() => rehearseSigning(keys)).toThrow('The signature does not verify.');
    hashes.sha512 = sha512;
  });
});

describe('verifying', () => {
  const { message, signature, publicKey } = RFC_8032[1];

  it.each([
    ['another message', 'af83', signature, publicKey],
    ['a signature of zeros', message, '0'.repeat(128), publicKey],
    ['a signature that is too short', message, signature.slice(2), publicKey],
    ['a signature that is empty', message, '', publicKey],
    ['another key', message, signature, RFC_8032[0].publicKey],
    ['a key that is no point of the curve', message, signature, 'ff'.repeat(32)],
    ['a key that is too short', message, signature, 'ab'.repeat(31)],
    ['a key that is empty', message, signature, ''],
  ])('fails for %s', (_what, text, signed, key) => {
    expect(verifies(Buffer.from(text, 'hex'), signed, key)).toBe(false);
  });
});
