import { storing } from './support/match.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.faults.add({ match: storing(), fault: { kind: 'rotate-key' } });
  await run();
});
