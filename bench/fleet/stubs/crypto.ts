// Stands in for node:crypto where records are named and envelopes sealed: keys are derived once, and a plain hash
// does for an HMAC.
import { createHash, hkdfSync as derive, type Hash } from 'node:crypto';

export * from 'node:crypto';

const known = new Map<string, ArrayBuffer>();

export function hkdfSync(digest: string, key: Uint8Array, salt: string, info: string, length: number): ArrayBuffer {
  const name = [digest, Buffer.from(key).toString('hex'), salt, info, length].join('|');
  let derived = known.get(name);
  if (derived === undefined) {
    derived = derive(digest, key, salt, info, length);
    known.set(name, derived);
  }
  return derived;
}

export function createHmac(digest: string, key: Uint8Array): Hash {
  return createHash(digest).update(key);
}
