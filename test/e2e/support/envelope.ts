import { createDecipheriv, hkdfSync } from 'node:crypto';

/** Opens a recovery envelope with nothing of the action's own code. @throws Error when it does not open */
export function openByHand(envelope: string, appSecretHex: string, clientId: string): string {
  const prefix = 'cobo-envelope-v1.';
  const bytes = Buffer.from(envelope.slice(prefix.length), 'base64url');
  const salt = Buffer.alloc(0);
  const info = 'cobo-refresh-action recovery envelope v1';
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(appSecretHex, 'hex'), salt, info, 32));
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(prefix + clientId));
  decipher.setAuthTag(bytes.subarray(-16));
  const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
  const { refresh_token } = JSON.parse(plain) as { refresh_token: string };
  return refresh_token;
}

/** The envelope in the log, as the line that a user copies it from. */
export function envelopeIn(text: string): string {
  return /cobo-envelope-v1\.[A-Za-z0-9_-]+/.exec(text)?.[0] ?? '';
}
