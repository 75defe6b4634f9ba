import { createHash, createPublicKey, verify } from 'node:crypto';
import { hashes, sign } from '@noble/ed25519';
import type { HttpRequest } from '../http.ts';
import type { AppKeyPair } from './app-key.ts';

// The pure-JavaScript SHA-512 would be one more dependency; Node's own is there.
hashes.sha512 = (message) => createHash('sha512').update(message).digest();

/** What of a request is signed, exactly as it is sent. */
export type Signable = Pick<HttpRequest, 'method' | 'url' | 'body'>;

/** The five fields that Cobo signs, joined with `|`. Source: Cobo's developer site, "Cobo Auth". */
export function canonicalString({ method, url, body = '' }: Signable, nonce: string): string {
  return [method, url.pathname, nonce, url.search.slice(1), body].join('|');
}

/** SHA-256 of the SHA-256 of a text in UTF-8 (or of bytes): the 32 bytes that are signed. */
export function doubleSha256(...parts: (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return createHash('sha256').update(hash.digest()).digest();
}

/**
 * The three headers that authenticate a request.
 * @param nonce milliseconds since 1970, decimal; never used twice with the same key
 * @throws Error when Node's own cryptography does not verify the signature: an implementation is broken
 */
export function signedHeaders(request: Signable, keys: AppKeyPair, nonce: string): Record<string, string> {
  const signature = signatureOf(doubleSha256(canonicalString(request, nonce)), keys);
  return { 'Biz-Api-Key': keys.appKey, 'Biz-Api-Nonce': nonce, 'Biz-Api-Signature': signature };
}

/** Signs and verifies once, for nothing, so that the code is loaded and compiled when it is needed. */
export function rehearseSigning(keys: AppKeyPair): void {
  signatureOf(doubleSha256(), keys);
}

function signatureOf(digest: Uint8Array, { appSecret, appKey }: AppKeyPair): string {
  const signature = Buffer.from(sign(digest, appSecret)).toString('hex');
  if (!verifies(digest, signature, appKey)) throw new Error('The signature does not verify.');
  return signature;
}

/** Whether an Ed25519 signature (64 bytes in hex) over `message` is that of `publicKey` (32 bytes in hex). */
export function verifies(message: Uint8Array, signature: string, publicKey: string): boolean {
  try {
    const x = Buffer.from(publicKey, 'hex').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, message, key, Buffer.from(signature, 'hex'));
  } catch {
    // 32 bytes that are no point of the curve verify nothing.
    return false;
  }
}
