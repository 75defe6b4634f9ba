import { SECRET } from '../../emulators/stage.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, stores: [store = ''], run }) => {
  await run();
  await run({ 'refresh-token': github.secretValue(store, SECRET) ?? '' });
});
