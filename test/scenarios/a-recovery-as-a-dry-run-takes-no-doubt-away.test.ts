import { leaveEnvelope } from './support/envelope.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  const envelope = await leaveEnvelope({ github, run });
  await run({ 'recovery-envelope': envelope, 'dry-run': 'true' });
  await run();
});
