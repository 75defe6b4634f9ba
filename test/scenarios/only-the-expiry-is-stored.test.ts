import { scenario } from './support/scenario.ts';

scenario(async ({ run }) => {
  await run({ 'refresh-token-secret': undefined, 'expires-at-variable': 'COBO_EXPIRES_AT' });
});
