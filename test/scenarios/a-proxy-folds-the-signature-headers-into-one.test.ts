import { scenario } from './support/scenario.ts';

scenario({ cobo: { signatureHeaders: 'folded' } }, async ({ run }) => {
  await run();
});
