import { field, timeField } from '../text.ts';
import type { CallOptions, GitHub } from './client.ts';
import { EncryptionKey } from './encryption-key.ts';
import { GitHubFailure } from './failure.ts';
import type { Store } from './stores.ts';

/** Who may use an organization's secret; kept as it is when the value changes. */
export interface Visibility {
  visibility: 'all' | 'private' | 'selected';
  selected_repository_ids?: number[];
}

/** What GitHub tells of a secret: never its value. */
export interface SecretFacts {
  /** Milliseconds since 1970, to the second. */
  updatedAt: number;
  /** For organization secrets. */
  visibility: Visibility | undefined;
}

/** GitHub's limit for a value: 48 KB. */
export const MAX_SECRET_BYTES = 48 * 1024;

/** A hundred repositories each: more than any organization selects one by one. */
const MOST_PAGES = 1000;

/** Reads the key that values for this store are encrypted with. @throws GitHubFailure */
export async function readEncryptionKey(github: GitHub, store: Store): Promise<EncryptionKey> {
  const json = await github.call('GET', `${store.secretsPath}/public-key`);
  const keyId = field(json, 'key_id');
  const key = field(json, 'key');
  const publicKey = Buffer.from(typeof key === 'string' ? key : '', 'base64');
  if (typeof keyId !== 'string' || keyId === '' || publicKey.length !== 32) {
    throw new GitHubFailure('GitHub answered with something that is no encryption key', 200);
  }
  return new EncryptionKey(keyId, publicKey);
}

/** Reads what GitHub tells of a secret, `undefined` when there is none of that name. @throws GitHubFailure */
export async function readSecret(
  github: GitHub,
  store: Store,
  name: string,
): Promise<SecretFacts | undefined> {
  const path = `${store.secretsPath}/${name}`;
  let json: unknown;
  try {
    json = await github.call('GET', path);
  } catch (error) {
    if (error instanceof GitHubFailure && error.status === 404) return undefined;
    throw error;
  }
  const visibility = store.kind === 'organization' ? await readVisibility(github, path, json) : undefined;
  const updatedAt = timeField(json, 'updated_at');
  if (Number.isNaN(updatedAt))
    throw new GitHubFailure('GitHub answered without the time of the last update', 200);
  return { updatedAt, visibility };
}

async function readVisibility(github: GitHub, path: string, json: unknown): Promise<Visibility> {
  const visibility = field(json, 'visibility');
  if (visibility === 'all' || visibility === 'private') return { visibility };
  if (visibility !== 'selected')
    throw new GitHubFailure('GitHub answered without the visibility of the secret', 200);
  const ids = new Set<number>();
  for (let page = 1; ; page++) {
    const list = await github.call('GET', `${path}/repositories?per_page=100&page=${page}`);
    const repositories = field(list, 'repositories');
    const found = Array.isArray(repositories)
      ? repositories.map((repository: unknown) => field(repository, 'id'))
      : [];
    const known = ids.size;
    for (const id of found) if (typeof id === 'number') ids.add(id);
    if (found.length < 100) return { visibility, selected_repository_ids: [...ids] };
    // A server that takes no notice of `page` would be asked for ever.
    if (ids.size === known || page === MOST_PAGES)
      throw new GitHubFailure('GitHub answered with a list of repositories that does not end', 200);
  }
}

/** How a value is written, as of `CallOptions`. */
export type Manner = Pick<CallOptions, 'stubborn' | 'lingering'>;

/** Seals and writes one value. @throws GitHubFailure */
export async function putSecret(
  github: GitHub,
  store: Store,
  name: string,
  value: string,
  key: EncryptionKey,
  visibility: Visibility | undefined,
  manner: Manner,
): Promise<void> {
  await github.call('PUT', `${store.secretsPath}/${name}`, {
    body: {
      encrypted_value: await key.seal(value),
      key_id: key.keyId,
      ...(store.kind === 'organization' ? (visibility ?? { visibility: 'private' }) : {}),
    },
    ...manner,
  });
}

/** Deletes a secret; one that is not there is as good as deleted. @throws GitHubFailure */
export async function deleteSecret(
  github: GitHub,
  store: Store,
  name: string,
  hurried: boolean,
): Promise<void> {
  try {
    await github.call('DELETE', `${store.secretsPath}/${name}`, { hurried });
  } catch (error) {
    if (!(error instanceof GitHubFailure && error.status === 404)) throw error;
  }
}

/** How many secrets a store holds. @throws GitHubFailure */
export async function countSecrets(github: GitHub, store: Store): Promise<number> {
  const count = field(await github.call('GET', `${store.secretsPath}?per_page=1`), 'total_count');
  return typeof count === 'number' ? count : 0;
}
