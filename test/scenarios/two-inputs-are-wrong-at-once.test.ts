import { scenario } from './support/scenario.ts';

scenario(async ({ run }) => {
  await run({ 'secret-stores': 'enviroment:cobo', 'cobo-environment': 'production' });
});
