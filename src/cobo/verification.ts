import { createPublicKey, verify } from 'node:crypto';
import type { HttpAnswer } from '../http.ts';
import { doubleSha256 } from './signing.ts';

/** `missing`: not signed at all; `invalid`: signed by somebody else, changed on the way, or malformed. */
export type SignatureVerdict = 'valid' | 'missing' | 'invalid';

/** SubjectPublicKeyInfo of an Ed25519 key (RFC 8410, section 4) up to the 32 bytes of the key. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Checks Cobo's signature on an answer: Ed25519 over the double SHA-256 of the raw body, `|` and the
 * `Biz-Timestamp` header. Source: Cobo's developer site, "Verify API responses".
 * @param responseKey 32 bytes as 64 hex characters
 */
export function verifyAnswer(answer: HttpAnswer, responseKey: string): SignatureVerdict {
  const timestamp = answer.headers['biz-timestamp'];
  const signature = answer.headers['biz-resp-signature'];
  if (!timestamp && !signature) return 'missing';
  if (!timestamp || !signature || !/^[0-9a-f]{128}$/i.test(signature)) return 'invalid';
  try {
    const key = createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, Buffer.from(responseKey, 'hex')]),
      format: 'der',
      type: 'spki',
    });
    const digest = doubleSha256(answer.body, '|', timestamp);
    return verify(null, digest, key, Buffer.from(signature, 'hex')) ? 'valid' : 'invalid';
  } catch {
    // 32 bytes that are no point of the curve verify nothing.
    return 'invalid';
  }
}
