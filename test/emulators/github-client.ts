import sodium from 'libsodium-wrappers';
import { expect } from 'vitest';
import { type GitHubEmulator, type Grant, startGitHub } from '../../emulators/github.ts';
import { faultsIn } from './github-schema.ts';
import { type Outcome, raw } from './raw-client.ts';

export const TOKEN = 'github_pat_test';
/** Slashes, blanks and letters outside ASCII are allowed in the name of an environment. */
export const ENVIRONMENT = 'münchen/pro duction@1';
export const EVERYTHING: Grant[] = [
  {
    repo: 'octo/app',
    secrets: 'write',
    environments: 'write',
    dependabot_secrets: 'write',
    variables: 'write',
    actions: 'read',
  },
  { org: 'octo', organization_secrets: 'write', organization_variables: 'write' },
];

/** The four kinds of stores, the paths of their secrets, and what their PUT needs besides. */
export const STORES = [
  { store: 'repository@octo/app', path: '/repos/octo/app/actions/secrets', created: {} },
  {
    store: `environment:${ENVIRONMENT}@octo/app`,
    path: `/repos/octo/app/environments/${encodeURIComponent(ENVIRONMENT)}/secrets`,
    created: {},
  },
  { store: 'organization:octo', path: '/orgs/octo/actions/secrets', created: { visibility: 'all' } },
  { store: 'dependabot@octo/app', path: '/repos/Octo/App/dependabot/secrets', created: {} },
] as const;

/** A GitHub with one of each kind of store, and a token that may write all of them. */
export async function startOcto(): Promise<GitHubEmulator> {
  const github = await startGitHub();
  github.addRepository('octo/app', { environments: [ENVIRONMENT] });
  github.addOrganization('octo');
  github.addToken({ token: TOKEN, grants: EVERYTHING });
  return github;
}

/**
 * One call of the API, with the headers that GitHub wants. Every JSON answer is held against GitHub's own
 * description.
 */
export async function call(
  github: GitHubEmulator,
  line: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Outcome> {
  const [method = '', path = ''] = line.split(' ');
  const usual = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${TOKEN}`,
    'user-agent': 'test',
    'x-github-api-version': '2022-11-28',
  };
  const options = body === undefined ? {} : { body: JSON.stringify(body) };
  const outcome = await raw(`${github.url}${path}`, {
    method,
    headers: { ...usual, ...headers },
    ...options,
  });
  const { status, failure } = outcome;
  const isText = outcome.headers['content-type'] === 'text/plain';
  if (status !== undefined && failure === undefined && !isText) {
    expect(faultsIn(method, path, status, outcome.body)).toEqual([]);
  }
  return outcome;
}

/** Reads the key under a secrets path, and seals a value for it. */
export async function sealed(github: GitHubEmulator, path: string, value: string) {
  await sodium.ready;
  const answer = await call(github, `GET ${path}/public-key`);
  const key = JSON.parse(answer.body) as { key: string; key_id: string };
  return sealedFor(key, value);
}

/** Seals a value for a key that was read before. */
export function sealedFor({ key, key_id }: { key: string; key_id: string }, value: string) {
  const box = sodium.crypto_box_seal(value, Buffer.from(key, 'base64'));
  return { encrypted_value: Buffer.from(box).toString('base64'), key_id };
}

/** The message of a refusal. */
export function messageOf(outcome: Outcome): string {
  return (JSON.parse(outcome.body) as { message: string }).message;
}
