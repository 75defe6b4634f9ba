import { readingKey } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run, cancel }) => {
  github.faults.add({
    match: readingKey(),
    fault: { kind: 'hook', when: 'before', run: () => cancel(), next: { kind: 'hang', when: 'before' } },
  });
  await run();
});
