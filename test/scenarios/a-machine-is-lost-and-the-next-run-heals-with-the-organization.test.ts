import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run, loseMachine }) => {
  cobo.faults.add({ fault: { kind: 'hook', when: 'after', run: loseMachine, next: { kind: 'cut', when: 'after' } } });
  await run();
  await run({ 'org-id': cobo.client.orgId });
});
