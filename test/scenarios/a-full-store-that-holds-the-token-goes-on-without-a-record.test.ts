import { scenario } from './support/scenario.ts';

scenario(async ({ github, stores, run }) => {
  for (const store of stores) {
    for (let n = 1; n < 100; n += 1) github.setSecret(store, `OTHER_${n}`, 'x');
  }
  await run();
  // They say nothing in the snapshot.
  for (const store of stores) {
    for (let n = 1; n < 100; n += 1) github.removeSecret(store, `OTHER_${n}`);
  }
});
