// Stands in for src/cobo/signing.ts: checksums in place of signatures, which take most of a rotation's time.
import type { AppKeyPair } from '../../../src/cobo/app-key.ts';
import { canonicalString, doubleSha256, type Signable } from '../../../src/cobo/signing.ts';
import { checksum } from './checksum.ts';

export { canonicalString, doubleSha256, type Signable };

export function signedHeaders(request: Signable, keys: AppKeyPair, nonce: string): Record<string, string> {
  const digest = doubleSha256(canonicalString(request, nonce));
  const signature = checksum(digest, keys.appKey);
  return { 'Biz-Api-Key': keys.appKey, 'Biz-Api-Nonce': nonce, 'Biz-Api-Signature': signature };
}

export function rehearseSigning(): void {}

export function verifies(message: Uint8Array, signature: string, publicKey: string): boolean {
  return signature === checksum(message, publicKey);
}
