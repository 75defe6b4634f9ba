import { scenario } from './support/scenario.ts';

scenario({ cobo: { omitRefreshToken: true } }, async ({ run }) => {
  await run();
});
