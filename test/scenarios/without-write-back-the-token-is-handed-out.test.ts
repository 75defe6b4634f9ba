import { scenario } from './support/scenario.ts';

scenario(async ({ run }) => {
  await run({ 'refresh-token-secret': undefined, 'github-token': undefined, 'secret-stores': undefined });
});
