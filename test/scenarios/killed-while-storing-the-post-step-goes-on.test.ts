import { gate, storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario({ stores: ['environment:cobo', 'repository'] }, async ({ github, run, kill }) => {
  const both = gate(2);
  const killed = async () => {
    await both();
    await kill();
  };
  // One store has the token when the process dies, and the process does not know it. The other one has not.
  github.faults.add({
    match: storing('environment:cobo'),
    fault: { kind: 'hook', when: 'after', run: killed, next: { kind: 'cut', when: 'after' } },
  });
  github.faults.add({
    match: storing('repository'),
    fault: { kind: 'hook', when: 'before', run: killed, next: { kind: 'cut', when: 'before' } },
  });
  await run();
});
