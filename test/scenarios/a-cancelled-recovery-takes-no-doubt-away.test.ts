import { leaveEnvelope } from './support/envelope.ts';
import { recording } from './support/match.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run, cancel }) => {
  const envelope = await leaveEnvelope({ github, run });
  const delay = { kind: 'delay', ms: 200, when: 'after' } as const;
  github.faults.add({
    match: recording(),
    fault: { kind: 'hook', when: 'before', run: () => cancel(), next: delay },
  });
  await run({ 'recovery-envelope': envelope });
  await run();
});
