import { scenario } from './support/scenario.ts';

scenario({ stores: ['environment:cobo', 'repository'] }, async ({ run }) => {
  await run({ 'dry-run': 'true' });
});
