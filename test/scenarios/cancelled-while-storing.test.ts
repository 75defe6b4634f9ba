import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario({ stores: ['environment:cobo', 'repository'] }, async ({ github, run, cancel }) => {
  github.faults.add({
    match: storing('environment:cobo'),
    fault: { kind: 'hook', when: 'before', run: () => cancel(), next: { kind: 'delay', ms: 500, when: 'after' } },
  });
  await run();
});
