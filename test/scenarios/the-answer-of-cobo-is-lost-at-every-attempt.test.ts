import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run }) => {
  cobo.faults.add({ fault: { kind: 'cut', when: 'before' }, times: Number.POSITIVE_INFINITY });
  await run({ 'max-attempts': '2' });
});
