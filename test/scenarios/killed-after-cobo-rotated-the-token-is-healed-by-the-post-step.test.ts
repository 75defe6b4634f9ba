import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run, kill }) => {
  cobo.faults.add({ fault: { kind: 'hook', when: 'after', run: kill, next: { kind: 'cut', when: 'after' } } });
  await run({ 'org-id': cobo.client.orgId });
});
