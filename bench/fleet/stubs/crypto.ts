// Stands in for node:crypto where keys are derived: what was derived once is not derived again.
import { hkdfSync as derive } from 'node:crypto';

export * from 'node:crypto';

const known = new Map<string, ArrayBuffer>();

export function hkdfSync(
  digest: string,
  key: Uint8Array,
  salt: string,
  info: string,
  length: number,
): ArrayBuffer {
  const name = [digest, Buffer.from(key).toString('hex'), salt, info, length].join('|');
  let derived = known.get(name);
  if (derived === undefined) {
    derived = derive(digest, key, salt, info, length);
    known.set(name, derived);
  }
  return derived;
}
