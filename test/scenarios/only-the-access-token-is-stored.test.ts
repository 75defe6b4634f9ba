import { scenario } from './support/scenario.ts';

scenario(async ({ run }) => {
  await run({ 'refresh-token-secret': undefined, 'access-token-secret': 'COBO_ACCESS_TOKEN' });
});
