import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { blake2b } from '@noble/hashes/blake2.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 24;

/**
 * Seals a text for the holder of `publicKey`: libsodium's `crypto_box_seal`, the only form that GitHub takes.
 * An ephemeral X25519 key, the nonce BLAKE2b-192 of both public keys, XSalsa20-Poly1305.
 * Source: libsodium's documentation, "Sealed boxes".
 * @param publicKey 32 bytes
 * @param text sealed as UTF-8
 * @returns base64 of the ephemeral public key, the tag and the ciphertext: 48 bytes more than the text
 * @throws Error for a public key of low order
 */
export function sealedBox(publicKey: Uint8Array, text: string): string {
  const ephemeral = generateKeyPairSync('x25519');
  const ephemeralPublic = Buffer.from(jwkX(ephemeral.publicKey), 'base64url');
  const nonce = blake2b(Buffer.concat([ephemeralPublic, publicKey]), { dkLen: NONCE_BYTES });
  // Node refuses keys of low order here, which would make the shared secret zero.
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: importX25519(publicKey) });
  const sealed = xsalsa20poly1305(boxKey(shared), nonce).encrypt(Buffer.from(text, 'utf8'));
  return Buffer.concat([ephemeralPublic, sealed]).toString('base64');
}

/** Seals nothing, so that the code is loaded and compiled while an answer is on its way. */
export function rehearseSealing(): void {
  // The base point of X25519 (RFC 7748, section 4.1) is a public key that Node accepts.
  sealedBox(Buffer.alloc(KEY_BYTES).fill(9, 0, 1), '');
}

function jwkX(key: KeyObject): string {
  return key.export({ format: 'jwk' }).x ?? '';
}

function importX25519(raw: Uint8Array): KeyObject {
  return createPublicKey({
    key: { kty: 'OKP', crv: 'X25519', x: Buffer.from(raw).toString('base64url') },
    format: 'jwk',
  });
}

/** `crypto_box_beforenm`: HSalsa20 of the shared secret with a nonce of zeros. */
function boxKey(shared: Uint8Array): Uint8Array {
  const out = new Uint32Array(KEY_BYTES / 4);
  hsalsa(SIGMA, words(shared), new Uint32Array(4), out);
  const key = Buffer.alloc(KEY_BYTES);
  out.forEach((word, index) => {
    key.writeUInt32LE(word, index * 4);
  });
  return key;
}

/** Little-endian 32-bit words, whatever the machine's own order. */
function words(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.byteLength / 4 }, (_, index) => view.getUint32(index * 4, true));
}

/** "expand 32-byte k", the constant of the Salsa20 family for keys of 32 bytes. */
const SIGMA = words(Buffer.from('expand 32-byte k', 'ascii'));
