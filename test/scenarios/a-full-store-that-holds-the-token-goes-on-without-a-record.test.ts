import { scenario } from './support/scenario.ts';

scenario(async ({ github, stores: [store = ''], run }) => {
  for (let n = 1; n < 100; n += 1) github.setSecret(store, `OTHER_${n}`, 'x');
  await run();
});
