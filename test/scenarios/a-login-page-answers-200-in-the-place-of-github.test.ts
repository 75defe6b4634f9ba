import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.faults.add({
    match: storing(),
    fault: {
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html><body>Please log in</body></html>',
      when: 'before',
    },
  });
  await run();
});
