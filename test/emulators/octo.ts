import sodium from 'libsodium-wrappers';
import { expect, onTestFinished } from 'vitest';
import { type GitHubEmulator, type Grant, startGitHub } from '../../emulators/github.ts';
import { type Outcome, raw } from './client.ts';
import { faultsIn } from './github-schema.ts';

export const TOKEN = 'github_pat_test';
/** Slashes, blanks and letters outside ASCII are allowed in the name of an environment. */
export const ENVIRONMENT = 'münchen/pro duction@1';
export const IN_ENVIRONMENT = `environments/${encodeURIComponent(ENVIRONMENT)}`;
export const SECRETS = '/repos/octo/app/actions/secrets';
export const VARIABLES = '/repos/octo/app/actions/variables';
const WRITES = ['secrets', 'environments', 'dependabot_secrets', 'variables'].map((name) => [name, 'write']);
export const EVERYTHING: Grant[] = [
  { repo: 'octo/app', actions: 'read', ...Object.fromEntries(WRITES) },
  { org: 'octo', organization_secrets: 'write', organization_variables: 'write' },
];

/** The four kinds of stores, the paths of their secrets, and what their PUT needs besides. */
export const STORES = [
  { store: 'repository@octo/app', path: SECRETS, created: {} },
  { store: `environment:${ENVIRONMENT}@octo/app`, path: `/repos/octo/app/${IN_ENVIRONMENT}/secrets`, created: {} },
  { store: 'organization:octo', path: '/orgs/octo/actions/secrets', created: { visibility: 'all' } },
  { store: 'dependabot@octo/app', path: '/repos/Octo/App/dependabot/secrets', created: {} },
] as const;

/** A GitHub with one of each kind of store, and a token that may write all of them; closed when the test ends. */
export async function startOcto(): Promise<GitHubEmulator> {
  const github = await startGitHub();
  onTestFinished(async () => {
    expect(github.errors).toEqual([]);
    await github.close();
  });
  github.addRepository('octo/app', { environments: [ENVIRONMENT] });
  github.addOrganization('octo');
  github.addToken({ token: TOKEN, grants: EVERYTHING });
  return github;
}

/** One call, with the headers that GitHub wants. Every JSON answer is held against GitHub's own description. */
export async function call(github: GitHubEmulator, line: string, body?: object, more: Record<string, string> = {}) {
  const [method = '', path = ''] = line.split(' ');
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    'user-agent': 'test',
    'x-github-api-version': '2022-11-28',
    ...more,
  };
  const outcome = await raw(`${github.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const { status, failure } = outcome;
  if (status !== undefined && failure === undefined && outcome.headers['content-type'] !== 'text/plain') {
    expect(faultsIn(method, path, status, outcome.body)).toEqual([]);
  }
  return outcome;
}

/** The statuses of calls, one after the other: lines, or lines with bodies. */
export async function statuses(github: GitHubEmulator, ...calls: (string | [string, object])[]) {
  const seen: (number | undefined)[] = [];
  for (const one of calls)
    seen.push((await call(github, ...((typeof one === 'string' ? [one] : one) as [string, object?]))).status);
  return seen;
}

/** Reads the key under a secrets path, and seals a value for it. */
export async function sealed(github: GitHubEmulator, path: string, value: string) {
  return sealedFor(jsonOf(await call(github, `GET ${path}/public-key`)), value);
}

/** Seals a value for a key that was read before. */
export function sealedFor({ key, key_id }: { key: string; key_id: string }, value: string) {
  const box = sodium.crypto_box_seal(value, Buffer.from(key, 'base64'));
  return { encrypted_value: Buffer.from(box).toString('base64'), key_id };
}

/** The body of an answer. */
export function jsonOf<Body = { key: string; key_id: string; message: string }>({ body }: Outcome): Body {
  return JSON.parse(body) as Body;
}
