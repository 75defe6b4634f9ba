import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run, cancel, shows }) => {
  cobo.faults.add({ fault: { kind: 'status', status: 429, headers: { 'retry-after': '20' }, when: 'before' } });
  await Promise.all([run(), shows(/Trying again/).then(() => cancel())]);
});
