import { leaveEnvelope } from './support/envelope.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, github, run }) => {
  const envelope = await leaveEnvelope({ github, run });
  const body = '{"error":"invalid_client","error_description":"The app is disabled."}';
  cobo.faults.add({ fault: { kind: 'status', status: 401, signed: true, body, when: 'before' } });
  await run({ 'recovery-envelope': envelope });
  await run();
});
