import { leaveEnvelope, recording } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, github, run, cancel }) => {
  const envelope = { 'recovery-envelope': await leaveEnvelope({ github, run }) };
  await run({ ...envelope, 'dry-run': 'true' });
  const next = { kind: 'delay', ms: 500, when: 'after' } as const;
  github.faults.add({ match: recording(), fault: { kind: 'hook', when: 'before', run: () => cancel(), next } });
  await run(envelope);
  const body = '{"error":"invalid_client","error_description":"The app is disabled."}';
  cobo.faults.add({ fault: { kind: 'status', status: 401, signed: true, body, when: 'before' } });
  await run(envelope);
  // A dry run, a cancelled run and a refused one later, the old token is still in doubt.
  await run();
});
