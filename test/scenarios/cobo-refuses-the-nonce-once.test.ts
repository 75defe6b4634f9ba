import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run }) => {
  const error = { error_code: 2023, error_message: 'nonce already used', error_id: '0'.repeat(32) };
  cobo.faults.add({
    fault: { kind: 'status', status: 401, body: JSON.stringify(error), when: 'before', signed: true },
  });
  await run();
});
