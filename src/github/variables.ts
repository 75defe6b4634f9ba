import type { GitHub } from './client.ts';
import { GitHubFailure } from './failure.ts';
import type { Store } from './stores.ts';

/** Whether a variable of that name is there; also proves that variables may be read. @throws GitHubFailure */
export async function hasVariable(github: GitHub, path: string, name: string): Promise<boolean> {
  try {
    await github.call('GET', `${path}/${name}`);
    return true;
  } catch (error) {
    if (error instanceof GitHubFailure && error.status === 404) return false;
    throw error;
  }
}

/**
 * Creates or updates a variable. When it came or went since `exists` was read, the other request is sent.
 * @throws GitHubFailure
 */
export async function putVariable(
  github: GitHub,
  store: Store,
  path: string,
  name: string,
  value: string,
  exists: boolean,
): Promise<void> {
  const create = () =>
    github.call('POST', path, {
      body: { name, value, ...(store.kind === 'organization' ? { visibility: 'private' } : {}) },
    });
  const update = () => github.call('PATCH', `${path}/${name}`, { body: { name, value } });
  try {
    await (exists ? update() : create());
  } catch (error) {
    if (!(error instanceof GitHubFailure)) throw error;
    if (exists && error.status === 404) await create();
    else if (!exists && (error.status === 409 || error.status === 422)) await update();
    else throw error;
  }
}
