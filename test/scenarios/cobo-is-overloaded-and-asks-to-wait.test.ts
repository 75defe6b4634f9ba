import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run }) => {
  cobo.faults.add({ fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' }, when: 'before' } });
  await run();
});
