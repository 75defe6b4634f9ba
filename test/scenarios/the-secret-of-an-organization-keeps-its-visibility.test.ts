import { REPOSITORY, SECRET } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

const DAY = 24 * 3_600_000;

scenario({ stores: ['organization:octo-org'] }, async ({ github, refreshToken, stores: [store = ''], run }) => {
  const selectedRepositoryIds = [github.addRepository(REPOSITORY)];
  const audience = { visibility: 'selected', selectedRepositoryIds } as const;
  github.setSecret(store, SECRET, refreshToken, Date.now() - DAY, audience);
  await run();
});
