// Stands in for emulators/cobo/keys.ts: checksums in place of signatures.
import { doubleSha256, ResponseSigner as RealSigner } from '../../../emulators/cobo/keys.ts';
import { checksum } from './checksum.ts';

export { type CoboClient, createClient, publicKeyOf, randomText } from '../../../emulators/cobo/keys.ts';
export { doubleSha256 };

export function verifies(text: Buffer, signatureHex: string, publicKeyHex: string): boolean {
  return signatureHex === checksum(doubleSha256(text), publicKeyHex);
}

export class ResponseSigner extends RealSigner {
  override sign(body: Buffer, timestamp: string): string {
    const text = Buffer.concat([body, Buffer.from(`|${timestamp}`, 'latin1')]);
    return checksum(doubleSha256(text), this.publicKeyHex);
  }
}
