import { scenario } from './support/scenario.ts';

scenario({ cobo: { contentEncoding: 'br', signatureOver: 'decoded' } }, async ({ run }) => {
  await run();
});
