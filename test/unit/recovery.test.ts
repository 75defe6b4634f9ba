import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { openEnvelope, type Sealed, sealEnvelope } from '../../src/recovery.ts';
import { ANY_TEXT, RUNS } from './cobo/support.ts';

const PREFIX = 'cobo-envelope-v1.';
const KEY = new Uint8Array(32).fill(7);
const CLIENT = 'client-1';
const TOKEN: Sealed = { refreshToken: 'refresh-token-1', lookedAt: Date.UTC(2026, 2, 1, 12) };

// The documented format, in the words of node:crypto.
const documentedKey = Buffer.from(hkdfSync('sha256', KEY, '', 'cobo-refresh-action recovery envelope v1', 32));
const documentedData = Buffer.from(PREFIX + CLIENT);

function sealByHand(plain: string): string {
  const nonce = Buffer.alloc(12, 1);
  const cipher = createCipheriv('aes-256-gcm', documentedKey, nonce).setAAD(documentedData);
  const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return PREFIX + sealed.toString('base64url');
}

function openByHand(envelope: string): string {
  const bytes = bytesOf(envelope);
  const decipher = createDecipheriv('aes-256-gcm', documentedKey, bytes.subarray(0, 12)).setAAD(documentedData);
  decipher.setAuthTag(bytes.subarray(-16));
  return decipher.update(bytes.subarray(12, -16)).toString() + decipher.final().toString();
}

const bytesOf = (envelope: string) => Buffer.from(envelope.slice(PREFIX.length), 'base64url');
const open = (text: string, key = KEY, client = CLIENT) => openEnvelope(text, key, client);

/** That of `TOKEN`. */
let envelope: string;
beforeEach(() => {
  envelope = sealEnvelope(TOKEN, KEY, CLIENT);
});

describe('an envelope', () => {
  it('brings back any token and time, for any key and any client', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const times = fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined });
    const sealed = fc.record({ refreshToken: ANY_TEXT.filter((text) => text !== ''), lookedAt: times });
    fc.assert(
      fc.property(sealed, bytes, fc.string(), (one, key, client) => {
        expect(open(sealEnvelope(one, key, client), key, client)).toEqual(one);
      }),
      RUNS,
    );
  });

  it('looks different each time, is one word of safe characters, and opens with blanks and line breaks in it', () => {
    expect(sealEnvelope(TOKEN, KEY, CLIENT)).not.toBe(envelope);
    expect(envelope).toMatch(/^cobo-envelope-v1\.[A-Za-z0-9_-]+$/);
    expect(open(` ${envelope.replace(/.{16}/g, '$&\r\n\t ')}\n`)).toEqual(TOKEN);
  });

  it.each([
    ['{"refresh_token":"refresh-token-1","looked_at":"2026-03-01T12:00:00.000Z"}', TOKEN.lookedAt],
    ['{"refresh_token":"refresh-token-1"}', undefined],
  ])('holds %s', (plain, lookedAt) => {
    expect(openByHand(sealEnvelope({ ...TOKEN, lookedAt }, KEY, CLIENT))).toBe(plain);
  });

  it.each([
    ['no time', '{"refresh_token":"x"}', undefined],
    ['a time', '{"refresh_token":"x","looked_at":"2026-03-01T12:00:00Z"}', TOKEN.lookedAt],
    ['a time that is none', '{"refresh_token":"x","looked_at":"noon"}', undefined],
  ])('made by hand may hold %s', (_what, plain, lookedAt) => {
    expect(open(sealByHand(plain))).toEqual({ refreshToken: 'x', lookedAt });
  });
});

describe('an envelope is refused', () => {
  const ANOTHER = [
    'cannot be opened: it was sealed with another `private-key` or for another `client-id`, or it is incomplete',
    'Use the `private-key` and `client-id` of the run that showed it, and copy all of it.',
  ];
  const NONE = ['is not a recovery envelope', 'Copy all of it, from `cobo-envelope-v1.` to its last character.'];
  const EMPTY = ['holds no refresh token', 'Use an envelope that this action has made.'];

  it.each<[string, (envelope: string) => Parameters<typeof open>, string[]]>([
    ['for another key', (text) => [text, new Uint8Array(32).fill(8)], ANOTHER],
    ['for another client', (text) => [text, KEY, 'client-2'], ANOTHER],
    ['without its prefix', (text) => [text.slice(PREFIX.length)], NONE],
    ['with the prefix of another version', (text) => [text.replace('v1', 'v2')], NONE],
    ['with a prefix whose dot is another character', (text) => [text.replace('v1.', 'v1x')], NONE],
    ['when it is a prefix alone', () => [PREFIX], NONE],
    ['with a character that base64url does not have', (text) => [`${text}+`], NONE],
    ['with something before it', (text) => [`x${text}`], NONE],
    ['when it holds no JSON', () => [sealByHand('refresh-token-1')], EMPTY],
    ['when it holds something else', () => [sealByHand('{}')], EMPTY],
    ['when it holds an empty token', () => [sealByHand('{"refresh_token":""}')], EMPTY],
    ['when it holds a number', () => [sealByHand('{"refresh_token":5}')], EMPTY],
  ])('%s, without a part of it in the message', (_what, given, [problem, remedy]) => {
    const message = `The input \`recovery-envelope\` ${problem}.`;
    const error = { name: 'ActionError', code: 'envelope-invalid', message, remedy };
    expect(() => open(...given(envelope))).toThrow(expect.objectContaining(error));
  });

  it('when any one bit of any byte is changed, and wherever its end is missing', () => {
    const bytes = bytesOf(envelope);
    for (const [index, byte] of bytes.entries()) {
      const bent = Buffer.from(bytes);
      bent[index] = byte ^ (1 << (index % 8));
      for (const wrong of [bent, bytes.subarray(0, index || 1)]) {
        expect(() => open(PREFIX + wrong.toString('base64url'))).toThrow('or it is incomplete');
      }
    }
  });
});
