import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario({ stores: ['environment:cobo', 'repository'] }, async ({ github, run }) => {
  github.faults.add({ match: storing('repository'), fault: { kind: 'status', status: 503, when: 'before' } });
  await run();
});
