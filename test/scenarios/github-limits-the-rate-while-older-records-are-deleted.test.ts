import { SECRET } from '../../emulators/stage.ts';
import { deletingRecord } from './support/match.ts';
import { scenario } from './support/scenario.ts';

const except = { records: 'what cannot be deleted now is left to the next run' };

scenario({ except }, async ({ github, stores: [store = ''], run }) => {
  github.setSecret(store, `${SECRET}_IN_FLIGHT_0123456789AB`, 'x', Date.now() - 86_400_000);
  github.faults.add({
    match: deletingRecord(),
    fault: { kind: 'status', status: 429, headers: { 'retry-after': '3600' }, when: 'before' },
  });
  await run();
});
