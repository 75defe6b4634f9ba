import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.faults.add({
    match: storing(),
    fault: {
      kind: 'status',
      status: 403,
      headers: { 'retry-after': '1' },
      body: '{"message":"You have exceeded a secondary rate limit."}',
      when: 'before',
    },
  });
  await run();
});
