import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.faults.add({
    match: storing(),
    fault: { kind: 'status', status: 403, when: 'before' },
    times: Number.POSITIVE_INFINITY,
  });
  await run({ 'max-attempts': '2' }, { continueOnError: true });
});
