import { scenario } from './support/scenario.ts';

scenario({ stores: ['repository'] }, async ({ run }) => {
  await run();
});
