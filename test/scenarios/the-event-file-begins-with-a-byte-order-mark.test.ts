import { scenario } from './support/scenario.ts';

scenario(async ({ run }) => {
  await run({}, { eventText: '\uFEFF{"action":"x"}' });
});
