import { scenario } from './support/scenario.ts';

const HOUR = 3_600_000;

scenario(async ({ refreshToken, run }) => {
  await run();
  // The environment's secrets were read when this job was set up, an hour ago.
  const anHourAgo = new Date(Date.now() - HOUR);
  await run({ 'refresh-token': refreshToken }, { jobStartedAt: anHourAgo });
});
