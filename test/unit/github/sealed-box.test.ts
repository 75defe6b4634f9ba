import fc from 'fast-check';
import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
import { rehearseSealing, sealedBox } from '../../../src/github/sealed-box.ts';
import { RUNS } from './support.ts';

beforeAll(() => sodium.ready);

/** The text that libsodium finds in a box. */
function open(box: string, keys: { publicKey: Uint8Array; privateKey: Uint8Array }): string {
  const bytes = Buffer.from(box, 'base64');
  return sodium.to_string(sodium.crypto_box_seal_open(bytes, keys.publicKey, keys.privateKey));
}

describe('a sealed box', () => {
  it.each([
    ['the empty text', ''],
    ['a refresh token', 'L5mkTk0XF7R9q-4.vGzb_'],
    ['a text with blanks and line breaks', ' a\r\nb\tc \n'],
    ['a text beyond ASCII', 'Zürich 東京 🔑 \u0000 \u{10ffff}'],
    ['the largest value that GitHub takes', 'k'.repeat(48 * 1024)],
    ['one block of the cipher', 'b'.repeat(64)],
    ['one byte more than a block', 'b'.repeat(65)],
  ])('that holds %s is opened by libsodium', (_name, text) => {
    const keys = sodium.crypto_box_keypair();
    expect(open(sealedBox(keys.publicKey, text), keys)).toBe(text);
  });

  it('is opened with any key pair and has 48 bytes more than its text', () => {
    const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(seeds, fc.string({ unit: 'binary', maxLength: 300 }), (seed, text) => {
        const keys = sodium.crypto_box_seed_keypair(seed);
        const box = sealedBox(keys.publicKey, text);
        expect(open(box, keys)).toBe(text);
        expect(Buffer.from(box, 'base64')).toHaveLength(Buffer.byteLength(text, 'utf8') + 48);
        expect(box).toBe(Buffer.from(box, 'base64').toString('base64'));
      }),
      RUNS,
    );
  });

  it('has an ephemeral key of its own each time', () => {
    const { publicKey } = sodium.crypto_box_keypair();
    const keys = Array.from({ length: 20 }, () => sealedBox(publicKey, 'token').slice(0, 43));
    expect(new Set(keys).size).toBe(20);
  });

  it('does not open with another key pair', () => {
    const box = sealedBox(sodium.crypto_box_keypair().publicKey, 'token');
    expect(() => open(box, sodium.crypto_box_keypair())).toThrow();
  });
});

// The points of small order on Curve25519: with any of them the shared secret would be zero, and the box open to
// everybody. Source: https://cr.yp.to/ecdh.html, "How do I validate Curve25519 public keys?"
describe('a public key of low order is refused', () => {
  it.each([
    ['0', '00'.repeat(32)],
    ['1', `01${'00'.repeat(31)}`],
    ['a point of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['the other point of order 8', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
    ['p - 1', `ec${'ff'.repeat(30)}7f`],
    ['p', `ed${'ff'.repeat(30)}7f`],
    ['p + 1', `ee${'ff'.repeat(30)}7f`],
  ])('%s', (_name, hex) => {
    expect(() => sealedBox(Buffer.from(hex, 'hex'), 'token')).toThrow();
  });
});

it.each([0, 31, 33])('a public key of %i bytes is refused', (length) => {
  expect(() => sealedBox(new Uint8Array(length).fill(9), 'token')).toThrow();
});

it('rehearses without a key', () => {
  expect(() => rehearseSealing()).not.toThrow();
});
