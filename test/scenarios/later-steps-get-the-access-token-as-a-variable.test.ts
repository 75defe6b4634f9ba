import { scenario } from './support/scenario.ts';

scenario(async ({ run }) => {
  await run({ 'access-token-env': 'COBO_TOKEN' });
});
