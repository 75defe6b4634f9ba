import { REPOSITORY } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.archiveRepository(REPOSITORY);
  await run();
});
