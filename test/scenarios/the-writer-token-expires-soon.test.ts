import type { PlainAnswer } from '../../emulators/faults.ts';
import { scenario } from './support/scenario.ts';

const DAY = 24 * 3_600_000;

scenario(async ({ github, run }) => {
  const inFiveDays = new Date(Date.now() + 5 * DAY).toISOString().slice(0, 19).replace('T', ' ');
  const rewrite = (answer: PlainAnswer): PlainAnswer => {
    const expiry = { 'github-authentication-token-expiration': `${inFiveDays} UTC` };
    return { ...answer, headers: { ...answer.headers, ...expiry } };
  };
  github.faults.add({ fault: { kind: 'rewrite', rewrite }, times: Number.POSITIVE_INFINITY });
  await run();
});
