import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppSecretError, readAppSecret } from '../../../src/cobo/app-key.ts';
import sdkRequests from '../../vectors/request-signing.json' with { type: 'json' };
import { RFC_8032, RUNS } from './support.ts';

const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const APP_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';

/** The PEM that belongs to a seed, written by Node. */
function pemOf(seed: string): string {
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
  return pkcs8(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

function pkcs8(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function hexOf(secret: Uint8Array): string {
  return Buffer.from(secret).toString('hex');
}

/** Why a text is no app secret. */
function refusalOf(text: string): AppSecretError {
  try {
    readAppSecret(text);
  } catch (error) {
    if (error instanceof AppSecretError) return error;
    throw error;
  }
  throw new Error('the text was taken for an app secret');
}

const PEM = pemOf(SEED);
const NEW_KEY = generateKeyPairSync('ed25519').privateKey;

describe('an app secret', () => {
  it.each([
    ['lower-case hexadecimal', SEED],
    ['upper-case hexadecimal', SEED.toUpperCase()],
    ['hexadecimal of both cases', SEED.slice(0, 32) + SEED.slice(32).toUpperCase()],
    ['hexadecimal with blanks and line breaks around', ` \t${SEED}\r\n\n`],
    ['a PEM', PEM],
    ['a PEM without its last line break', PEM.trimEnd()],
    ['a PEM with blanks around', `\n  ${PEM}\n\n`],
    ['a PEM whose lines end in CRLF', PEM.replaceAll('\n', '\r\n')],
    ['a PEM with literal \\n', PEM.replaceAll('\n', '\\n')],
    ['a PEM with literal \\r\\n', PEM.replaceAll('\n', '\\r\\n')],
    ['a PEM whose line breaks turned into blanks', PEM.replaceAll('\n', ' ')],
    ['a PEM whose lines are indented', PEM.replaceAll('\n', '\n    ')],
    ['a PEM after a comment of OpenSSL', `Bag Attributes: <No Attributes>\n${PEM}`],
  ])('may be %s', (_what, text) => {
    const { appSecret, appKey } = readAppSecret(text);
    expect({ secret: hexOf(appSecret), appKey }).toEqual({ secret: SEED, appKey: APP_KEY });
  });

  it('may be a PEM that Node has made', () => {
    const { appKey } = readAppSecret(pkcs8(NEW_KEY));
    const jwk = createPublicKey(NEW_KEY).export({ format: 'jwk' });
    expect(appKey).toBe(Buffer.from(jwk.x ?? '', 'base64url').toString('hex'));
  });

  it.each(RFC_8032)('gives the public key of RFC 8032, $name', ({ seed, publicKey }) => {
    expect(readAppSecret(seed).appKey).toBe(publicKey);
  });

  it.each(sdkRequests)("gives the public key of Cobo's SDK for $client_id", (request) => {
    expect(readAppSecret(request.private_key).appKey).toBe(request.headers['biz-api-key']);
  });

  const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hexOf);

  it('of any 32 bytes is the same as hexadecimal and as PEM', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const fromHex = readAppSecret(seed);
        expect(hexOf(fromHex.appSecret)).toBe(seed);
        expect(hexOf(readAppSecret(pemOf(seed)).appSecret)).toBe(seed);
        expect(readAppSecret(pemOf(seed)).appKey).toBe(fromHex.appKey);
      }),
      RUNS,
    );
  });
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const encryption = { cipher: 'aes-256-cbc', passphrase: 'correct horse' };
const der = NEW_KEY.export({ format: 'der', type: 'pkcs8' });
const seedBytes = Buffer.from(SEED, 'hex');

describe('what is no app secret is refused, by its kind', () => {
  it.each([
    [
      'an app secret and a public key in one',
      SEED + APP_KEY,
      'has 128 hexadecimal characters: the app secret and the public key together',
    ],
    ['hexadecimal after 0x', `0x${SEED}`, 'begins with 0x'],
    ['63 hexadecimal characters', SEED.slice(1), 'has 63 hexadecimal characters instead of 64'],
    ['65 hexadecimal characters', `${SEED}a`, 'has 65 hexadecimal characters instead of 64'],
    [
      'a public key as PEM',
      createPublicKey(NEW_KEY).export({ format: 'pem', type: 'spki' }).toString(),
      'holds a public key, not a private one',
    ],
    [
      'an RSA public key as PEM',
      rsa.publicKey.export({ format: 'pem', type: 'pkcs1' }).toString(),
      'holds a public key, not a private one',
    ],
    [
      'a certificate',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
      'holds a public key, not a private one',
    ],
    [
      'an encrypted PKCS#8 PEM',
      NEW_KEY.export({ format: 'pem', type: 'pkcs8', ...encryption }).toString(),
      'is an encrypted PEM',
    ],
    [
      'an encrypted PKCS#1 PEM',
      rsa.privateKey.export({ format: 'pem', type: 'pkcs1', ...encryption }).toString(),
      'is an encrypted PEM',
    ],
    [
      'an RSA key as PKCS#1',
      rsa.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString(),
      'is a PEM of type RSA, not of an Ed25519 key',
    ],
    ['an RSA key as PKCS#8', pkcs8(rsa.privateKey), 'is a PEM of type RSA, not of an Ed25519 key'],
    [
      'an EC key as SEC1',
      ec.privateKey.export({ format: 'pem', type: 'sec1' }).toString(),
      'is a PEM of type EC, not of an Ed25519 key',
    ],
    ['an EC key as PKCS#8', pkcs8(ec.privateKey), 'is a PEM of type EC, not of an Ed25519 key'],
    [
      'a DSA key',
      '-----BEGIN DSA PRIVATE KEY-----\nMIIB\n-----END DSA PRIVATE KEY-----',
      'is a PEM of type DSA, not of an Ed25519 key',
    ],
    [
      'an X25519 key',
      pkcs8(generateKeyPairSync('x25519').privateKey),
      'is a PEM of type X25519, not of an Ed25519 key',
    ],
    ['an Ed448 key', pkcs8(generateKeyPairSync('ed448').privateKey), 'is a PEM of type ED448, not of an Ed25519 key'],
    [
      'a key in the format of OpenSSH',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE=\n-----END OPENSSH PRIVATE KEY-----',
      'is a key in the format of OpenSSH',
    ],
    [
      'an Ed25519 public key of OpenSSH',
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@home',
      'is a public key in the format of OpenSSH',
    ],
    [
      'an ECDSA public key of OpenSSH',
      'ecdsa-sha2-nistp256 AAAAE2VjZHNh me@home',
      'is a public key in the format of OpenSSH',
    ],
    ['a PEM that lost its end', PEM.slice(0, -40), 'is a PEM that cannot be read'],
    [
      'a PEM that lost a part of its body',
      PEM.replace(/.{12}\n-----END/, '\n-----END'),
      'is a PEM that cannot be read',
    ],
    ['five dashes and nothing else', '-----', 'is a PEM that cannot be read'],
    ['32 bytes in base64', seedBytes.toString('base64'), 'looks like base64'],
    ['32 bytes in base64url', seedBytes.toString('base64url'), 'looks like base64'],
    ['a DER in base64', der.toString('base64'), 'looks like base64'],
    [
      'hexadecimal with a blank within',
      `${SEED.slice(0, 32)} ${SEED.slice(32)}`,
      'is neither 64 hexadecimal characters nor a PEM',
    ],
    ['a short word', 'hunter2hunter2', 'is neither 64 hexadecimal characters nor a PEM'],
    ['a letter that hexadecimal does not have', `${SEED.slice(1)}ß`, 'is neither 64 hexadecimal characters nor a PEM'],
    ['nothing', '', 'is neither 64 hexadecimal characters nor a PEM'],
    ['blanks', ' \n ', 'is neither 64 hexadecimal characters nor a PEM'],
  ])('%s', (_what, text, problem) => {
    expect(refusalOf(text).message).toBe(problem);
  });

  it.each([
    [
      'to decrypt an encrypted PEM',
      NEW_KEY.export({ format: 'pem', type: 'pkcs8', ...encryption }).toString(),
      'openssl pkcs8 -in',
    ],
    ['to give half of 128 characters', SEED + APP_KEY, 'the first 64 characters alone'],
    ['to leave 0x out', `0x${SEED}`, 'Leave the 0x out'],
    ['to turn base64 of 32 bytes into hexadecimal', seedBytes.toString('base64'), 'base64 -d | xxd'],
    ['to keep the frame of a PEM', der.toString('base64'), 'keep its BEGIN and END lines'],
    ['to look for a lost line', PEM.slice(0, -40), 'Was a line lost'],
    ['to give the app secret', 'hunter2', '64 hexadecimal characters, or an unencrypted PKCS#8 PEM'],
  ])('with the advice %s', (_what, text, remedy) => {
    expect(refusalOf(text).remedy).toContain(remedy);
  });
});

/** Whether `told` holds any `length` characters of `text` that follow each other there. */
function echoes(told: string, text: string, length: number): boolean {
  for (let at = 0; at + length <= text.length; at++) {
    if (told.includes(text.slice(at, at + length))) return true;
  }
  return false;
}

describe('what is wrong with an app secret', () => {
  it('is an error with a name', () => {
    expect(refusalOf('x').name).toBe('AppSecretError');
  });

  it.each(['RSA', 'EC', 'DSA'])('is its type, even when the PEM of type %s is broken', (type) => {
    const pem = `-----BEGIN ${type} PRIVATE KEY-----\nAAAA\n-----END ${type} PRIVATE KEY-----`;
    expect(refusalOf(pem).message).toBe(`is a PEM of type ${type}, not of an Ed25519 key`);
  });

  it('is a length only where everything is hexadecimal', () => {
    expect(refusalOf('a'.repeat(130)).message).toBe('has 130 hexadecimal characters instead of 64');
    expect(refusalOf(`g!${'a'.repeat(128)}`).message).not.toContain('128');
    expect(refusalOf(`${'a'.repeat(128)}!`).message).not.toContain('128');
  });

  it('is the 0x only at the beginning of exactly one key', () => {
    expect(refusalOf(`0x${'a'.repeat(64)}`).message).toBe('begins with 0x');
    expect(refusalOf(`!0x${'a'.repeat(64)}`).message).not.toContain('0x');
    expect(refusalOf(`0x${'a'.repeat(65)}`).message).not.toContain('0x');
  });

  it('is an OpenSSH key only where it begins as one', () => {
    expect(refusalOf('ssh-ed25519 AAAA').message).toContain('OpenSSH');
    expect(refusalOf('ecdsa-sha2-nistp256 AAAA').message).toContain('OpenSSH');
    expect(refusalOf('my ssh-ed25519 AAAA').message).not.toContain('OpenSSH');
    expect(refusalOf('my ecdsa-sha2 AAAA').message).not.toContain('OpenSSH');
  });

  it('looks like base64 from 40 characters on', () => {
    expect(refusalOf('z'.repeat(40)).message).toBe('looks like base64');
    expect(refusalOf('z'.repeat(39)).message).not.toContain('base64');
  });
});

describe('an error never repeats the text', () => {
  const body = pkcs8(ec.privateKey).split('\n').slice(1, -2).join('\n');

  it.each([
    ['the body of a wrong PEM', pkcs8(ec.privateKey), body],
    ['the body of a broken PEM', PEM.slice(0, -40), PEM.split('\n')[1] ?? ''],
    ['128 hexadecimal characters', SEED + APP_KEY, SEED + APP_KEY],
    ['hexadecimal after 0x', `0x${SEED}`, SEED],
    ['63 hexadecimal characters', SEED.slice(1), SEED.slice(1)],
    ['base64', seedBytes.toString('base64'), seedBytes.toString('base64')],
    ['a password', 'Tr0ub4dor&3 is it', 'Tr0ub4dor&3 is it'],
  ])('%s', (_what, text, secret) => {
    const { message, remedy, stack } = refusalOf(text);
    expect(echoes(`${message} ${remedy} ${stack}`, secret, 8)).toBe(false);
  });

  it.each([
    ['any text', fc.string({ unit: 'binary', maxLength: 200 })],
    ['any hexadecimal', fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), maxLength: 140 })],
    ['any base64', fc.base64String({ maxLength: 120 })],
    [
      'any body of a PEM',
      fc
        .base64String({ maxLength: 120 })
        .map((text) => `-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----`),
    ],
  ])('%s leads to a key or to an AppSecretError without 8 characters of it', (_what, texts) => {
    const frame = /-----(BEGIN|END) PRIVATE KEY-----/g;
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(readAppSecret(text).appKey).toMatch(/^[0-9a-f]{64}$/);
        } catch (error) {
          if (!(error instanceof AppSecretError)) throw error;
          expect(echoes(`${error.message} ${error.remedy}`, text.replace(frame, ''), 8)).toBe(false);
        }
      }),
      RUNS,
    );
  });
});
