import { createHash } from 'node:crypto';
import { hashes, sign } from '@noble/ed25519';
import { expect, it } from 'vitest';
import { getOrgAccessToken, refreshOrgAccessToken } from '../../../src/cobo/api.ts';
import { readAppSecret } from '../../../src/cobo/app-key.ts';
import { canonicalString, doubleSha256, rehearseSigning, signedHeaders, verifies } from '../../../src/cobo/signing.ts';
import sdkRequests from '../../vectors/request-signing.json' with { type: 'json' };
import { RFC_8032 } from './support.ts';

const [EMPTY, VECTOR] = RFC_8032;
const keys = readAppSecret(EMPTY.seed);
const request = getOrgAccessToken('https://cobo.test/v2', 'client', 'org');

it.each(sdkRequests)("signs as Cobo's own SDK, byte for byte: $client_id", (vector) => {
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

it.each([
  [{ method: 'POST', url: new URL('https://x.test/v2/a%20b?a=b'), body: '{}' }, 'POST|/v2/a%20b|7|a=b|{}'],
  [{ method: 'GET', url: new URL('https://x.test:8080/') }, 'GET|/|7||'],
])('signs method, path, nonce, query and body: %j', (signable, text) => {
  expect(canonicalString(signable, '7')).toBe(text);
});

// SHA-256 of SHA-256 of "hello", as many other places print it.
it.each([[['hello']], [['he', Buffer.from('llo')]]])('hashes twice, and all parts: %j', (parts) => {
  const digest = '9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50';
  expect(doubleSha256(...parts).toString('hex')).toBe(digest);
});

it.each(RFC_8032)('signs and verifies as RFC 8032 does: $message', ({ seed, message, signature, publicKey }) => {
  const bytes = Buffer.from(message, 'hex');
  expect(Buffer.from(sign(bytes, Buffer.from(seed, 'hex'))).toString('hex')).toBe(signature);
  expect(verifies(bytes, signature, publicKey)).toBe(true);
});

it('gives out no signature that is wrong because an implementation is broken', () => {
  const { sha512 } = hashes;
  expect(rehearseSigning(keys)).toBeUndefined();
  hashes.sha512 = (message) => createHash('sha512').update(message).update('wrong').digest();
  expect(() => signedHeaders(request, keys, '1')).toThrow('The signature does not verify.');
  expect(() => rehearseSigning(keys)).toThrow('The signature does not verify.');
  hashes.sha512 = sha512;
});

it.each([
  ['another message', { message: 'af83' }],
  ['a signature that is too short', { signature: VECTOR.signature.slice(2) }],
  ['another key', { publicKey: EMPTY.publicKey }],
  ['a key that is no point of the curve', { publicKey: 'ff'.repeat(32) }],
  ['a key that is too short', { publicKey: 'ab'.repeat(31) }],
])('does not verify %s', (_what, change) => {
  const { message, signature, publicKey } = { ...VECTOR, ...change };
  expect(verifies(Buffer.from(message, 'hex'), signature, publicKey)).toBe(false);
});
