import { scenario } from './support/scenario.ts';

scenario(async ({ run, cancel, shows }) => {
  // Nobody listens there.
  const cobo = { 'api-url': 'http://127.0.0.1:1/v2', 'max-attempts': '20' };
  await Promise.all([run(cobo), shows(/Trying again/).then(() => cancel())]);
});
