import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run, cancel }) => {
  cobo.faults.add({
    fault: { kind: 'hook', when: 'before', run: () => cancel(), next: { kind: 'delay', ms: 500, when: 'after' } },
  });
  await run();
});
