import { leaveEnvelope } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  await run({ 'recovery-envelope': await leaveEnvelope({ github, run }) });
});
