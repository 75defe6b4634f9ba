import { sealByHand } from './support/crypto.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, name, run }) => {
  const token = cobo.issueRefreshToken();
  name(token, 'refresh token of an earlier run');
  const { appSecretHex, clientId } = cobo.client;
  await run({ 'recovery-envelope': sealByHand(token, appSecretHex, clientId) });
});
