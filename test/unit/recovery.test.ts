import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActionError } from '../../src/errors.ts';
import { openEnvelope, type Sealed, sealEnvelope } from '../../src/recovery.ts';
import { RUNS, UNIT } from './support.ts';

const PREFIX = 'cobo-envelope-v1.';
const KEY = new Uint8Array(32).fill(7);
const CLIENT = 'client-1';
const TOKEN: Sealed = { refreshToken: 'refresh-token-1', lookedAt: Date.UTC(2026, 2, 1, 12) };

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
  it('brings back any token and time, for any key and any client', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const sealed = fc.record({
      refreshToken: fc.string({ unit: UNIT, minLength: 1 }),
      lookedAt: fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(sealed, bytes, fc.string(), (one, key, client) => {
        expect(openEnvelope(sealEnvelope(one, key, client), key, client)).toEqual(one);
      }),
      { numRuns: RUNS },
    );
  });

  it('looks different each time, and is one word of safe characters after its version', () => {
    const [one, two] = [sealEnvelope(TOKEN, KEY, CLIENT), sealEnvelope(TOKEN, KEY, CLIENT)];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^cobo-envelope-v1\.[A-Za-z0-9_-]+$/);
  });

  it('opens with blanks and line breaks in it', () => {
    const wrapped = ` ${sealEnvelope(TOKEN, KEY, CLIENT).replace(/.{16}/g, '$&\r\n\t ')}\n`;
    expect(openEnvelope(wrapped, KEY, CLIENT)).toEqual(TOKEN);
  });

  it('can be opened by hand, after the documented format', () => {
    const bytes = Buffer.from(sealEnvelope(TOKEN, KEY, CLIENT).slice(PREFIX.length), 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', documentedKey(KEY), bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(PREFIX + CLIENT));
    decipher.setAuthTag(bytes.subarray(-16));
    const plain = decipher.update(bytes.subarray(12, -16)).toString() + decipher.final().toString();
    expect(JSON.parse(plain)).toEqual({
      refresh_token: 'refresh-token-1',
      looked_at: '2026-03-01T12:00:00.000Z',
    });
  });

  it.each([
    ['without a time', '{"refresh_token":"x"}', undefined],
    ['with one', '{"refresh_token":"x","looked_at":"2026-03-01T12:00:00Z"}', TOKEN.lookedAt],
    ['with a time that is none', '{"refresh_token":"x","looked_at":"noon"}', undefined],
    ['with a time that is no text', '{"refresh_token":"x","looked_at":{"toString":1}}', undefined],
  ])('opens when it was made by hand %s', (_what, plain, lookedAt) => {
    expect(openEnvelope(sealByHand(plain), KEY, CLIENT)).toEqual({ refreshToken: 'x', lookedAt });
  });
});

describe('an envelope is refused', () => {
  const envelope = sealEnvelope(TOKEN, KEY, CLIENT);
  const bytes = Buffer.from(envelope.slice(PREFIX.length), 'base64url');
  const ANOTHER =
    'The input `recovery-envelope` cannot be opened: it was sealed with another `private-key` or for another `client-id`, or it is incomplete.';

  it.each([
    ['another key', new Uint8Array(32).fill(8), CLIENT],
    ['another client', KEY, 'client-2'],
  ])('for %s, without a part of it in the message', (_what, key, client) => {
    const { code, message, remedy } = refusalOf(envelope, key, client);
    expect([code, message, remedy]).toEqual([
      'envelope-invalid',
      ANOTHER,
      'Use the `private-key` and `client-id` of the run that showed it, and copy all of it.',
    ]);
  });

  it('when any one bit of any byte is changed', () => {
    for (const index of bytes.keys()) {
      const bent = Buffer.from(bytes);
      bent[index] = (bent[index] ?? 0) ^ (1 << (index % 8));
      expect(refusalOf(PREFIX + bent.toString('base64url')).message).toBe(ANOTHER);
    }
  });

  it('when its end is missing, wherever it was cut', () => {
    for (let length = 1; length < bytes.length; length++) {
      expect(refusalOf(PREFIX + bytes.subarray(0, length).toString('base64url')).message).toBe(ANOTHER);
    }
  });

  it.each([
    ['no prefix', envelope.slice(PREFIX.length)],
    ['the prefix of another version', envelope.replace('v1', 'v2')],
    ['a prefix whose dot is another character', envelope.replace('v1.', 'v1x')],
    ['the prefix alone', PREFIX],
    ['a character that base64url does not have', `${envelope}+`],
    ['something before it', `x${envelope}`],
    ['nothing in it', ''],
  ])('with %s', (_what, text) => {
    expect(refusalOf(text)).toMatchObject({
      code: 'envelope-invalid',
      message: 'The input `recovery-envelope` is not a recovery envelope.',
      remedy: 'Copy all of it, from `cobo-envelope-v1.` to its last character.',
    });
  });

  it.each([
    ['no JSON', 'refresh-token-1'],
    ['nothing', ''],
    ['no refresh token', '{}'],
    ['an empty one', '{"refresh_token":""}'],
    ['one that is no text', '{"refresh_token":5}'],
  ])('when it holds %s', (_what, plain) => {
    expect(refusalOf(sealByHand(plain))).toMatchObject({
      message: 'The input `recovery-envelope` holds no refresh token.',
      remedy: 'Use an envelope that this action has made.',
    });
  });

  it('with an ActionError, whatever it is or holds', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: UNIT }).map((rest) => PREFIX + rest),
      fc.base64String().map((rest) => PREFIX + rest.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')),
      fc.json().map(sealByHand),
    );
    fc.assert(
      fc.property(text, (one) => {
        expect(refusalOf(one).code).toBe('envelope-invalid');
      }),
      { numRuns: 2 * RUNS },
    );
  });
});
