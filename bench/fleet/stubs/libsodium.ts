// Stands in for libsodium-wrappers in the emulated GitHub: opens what stubs/sealed-box.ts has made.
import { randomBytes } from 'node:crypto';

const sodium = {
  ready: Promise.resolve(),
  crypto_box_keypair: () => ({ publicKey: randomBytes(32), privateKey: randomBytes(32) }),
  crypto_box_seal_open: (box: Uint8Array) => box,
};

export default sodium;
