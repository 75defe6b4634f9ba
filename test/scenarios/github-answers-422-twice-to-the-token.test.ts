import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.faults.add({
    match: storing(),
    fault: { kind: 'status', status: 422, body: '{"message":"Validation Failed"}', when: 'before' },
    times: 2,
  });
  await run();
});
