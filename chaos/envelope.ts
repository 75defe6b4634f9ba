import { createDecipheriv, hkdfSync } from 'node:crypto';

/**
 * Opens a recovery envelope as the documentation describes it, apart from the action's own code:
 * `cobo-envelope-v1.` and base64url of 12 bytes nonce, the ciphertext, 16 bytes tag; AES-256-GCM; the key
 * by HKDF-SHA-256 from the 32-byte app secret; prefix and client ID as associated data; inside a JSON
 * object with `refresh_token`.
 * @returns the refresh token; undefined when it does not open
 */
export function opened(envelope: string, appSecretHex: string, clientId: string): string | undefined {
  const [prefix = '', payload] = envelope.split('.');
  if (prefix !== 'cobo-envelope-v1' || payload === undefined) return undefined;
  const bytes = Buffer.from(payload, 'base64url');
  const info = 'cobo-refresh-action recovery envelope v1';
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(appSecretHex, 'hex'), '', info, 32));
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(`${prefix}.${clientId}`));
    decipher.setAuthTag(bytes.subarray(-16));
    const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    const content = JSON.parse(plain.toString('utf8')) as { refresh_token?: unknown };
    return typeof content.refresh_token === 'string' ? content.refresh_token : undefined;
  } catch {
    return undefined;
  }
}

/** The envelopes that a text shows, such as a log or a summary. */
export function envelopesIn(text: string): string[] {
  return text.match(/cobo-envelope-v1\.[A-Za-z0-9_-]+/g) ?? [];
}
