import { scenario } from './support/scenario.ts';

scenario(async ({ name, run }) => {
  name('not-a-key-at-all', 'what is no key');
  await run({ 'private-key': 'not-a-key-at-all' });
});
