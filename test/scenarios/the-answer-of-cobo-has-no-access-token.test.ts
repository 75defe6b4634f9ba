import type { PlainAnswer } from '../../emulators/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, run }) => {
  const rewrite = (answer: PlainAnswer): PlainAnswer => ({
    ...answer,
    body: answer.body.replace('"access_token"', '"token"'),
  });
  cobo.faults.add({ fault: { kind: 'rewrite', rewrite, resign: true } });
  await run();
});
