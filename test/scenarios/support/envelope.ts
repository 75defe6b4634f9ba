import { storing } from './match.ts';
import type { Scene } from './scenario.ts';

/** Plays a run whose token no store takes, not even in the post step. @returns its envelope */
export async function leaveEnvelope({ github, run }: Pick<Scene, 'github' | 'run'>): Promise<string> {
  github.faults.add({ match: storing(), fault: { kind: 'status', status: 403, when: 'before' }, times: 2 });
  const { main } = await run({ 'max-attempts': '1' });
  return main.outputs['recovery-envelope'] ?? '';
}
