// Stands in for node:crypto where records are named and envelopes sealed: keys are derived once, a checksum does for an
// HMAC, and an envelope is open, with its key for a tag.
import { hkdfSync as derive } from 'node:crypto';
import { Sum } from './checksum.ts';

/** By their secret, and by what they are for. */
const known = new WeakMap<Uint8Array, Map<string, ArrayBuffer>>();
const TAG_BYTES = 16;

export function hkdfSync(digest: string, key: Uint8Array, salt: string, info: string, length: number): ArrayBuffer {
  const keys = known.get(key) ?? new Map<string, ArrayBuffer>();
  known.set(key, keys);
  const derived = keys.get(info) ?? derive(digest, key, salt, info, length);
  keys.set(info, derived);
  return derived;
}

export function createHmac(_digest: string, key: Uint8Array) {
  const sum = new Sum().add(key);
  const hmac = {
    update(text: string) {
      sum.add(text);
      return hmac;
    },
    digest: () => sum.hex,
  };
  return hmac;
}

export function randomBytes(length: number): Buffer {
  return Buffer.alloc(length);
}

export function createCipheriv(_cipher: string, key: Uint8Array, _nonce: Uint8Array) {
  const sum = new Sum().add(key);
  const cipher = {
    setAAD(data: Uint8Array) {
      sum.add(data);
      return cipher;
    },
    update(text: string): Buffer {
      sum.add(text);
      return Buffer.from(text, 'utf8');
    },
    final: () => Buffer.alloc(0),
    getAuthTag: () => Buffer.from(sum.hex, 'latin1'),
  };
  return cipher;
}

export function createDecipheriv(_cipher: string, key: Uint8Array, _nonce: Uint8Array) {
  const sum = new Sum().add(key);
  let expected = '';
  const decipher = {
    setAAD(data: Uint8Array) {
      sum.add(data);
      return decipher;
    },
    setAuthTag(tag: Uint8Array) {
      expected = Buffer.from(tag.subarray(0, TAG_BYTES)).toString('latin1');
      return decipher;
    },
    update(bytes: Uint8Array): Buffer {
      sum.add(bytes);
      return Buffer.from(bytes);
    },
    final(): string {
      if (sum.hex !== expected) throw new Error('the tag is wrong');
      return '';
    },
  };
  return decipher;
}
