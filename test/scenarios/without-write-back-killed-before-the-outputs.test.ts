import { killedBeforeOutput } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario({ stores: [] }, async ({ run }) => {
  const noStores = { 'refresh-token-secret': undefined, 'secret-stores': undefined, 'github-token': undefined };
  await run(noStores, { nodeOptions: killedBeforeOutput('refresh-token') });
});
