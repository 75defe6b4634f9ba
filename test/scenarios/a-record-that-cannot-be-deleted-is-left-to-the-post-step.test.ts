import { deletingRecord } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.faults.add({ match: deletingRecord(), fault: { kind: 'status', status: 503, when: 'before' }, times: 2 });
  await run({ 'dry-run': 'true', 'max-attempts': '2' });
});
