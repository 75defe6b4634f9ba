import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run }) => {
  cobo.faults.add({
    fault: { kind: 'status', status: 503, signed: true, when: 'before' },
    times: Number.POSITIVE_INFINITY,
  });
  await run({ 'max-attempts': '2' });
});
