import type { FaultRule } from '../../../emulators/faults.ts';
import { SECRET } from '../../../emulators/stage.ts';
import type { Scene } from './scenario.ts';

type Match = NonNullable<FaultRule['match']>;

/** The request that stores the refresh token: in a store of `secret-stores`, or in any. */
export const storing = (store?: string, secret: string = SECRET): Match => to('PUT', store, secret);

/** The request that writes the in-flight record. */
export const recording = (store?: string): Match => to('PUT', store, `${SECRET}_IN_FLIGHT_\\w+`);

/** The request that deletes an in-flight record. */
export const deletingRecord = (store?: string): Match => to('DELETE', store, `${SECRET}_IN_FLIGHT_\\w+`);

/** The request for the key that seals secrets for a store. */
export const readingKey = (store?: string): Match => to('GET', store, 'public-key');

function to(method: string, store: string | undefined, name: string): Match {
  const [kind = '', place] = store?.split(':') ?? [];
  const paths: Record<string, string> = {
    '': '/secrets',
    repository: '/actions/secrets',
    environment: `/environments/${place}/secrets`,
    organization: `/orgs/${place}/actions/secrets`,
    dependabot: '/dependabot/secrets',
  };
  const path = paths[kind];
  if (path === undefined) throw new Error(`no such store: ${store}`);
  return { method, path: new RegExp(`${path}/${name}$`) };
}

/** Plays a run whose token no store takes, not even in the post step. @returns its envelope */
export async function leaveEnvelope({ github, run }: Pick<Scene, 'github' | 'run'>): Promise<string> {
  github.faults.add({ match: storing(), fault: { kind: 'status', status: 403, when: 'before' }, times: 2 });
  const { outputs } = await run({ 'max-attempts': '1' });
  return outputs['recovery-envelope'] ?? '';
}

/** A gate for requests in hand at once, for hooks of faults: each call waits until there are `all`. */
export function gate(all: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) >= all) for (const go of waiting) go();
    });
}
