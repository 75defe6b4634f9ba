import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect, it } from 'vitest';
import { readAppSecret } from '../../../src/cobo/app-key.ts';
import { RFC_8032 } from './support.ts';

const { seed: SEED, publicKey: APP_KEY } = RFC_8032[0];

const pem = (key: KeyObject) =>
  key.export({ format: 'pem', type: key.type === 'public' ? 'spki' : 'pkcs8' }).toString();
/** Something in the frame of a PEM. */
const framed = (label: string, body = 'MIIB') => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

/** The PEM that belongs to a seed, written by Node. */
function pemOf(seed: string): string {
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
  return pem(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

const PEM = pemOf(SEED);

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
  ['a PEM after a comment of OpenSSL', `Bag Attributes: <No Attributes>\n${PEM}`],
])('an app secret may be %s', (_what, text) => {
  const { appSecret, appKey } = readAppSecret(text);
  expect([Buffer.from(appSecret).toString('hex'), appKey]).toEqual([SEED, APP_KEY]);
});

const DECRYPT = 'Decrypt it first, for instance with `openssl pkcs8 -in key.pem -out plain.pem`, and store the result.';
const GIVE = 'Give the app secret: 64 hexadecimal characters, or an unencrypted PKCS#8 PEM of an Ed25519 key.';
const KEEP_LINES = `${GIVE} If it is a PEM, keep its BEGIN and END lines.`;
const TO_HEX = `${GIVE} Turn it into hexadecimal, for instance with \`base64 -d | xxd -p -c 32\`.`;
const LOST_LINE = `${GIVE} Was a line lost when it was pasted?`;
const NEITHER = 'is neither 64 hexadecimal characters nor a PEM';
const UNREADABLE = 'is a PEM that cannot be read';
const PUBLIC = 'holds a public key, not a private one';
const ENCRYPTED = 'is an encrypted PEM';
const BASE64 = 'looks like base64';
const ofType = (type: string) => `is a PEM of type ${type}, not of an Ed25519 key`;

const ed = generateKeyPairSync('ed25519');
const ec = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const bytes = Buffer.from(SEED, 'hex');
const encryption = { format: 'pem', cipher: 'aes-256-cbc', passphrase: 'correct horse' } as const;

const HALVES = 'has 128 hexadecimal characters: the app secret and the public key together';
it.each<[what: string, text: string, problem: string, remedy?: string]>([
  ['two keys in one', SEED + APP_KEY.toUpperCase(), HALVES, 'Give the first 64 characters alone.'],
  ['hexadecimal after 0x', `0x${SEED}`, 'begins with 0x', 'Leave the 0x out.'],
  ['a longer one after 0x', `0x${SEED}a`, BASE64, KEEP_LINES],
  ['0x elsewhere', `!0x${SEED}`, NEITHER],
  ['63 hexadecimal characters', SEED.slice(1), 'has 63 hexadecimal characters instead of 64'],
  ['130 hexadecimal characters', 'aA'.repeat(65), 'has 130 hexadecimal characters instead of 64'],
  ['hexadecimal with something before it', `!${'a'.repeat(128)}`, NEITHER],
  ['hexadecimal with something behind it', `${'a'.repeat(128)}!`, NEITHER],
  ['hexadecimal with a blank within', `${SEED.slice(0, 32)} ${SEED.slice(32)}`, NEITHER],
  ['a public key', pem(ed.publicKey), PUBLIC],
  ['an RSA public key', framed('RSA PUBLIC KEY'), PUBLIC],
  ['a certificate', framed('CERTIFICATE'), PUBLIC],
  ['an encrypted PKCS#8', String(ed.privateKey.export({ type: 'pkcs8', ...encryption })), ENCRYPTED, DECRYPT],
  ['an encrypted PKCS#1', framed('RSA PRIVATE KEY', 'Proc-Type: 4,ENCRYPTED'), ENCRYPTED, DECRYPT],
  ['an RSA key as PKCS#1', framed('RSA PRIVATE KEY'), ofType('RSA')],
  ['an RSA key as PKCS#8', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey), ofType('RSA')],
  ['an EC key as SEC1', framed('EC PRIVATE KEY'), ofType('EC')],
  ['an EC key as PKCS#8', ec, ofType('EC')],
  ['a DSA key', framed('DSA PRIVATE KEY'), ofType('DSA')],
  ['a private key of OpenSSH', framed('OPENSSH PRIVATE KEY'), 'is a key in the format of OpenSSH'],
  ['an Ed25519 key of OpenSSH', 'ssh-ed25519 AAAAC3 me@home', 'is a public key in the format of OpenSSH'],
  ['an ECDSA key of OpenSSH', 'ecdsa-sha2-nistp256 AAAAE2 me@home', 'is a public key in the format of OpenSSH'],
  ['words before keys of OpenSSH', 'my ssh-ed25519 or ecdsa-sha2 AAAA', NEITHER],
  ['a PEM that lost its end', PEM.slice(0, -40), UNREADABLE, LOST_LINE],
  ['a PEM that lost a part of its body', PEM.replace(/.{12}\n-----END/, '\n-----END'), UNREADABLE, LOST_LINE],
  ['five dashes and nothing else', '-----', UNREADABLE, LOST_LINE],
  ['32 bytes in base64', bytes.toString('base64'), BASE64, TO_HEX],
  ['32 bytes in base64url', bytes.toString('base64url'), BASE64, TO_HEX],
  ['a DER in base64', PEM.replace(/-.*-|\n/g, ''), BASE64, KEEP_LINES],
  ['40 letters', 'z'.repeat(40), BASE64, KEEP_LINES],
  ['39 letters', 'z'.repeat(39), NEITHER],
  ['nothing', ' \n ', NEITHER],
])('what is no app secret is refused, by its kind: %s', (_what, text, problem, remedy = GIVE) => {
  const error = { code: 'input-invalid', message: `The input \`private-key\` ${problem}.`, remedy };
  expect(() => readAppSecret(text)).toThrow(expect.objectContaining(error));
});
