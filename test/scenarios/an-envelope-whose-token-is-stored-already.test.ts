import { storing } from './support/match.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  github.faults.add({
    match: storing(),
    fault: { kind: 'status', status: 503, when: 'before' },
    times: 2,
  });
  // The post step stores the token, and the envelope in the log is of no use any more.
  const { main } = await run({ 'max-attempts': '2' });
  await run({ 'recovery-envelope': main.outputs['recovery-envelope'] ?? '' });
});
