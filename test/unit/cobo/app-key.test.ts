import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAppSecret } from '../../../src/cobo/app-key.ts';
import { ActionError } from '../../../src/errors.ts';
import { RFC_8032, RUNS } from './support.ts';

const { seed: SEED, publicKey: APP_KEY } = RFC_8032[0];

/** The PEM that belongs to a seed, written by Node. */
function pemOf(seed: string): string {
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
  return pkcs8(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

function pkcs8(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** A PEM of some kind, without a key in it. */
function framed(label: string, body = 'MIIB'): string {
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}

/** Why a text is no app secret. */
function refusalOf(text: string): ActionError {
  try {
    readAppSecret(text);
  } catch (error) {
    if (error instanceof ActionError) return error;
    throw error;
  }
  throw new Error('the text was taken for an app secret');
}

const PEM = pemOf(SEED);

describe('an app secret', () => {
  it.each([
    ['lower-case hexadecimal', SEED],
    ['hexadecimal of both cases', SEED.slice(0, 32) + SEED.slice(32).toUpperCase()],
    ['hexadecimal with blanks and line breaks around', ` \t${SEED}\r\n\n`],
    ['a PEM', PEM],
    ['a PEM without its last line break, and blanks around', `\n  ${PEM.trimEnd()} `],
    ['a PEM whose lines end in CRLF', PEM.replaceAll('\n', '\r\n')],
    ['a PEM with literal \\n', PEM.replaceAll('\n', '\\n')],
    ['a PEM with literal \\r\\n', PEM.replaceAll('\n', '\\r\\n')],
    ['a PEM whose line breaks turned into blanks', PEM.replaceAll('\n', ' ')],
    ['a PEM whose lines are indented', PEM.replaceAll('\n', '\n    ')],
    ['a PEM after a comment of OpenSSL', `Bag Attributes: <No Attributes>\n${PEM}`],
  ])('may be %s', (_what, text) => {
    const { appSecret, appKey } = readAppSecret(text);
    expect([Buffer.from(appSecret).toString('hex'), appKey]).toEqual([SEED, APP_KEY]);
  });

  it('of any 32 bytes is the same as hexadecimal and as PEM', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const hex = Buffer.from(seed).toString('hex');
        expect(Buffer.from(readAppSecret(hex).appSecret)).toEqual(Buffer.from(seed));
        expect(Buffer.from(readAppSecret(pemOf(hex)).appSecret)).toEqual(Buffer.from(seed));
      }),
      RUNS,
    );
  });
});

const GIVE = 'Give the app secret: 64 hexadecimal characters, or an unencrypted PKCS#8 PEM of an Ed25519 key.';
const DECRYPT = 'Decrypt it first, for instance with `openssl pkcs8 -in key.pem -out plain.pem`, and store the result.';
const KEEP_LINES = `${GIVE} If it is a PEM, keep its BEGIN and END lines.`;
const TO_HEX = `${GIVE} Turn it into hexadecimal, for instance with \`base64 -d | xxd -p -c 32\`.`;
const LOST_LINE = `${GIVE} Was a line lost when it was pasted?`;
const NEITHER = 'is neither 64 hexadecimal characters nor a PEM';
const UNREADABLE = 'is a PEM that cannot be read';
const encryption = { cipher: 'aes-256-cbc', passphrase: 'correct horse' };
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const ed = generateKeyPairSync('ed25519').privateKey;
const bytes = Buffer.from(SEED, 'hex');

describe('what is no app secret is refused, by its kind', () => {
  const HALVES = 'has 128 hexadecimal characters: the app secret and the public key together';
  it.each<[what: string, text: string, problem: string, remedy?: string]>([
    ['two keys in one', SEED + APP_KEY.toUpperCase(), HALVES, 'Give the first 64 characters alone.'],
    ['hexadecimal after 0x', `0x${SEED}`, 'begins with 0x', 'Leave the 0x out.'],
    ['a longer one after 0x', `0x${SEED}a`, 'looks like base64', KEEP_LINES],
    ['0x elsewhere', `!0x${SEED}`, NEITHER],
    ['63 hexadecimal characters', SEED.slice(1), 'has 63 hexadecimal characters instead of 64'],
    ['130 hexadecimal characters', 'aA'.repeat(65), 'has 130 hexadecimal characters instead of 64'],
    ['hexadecimal with something before it', `!${'a'.repeat(128)}`, NEITHER],
    ['hexadecimal with something behind it', `${'a'.repeat(128)}!`, NEITHER],
    ['hexadecimal with a blank within', `${SEED.slice(0, 32)} ${SEED.slice(32)}`, NEITHER],
    [
      'a public key',
      createPublicKey(ed).export({ format: 'pem', type: 'spki' }).toString(),
      'holds a public key, not a private one',
    ],
    ['an RSA public key', framed('RSA PUBLIC KEY'), 'holds a public key, not a private one'],
    ['a certificate', framed('CERTIFICATE'), 'holds a public key, not a private one'],
    [
      'an encrypted PKCS#8',
      ed.export({ format: 'pem', type: 'pkcs8', ...encryption }).toString(),
      'is an encrypted PEM',
      DECRYPT,
    ],
    [
      'an encrypted PKCS#1',
      rsa.privateKey.export({ format: 'pem', type: 'pkcs1', ...encryption }).toString(),
      'is an encrypted PEM',
      DECRYPT,
    ],
    ['an RSA key as PKCS#1', framed('RSA PRIVATE KEY'), 'is a PEM of type RSA, not of an Ed25519 key'],
    ['an RSA key as PKCS#8', pkcs8(rsa.privateKey), 'is a PEM of type RSA, not of an Ed25519 key'],
    ['an EC key as SEC1', framed('EC PRIVATE KEY'), 'is a PEM of type EC, not of an Ed25519 key'],
    ['an EC key as PKCS#8', pkcs8(ec), 'is a PEM of type EC, not of an Ed25519 key'],
    ['a DSA key', framed('DSA PRIVATE KEY'), 'is a PEM of type DSA, not of an Ed25519 key'],
    ['an Ed448 key', pkcs8(generateKeyPairSync('ed448').privateKey), 'is a PEM of type ED448, not of an Ed25519 key'],
    ['a private key of OpenSSH', framed('OPENSSH PRIVATE KEY'), 'is a key in the format of OpenSSH'],
    ['an Ed25519 key of OpenSSH', 'ssh-ed25519 AAAAC3 me@home', 'is a public key in the format of OpenSSH'],
    ['an ECDSA key of OpenSSH', 'ecdsa-sha2-nistp256 AAAAE2 me@home', 'is a public key in the format of OpenSSH'],
    ['words before keys of OpenSSH', 'my ssh-ed25519 or ecdsa-sha2 AAAA', NEITHER],
    ['a PEM that lost its end', PEM.slice(0, -40), UNREADABLE, LOST_LINE],
    ['a PEM that lost a part of its body', PEM.replace(/.{12}\n-----END/, '\n-----END'), UNREADABLE, LOST_LINE],
    ['five dashes and nothing else', '-----', UNREADABLE, LOST_LINE],
    ['32 bytes in base64', bytes.toString('base64'), 'looks like base64', TO_HEX],
    ['32 bytes in base64url', bytes.toString('base64url'), 'looks like base64', TO_HEX],
    [
      'a DER in base64',
      ed.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
      'looks like base64',
      KEEP_LINES,
    ],
    ['40 letters', 'z'.repeat(40), 'looks like base64', KEEP_LINES],
    ['39 letters', 'z'.repeat(39), NEITHER],
    ['a short word', 'hunter2hunter2', NEITHER],
    ['a letter that hexadecimal does not have', `${SEED.slice(1)}ß`, NEITHER],
    ['nothing', ' \n ', NEITHER],
  ])('%s', (_what, text, problem, remedy = GIVE) => {
    const message = `The input \`private-key\` ${problem}.`;
    expect(refusalOf(text)).toMatchObject({ code: 'input-invalid', message, remedy });
  });

  it.each([
    ['any text', fc.string({ unit: 'binary', maxLength: 200 })],
    ['any hexadecimal', fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), maxLength: 140 })],
    ['any base64', fc.base64String({ maxLength: 120 })],
    ['any body of a PEM', fc.base64String({ maxLength: 120 }).map((body) => framed('PRIVATE KEY', body))],
    ['a key of another type', fc.constant(pkcs8(ec))],
    ['a broken PEM', fc.nat(60).map((at) => PEM.slice(0, -at - 1))],
  ])('%s leads to a key, or to an error without eight characters of it', (_what, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(readAppSecret(text).appKey).toMatch(/^[0-9a-f]{64}$/);
        } catch (error) {
          if (!(error instanceof ActionError)) throw error;
          const told = `${error.message} ${error.remedy} ${String(error.cause)}`;
          const secret = text.replace(/-----(BEGIN|END) PRIVATE KEY-----/g, '');
          for (let at = 0; at + 8 <= secret.length; at++) expect(told).not.toContain(secret.slice(at, at + 8));
        }
      }),
      RUNS,
    );
  });
});
