import { scenario } from './support/scenario.ts';

// The runner's clock is an hour behind.
scenario({ cobo: { now: () => Date.now() + 3_600_000 } }, async ({ run }) => {
  await run();
});
