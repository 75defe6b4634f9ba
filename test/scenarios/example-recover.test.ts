import { REPOSITORY } from '../../emulators/stage.ts';
import { furnish } from './support/example.ts';
import { leaveEnvelope } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario({ grants: [{ repo: REPOSITORY, environments: 'write' }] }, async ({ example, ...scene }) => {
  furnish(scene);
  const envelope = await leaveEnvelope(scene);
  await example('recover', { event: 'workflow_dispatch', inputs: { envelope } });
});
