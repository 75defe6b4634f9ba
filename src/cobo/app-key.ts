import { createPrivateKey, type KeyObject } from 'node:crypto';
import { isHex } from '../text.ts';

/** A Portal App's key pair: the app secret that signs requests, and the app key that Cobo knows it by. */
export interface AppKeyPair {
  /** The app secret: the 32-byte seed of RFC 8032, section 5.1.5. */
  appSecret: Uint8Array;
  /** The app key: the public key, 64 lower-case hex characters. Goes into `Biz-Api-Key`. */
  readonly appKey: string;
}

/** Why a text is no app secret: `problem` completes "The input … ", `remedy` says what to give instead. */
export class AppSecretError extends Error {
  override readonly name = 'AppSecretError';
  readonly remedy: string;

  constructor(problem: string, remedy: string) {
    super(problem);
    this.remedy = remedy;
  }
}

const SEED_BYTES = 32;
const GIVE_THE_SECRET =
  'Give the app secret: 64 hexadecimal characters, or an unencrypted PKCS#8 PEM of an Ed25519 key.';

/**
 * Reads an app secret: 64 hexadecimal characters in either case, or an unencrypted PKCS#8 PEM, also one
 * whose line breaks arrived as literal `\n`. Blanks and line breaks around it do not matter.
 * @throws AppSecretError that names the usual mistakes and never repeats the text
 */
export function readAppSecret(text: string): AppKeyPair {
  const trimmed = text.trim();
  if (isHex(trimmed, 64)) return pairOf(Buffer.from(trimmed, 'hex'));
  if (trimmed.includes('-----')) return pairOf(seedOfPem(trimmed));
  throw explain(trimmed);
}

function pairOf(appSecret: Uint8Array): AppKeyPair {
  let known: string | undefined;
  return {
    appSecret,
    // Computed when it is first needed, so that the first requests of a run do not wait for it.
    get appKey() {
      known ??= appKeyOf(appSecret);
      return known;
    },
  };
}

function appKeyOf(seed: Uint8Array): string {
  // As a JWK, because OpenSSL needs milliseconds to decode DER. Node reads only `d`.
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: Buffer.from(seed).toString('base64url'), x: '' };
  const { x = '' } = createPrivateKey({ key: jwk, format: 'jwk' }).export({ format: 'jwk' });
  return Buffer.from(x, 'base64url').toString('hex');
}

function seedOfPem(text: string): Uint8Array {
  const pem = text.replaceAll('\\r', '').replaceAll('\\n', '\n').replaceAll('\r', '');
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1] ?? '';
  if (label === 'ENCRYPTED PRIVATE KEY' || pem.includes('Proc-Type: 4,ENCRYPTED')) {
    throw new AppSecretError(
      'is an encrypted PEM',
      'Decrypt it first, for instance with `openssl pkcs8 -in key.pem -out plain.pem`, and store the result.',
    );
  }
  if (label.endsWith('PUBLIC KEY') || label === 'CERTIFICATE') {
    throw new AppSecretError('holds a public key, not a private one', GIVE_THE_SECRET);
  }
  if (label === 'RSA PRIVATE KEY' || label === 'EC PRIVATE KEY' || label === 'DSA PRIVATE KEY') {
    throw new AppSecretError(`is a PEM of type ${label.split(' ')[0]}, not of an Ed25519 key`, GIVE_THE_SECRET);
  }
  if (label === 'OPENSSH PRIVATE KEY') {
    throw new AppSecretError('is a key in the format of OpenSSH', GIVE_THE_SECRET);
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: reflow(pem), format: 'pem' });
  } catch {
    // OpenSSL's message would not help, and might repeat parts of the key.
    throw new AppSecretError('is a PEM that cannot be read', `${GIVE_THE_SECRET} Was a line lost when it was pasted?`);
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new AppSecretError(
      `is a PEM of type ${(key.asymmetricKeyType ?? 'unknown').toUpperCase()}, not of an Ed25519 key`,
      GIVE_THE_SECRET,
    );
  }
  return Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
}

/** A PEM whose line breaks turned into blanks (which happens when it is pasted), with its lines restored. */
function reflow(pem: string): string {
  return pem.replace(
    /(-----BEGIN [A-Z0-9 ]+-----)([\s\S]*?)(-----END [A-Z0-9 ]+-----)/,
    (_whole, begin: string, body: string, end: string) => `${begin}\n${body.trim().replace(/\s+/g, '\n')}\n${end}\n`,
  );
}

function explain(text: string): AppSecretError {
  if (isHex(text, 128)) {
    return new AppSecretError(
      'has 128 hexadecimal characters: the app secret and the public key together',
      'Give the first 64 characters alone.',
    );
  }
  if (/^0x/i.test(text) && isHex(text.slice(2), 64)) return new AppSecretError('begins with 0x', 'Leave the 0x out.');
  if (isHex(text)) {
    return new AppSecretError(`has ${text.length} hexadecimal characters instead of 64`, GIVE_THE_SECRET);
  }
  if (/^ssh-|^ecdsa-/.test(text))
    return new AppSecretError('is a public key in the format of OpenSSH', GIVE_THE_SECRET);
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text) && text.length >= 40) {
    const bytes = Buffer.from(text, 'base64').length;
    const hint =
      bytes === SEED_BYTES
        ? 'Turn it into hexadecimal, for instance with `base64 -d | xxd -p -c 32`.'
        : 'If it is a PEM, keep its BEGIN and END lines.';
    return new AppSecretError('looks like base64', `${GIVE_THE_SECRET} ${hint}`);
  }
  return new AppSecretError('is neither 64 hexadecimal characters nor a PEM', GIVE_THE_SECRET);
}
