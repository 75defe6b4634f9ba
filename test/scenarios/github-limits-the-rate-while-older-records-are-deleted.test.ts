import { SECRET } from '../../emulators/stage.ts';
import { deletingRecord } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, stores: [store = ''], run }) => {
  github.setSecret(store, `${SECRET}_IN_FLIGHT_0123456789AB`, 'x', Date.now() - 86_400_000);
  github.faults.add({
    match: deletingRecord(),
    fault: { kind: 'status', status: 429, headers: { 'retry-after': '3600' }, when: 'before' },
  });
  await run();
});
