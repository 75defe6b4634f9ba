import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run }) => {
  // A minute passes between the look at the store and the writing: GitHub's times have whole seconds.
  const aMinutePasses = () => {
    github.clockSkewMs = 60_000;
  };
  const fault = { kind: 'status', status: 503, when: 'before' } as const;
  github.faults.add({ match: storing(), fault: { kind: 'hook', when: 'before', run: aMinutePasses, next: fault } });
  // The post step stores the token, and the envelope in the log is of no use any more.
  const { outputs } = await run({ 'max-attempts': '1' });
  await run({ 'recovery-envelope': outputs['recovery-envelope'] ?? '' });
});
