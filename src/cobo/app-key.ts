import { createPrivateKey, type KeyObject } from 'node:crypto';
import { ActionError } from '../errors.ts';
import { isHex } from '../text.ts';

/** A Portal App's key pair: the app secret that signs requests, and the app key that Cobo knows it by. */
export interface AppKeyPair {
  /** The app secret: the 32-byte seed of RFC 8032, section 5.1.5. */
  appSecret: Uint8Array;
  /** The app key: the public key, 64 lower-case hex characters. Goes into `Biz-Api-Key`. */
  readonly appKey: string;
}

const GIVE_THE_SECRET =
  'Give the app secret: 64 hexadecimal characters, or an unencrypted PKCS#8 PEM of an Ed25519 key.';

/** What the usual mistakes look like, what they are, and what to do about them; the first that fits counts. */
const MISTAKES: [looks: RegExp, problem: string | ((match: RegExpExecArray) => string), remedy?: string][] = [
  [
    /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/,
    'is an encrypted PEM',
    'Decrypt it first, for instance with `openssl pkcs8 -in key.pem -out plain.pem`, and store the result.',
  ],
  [/-----BEGIN ([A-Z0-9 ]*PUBLIC KEY|CERTIFICATE)-----/, 'holds a public key, not a private one'],
  [/-----BEGIN (RSA|EC|DSA) PRIVATE KEY-----/, ([, type = '']) => otherType(type)],
  [/-----BEGIN OPENSSH PRIVATE KEY-----/, 'is a key in the format of OpenSSH'],
  [/-----/, 'is a PEM that cannot be read', `${GIVE_THE_SECRET} Was a line lost when it was pasted?`],
  [
    /^[0-9a-f]{128}$/i,
    'has 128 hexadecimal characters: the app secret and the public key together',
    'Give the first 64 characters alone.',
  ],
  [/^0x[0-9a-f]{64}$/i, 'begins with 0x', 'Leave the 0x out.'],
  [/^[0-9a-f]+$/i, ([digits]) => `has ${digits.length} hexadecimal characters instead of 64`],
  [/^ssh-|^ecdsa-/, 'is a public key in the format of OpenSSH'],
  [
    /^[\w+/-]{43}=?$/,
    'looks like base64',
    `${GIVE_THE_SECRET} Turn it into hexadecimal, for instance with \`base64 -d | xxd -p -c 32\`.`,
  ],
  [/^[\w+/-]{40,}={0,2}$/, 'looks like base64', `${GIVE_THE_SECRET} If it is a PEM, keep its BEGIN and END lines.`],
];

/**
 * Reads an app secret: 64 hexadecimal characters in either case, or an unencrypted PKCS#8 PEM, also one whose line
 * breaks arrived as literal `\n` or turned into blanks. Blanks and line breaks around it do not matter.
 * @throws ActionError `input-invalid` that names the usual mistakes and never repeats the text
 */
export function readAppSecret(text: string): AppKeyPair {
  const trimmed = text.trim();
  const appSecret = isHex(trimmed, 64) ? Buffer.from(trimmed, 'hex') : seedIn(trimmed);
  if (appSecret === undefined) throw mistakeIn(trimmed);
  return {
    appSecret,
    // Computed when it is needed, so that the first requests of a run do not wait for it.
    get appKey() {
      // As a JWK, because OpenSSL needs milliseconds to decode DER. Node reads only `d`.
      const jwk = { kty: 'OKP', crv: 'Ed25519', d: appSecret.toString('base64url'), x: '' };
      const { x = '' } = createPrivateKey({ key: jwk, format: 'jwk' }).export({ format: 'jwk' });
      return Buffer.from(x, 'base64url').toString('hex');
    },
  };
}

/** The seed in a PKCS#8 PEM; `undefined` when there is none. */
function seedIn(text: string): Buffer | undefined {
  const [, body = ''] = /-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----/.exec(text) ?? [];
  const der = Buffer.from(body.replace(/\\[rn]/g, ''), 'base64');
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    // OpenSSL's message would not help, and might repeat parts of the key.
    return undefined;
  }
  const { asymmetricKeyType: type = 'unknown' } = key;
  if (type !== 'ed25519') throw mistake(otherType(type.toUpperCase()));
  return Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
}

function mistakeIn(text: string): ActionError {
  for (const [looks, problem, remedy] of MISTAKES) {
    const match = looks.exec(text);
    if (match) return mistake(typeof problem === 'string' ? problem : problem(match), remedy);
  }
  return mistake('is neither 64 hexadecimal characters nor a PEM');
}

function mistake(problem: string, remedy = GIVE_THE_SECRET): ActionError {
  return new ActionError('input-invalid', `The input \`private-key\` ${problem}.`, remedy);
}

function otherType(type: string): string {
  return `is a PEM of type ${type}, not of an Ed25519 key`;
}
