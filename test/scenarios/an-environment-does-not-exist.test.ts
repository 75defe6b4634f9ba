import { scenario } from './support/scenario.ts';

scenario(async ({ run }) => {
  await run({ 'secret-stores': 'environment:cobo\nenvironment:production' });
});
