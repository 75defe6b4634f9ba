import { deletingRecord } from './support/match.ts';
import { scenario } from './support/scenario.ts';

scenario({ except: { records: 'GitHub refuses to delete it, and both steps say so' } }, async ({ github, run }) => {
  github.faults.add({
    match: deletingRecord(),
    fault: { kind: 'status', status: 503, when: 'before' },
    times: Number.POSITIVE_INFINITY,
  });
  await run({ 'dry-run': 'true', 'max-attempts': '1' });
});
