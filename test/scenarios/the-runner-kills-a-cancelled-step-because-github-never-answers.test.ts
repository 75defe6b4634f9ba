import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run, cancel }) => {
  const soon = { intMs: 600, termMs: 300 };
  github.faults.add({
    match: storing(),
    fault: { kind: 'hook', when: 'before', run: () => cancel(soon), next: { kind: 'hang', when: 'before' } },
  });
  await run();
});
