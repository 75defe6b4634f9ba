import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run, kill }) => {
  github.faults.add({
    match: storing(),
    fault: { kind: 'hook', when: 'before', run: kill, next: { kind: 'cut', when: 'before' } },
  });
  await run({}, { files: { summary: 'gone' } });
});
