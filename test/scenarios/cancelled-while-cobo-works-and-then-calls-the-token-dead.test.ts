import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, refreshToken, run, cancel }) => {
  cobo.expireToken(refreshToken);
  cobo.faults.add({
    fault: { kind: 'hook', when: 'before', run: () => cancel(), next: { kind: 'delay', ms: 500, when: 'before' } },
  });
  await run();
});
