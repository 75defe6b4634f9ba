import { scenario } from './support/scenario.ts';

scenario({ cobo: { contentEncoding: 'gzip' } }, async ({ run }) => {
  await run();
});
