import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';

/** What goes before the 32-byte seed in a PKCS#8 document (RFC 8410, section 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
/** What goes before the 32-byte public key in a SubjectPublicKeyInfo document (RFC 8410, section 4). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** A Portal App that Cobo knows. */
export interface CoboClient {
  /** 32 letters and digits. */
  clientId: string;
  /** The 32-byte seed of the app's Ed25519 key, 64 hex characters. */
  appSecretHex: string;
  /** The public key, 64 hex characters; it travels as `Biz-Api-Key`. */
  appKeyHex: string;
  /** The organization that installed the app (UUID). */
  orgId: string;
  /** Whether the app may use the `org_implicit` grant. */
  implicitAllowed: boolean;
}

/** Makes a random client; any part may be given. The public key is derived from the seed when not given. */
export function createClient(parts: Partial<CoboClient> = {}): CoboClient {
  const appSecretHex = parts.appSecretHex ?? randomBytes(32).toString('hex');
  return {
    clientId: parts.clientId ?? randomText(32),
    appSecretHex,
    appKeyHex: parts.appKeyHex ?? publicKeyOf(appSecretHex),
    orgId: parts.orgId ?? randomUUID(),
    implicitAllowed: parts.implicitAllowed ?? true,
  };
}

/** The public key that belongs to a 32-byte seed; hex in, hex out. */
export function publicKeyOf(seedHex: string): string {
  const spki = createPublicKey(privateKey(seedHex)).export({ format: 'der', type: 'spki' });
  return spki.subarray(SPKI_HEAD.length).toString('hex');
}

/** Random letters and digits. */
export function randomText(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  let text = '';
  // The bytes from 248 on are left out, for 62 does not divide 256.
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += alphabet.charAt(byte % 62);
    }
  }
  return text;
}

/** SHA-256 of the SHA-256 digest: what Cobo signs in place of the text. */
export function doubleSha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
}

const publicKeys = new Map<string, KeyObject>();

/** Whether the signature (128 hex characters) of the double digest was made by the key (64 hex characters). */
export function verifies(text: Buffer, signatureHex: string, publicKeyHex: string): boolean {
  if (!/^[0-9a-f]{128}$/i.test(signatureHex) || !/^[0-9a-f]{64}$/i.test(publicKeyHex)) return false;
  let key = publicKeys.get(publicKeyHex);
  if (key === undefined) {
    const der = Buffer.concat([SPKI_HEAD, Buffer.from(publicKeyHex, 'hex')]);
    key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    publicKeys.set(publicKeyHex, key);
  }
  return verify(null, doubleSha256(text), key, Buffer.from(signatureHex, 'hex'));
}

/** Signs the answers of one environment. */
export class ResponseSigner {
  readonly #key: KeyObject;
  /** The key that verifies the answers, 64 hex characters. */
  readonly publicKeyHex: string;

  constructor(seedHex = randomBytes(32).toString('hex')) {
    this.#key = privateKey(seedHex);
    this.publicKeyHex = publicKeyOf(seedHex);
  }

  /** Signs `body|timestamp`; hex, 128 characters. */
  sign(body: Buffer, timestamp: string): string {
    const text = Buffer.concat([body, Buffer.from(`|${timestamp}`, 'latin1')]);
    return sign(null, doubleSha256(text), this.#key).toString('hex');
  }
}

function privateKey(seedHex: string): KeyObject {
  const der = Buffer.concat([PKCS8_HEAD, Buffer.from(seedHex, 'hex')]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}
