import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run }) => {
  cobo.faults.add({ fault: { kind: 'trailing', bytes: '\r\nnot HTTP\r\n' } });
  await run();
});
