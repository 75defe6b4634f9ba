import { describe, expect } from 'vitest';
import type { Visibility } from '../../emulators/github.ts';
import { SECRET, type Stage, type StageOptions } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess } from '../e2e/support/scenario.ts';
import {
  everythingIn,
  it,
  ORGANIZATION,
  ORGANIZATION_STORE as STORE,
  WITH_ORGANIZATION,
} from './support/stores.ts';

const DAY = 24 * 3600_000;

async function openWithOrganization(open: (options?: StageOptions) => Promise<Stage>): Promise<Stage> {
  const stage = await open({ grants: WITH_ORGANIZATION });
  stage.github.addOrganization(ORGANIZATION);
  return stage;
}

/** Puts the refresh token into the organization's secret, a day ago. */
function keepIn(stage: Stage, visibility: Visibility, selectedRepositoryIds?: number[]): void {
  const audience = { visibility, ...(selectedRepositoryIds === undefined ? {} : { selectedRepositoryIds }) };
  stage.github.setSecret(STORE, SECRET, stage.refreshToken, stage.github.clock - DAY, audience);
}

describe("an organization's secret", () => {
  it.concurrent.for(['all', 'private'] as const)('keeps the visibility %s', async (visibility, { open }) => {
    const stage = await openWithOrganization(open);
    keepIn(stage, visibility);
    const result = await stage.run({ 'secret-stores': STORE });
    expectSuccess(stage, result, { state: 'stored', stores: [STORE] });
    expect(stage.github.secretMeta(STORE, SECRET)?.visibility).toBe(visibility);
  });

  it.concurrent.for([1, 100, 101, 250])('keeps its %i selected repositories', async (count, { open }) => {
    const stage = await openWithOrganization(open);
    const ids = Array.from({ length: count }, (_, n) => stage.github.addRepository(`${ORGANIZATION}/r${n}`));
    keepIn(stage, 'selected', ids);
    const result = await stage.run({ 'secret-stores': STORE });
    expectSuccess(stage, result, { state: 'stored', stores: [STORE] });
    expect(stage.github.secretMeta(STORE, SECRET)).toMatchObject({
      visibility: 'selected',
      selectedRepositoryIds: ids,
    });
  });

  it.concurrent('that is selected for no repository stays so', async ({ open }) => {
    const stage = await openWithOrganization(open);
    keepIn(stage, 'selected', []);
    const result = await stage.run({ 'secret-stores': STORE });
    expectSuccess(stage, result, { state: 'stored', stores: [STORE] });
    expect(stage.github.secretMeta(STORE, SECRET)).toMatchObject({
      visibility: 'selected',
      selectedRepositoryIds: [],
    });
  });

  it.concurrent('is private when it is new, and so are the probe and the variable', async ({ open }) => {
    const stage = await openWithOrganization(open);
    const probes: unknown[] = [];
    const run = () => {
      probes.push(stage.github.secretMeta(STORE, `${SECRET}_COBO_REFRESH_PROBE`)?.visibility);
    };
    const match = { method: 'PUT', path: /PROBE$/ };
    stage.github.faults.add({ match, fault: { kind: 'hook', when: 'after', run } });
    const result = await stage.run({
      'secret-stores': STORE,
      'access-token-secret': 'COBO_ACCESS_TOKEN',
      'expires-at-variable': 'COBO_EXPIRES_AT',
    });
    expectSuccess(stage, result, { state: 'stored', stores: [STORE] });
    expect(probes).toEqual(['private']);
    expect(stage.github.secretMeta(STORE, SECRET)?.visibility).toBe('private');
    expect(stage.github.secretMeta(STORE, 'COBO_ACCESS_TOKEN')?.visibility).toBe('private');
    const created = stage.github.requests.find(({ method }) => method === 'POST');
    expect(JSON.parse(created?.body ?? '{}')).toMatchObject({ visibility: 'private' });
  });

  it.concurrent('and its neighbour each keep a visibility of their own, through a rotated key', async ({
    open,
  }) => {
    const stage = await openWithOrganization(open);
    const id = stage.github.addRepository(`${ORGANIZATION}/tests`);
    keepIn(stage, 'selected', [id]);
    stage.github.setSecret(STORE, 'COBO_ACCESS_TOKEN', 'old', stage.github.clock - DAY, {
      visibility: 'all',
    });
    const match = { method: 'PUT', path: new RegExp(`/${SECRET}$`) };
    stage.github.faults.add({ match, fault: { kind: 'rotate-key' } });
    const result = await stage.run({ 'secret-stores': STORE, 'access-token-secret': 'COBO_ACCESS_TOKEN' });
    expectSuccess(stage, result, { state: 'stored', stores: [STORE] });
    expect(stage.github.secretMeta(STORE, SECRET)).toMatchObject({ selectedRepositoryIds: [id] });
    expect(stage.github.secretMeta(STORE, 'COBO_ACCESS_TOKEN')?.visibility).toBe('all');
    expect(stage.github.secretValue(STORE, 'COBO_ACCESS_TOKEN')).toBe(result.outputs['access-token']);
  });

  it.concurrent("keeps the variable's audience when the variable is updated", async ({ open }) => {
    const stage = await openWithOrganization(open);
    stage.github.setVariable(STORE, 'COBO_EXPIRES_AT', 'long ago', { visibility: 'all' });
    const result = await stage.run({ 'secret-stores': STORE, 'expires-at-variable': 'COBO_EXPIRES_AT' });
    expectSuccess(stage, result, { state: 'stored', stores: [STORE] });
    expect(stage.github.variableValue(STORE, 'COBO_EXPIRES_AT')).toBe(result.outputs['expires-at']);
    const updated = stage.github.requests.find(({ method }) => method === 'PATCH');
    // Left out of the body, it stays as it was.
    expect(JSON.parse(updated?.body ?? '{}')).not.toHaveProperty('visibility');
  });

  it.concurrent('that the token may not write ends the run unspent, with the permission named', async ({
    open,
  }) => {
    const stage = await open({
      grants: [
        everythingIn('octo-org/octo-repo'),
        { org: ORGANIZATION, organization_secrets: 'read', organization_variables: 'write' },
      ],
    });
    stage.github.addOrganization(ORGANIZATION);
    const result = await stage.run({ 'secret-stores': `repository\n${STORE}` });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'store-refused',
      says: [`\`${STORE}\``, 'HTTP 403'],
      remedy: '"Organization secrets: write"',
    });
    expect(stage.cobo.requests).toEqual([]);
  });
});
