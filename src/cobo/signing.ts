import { createHash } from 'node:crypto';
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
 * The three headers that authenticate a request.
 * @param nonce milliseconds since 1970, decimal; never used twice with the same key
 */
export function signedHeaders(request: Signable, keys: AppKeyPair, nonce: string): Record<string, string> {
  const digest = doubleSha256(canonicalString(request, nonce));
  return {
    'Biz-Api-Key': keys.appKey,
    'Biz-Api-Nonce': nonce,
    'Biz-Api-Signature': Buffer.from(sign(digest, keys.appSecret)).toString('hex'),
  };
}
