import { storing } from './support/match.ts';
import { scenario } from './support/scenario.ts';

scenario({ stores: ['environment:cobo', 'repository'] }, async ({ github, run, kill }) => {
  github.faults.add({
    match: storing('environment:cobo'),
    fault: { kind: 'hook', when: 'before', run: kill, next: { kind: 'hang', when: 'before' } },
  });
  github.faults.add({ match: storing('repository'), fault: { kind: 'hang', when: 'before' } });
  await run();
});
