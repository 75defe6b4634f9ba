import type { Call, GitHub, Manner } from './client.ts';
import type { Store } from './grammar.ts';

/** Whether a variable of that name is there; `false` where the store has no variables. @throws GitHubFailure */
export async function hasVariable(github: GitHub, store: Store, name: string): Promise<boolean> {
  const { variablesPath: path } = store;
  if (path === undefined) return false;
  const call = about(store, 'Reading', name, 'read');
  const reply = await github.call({ ...call, method: 'GET', path: `${path}/${name}`, expect: [200, 404] });
  return reply.status === 200;
}

/**
 * Creates a variable.
 * @returns whether it was created; `false` when it was there, or where the store has no variables
 * @throws GitHubFailure
 */
export async function createVariable(
  github: GitHub,
  store: Store,
  name: string,
  value: string,
  manner: Manner,
): Promise<boolean> {
  const { variablesPath: path } = store;
  if (path === undefined) return false;
  const visibility = store.kind === 'organization' ? { visibility: 'private' } : {};
  const reply = await github.call({
    ...about(store, 'Writing', name, manner),
    method: 'POST',
    path,
    expect: [201, 409],
    body: async () => ({ name, value, ...visibility }),
  });
  return reply.status === 201;
}

/**
 * Creates or updates a variable; does nothing where the store has none. When it was created or deleted since
 * `exists` was read, the other request is sent.
 * @throws GitHubFailure
 */
export async function putVariable(
  github: GitHub,
  store: Store,
  name: string,
  value: string,
  exists: boolean,
): Promise<void> {
  const { variablesPath: path } = store;
  if (path === undefined) return;
  if (!exists && (await createVariable(github, store, name, value, 'extra'))) return;
  const reply = await github.call({
    ...about(store, 'Writing', name, 'extra'),
    method: 'PATCH',
    path: `${path}/${name}`,
    expect: exists ? [204, 404] : [204],
    body: async () => ({ name, value }),
  });
  if (reply.status === 404) await createVariable(github, store, name, value, 'extra');
}

/** Deletes a variable; one that is not there counts as deleted. @throws GitHubFailure */
export async function deleteVariable(github: GitHub, store: Store, name: string): Promise<void> {
  const { variablesPath: path } = store;
  if (path === undefined) return;
  const call = about(store, 'Deleting', name, 'tidy');
  await github.call({ ...call, method: 'DELETE', path: `${path}/${name}`, expect: [204, 404] });
}

function about(store: Store, doing: string, name: string, manner: Manner) {
  return {
    doing: `${doing} the variable ${name} of the store \`${store.label}\``,
    permission: store.variablesPermission,
    manner,
  } satisfies Partial<Call>;
}
