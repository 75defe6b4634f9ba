import { SECRET } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

const DAY = 24 * 3_600_000;

scenario(async ({ github, refreshToken, stores, run }) => {
  for (const store of stores) github.setSecret(store, SECRET, refreshToken, Date.now() - 27 * DAY);
  await run();
});
