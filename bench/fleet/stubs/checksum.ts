import { createHash } from 'node:crypto';

/** What stands for an Ed25519 signature: 64 bytes that depend on the key and on every byte of the message. */
export function checksum(message: Uint8Array, publicKeyHex: string): string {
  return createHash('sha512').update(publicKeyHex.toLowerCase()).update(message).digest('hex');
}
