import { furnish } from './support/example.ts';
import { scenario } from './support/scenario.ts';

scenario({ stores: [], environments: ['cobo'] }, async ({ example, refreshToken, ...scene }) => {
  furnish(scene);
  await example('hashicorp-vault', { outputs: { read: { token: refreshToken } } });
});
