import { scenario } from './support/scenario.ts';

scenario({ cobo: { signatureHeaders: 'disagreeing' } }, async ({ run }) => {
  await run();
});
