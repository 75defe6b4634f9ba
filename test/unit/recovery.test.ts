import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActionError } from '../../src/errors.ts';
import { openEnvelope, sealEnvelope } from '../../src/recovery.ts';

const PREFIX = 'cobo-envelope-v1.';
const KEY = new Uint8Array(32).fill(7);
const CLIENT = 'client-1';
const TOKEN = 'refresh-token-1';

/** The key of the documented format, derived independently. */
function documentedKey(appSecret: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', appSecret, '', 'cobo-refresh-action recovery envelope v1', 32));
}

/** An envelope of the documented format around any plaintext. */
function sealByHand(plain: string): string {
  const nonce = Buffer.alloc(12, 1);
  const cipher = createCipheriv('aes-256-gcm', documentedKey(KEY), nonce);
  cipher.setAAD(Buffer.from(PREFIX + CLIENT));
  const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return PREFIX + sealed.toString('base64url');
}

/** Why an envelope does not open. */
function refusalOf(envelope: string, appSecret = KEY, clientId = CLIENT): ActionError {
  try {
    openEnvelope(envelope, appSecret, clientId);
  } catch (error) {
    if (error instanceof ActionError) return error;
    throw error;
  }
  throw new Error('the envelope opened');
}

describe('an envelope', () => {
  it('opens for whoever sealed it', () => {
    expect(openEnvelope(sealEnvelope(TOKEN, KEY, CLIENT), KEY, CLIENT)).toBe(TOKEN);
  });

  it('brings back any token, for any key and any client', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1 }), bytes, fc.string(), (token, key, client) => {
        expect(openEnvelope(sealEnvelope(token, key, client), key, client)).toBe(token);
      }),
    );
  });

  it('looks different each time', () => {
    expect(sealEnvelope(TOKEN, KEY, CLIENT)).not.toBe(sealEnvelope(TOKEN, KEY, CLIENT));
  });

  it('is one word of safe characters after its version', () => {
    expect(sealEnvelope(TOKEN, KEY, CLIENT)).toMatch(/^cobo-envelope-v1\.[A-Za-z0-9_-]+$/);
  });

  it('opens with blanks and line breaks in it', () => {
    const envelope = sealEnvelope(TOKEN, KEY, CLIENT);
    const wrapped = ` ${envelope.replace(/.{16}/g, '$&\r\n\t ')}\n`;
    expect(openEnvelope(wrapped, KEY, CLIENT)).toBe(TOKEN);
  });

  it('opens when it was made by hand, after the documented format', () => {
    expect(openEnvelope(sealByHand(`{"refresh_token":"${TOKEN}"}`), KEY, CLIENT)).toBe(TOKEN);
  });

  it('can be opened by hand, after the documented format', () => {
    const bytes = Buffer.from(sealEnvelope(TOKEN, KEY, CLIENT).slice(PREFIX.length), 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', documentedKey(KEY), bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(PREFIX + CLIENT));
    decipher.setAuthTag(bytes.subarray(-16));
    const plain = decipher.update(bytes.subarray(12, -16)).toString() + decipher.final().toString();
    expect(JSON.parse(plain)).toEqual({ refresh_token: TOKEN });
  });
});

describe('an envelope is refused', () => {
  const envelope = sealEnvelope(TOKEN, KEY, CLIENT);
  const bytes = Buffer.from(envelope.slice(PREFIX.length), 'base64url');

  it('for another key', () => {
    expect(refusalOf(envelope, new Uint8Array(32).fill(8)).message).toContain('sealed with another');
  });

  it('for another client', () => {
    expect(refusalOf(envelope, KEY, 'client-2').message).toContain('another `client-id`');
  });

  it('when any one bit of any byte is changed', () => {
    for (const index of bytes.keys()) {
      const bent = Buffer.from(bytes);
      bent[index] = (bent[index] ?? 0) ^ (1 << (index % 8));
      expect(refusalOf(PREFIX + bent.toString('base64url')).message).toContain('does not open');
    }
  });

  it('when any number of bytes is cut off its end', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(refusalOf(PREFIX + bytes.subarray(0, length).toString('base64url')).code).toBe(
        'envelope-invalid',
      );
    }
  });

  it('as cut short, when not even a nonce and a tag are left', () => {
    const stump = PREFIX + bytes.subarray(0, 28).toString('base64url');
    expect(refusalOf(stump).message).toBe('The input `recovery-envelope` is cut short.');
  });

  it.each([
    ['no prefix', envelope.slice(PREFIX.length)],
    ['the prefix of another version', envelope.replace('v1', 'v2')],
    ['a prefix whose dot is another character', envelope.replace('v1.', 'v1x')],
    ['the prefix alone', PREFIX],
    ['a character that base64url does not have', `${envelope}+`],
    ['something before it', `x${envelope}`],
    ['nothing in it', ''],
  ])('as no envelope, with %s', (_what, text) => {
    expect(refusalOf(text).message).toBe('The input `recovery-envelope` is not a recovery envelope.');
  });

  it.each([
    ['no JSON', 'refresh-token-1'],
    ['no refresh token', '{}'],
    ['an empty one', '{"refresh_token":""}'],
    ['one that is no text', '{"refresh_token":5}'],
    ['one of the prototype', '{"__proto__":{"refresh_token":"x"}}'],
  ])('when it holds %s', (_what, plain) => {
    expect(refusalOf(sealByHand(plain)).message).toBe(
      'The input `recovery-envelope` holds no refresh token.',
    );
  });

  it('without a part of it in the message', () => {
    const { message, remedy } = refusalOf(envelope, KEY, 'client-2');
    expect(`${message} ${remedy}`).not.toContain(envelope.slice(PREFIX.length, PREFIX.length + 8));
  });

  it('with the code of a wrong envelope', () => {
    expect(refusalOf('').code).toBe('envelope-invalid');
  });
});
