import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run, kill }) => {
  cobo.faults.add({ fault: { kind: 'hook', when: 'before', run: kill, next: { kind: 'cut', when: 'after' } } });
  await run({ 'refresh-token-secret': undefined, 'access-token-secret': 'COBO_ACCESS_TOKEN' });
});
