import { killedBeforeOutput } from './support/killed.ts';
import { scenario } from './support/scenario.ts';

scenario({ stores: [] }, async ({ run }) => {
  const noStores = {
    'refresh-token-secret': undefined,
    'secret-stores': undefined,
    'github-token': undefined,
  };
  await run(noStores, { nodeOptions: killedBeforeOutput('refresh-token') });
});
