import { REPOSITORY, SECRET } from '../../emulators/stage.ts';
import { furnish } from './support/example.ts';
import { scenario } from './support/scenario.ts';

scenario({ grants: [{ repo: REPOSITORY, environments: 'write' }] }, async ({ example, ...scene }) => {
  furnish(scene);
  for (const store of scene.stores) scene.github.removeSecret(store, SECRET);
  await example('first-run', { event: 'workflow_dispatch' });
  await example('first-run', { event: 'workflow_dispatch', inputs: { 'check-only': false } });
});
