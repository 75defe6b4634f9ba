import { scenario } from './support/scenario.ts';

scenario({ stores: [] }, async ({ cobo, run, kill }) => {
  cobo.faults.add({ fault: { kind: 'hook', when: 'before', run: kill, next: { kind: 'cut', when: 'after' } } });
  await run({ 'refresh-token-secret': undefined, 'secret-stores': undefined, 'github-token': undefined });
});
