import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { Grant } from '../../emulators/github.ts';
import { REPOSITORY } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess } from '../e2e/support/scenario.ts';
import { WORKFLOW_TOKEN } from './support/settings.ts';
import { environmentStore, it, ORGANIZATION, ORGANIZATION_STORE } from './support/stores.ts';

/** A row of the table in docs/stores.md. */
interface Row {
  line: string;
  secrets: string;
  variables: string;
}

const PAGE = readFileSync(new URL('../../docs/stores.md', import.meta.url), 'utf8');
const ROWS: Row[] = [...PAGE.matchAll(/^\| `(\S+)` +\| (.+?: write) +\| (.+?) +\|$/gm)].map(
  ([, line = '', secrets = '', variables = '']) => ({ line, secrets, variables }),
);

/** Names in place of NAME, and the store as the emulator calls it. */
const STORES: Record<string, [line: string, store: string]> = {
  'environment:NAME': ['environment:cobo', environmentStore('cobo')],
  repository: ['repository', `repository@${REPOSITORY}`],
  'organization:NAME': [ORGANIZATION_STORE, ORGANIZATION_STORE],
  dependabot: ['dependabot', `dependabot@${REPOSITORY}`],
};

/** What a token with these permissions may do, each written as GitHub's page shows it: `Secrets: write`. */
function grantsOf(permissions: readonly string[]): Grant[] {
  const grants: Grant[] = [{ repo: REPOSITORY }, { org: ORGANIZATION }];
  for (const permission of permissions) {
    const [name = '', level = ''] = permission.toLowerCase().replaceAll(' ', '_').split(':_');
    const [repo, org] = grants;
    Object.assign((name.startsWith('organization') ? org : repo) ?? {}, { [name]: level });
  }
  return grants;
}

const ALL = { 'access-token-secret': 'COBO_ACCESS_TOKEN', 'expires-at-variable': 'COBO_EXPIRES_AT' };

describe('the permission that docs/stores.md gives for the store', () => {
  it('has a row for each kind', () => {
    expect(ROWS.map(({ line }) => line)).toEqual(Object.keys(STORES));
  });

  it.concurrent.for(ROWS.map((row) => [row.line, row] as const))(
    '%s is enough, and is needed',
    async ([kind, { secrets, variables }], { open }) => {
      const [line, store] = STORES[kind] ?? ['', ''];
      const needed = [secrets, ...(variables.endsWith('write') ? [variables] : []), 'Actions: read'];
      const enough = await open({ environments: ['cobo'], grants: grantsOf(needed) });
      enough.github.addOrganization(ORGANIZATION);
      const stored = await enough.run({ ...ALL, 'secret-stores': line });
      expectSuccess(enough, stored, { state: 'stored', stores: [store] });

      const without = await open({
        environments: ['cobo'],
        grants: grantsOf(needed.map((one) => (one === secrets ? one.replace('write', 'read') : one))),
      });
      without.github.addOrganization(ORGANIZATION);
      const refused = await without.run({ 'secret-stores': line });
      expectFailure(without, refused, {
        state: 'unspent',
        code: 'store-refused',
        says: [`\`${store}\``],
        remedy: `"${secrets}"`,
      });
      expect(without.cobo.requests).toEqual([]);
    },
  );

  it.concurrent.for(['repository', 'organization:NAME'])(
    '%s for the expiry is needed, too',
    async (kind, { open }) => {
      const [line, store] = STORES[kind] ?? ['', ''];
      const row = ROWS.find((one) => one.line === kind);
      const stage = await open({ grants: grantsOf([row?.secrets ?? '', 'Actions: read']) });
      stage.github.addOrganization(ORGANIZATION);
      const result = await stage.run({ ...ALL, 'secret-stores': line });
      expectFailure(stage, result, {
        state: 'unspent',
        code: 'store-refused',
        says: ['Reading the variable COBO_EXPIRES_AT', `\`${store}\``],
        remedy: /./,
      });
    },
  );

  it.concurrent("is none that the workflow's own token has", async ({ open }) => {
    const stage = await open();
    const grants: Grant[] = [{ repo: REPOSITORY, actions: 'read' }];
    stage.github.addToken({ token: WORKFLOW_TOKEN, grants, kind: 'integration' });
    const result = await stage.run({ 'github-token': WORKFLOW_TOKEN });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'store-refused',
      says: ['Resource not accessible by integration'],
      remedy: /workflow's own `GITHUB_TOKEN` cannot be given that permission/,
      secrets: [WORKFLOW_TOKEN],
    });
  });
});
