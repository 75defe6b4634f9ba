import { gate, storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario({ stores: ['environment:cobo', 'repository'] }, async ({ github, run, loseMachine }) => {
  const both = gate(2);
  const lost = async () => {
    await both();
    await loseMachine();
  };
  github.faults.add({
    match: storing('environment:cobo'),
    fault: { kind: 'hook', when: 'after', run: lost, next: { kind: 'cut', when: 'after' } },
  });
  github.faults.add({
    match: storing('repository'),
    fault: { kind: 'hook', when: 'before', run: lost, next: { kind: 'cut', when: 'before' } },
  });
  await run();
  await run();
});
