import { scenario } from './support/scenario.ts';

const stores = Array.from({ length: 40 }, (_, n) => `environment:cobo-${String(n + 1).padStart(2, '0')}`);

scenario({ stores }, async ({ github, run }) => {
  github.secondaryLimits = true;
  await run();
});
