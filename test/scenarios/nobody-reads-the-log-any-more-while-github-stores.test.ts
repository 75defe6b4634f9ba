import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run, closeOutput }) => {
  // The line that tells of the second attempt cannot be written.
  github.faults.add({
    match: storing(),
    fault: { kind: 'hook', when: 'before', run: closeOutput, next: { kind: 'status', status: 503, when: 'before' } },
  });
  await run();
});
