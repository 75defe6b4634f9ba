import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run }) => {
  cobo.faults.add({ fault: { kind: 'hang', when: 'before' } });
  await run({}, { timeoutMinutes: 0.1, timeoutManner: { intMs: 600, termMs: 300 } });
});
