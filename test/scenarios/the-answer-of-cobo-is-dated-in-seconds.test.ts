import { scenario } from './support/scenario.ts';

scenario({ cobo: { timestampInSeconds: true } }, async ({ run }) => {
  await run();
});
