import { REPOSITORY } from '../../emulators/stage.ts';
import { furnish } from './support/example.ts';
import { scenario } from './support/scenario.ts';

scenario({ grants: [{ repo: REPOSITORY, environments: 'write' }] }, async ({ example, ...scene }) => {
  furnish(scene);
  await example('long-job', { event: 'workflow_dispatch' });
});
