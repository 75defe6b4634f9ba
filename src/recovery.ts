import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { ActionError } from './errors.ts';
import { field, parseJson, timeField } from './text.ts';

/** The version prefix; part of what is authenticated. */
const PREFIX = 'cobo-envelope-v1.';
const KEY_BYTES = 32;
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
 * Seals a refresh token for the holder of the app secret: AES-256-GCM under a key derived from the app
 * secret with HKDF-SHA-256 (RFC 5869), a random nonce, prefix and client ID as associated data.
 * @param appSecret the 32-byte seed
 * @returns `cobo-envelope-v1.` and base64url of nonce, ciphertext and tag; safe to show
 */
export function sealEnvelope(sealed: Sealed, appSecret: Uint8Array, clientId: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', envelopeKey(appSecret), nonce);
  cipher.setAAD(associatedData(clientId));
  const plain = JSON.stringify({
    refresh_token: sealed.refreshToken,
    ...(sealed.lookedAt === undefined ? {} : { looked_at: new Date(sealed.lookedAt).toISOString() }),
  });
  const bytes = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return PREFIX + bytes.toString('base64url');
}

/**
 * Opens an envelope that `sealEnvelope` made. Blanks and line breaks in it (a log viewer may add them) do
 * not matter.
 * @throws ActionError `envelope-invalid` when it is damaged, or sealed for another key or client
 */
export function openEnvelope(envelope: string, appSecret: Uint8Array, clientId: string): Sealed {
  const [, encoded] = /^cobo-envelope-v1\.([A-Za-z0-9_-]+)$/.exec(envelope.replace(/\s+/g, '')) ?? [];
  if (encoded === undefined) {
    throw invalid('is not a recovery envelope', `Copy all of it, from \`${PREFIX}\` to its last character.`);
  }
  const bytes = Buffer.from(encoded, 'base64url');
  let plain: string;
  try {
    const decipher = createDecipheriv('aes-256-gcm', envelopeKey(appSecret), bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associatedData(clientId));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)).toString('utf8') + decipher.final('utf8');
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
  return Buffer.from(hkdfSync('sha256', appSecret, '', 'cobo-refresh-action recovery envelope v1', KEY_BYTES));
}

function associatedData(clientId: string): Buffer {
  return Buffer.from(PREFIX + clientId, 'utf8');
}

function invalid(problem: string, remedy: string): ActionError {
  return new ActionError('envelope-invalid', `The input \`recovery-envelope\` ${problem}.`, remedy);
}
