import { SECRET } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, github, stores, run }) => {
  for (const store of stores) github.removeSecret(store, SECRET);
  await run({ 'refresh-token': '', 'org-id': cobo.client.orgId });
});
