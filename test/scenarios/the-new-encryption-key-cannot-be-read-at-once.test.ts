import { readingKey, storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.faults.add({ match: storing(), fault: { kind: 'rotate-key' } });
  // The first one comes before the refresh.
  github.faults.add({ match: readingKey(), fault: { kind: 'status', status: 403, when: 'before' }, skip: 1 });
  await run({ 'max-attempts': '3' });
});
