import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { ActionError } from './errors.ts';
import { field, parseJson, timeField } from './text.ts';

/** The version prefix; part of what is authenticated. */
const PREFIX = 'cobo-envelope-v1.';
const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D, section 8.2.2: a random nonce of 96 bits. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What an envelope holds. */
export interface Sealed {
  refreshToken: string;
  /** When its run looked at the stores, by GitHub's clock: milliseconds since 1970. */
  lookedAt: number | undefined;
}

/**
 * Seals a refresh token for the holder of the app secret (32 bytes): AES-256-GCM under a key derived from it with
 * HKDF-SHA-256 (RFC 5869), a random nonce, prefix and client ID as associated data.
 * @returns `cobo-envelope-v1.` and base64url of nonce, ciphertext and tag; safe to show
 */
export function sealEnvelope({ refreshToken, lookedAt }: Sealed, appSecret: Uint8Array, clientId: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, envelopeKey(appSecret), nonce).setAAD(Buffer.from(PREFIX + clientId));
  const plain = JSON.stringify({
    refresh_token: refreshToken,
    looked_at: lookedAt === undefined ? undefined : new Date(lookedAt),
  });
  const bytes = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return PREFIX + bytes.toString('base64url');
}

/**
 * Opens an envelope. Blanks and line breaks in it (a log viewer may add them) do not matter.
 * @throws ActionError `envelope-invalid` when it is damaged, or sealed for another key or client
 */
export function openEnvelope(envelope: string, appSecret: Uint8Array, clientId: string): Sealed {
  const [, encoded] = /^cobo-envelope-v1\.([\w-]+)$/.exec(envelope.replace(/\s+/g, '')) ?? [];
  if (encoded === undefined) {
    throw invalid('is not a recovery envelope', `Copy all of it, from \`${PREFIX}\` to its last character.`);
  }
  const bytes = Buffer.from(encoded, 'base64url');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  let plain: string;
  try {
    const decipher = createDecipheriv(CIPHER, envelopeKey(appSecret), nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(PREFIX + clientId)).setAuthTag(bytes.subarray(-TAG_BYTES));
    plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)).toString() + decipher.final().toString();
  } catch {
    throw invalid(
      'cannot be opened: it was sealed with another `private-key` or for another `client-id`, or it is incomplete',
      'Use the `private-key` and `client-id` of the run that showed it, and copy all of it.',
    );
  }
  const json = parseJson(plain);
  const refreshToken = field(json, 'refresh_token');
  if (typeof refreshToken !== 'string' || refreshToken === '') {
    throw invalid('holds no refresh token', 'Use an envelope that this action has made.');
  }
  const lookedAt = timeField(json, 'looked_at');
  return { refreshToken, lookedAt: Number.isNaN(lookedAt) ? undefined : lookedAt };
}

function envelopeKey(appSecret: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', appSecret, '', 'cobo-refresh-action recovery envelope v1', 32));
}

function invalid(problem: string, remedy: string): ActionError {
  return new ActionError('envelope-invalid', `The input \`recovery-envelope\` ${problem}.`, remedy);
}
