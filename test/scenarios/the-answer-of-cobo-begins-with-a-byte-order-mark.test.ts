import { scenario } from './support/scenario.ts';

scenario({ cobo: { byteOrderMark: true } }, async ({ run }) => {
  await run();
});
