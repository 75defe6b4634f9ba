import { scenario } from './support/scenario.ts';

scenario({ stores: ['environment:cobo', 'repository'] }, async ({ cobo, run }) => {
  const other = { run: async () => void (await run()) };
  cobo.faults.add({ fault: { kind: 'hook', when: 'before', ...other } });
  await run();
});
