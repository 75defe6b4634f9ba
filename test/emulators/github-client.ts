import sodium from 'libsodium-wrappers';
import type { GitHubEmulator } from '../../emulators/github.ts';
import { type Outcome, raw } from './raw-client.ts';

export const TOKEN = 'github_pat_test';

/** One call of the API, with the headers that GitHub wants. */
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
  return await raw(`${github.url}${path}`, { method, headers: { ...usual, ...headers }, ...options });
}

/** Reads the key under a secrets path, and seals a value for it. */
export async function sealed(github: GitHubEmulator, path: string, value: string) {
  await sodium.ready;
  const answer = await call(github, `GET ${path}/public-key`);
  const { key, key_id } = JSON.parse(answer.body) as { key: string; key_id: string };
  const box = sodium.crypto_box_seal(value, Buffer.from(key, 'base64'));
  return { encrypted_value: Buffer.from(box).toString('base64'), key_id };
}

/** The message of a refusal. */
export function messageOf(outcome: Outcome): string {
  return (JSON.parse(outcome.body) as { message: string }).message;
}
