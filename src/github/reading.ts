import { field, timeField } from '../text.ts';
import type { Call, GitHub, Manner } from './client.ts';
import { GitHubFailure } from './failure.ts';
import { isRepository, type Store } from './grammar.ts';

/** What GitHub tells of a secret: never its value. */
export interface SecretFacts {
  /** Milliseconds since 1970, to the second. */
  createdAt: number;
  /** Milliseconds since 1970, to the second. */
  updatedAt: number;
  /** Who may use an organization's secret, as GitHub's answer says it. */
  visibility: unknown;
}

/** The key that values for a store are encrypted with. */
export interface EncryptionKey {
  keyId: string;
  /** X25519, 32 bytes. */
  publicKey: Uint8Array;
}

/** Who may use an organization's secret; kept as it is when the value changes. */
export interface Visibility {
  visibility: 'all' | 'private' | 'selected';
  selected_repository_ids?: number[];
}

const PAGE = 100;
/** More pages than any organization has. */
const MOST_PAGES = 1000;

/** Reads the encryption key of a store. @throws GitHubFailure */
export async function readKey(github: GitHub, store: Store, manner: Manner = 'read'): Promise<EncryptionKey> {
  const what = 'the encryption key';
  const { json } = await github.call({ ...reading(store, what, '/public-key'), manner });
  const keyId = field(json, 'key_id');
  const key = field(json, 'key');
  const publicKey = Buffer.from(typeof key === 'string' ? key : '', 'base64');
  if (typeof keyId !== 'string' || keyId === '' || publicKey.length !== 32) throw malformed(store, what);
  return { keyId, publicKey };
}

/**
 * Lists a store's secrets, the first hundred of them: all, except in a large organization.
 * @returns how many there are, and what GitHub tells of those listed, by name in upper case
 * @throws GitHubFailure
 */
export async function listSecrets(
  github: GitHub,
  store: Store,
): Promise<{ total: number; secrets: Map<string, SecretFacts> }> {
  const what = 'the list of secrets';
  const { json } = await github.call(reading(store, what, `?per_page=${PAGE}`));
  const total = field(json, 'total_count');
  const list = field(json, 'secrets');
  if (!Array.isArray(list) || typeof total !== 'number') throw malformed(store, what);
  const entries = list.map((entry: unknown): [string, SecretFacts] => {
    return [String(field(entry, 'name')).toUpperCase(), factsOf(store, entry)];
  });
  return { total, secrets: new Map(entries) };
}

/** Reads what GitHub tells of one secret, `undefined` when there is none of that name. @throws GitHubFailure */
export async function readSecret(
  github: GitHub,
  store: Store,
  name: string,
  manner: Manner = 'read',
): Promise<SecretFacts | undefined> {
  const call = reading(store, `the secret ${name}`, `/${name}`);
  const { status, json } = await github.call({ ...call, expect: [200, 404], manner });
  return status === 404 ? undefined : factsOf(store, json);
}

function factsOf(store: Store, entry: unknown): SecretFacts {
  const createdAt = timeField(entry, 'created_at');
  const updatedAt = timeField(entry, 'updated_at');
  if (Number.isNaN(createdAt) || Number.isNaN(updatedAt)) throw malformed(store, 'the times of a secret');
  return { createdAt, updatedAt, visibility: field(entry, 'visibility') };
}

/**
 * Reads who may use an organization's secret. A list that is shorter than GitHub says is refused: written back,
 * it would take the secret away from the repositories that are missing.
 * @throws GitHubFailure
 */
export async function readVisibility(
  github: GitHub,
  store: Store,
  name: string,
  { visibility }: SecretFacts,
): Promise<Visibility> {
  if (visibility === 'all' || visibility === 'private') return { visibility };
  if (visibility !== 'selected') throw malformed(store, `the visibility of the secret ${name}`);
  const what = `the repositories of the secret ${name}`;
  const ids = new Set<number>();
  for (let page = 1; page <= MOST_PAGES; page++) {
    const below = `/${name}/repositories?per_page=${PAGE}&page=${page}`;
    const { json } = await github.call(reading(store, what, below));
    const total = field(json, 'total_count');
    const list = field(json, 'repositories');
    if (!Array.isArray(list) || typeof total !== 'number') throw malformed(store, what);
    const known = ids.size;
    for (const repository of list) {
      const id = field(repository, 'id');
      if (typeof id === 'number') ids.add(id);
    }
    if (ids.size >= total) return { visibility, selected_repository_ids: [...ids] };
    if (ids.size === known) {
      const reason = `GitHub lists only ${ids.size} of ${total}, so \`github-token\` may not see all of them`;
      throw new GitHubFailure(reading(store, what, ''), reason, { status: 200 });
    }
  }
  throw malformed(store, what);
}

/**
 * Reads the name, `owner/name`, of a repository by the path that GitHub redirects to.
 * @returns `undefined` when the token may not see it
 */
export async function newName(github: Pick<GitHub, 'call'>, path: string): Promise<string | undefined> {
  try {
    const found = await github.call({
      method: 'GET',
      path,
      expect: [200],
      doing: 'Reading the new name of a repository',
      permission: '"Metadata: read"',
      manner: 'sweep',
    });
    const name = field(found.json, 'full_name');
    return typeof name === 'string' && isRepository(name) ? name : undefined;
  } catch {
    // The failure that led here says enough.
    return undefined;
  }
}

function reading(store: Store, what: string, below: string): Call {
  return {
    method: 'GET',
    path: store.secretsPath + below,
    expect: [200],
    doing: `Reading ${what} of the store \`${store.label}\``,
    permission: store.permission,
    manner: 'read',
  };
}

/** GitHub's answer is not what its documentation says. */
function malformed(store: Store, what: string): GitHubFailure {
  return new GitHubFailure(reading(store, what, ''), 'the answer is malformed or incomplete', {
    status: 200,
  });
}
