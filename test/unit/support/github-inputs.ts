import { createPrivateKey } from 'node:crypto';
import { getInput } from '@actions/core';
import { vi } from 'vitest';
import { type Inputs, readInputs } from '../../../src/inputs.ts';
import { Masks } from '../../../src/masks.ts';
import type { InputSurroundings } from '../../../src/write-back-inputs.ts';

/** RFC 8032, section 7.1, test 1. */
export const APP_SECRET = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
export const APP_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';

/** The same key as a PEM. */
export const APP_PEM = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${APP_SECRET}`, 'hex'),
  format: 'der',
  type: 'pkcs8',
})
  .export({ format: 'pem', type: 'pkcs8' })
  .toString();

/** Inputs by their name, as `with:` gives them. */
export type Given = Record<string, string>;

/** The least that is right, without write-back. */
export const LEAST: Given = {
  'private-key': APP_SECRET,
  'client-id': 'client-of-the-tests',
  'refresh-token': 'refresh-token-of-the-tests',
};

/** Everything, and all of it right. */
export const ALL: Given = {
  ...LEAST,
  'org-id': 'org-of-the-tests',
  'cobo-environment': 'dev',
  'api-url': 'https://cobo.test/v2',
  'response-public-key': 'ab'.repeat(32),
  'github-token': 'github_pat_of_the_tests',
  'github-api-url': 'https://ghe.test/api/v3',
  'refresh-token-secret': 'COBO_REFRESH',
  'access-token-secret': 'COBO_ACCESS',
  'expires-at-variable': 'COBO_EXPIRY',
  'secret-stores': 'environment:cobo\norganization:acme',
  'access-token-env': 'COBO_TOKEN',
  'access-token': 'access-token-of-the-tests',
  'expires-at': '2026-03-01T12:00:00Z',
  'min-validity': '600',
  'dry-run': 'true',
  'recovery-envelope': 'envelope-of-the-tests',
  'timeout-seconds': '15',
  'max-attempts': '7',
};

export const SURROUNDINGS: InputSurroundings = {
  repository: 'octo/app',
  apiUrl: 'https://api.github.com',
};

/** Inputs as the runner hands them over, read by the real toolkit; and what was masked by the end. */
export function reading(given: Given, surroundings = SURROUNDINGS): { read: () => Inputs; masked: string[] } {
  const masked: string[] = [];
  const masks = new Masks((secret) => masked.push(secret));
  const read = () => {
    for (const name of Object.keys(ALL)) vi.stubEnv(variableOf(name), given[name] ?? '');
    try {
      return readInputs({ getInput }, masks, surroundings);
    } finally {
      vi.unstubAllEnvs();
    }
  };
  return { read, masked };
}

function variableOf(input: string): string {
  return `INPUT_${input.toUpperCase()}`;
}
