// Stands in for src/cobo/app-key.ts: a key that was read once is not read again.
import { type AppKeyPair, readAppSecret as read } from '../../../src/cobo/app-key.ts';

export type { AppKeyPair };

const known = new Map<string, AppKeyPair>();

export function readAppSecret(text: string): AppKeyPair {
  let pair = known.get(text);
  if (pair === undefined) {
    const { appSecret, appKey } = read(text);
    pair = { appSecret, appKey };
    known.set(text, pair);
  }
  return pair;
}
