import { storing } from './support/match.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ github, writer, run }) => {
  const revoke = () => github.revoke(writer);
  github.faults.add({ match: storing(), fault: { kind: 'hook', when: 'before', run: revoke } });
  await run({ 'max-attempts': '2' });
});
