import { gate, readingKey, storing } from './support/faults.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, writer, run }) => {
  const revoke = () => github.revoke(writer);
  github.faults.add({ match: storing(), fault: { kind: 'hook', when: 'before', run: revoke } });
  // The post step asks for the key and the list at once, and tells of the first refusal: let it be the key's.
  const both = gate(2);
  github.faults.add({ match: readingKey(), skip: 1, fault: { kind: 'hook', when: 'before', run: both } });
  github.faults.add({
    match: { method: 'GET', path: /\/secrets$/ },
    skip: 1,
    fault: { kind: 'hook', when: 'before', run: both, next: { kind: 'hang', when: 'before' } },
  });
  await run({ 'max-attempts': '1' });
});
