import { REPOSITORY } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

const options = {
  stores: ['environment:cobo', 'repository'],
  grants: [{ repo: REPOSITORY, environments: 'write', secrets: 'read', actions: 'read' }],
} as const;

scenario(options, async ({ run }) => {
  await run();
});
