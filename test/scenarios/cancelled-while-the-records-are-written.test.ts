import { recording } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run, cancel }) => {
  github.faults.add({
    match: recording(),
    fault: { kind: 'hook', when: 'after', run: () => cancel(), next: { kind: 'delay', ms: 500, when: 'after' } },
  });
  await run();
});
