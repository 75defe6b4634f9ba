import { createPublicKey, verify } from 'node:crypto';
import type { HttpAnswer } from '../http.ts';
import { isHex } from '../text.ts';
import { doubleSha256 } from './signing.ts';

/** `missing`: not signed at all; `invalid`: signed by somebody else, changed on the way, or malformed. */
export type SignatureVerdict = 'valid' | 'missing' | 'invalid';

/**
 * Checks Cobo's signature on an answer: Ed25519 over the double SHA-256 of the raw body, `|` and the
 * `Biz-Timestamp` header. Source: Cobo's developer site, "Verify API responses".
 * @param responseKey 32 bytes as 64 hex characters
 */
export function verifyAnswer(answer: HttpAnswer, responseKey: string): SignatureVerdict {
  const timestamp = answer.headers['biz-timestamp'];
  const signature = answer.headers['biz-resp-signature'];
  if (!timestamp && !signature) return 'missing';
  if (!timestamp || !signature || !isHex(signature, 128)) return 'invalid';
  return verifies(doubleSha256(answer.body, '|', timestamp), signature, responseKey) ? 'valid' : 'invalid';
}

/**
 * Whether an Ed25519 signature over `message` is that of `publicKey`, by Node's own cryptography.
 * @param signature 64 bytes in hex
 * @param publicKey 32 bytes in hex
 */
export function verifies(message: Uint8Array, signature: string, publicKey: string): boolean {
  try {
    const x = Buffer.from(publicKey, 'hex').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, message, key, Buffer.from(signature, 'hex'));
  } catch {
    // 32 bytes that are no point of the curve verify nothing.
    return false;
  }
}
