import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run, kill }) => {
  cobo.faults.add({ fault: { kind: 'hook', when: 'before', run: kill, next: { kind: 'hang', when: 'before' } } });
  await run();
});
