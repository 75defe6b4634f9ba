import { TIMEOUT_GREETING } from '../../emulators/server.ts';
import { scenario } from './support/scenario.ts';

const nothingStored = { 'refresh-token-secret': undefined, 'github-token': undefined, 'secret-stores': undefined };

scenario(async ({ cobo, run }) => {
  // The 408 comes while the request is being signed, and is not the answer to it.
  cobo.greeting = { bytes: TIMEOUT_GREETING, times: 1 };
  await run(nothingStored);
  if (cobo.connections.greeted !== 1) throw new Error('no connection was greeted');
});
