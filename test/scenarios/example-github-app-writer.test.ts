import { REPOSITORY } from '../../emulators/stage.ts';
import { furnish } from './support/example.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ example, name, ...scene }) => {
  furnish(scene);
  const token = 'ghs_EXAMPLEtokenOfTheApp';
  name(token, 'token of the app');
  const grants = [{ repo: REPOSITORY, environments: 'write' }] as const;
  scene.github.addToken({ token, grants, kind: 'integration' });
  await example('github-app-writer', { outputs: { writer: { token } } });
});
