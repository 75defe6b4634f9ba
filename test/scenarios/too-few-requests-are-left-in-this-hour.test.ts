import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.rateLimit = { limit: 5000, remaining: 3, resetAt: github.clock + 1_800_000 };
  await run();
});
