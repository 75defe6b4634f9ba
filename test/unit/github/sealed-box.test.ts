import fc from 'fast-check';
import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareBox } from '../../../src/github/sealed-box.ts';

beforeAll(() => sodium.ready);

const sealBox = (text: string, publicKey: Uint8Array) => prepareBox(publicKey)(text);

/** The text that libsodium finds in a box. */
function open(box: string, keys: { publicKey: Uint8Array; privateKey: Uint8Array }): string {
  const bytes = Buffer.from(box, 'base64');
  return sodium.to_string(sodium.crypto_box_seal_open(bytes, keys.publicKey, keys.privateKey));
}

const byteLength = (text: string) => Buffer.byteLength(text, 'utf8');

describe('a sealed box', () => {
  it.each([
    ['the empty text', ''],
    ['one character', 'x'],
    ['a refresh token', 'L5mkTk0XF7R9q-4.vGzb_'],
    ['a text with blanks and line breaks', ' a\r\nb\tc \n'],
    ['a text beyond ASCII', 'Zürich 東京 🔑 \u0000 \u{10ffff}'],
    ['the largest value that GitHub takes', 'k'.repeat(48 * 1024)],
    ['exactly one block of the cipher', 'b'.repeat(64)],
    ['one byte more than a block', 'b'.repeat(65)],
  ])('that holds %s is opened by libsodium', (_name, text) => {
    const keys = sodium.crypto_box_keypair();
    expect(open(sealBox(text, keys.publicKey), keys)).toBe(text);
  });

  it('that holds any text is opened by libsodium', () => {
    const keys = sodium.crypto_box_keypair();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(open(sealBox(text, keys.publicKey), keys)).toBe(text);
      }),
    );
  });

  it('is opened with any key pair', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const keys = sodium.crypto_box_seed_keypair(seed);
        expect(open(sealBox('token', keys.publicKey), keys)).toBe('token');
      }),
    );
  });

  it('has 48 bytes more than its text', () => {
    const { publicKey } = sodium.crypto_box_keypair();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(Buffer.from(sealBox(text, publicKey), 'base64')).toHaveLength(byteLength(text) + 48);
      }),
    );
  });

  it('is padded base64 in one line', () => {
    const { publicKey } = sodium.crypto_box_keypair();
    const box = sealBox('k'.repeat(1000), publicKey);
    expect(box).toBe(Buffer.from(box, 'base64').toString('base64'));
  });

  it('is never the same twice', () => {
    const { publicKey } = sodium.crypto_box_keypair();
    expect(new Set(Array.from({ length: 50 }, () => sealBox('token', publicKey))).size).toBe(50);
  });

  it('has an ephemeral key of its own each time', () => {
    const { publicKey } = sodium.crypto_box_keypair();
    const ephemeral = () => Buffer.from(sealBox('token', publicKey), 'base64').toString('hex', 0, 32);
    expect(ephemeral()).not.toBe(ephemeral());
  });

  it('takes one text only: a second would have the same key stream', () => {
    const keys = sodium.crypto_box_keypair();
    const box = prepareBox(keys.publicKey);
    expect(open(box('one'), keys)).toBe('one');
    expect(() => box('two')).toThrow();
  });

  it('does not open with another key pair', () => {
    const box = sealBox('token', sodium.crypto_box_keypair().publicKey);
    expect(() => open(box, sodium.crypto_box_keypair())).toThrow();
  });

  it('does not open once a bit of it has changed', () => {
    const keys = sodium.crypto_box_keypair();
    const bytes = Buffer.from(sealBox('token', keys.publicKey), 'base64');
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    expect(() => open(bytes.toString('base64'), keys)).toThrow();
  });
});

// The points of small order on Curve25519: with any of them the shared secret would be zero, and the box
// open to everybody. Source: https://cr.yp.to/ecdh.html, "How do I validate Curve25519 public keys?"
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
    expect(() => sealBox('token', Buffer.from(hex, 'hex'))).toThrow();
  });
});

it.each([0, 31, 33])('a public key of %i bytes is refused', (length) => {
  expect(() => sealBox('token', new Uint8Array(length).fill(9))).toThrow();
});
