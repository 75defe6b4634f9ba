import { createHash, createPublicKey, verify } from 'node:crypto';
import { hashes, sign } from '@noble/ed25519';
import type { AppKeyPair } from './app-key.ts';

// The pure-JavaScript SHA-512 would be one more dependency; Node's own is there.
hashes.sha512 = (message) => createHash('sha512').update(message).digest();

/** What of a request is signed. */
export interface Signable {
  /** In upper case. */
  method: string;
  /** With `/v2`, without host and query. */
  path: string;
  /** Exactly as sent, without `?`; empty when there is none. */
  query: string;
  /** Exactly as sent; empty for GET. */
  body: string;
}

/** The five fields that Cobo signs, joined with `|`. Source: Cobo's developer site, "Cobo Auth". */
export function canonicalString({ method, path, query, body }: Signable, nonce: string): string {
  return [method, path, nonce, query, body].join('|');
}

/** SHA-256 of the SHA-256 of a text in UTF-8 (or of bytes): the 32 bytes that are signed. */
export function doubleSha256(...parts: (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return createHash('sha256').update(hash.digest()).digest();
}

/**
 * The three headers that authenticate a request. Node's own cryptography verifies the signature at once.
 * @param nonce milliseconds since 1970, decimal; never used twice with the same key
 * @throws Error when the signature does not verify, which cannot happen unless an implementation is broken
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

/**
 * Whether an Ed25519 signature over `message` is that of `publicKey`, by Node's own cryptography.
 * @param signature 64 bytes in hex
 * @param publicKey 32 bytes in hex
 */
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
