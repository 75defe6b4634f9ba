import { ENVELOPE } from './support/crypto.ts';
import { storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, run, cancel, shows, loseMachine }) => {
  // A run that is cancelled while it stores shows the envelope at once.
  const lost = async () => {
    cancel();
    await shows(/^recovery-envelope: /);
    await loseMachine();
  };
  github.faults.add({
    match: storing(),
    fault: { kind: 'hook', when: 'before', run: lost, next: { kind: 'cut', when: 'before' } },
  });
  const main = await run();
  await run({ 'recovery-envelope': main.log.match(ENVELOPE)?.[0] ?? '' });
});
