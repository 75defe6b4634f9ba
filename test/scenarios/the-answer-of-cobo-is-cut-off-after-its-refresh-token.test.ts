import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run }) => {
  cobo.faults.add({ fault: { kind: 'cut', when: 'after-token' } });
  await run();
});
