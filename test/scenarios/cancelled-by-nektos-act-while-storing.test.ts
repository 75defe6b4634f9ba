import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run, cancel }) => {
  github.faults.add({
    match: storing(),
    fault: { kind: 'hook', when: 'before', run: () => cancel('act'), next: { kind: 'hang', when: 'before' } },
  });
  await run();
});
