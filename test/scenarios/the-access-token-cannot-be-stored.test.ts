import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.faults.add({
    match: storing('environment:cobo', 'COBO_ACCESS_TOKEN'),
    fault: { kind: 'status', status: 403, when: 'before' },
    times: Number.POSITIVE_INFINITY,
  });
  await run({ 'access-token-secret': 'COBO_ACCESS_TOKEN', 'expires-at-variable': 'COBO_EXPIRES_AT' });
});
