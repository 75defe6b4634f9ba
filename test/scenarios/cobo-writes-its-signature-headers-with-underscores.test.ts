import { scenario } from './support/scenario.ts';

scenario({ cobo: { signatureHeaders: 'underscore' } }, async ({ run }) => {
  await run();
});
