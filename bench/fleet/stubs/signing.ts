// Stands in for src/cobo/signing.ts: checksums in place of signatures, which take most of a rotation's time.
import type { AppKeyPair } from '../../../src/cobo/app-key.ts';
import { canonicalString, type Signable } from '../../../src/cobo/signing.ts';
import { checksum, digestOf } from './checksum.ts';

export { canonicalString, type Signable };
export const doubleSha256 = digestOf;

export function signedHeaders(request: Signable, keys: AppKeyPair, nonce: string): Record<string, string> {
  const signature = checksum(digestOf(canonicalString(request, nonce)), keys.appKey);
  return { 'Biz-Api-Key': keys.appKey, 'Biz-Api-Nonce': nonce, 'Biz-Api-Signature': signature };
}

export function rehearseSigning(): void {}

export function verifies(message: Uint8Array, signature: string, publicKey: string): boolean {
  return signature === checksum(message, publicKey);
}
