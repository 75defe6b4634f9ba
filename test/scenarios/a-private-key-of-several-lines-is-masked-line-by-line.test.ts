import { createPrivateKey } from 'node:crypto';
import { scenario } from './support/scenario.ts';

/** What comes before the 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410). */
const HEAD = '302e020100300506032b657004220420';

scenario(async ({ cobo, name, run }) => {
  const key = Buffer.from(HEAD + cobo.client.appSecretHex, 'hex');
  const pem = createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({
    format: 'pem',
    type: 'pkcs8',
  });
  name(String(pem), 'private key as PEM');
  await run({ 'private-key': String(pem) });
});
