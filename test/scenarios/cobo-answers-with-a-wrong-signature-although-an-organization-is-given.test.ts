import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run }) => {
  cobo.faults.add({ fault: { kind: 'bad-signature' } });
  await run({ 'org-id': cobo.client.orgId });
});
