import { REPOSITORY } from '../../emulators/stage.ts';
import { furnish } from './support/example.ts';
import { scenario } from './support/scenario.ts';

const from = (full_name: string) =>
  ({ event: 'pull_request', payload: { pull_request: { head: { repo: { full_name } } } } }) as const;

scenario({ grants: [{ repo: REPOSITORY, environments: 'write' }] }, async ({ example, ...scene }) => {
  furnish(scene);
  // The first one rotates, the second one sends no request, and a fork gets nothing.
  await example('reuse-in-pull-requests', from(REPOSITORY));
  await example('reuse-in-pull-requests', from(REPOSITORY));
  await example('reuse-in-pull-requests', from('somebody/fork'));
});
