import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** What a recovery envelope looks like in a text. */
export const ENVELOPE = /cobo-envelope-v1\.[A-Za-z0-9_-]+/g;

const PREFIX = 'cobo-envelope-v1.';
const ENVELOPE_KEY = 'cobo-refresh-action recovery envelope v1';

/**
 * Opens a recovery envelope with nothing of the action's own code.
 * @returns the refresh token in it; undefined when it does not open
 */
export function openByHand(envelope: string, appSecretHex: string, clientId: string): string | undefined {
  const bytes = Buffer.from(envelope.slice(PREFIX.length), 'base64url');
  const key = derive(appSecretHex, ENVELOPE_KEY);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(PREFIX + clientId)).setAuthTag(bytes.subarray(-16));
    const plain = decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8');
    return (JSON.parse(plain) as { refresh_token?: string }).refresh_token;
  } catch {
    return undefined;
  }
}

/** Seals a token as the first version did, which said nothing of when its run had looked at the stores. */
export function sealByHand(refreshToken: string, appSecretHex: string, clientId: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', derive(appSecretHex, ENVELOPE_KEY), nonce);
  cipher.setAAD(Buffer.from(PREFIX + clientId));
  const sealed = [cipher.update(JSON.stringify({ refresh_token: refreshToken })), cipher.final()];
  return PREFIX + Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString('base64url');
}

/** The fingerprint of a refresh token in the names of its records: 12 hexadecimal digits, upper case. */
export function fingerprint(refreshToken: string, appSecretHex: string): string {
  const key = derive(appSecretHex, 'cobo-refresh-action in-flight record v1');
  return createHmac('sha256', key).update(refreshToken).digest('hex').slice(0, 12).toUpperCase();
}

function derive(appSecretHex: string, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(appSecretHex, 'hex'), '', info, 32));
}
