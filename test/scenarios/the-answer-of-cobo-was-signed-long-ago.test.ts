import { scenario } from './support/scenario.ts';

scenario({ cobo: { timestampOffsetMs: -20 * 60_000 } }, async ({ run }) => {
  await run();
});
