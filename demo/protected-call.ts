import { createHash, createPrivateKey, sign } from 'node:crypto';
import type { CoboClient } from '../emulators/cobo.ts';

/** PKCS#8 of an Ed25519 key up to the seed (RFC 8410, section 7). */
const PKCS8_PREFIX = '302e020100300506032b657004220420';

/**
 * What a later step of a job does with the access token: a signed request with `Authorization: Bearer`.
 * @returns the HTTP status; 200 means that the token works
 */
export async function callWithAccessToken(coboUrl: string, client: CoboClient, accessToken: string): Promise<number> {
  const url = new URL(`${coboUrl}/wallets`);
  const nonce = String(Date.now());
  const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
  const digest = sha256(sha256(['GET', url.pathname, nonce, '', ''].join('|')));
  const key = createPrivateKey({
    key: Buffer.from(PKCS8_PREFIX + client.appSecretHex, 'hex'),
    format: 'der',
    type: 'pkcs8',
  });
  const answer = await fetch(url, {
    headers: {
      Authorization: `Bearer ${accessToken}`,
      'Biz-Api-Key': client.appKeyHex,
      'Biz-Api-Nonce': nonce,
      'Biz-Api-Signature': sign(null, digest, key).toString('hex'),
    },
  });
  await answer.arrayBuffer();
  return answer.status;
}
