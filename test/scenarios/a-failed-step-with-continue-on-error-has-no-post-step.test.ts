import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.faults.add({ match: storing(), fault: { kind: 'status', status: 403, when: 'before' } });
  await run({ 'max-attempts': '1' }, { continueOnError: true });
});
