import { SECRET } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

scenario({ stores: ['environment:cobo', 'dependabot'] }, async ({ github, stores: [, full = ''], run }) => {
  github.removeSecret(full, SECRET);
  for (let n = 1; n <= 100; n += 1) github.setSecret(full, `OTHER_${n}`, 'x');
  await run();
});
