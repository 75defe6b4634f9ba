// Stands in for emulators/cobo/keys.ts: checksums in place of signatures.
import { ResponseSigner as RealSigner } from '../../../emulators/cobo/keys.ts';
import { checksum, digestOf } from './checksum.ts';

export { type CoboClient, createClient, publicKeyOf, randomText } from '../../../emulators/cobo/keys.ts';

export const doubleSha256 = (bytes: Buffer): Buffer => digestOf(bytes);

export function verifies(text: Buffer, signatureHex: string, publicKeyHex: string): boolean {
  return signatureHex === checksum(digestOf(text), publicKeyHex);
}

export class ResponseSigner extends RealSigner {
  override sign(body: Buffer, timestamp: string): string {
    return checksum(digestOf(body, '|', timestamp), this.publicKeyHex);
  }
}
