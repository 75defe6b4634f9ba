import { REPOSITORY, SECRET } from '../../emulators/stage.ts';
import { furnish } from './support/example.ts';
import { scenario } from './support/scenario.ts';

const stores = ['environment:cobo', 'dependabot'];
const grants = [{ repo: REPOSITORY, environments: 'write', dependabot_secrets: 'write', actions: 'read' }] as const;

scenario({ stores, grants }, async ({ example, ...scene }) => {
  const {
    cobo,
    github,
    stores: [, dependabot = ''],
  } = scene;
  furnish(scene);
  github.setSecret(dependabot, 'COBO_APP_SECRET', cobo.client.appSecretHex);
  github.removeSecret(dependabot, SECRET);
  await example('dependabot-secrets');
  await example('dependabot-secrets', { event: 'pull_request', actor: 'dependabot[bot]' });
});
