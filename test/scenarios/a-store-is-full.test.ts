import { SECRET } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

scenario({ stores: ['environment:cobo', 'dependabot'] }, async ({ github, stores: [, full = ''], run }) => {
  const others = Array.from({ length: 100 }, (_, n) => `OTHER_${n}`);
  github.removeSecret(full, SECRET);
  for (const name of others) github.setSecret(full, name, 'x');
  await run();
  // They say nothing in the snapshot.
  for (const name of others) github.removeSecret(full, name);
});
