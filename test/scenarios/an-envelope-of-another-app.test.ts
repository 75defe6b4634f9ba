import { sealByHand } from './support/crypto.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, name, run }) => {
  const token = cobo.issueRefreshToken();
  name(token, 'refresh token of another app');
  await run({ 'recovery-envelope': sealByHand(token, cobo.client.appSecretHex, 'another-client-id') });
});
