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
const ENVELOPE = sealEnvelope(TOKEN, KEY, CLIENT);
const BYTES = Buffer.from(ENVELOPE.slice(PREFIX.length), 'base64url');

// The documented format, in the words of node:crypto.
const documentedKey = Buffer.from(hkdfSync('sha256', KEY, '', 'cobo-refresh-action recovery envelope v1', 32));
const documentedData = Buffer.from(PREFIX + CLIENT);

function sealByHand(plain: string): string {
  const nonce = Buffer.alloc(12, 1);
  const cipher = createCipheriv('aes-256-gcm', documentedKey, nonce).setAAD(documentedData);
  const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return PREFIX + sealed.toString('base64url');
}

function openByHand(bytes: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', documentedKey, bytes.subarray(0, 12)).setAAD(documentedData);
  decipher.setAuthTag(bytes.subarray(-16));
  return decipher.update(bytes.subarray(12, -16)).toString() + decipher.final().toString();
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
    expect(sealEnvelope(TOKEN, KEY, CLIENT)).not.toBe(ENVELOPE);
    expect(ENVELOPE).toMatch(/^cobo-envelope-v1\.[A-Za-z0-9_-]+$/);
  });

  it('opens with blanks and line breaks in it', () => {
    expect(openEnvelope(` ${ENVELOPE.replace(/.{16}/g, '$&\r\n\t ')}\n`, KEY, CLIENT)).toEqual(TOKEN);
  });

  it('can be opened by hand, after the documented format', () => {
    const looked_at = '2026-03-01T12:00:00.000Z';
    expect(JSON.parse(openByHand(BYTES))).toEqual({ refresh_token: 'refresh-token-1', looked_at });
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
  const ANOTHER =
    'The input `recovery-envelope` cannot be opened: it was sealed with another `private-key` or for another `client-id`, or it is incomplete.';

  it.each([
    ['another key', new Uint8Array(32).fill(8), CLIENT],
    ['another client', KEY, 'client-2'],
  ])('for %s, without a part of it in the message', (_what, key, client) => {
    const remedy = 'Use the `private-key` and `client-id` of the run that showed it, and copy all of it.';
    expect(refusalOf(ENVELOPE, key, client)).toMatchObject({ code: 'envelope-invalid', message: ANOTHER, remedy });
  });

  it('when any one bit of any byte is changed, and wherever its end is missing', () => {
    for (const index of BYTES.keys()) {
      const bent = Buffer.from(BYTES);
      bent[index] = (bent[index] ?? 0) ^ (1 << (index % 8));
      expect(refusalOf(PREFIX + bent.toString('base64url')).message).toBe(ANOTHER);
      const cut = BYTES.subarray(0, index || 1);
      expect(refusalOf(PREFIX + cut.toString('base64url')).message).toBe(ANOTHER);
    }
  });

  it.each([
    ['no prefix', ENVELOPE.slice(PREFIX.length)],
    ['the prefix of another version', ENVELOPE.replace('v1', 'v2')],
    ['a prefix whose dot is another character', ENVELOPE.replace('v1.', 'v1x')],
    ['the prefix alone', PREFIX],
    ['a character that base64url does not have', `${ENVELOPE}+`],
    ['something before it', `x${ENVELOPE}`],
  ])('with %s', (_what, text) => {
    expect(refusalOf(text)).toMatchObject({
      code: 'envelope-invalid',
      message: 'The input `recovery-envelope` is not a recovery envelope.',
      remedy: 'Copy all of it, from `cobo-envelope-v1.` to its last character.',
    });
  });

  it.each(['refresh-token-1', '', '{}', '{"refresh_token":""}', '{"refresh_token":5}'])('when it holds %j', (plain) => {
    expect(refusalOf(sealByHand(plain))).toMatchObject({
      message: 'The input `recovery-envelope` holds no refresh token.',
      remedy: 'Use an envelope that this action has made.',
    });
  });

  it('with an ActionError, whatever it is or holds', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^cobo-envelope-v1\.[\w-]+$/), fc.json().map(sealByHand));
    fc.assert(
      fc.property(text, (one) => {
        expect(refusalOf(one).code).toBe('envelope-invalid');
      }),
      { numRuns: RUNS },
    );
  });
});
