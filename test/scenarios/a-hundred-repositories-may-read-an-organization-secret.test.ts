import { REPOSITORY, SECRET } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

const DAY = 24 * 3_600_000;

scenario({ stores: ['organization:octo-org'] }, async ({ github, refreshToken, stores: [store = ''], run }) => {
  // The list of them is larger than a megabyte.
  github.padDescriptionsTo = 12_000;
  const selectedRepositoryIds = [github.addRepository(REPOSITORY)];
  for (let n = 2; n <= 100; n += 1) selectedRepositoryIds.push(github.addRepository(`octo-org/repo-${n}`));
  const audience = { visibility: 'selected', selectedRepositoryIds } as const;
  github.setSecret(store, SECRET, refreshToken, Date.now() - DAY, audience);
  await run();
});
