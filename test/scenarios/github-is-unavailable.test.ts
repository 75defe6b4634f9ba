import { readingKey } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.faults.add({ match: readingKey(), fault: { kind: 'status', status: 503, when: 'before' }, times: 2 });
  await run({ 'max-attempts': '2' });
});
