import type { FaultRule } from '../../../emulators/faults.ts';
import { SECRET } from '../../../emulators/stage.ts';

type Match = NonNullable<FaultRule['match']>;

/** The request that stores the refresh token: in a store of `secret-stores`, or in any. */
export function storing(store?: string, secret: string = SECRET): Match {
  return { method: 'PUT', path: new RegExp(`${pathOf(store)}/${secret}$`) };
}

/** The request that writes the in-flight record. */
export function recording(store?: string): Match {
  return { method: 'PUT', path: new RegExp(`${pathOf(store)}/${SECRET}_IN_FLIGHT_\\w+$`) };
}

/** The request that deletes an in-flight record. */
export function deletingRecord(store?: string): Match {
  return { method: 'DELETE', path: new RegExp(`${pathOf(store)}/${SECRET}_IN_FLIGHT_\\w+$`) };
}

/** The request for the key that seals secrets for a store. */
export function readingKey(store?: string): Match {
  return { method: 'GET', path: new RegExp(`${pathOf(store)}/public-key$`) };
}

function pathOf(store: string | undefined): string {
  if (store === undefined) return '/secrets';
  const [kind = '', name = ''] = store.split(':');
  const paths: Record<string, string> = {
    repository: '/actions/secrets',
    environment: `/environments/${name}/secrets`,
    organization: `/orgs/${name}/actions/secrets`,
    dependabot: '/dependabot/secrets',
  };
  const path = paths[kind];
  if (path === undefined) throw new Error(`no such store: ${store}`);
  return path;
}
