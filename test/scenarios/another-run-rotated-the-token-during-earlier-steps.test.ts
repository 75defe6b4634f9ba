import { scenario } from './support/scenario.ts';

scenario(async ({ refreshToken, run }) => {
  await run();
  // The environment's secrets were read when this job was set up. The runner writes the event file anew
  // before every step, and its folder once.
  const threeMinutesAgo = new Date(Date.now() - 180_000);
  await run({ 'refresh-token': refreshToken }, { jobStartedAt: threeMinutesAgo, stepStartedAt: new Date() });
});
