import { scenario } from './support/scenario.ts';

const except = { 'masked first': 'a mask cannot be written to a log that nobody reads' };

scenario({ except }, async ({ cobo, run, closeOutput }) => {
  cobo.faults.add({ fault: { kind: 'hook', when: 'before', run: closeOutput } });
  await run();
});
