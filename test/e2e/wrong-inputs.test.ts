import { generateKeyPairSync } from 'node:crypto';
import { describe, expect } from 'vitest';
import { expectFailure, expectNothingSent, it } from './support/scenario.ts';

/** The inputs that carry secrets: what is wrong with them must not show. */
const SECRET_INPUTS = ['private-key', 'refresh-token', 'github-token', 'access-token'];

const pem = (type: 'pkcs8' | 'spki', curve: 'ed25519' | 'x25519'): string => {
  const { privateKey, publicKey } =
    curve === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  return type === 'pkcs8'
    ? privateKey.export({ format: 'pem', type }).toString()
    : publicKey.export({ format: 'pem', type }).toString();
};
const encrypted = generateKeyPairSync('ed25519')
  .privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString();

/** A few rows for each input; test/unit/wrong-inputs.test.ts has them all. */
const ROWS: [input: string, wrong: string, value: string | undefined, beside?: Record<string, string>][] = [
  ['private-key', 'half a key', 'ab'.repeat(16)],
  ['private-key', 'secret and public key in one', '0123456789abcdef'.repeat(8)],
  ['private-key', 'an encrypted PEM', encrypted],
  ['private-key', 'a public key', pem('spki', 'ed25519')],
  ['private-key', 'a key of another kind', pem('pkcs8', 'x25519')],
  ['private-key', 'base64', Buffer.alloc(32, 7).toString('base64')],
  ['private-key', 'any text', 'correct horse battery staple'],
  ['client-id', 'nothing', ''],
  ['client-id', 'a line break within', 'one\ntwo'],
  ['refresh-token', 'nothing, without org-id', ''],
  ['org-id', 'a blank within', 'my org'],
  ['cobo-environment', 'an unknown environment', 'staging'],
  ['api-url', 'no URL', 'api.cobo.com'],
  ['api-url', 'plain HTTP to another host', 'http://api.cobo.com/v2'],
  ['api-url', 'a password', 'https://me:hunter2hunter2@api.cobo.com/v2'],
  ['response-public-key', 'no hexadecimal', 'zz'.repeat(32)],
  ['github-token', 'nothing, with a secret to write', ''],
  ['github-token', 'a line break within', 'github_pat_one\ngithub_pat_two'],
  ['github-api-url', 'no URL', 'ghes'],
  ['refresh-token-secret', 'a hyphen', 'COBO-TOKEN'],
  ['refresh-token-secret', "GitHub's own prefix", 'GITHUB_COBO'],
  ['access-token-secret', 'the name of the refresh token', 'cobo_refresh_token'],
  ['expires-at-variable', 'a digit in front', '1EXPIRES'],
  ['secret-stores', 'an unknown store', 'repository\nvault:x'],
  ['secret-stores', 'an environment without a name', 'environment:@octo-org/octo-repo'],
  ['access-token-env', 'a name that the runner uses', 'GITHUB_ENV'],
  ['access-token-env', 'an option of Node', 'NODE_OPTIONS'],
  ['expires-at', 'no time', 'tomorrow', { 'access-token': 'stored-token' }],
  ['min-validity', 'a negative number', '-1'],
  ['dry-run', 'neither true nor false', 'yes'],
  ['recovery-envelope', 'another text', 'cobo-envelope-v2.abc'],
  ['timeout-seconds', 'zero', '0'],
  ['timeout-seconds', 'half a second', '0.5'],
  ['max-attempts', 'a word', 'many'],
];

describe('a wrong input ends the run by name, before any request:', () => {
  it.concurrent.for(ROWS)('`%s` with %s', async ([input, , value, beside], { open }) => {
    const stage = await open();
    const result = await stage.run({ ...beside, [input]: value });
    const secret = value !== undefined && value.length > 8 && SECRET_INPUTS.includes(input);
    expectFailure(stage, result, {
      state: 'unspent',
      code:
        value === '' ? 'input-missing' : input === 'recovery-envelope' ? 'envelope-invalid' : 'input-invalid',
      says: [`The input \`${input}\` `],
      // Whatever it is, something follows the sentence on the refresh token.
      remedy: /did not use it up\. .{12,} \[token-state: unspent\]$/,
      secrets: secret ? value.trim().split('\n') : [],
    });
    if (value !== undefined && value.length > 8) expect(result.annotations[0]?.message).not.toContain(value);
    expectNothingSent(stage);
  });
});

describe('a secret that is empty', () => {
  it.concurrent.for(['private-key', 'refresh-token', 'github-token'])(
    'reminds of forks and Dependabot: `%s` [recovery: input-wrong]',
    async (input, { open }) => {
      const stage = await open();
      const result = await stage.run({ [input]: '' });
      expectFailure(stage, result, {
        state: 'unspent',
        code: 'input-missing',
        says: [`The input \`${input}\` is empty.`, 'runs from forks', 'Dependabot starts'],
        remedy: input === 'github-token' ? 'personal access token' : 'Check the name of the secret',
      });
      expectNothingSent(stage);
    },
  );
});
