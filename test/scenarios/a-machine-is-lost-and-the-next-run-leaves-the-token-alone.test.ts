import { scenario } from './support/scenario.ts';

scenario({ stores: ['environment:cobo', 'repository'] }, async ({ cobo, run, loseMachine }) => {
  cobo.faults.add({ fault: { kind: 'hook', when: 'after', run: loseMachine, next: { kind: 'cut', when: 'after' } } });
  await run();
  await run();
});
