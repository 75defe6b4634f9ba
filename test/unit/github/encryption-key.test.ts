import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
import { EncryptionKey } from '../../../src/github/encryption-key.ts';

beforeAll(() => sodium.ready);

/** A key, what opens the boxes that are sealed with it, and the ephemeral key of a box. */
function world() {
  const pair = sodium.crypto_box_keypair();
  const bytes = (box: string) => Buffer.from(box, 'base64');
  return {
    key: new EncryptionKey('key-1', pair.publicKey),
    open: (box: string) =>
      sodium.to_string(sodium.crypto_box_seal_open(bytes(box), pair.publicKey, pair.privateKey)),
    ephemeral: (box: string) => bytes(box).toString('hex', 0, 32),
  };
}

describe('an encryption key', () => {
  it('seals what libsodium opens', async () => {
    const { key, open } = world();
    expect(open(await key.seal('token'))).toBe('token');
  });

  it('seals the same when it was made ready', async () => {
    const { key, open } = world();
    await key.makeReady();
    expect(open(await key.seal('token'))).toBe('token');
  });

  it('never uses for a second text what was made ready for one', async () => {
    const { key, open, ephemeral } = world();
    await key.makeReady();
    await key.makeReady();
    const boxes = await Promise.all(['one', 'two', 'three'].map((text) => key.seal(text)));
    expect(boxes.map(open)).toEqual(['one', 'two', 'three']);
    expect(new Set(boxes.map(ephemeral)).size).toBe(3);
  });

  it('never does so either while one is being made ready', async () => {
    const { key, open, ephemeral } = world();
    const ready = key.makeReady();
    const boxes = await Promise.all([key.seal('one'), key.seal('two')]);
    await ready;
    boxes.push(await key.seal('three'), await key.seal('four'));
    expect(boxes.map(open)).toEqual(['one', 'two', 'three', 'four']);
    expect(new Set(boxes.map(ephemeral)).size).toBe(4);
  });

  it('takes what was made ready', async () => {
    const { key } = world();
    await key.makeReady();
    // Nothing is left to be awaited but the promise itself: the box is there in the next turn of microtasks.
    let sealed: string | undefined;
    void key.seal('token').then((box) => {
      sealed = box;
    });
    await Promise.resolve();
    expect(sealed).toBeDefined();
  });

  it.each(['seal', 'makeReady'] as const)('of low order is refused by %s', async (doing) => {
    const key = new EncryptionKey('key-1', new Uint8Array(32));
    await expect(key[doing]('token')).rejects.toThrow('GitHub gave an encryption key that cannot be used');
  });
});
