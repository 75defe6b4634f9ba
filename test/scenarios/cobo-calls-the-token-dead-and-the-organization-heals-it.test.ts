import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, refreshToken, run }) => {
  cobo.expireToken(refreshToken);
  await run({ 'org-id': cobo.client.orgId });
});
