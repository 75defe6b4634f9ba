import fc from 'fast-check';
import sodium from 'libsodium-wrappers';
import { beforeAll, expect, it } from 'vitest';
import { rehearseSealing, sealedBox } from '../../../src/github/sealed-box.ts';
import { RUNS } from './support.ts';

beforeAll(() => sodium.ready);

/** The text that libsodium finds in a box. */
function open(box: string, keys: { publicKey: Uint8Array; privateKey: Uint8Array }): string {
  const bytes = Buffer.from(box, 'base64');
  return sodium.to_string(sodium.crypto_box_seal_open(bytes, keys.publicKey, keys.privateKey));
}

it('libsodium opens a box with its key pair, whatever that is, and finds 48 bytes less', () => {
  const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
  // Beyond ASCII, the largest value that GitHub takes, a block of the cipher, and a byte more.
  const texts = ['', ' Zürich 東京 🔑 \u0000\r\n', 'k'.repeat(48 * 1024), 'b'.repeat(64), 'b'.repeat(65)];
  const examples = texts.map((text): [Uint8Array, string] => [new Uint8Array(32).fill(1), text]);
  fc.assert(
    fc.property(seed, fc.string({ maxLength: 300 }), (bytes, text) => {
      const keys = sodium.crypto_box_seed_keypair(bytes);
      const box = sealedBox(keys.publicKey, text);
      expect(open(box, keys)).toBe(text);
      expect(box).toBe(Buffer.from(box, 'base64').toString('base64'));
      expect(Buffer.from(box, 'base64')).toHaveLength(Buffer.byteLength(text) + 48);
    }),
    { ...RUNS, examples },
  );
});

it('each box has an ephemeral key of its own, and no other key pair opens it', () => {
  const { publicKey } = sodium.crypto_box_keypair();
  const boxes = Array.from({ length: 20 }, () => sealedBox(publicKey, 'token'));
  expect(new Set(boxes.map((box) => box.slice(0, 43))).size).toBe(20);
  expect(() => open(boxes[0] ?? '', sodium.crypto_box_keypair())).toThrow();
});

// The points of small order on Curve25519: with any of them the shared secret would be zero, and the box open to
// everybody. Source: https://cr.yp.to/ecdh.html, "How do I validate Curve25519 public keys?"
it.each([
  ['0', '00'.repeat(32)],
  ['1', `01${'00'.repeat(31)}`],
  ['a point of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
  ['p - 1', `ec${'ff'.repeat(30)}7f`],
  ['p', `ed${'ff'.repeat(30)}7f`],
  ['31 bytes', '09'.repeat(31)],
  ['33 bytes', '09'.repeat(33)],
])('a public key of low order or of another length is refused: %s', (_name, hex) => {
  expect(() => sealedBox(Buffer.from(hex, 'hex'), 'token')).toThrow();
});

it('rehearses without a key', () => {
  expect(() => rehearseSealing()).not.toThrow();
});
