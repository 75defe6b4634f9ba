import { REPOSITORY, SECRET } from '../../emulators/stage.ts';
import { furnish } from './support/example.ts';
import { scenario } from './support/scenario.ts';

const stores = ['environment:cobo/acme', 'environment:cobo/umbrella'];
const grants = [{ repo: REPOSITORY, environments: 'write' }] as const;

scenario({ stores, grants }, async ({ example, name, ...scene }) => {
  const {
    cobo,
    github,
    stores: [, second = ''],
  } = scene;
  furnish(scene, 'cobo/acme');
  furnish(scene, 'cobo/umbrella');
  const another = cobo.issueRefreshToken();
  name(another, 'refresh token of the second organization');
  github.setSecret(second, SECRET, another, github.clock - 60_000);
  github.setVariable(`repository@${REPOSITORY}`, 'COBO_ORGANIZATIONS', '["acme","umbrella"]');
  await example('one-environment-per-organization');
});
