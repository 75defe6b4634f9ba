import { scenario } from './support/scenario.ts';

scenario({ stores: ['environment:cobo', 'repository'] }, async ({ cobo, run }) => {
  const another = async () => {
    await run();
  };
  cobo.faults.add({ fault: { kind: 'hook', when: 'before', run: another } });
  await run();
});
