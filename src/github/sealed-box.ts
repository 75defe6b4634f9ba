import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { u8, u32 } from '@noble/ciphers/utils.js';
import { blake2b } from '@noble/hashes/blake2.js';

/** The constant of the Salsa20 family for keys of 32 bytes. */
const SIGMA = u32(Uint8Array.from(Buffer.from('expand 32-byte k', 'ascii')));

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
  const ephemeralPublic = Buffer.from(ephemeral.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const nonce = blake2b(Buffer.concat([ephemeralPublic, publicKey]), { dkLen: 24 });
  const jwk = { kty: 'OKP', crv: 'X25519', x: Buffer.from(publicKey).toString('base64url') };
  // Node refuses keys of low order here, which would make the shared secret zero.
  const shared = diffieHellman({
    privateKey: ephemeral.privateKey,
    publicKey: createPublicKey({ key: jwk, format: 'jwk' }),
  });
  // `crypto_box_beforenm`: HSalsa20 of the shared secret with a nonce of zeros.
  const key = new Uint32Array(8);
  hsalsa(SIGMA, u32(Uint8Array.from(shared)), new Uint32Array(4), key);
  const sealed = xsalsa20poly1305(u8(key), nonce).encrypt(Buffer.from(text, 'utf8'));
  return Buffer.concat([ephemeralPublic, sealed]).toString('base64');
}

/** Seals nothing, so that the code is loaded and compiled while an answer is on its way. */
export function rehearseSealing(): void {
  // The base point of X25519 (RFC 7748, section 4.1) is a public key that Node accepts.
  sealedBox(Buffer.alloc(32).fill(9, 0, 1), '');
}
