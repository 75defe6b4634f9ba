import { REPOSITORY } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

const grants = [{ repo: REPOSITORY, secrets: 'write' }] as const;

scenario({ stores: ['repository'], grants }, async ({ run }) => {
  await run();
});
