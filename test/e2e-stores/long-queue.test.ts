import { describe, expect } from 'vitest';
import { REPOSITORY, SECRET, type Stage } from '../../emulators/stage.ts';
import { expectSuccess, warnings } from '../e2e/support/scenario.ts';
import {
  environmentStore,
  everythingIn,
  it,
  ORGANIZATION,
  ORGANIZATION_STORE,
  WITH_ORGANIZATION,
} from './support/stores.ts';

const RUN = { github: { run_id: '77' } };

/** The run of these tests was queued so long ago. */
function queuedAgo({ github }: Stage, seconds: number): void {
  github.addRun(REPOSITORY, { id: 77, created_at: github.clock - seconds * 1000 });
}

const WARNING = expect.stringMatching(
  /^This run waited \d+ min \d+ s between reading the secrets of \S+ and starting.*an environment secret is read only when the job starts/,
);

describe('a run that was queued for long', () => {
  it.concurrent.for([
    ['repository', 'repository'],
    ['an organization', ORGANIZATION_STORE],
    ['several that are read early', `repository\n${ORGANIZATION_STORE}\nrepository@other-org/vault`],
  ] as const)('and writes to %s is warned once', async ([, stores], { open }) => {
    const stage = await open({ grants: [...WITH_ORGANIZATION, everythingIn('other-org/vault')] });
    stage.github.addOrganization(ORGANIZATION);
    stage.github.addRepository('other-org/vault');
    queuedAgo(stage, 600);
    const result = await stage.run({ 'secret-stores': stores }, RUN);
    expectSuccess(stage, result, {
      state: 'stored',
      stores: stores.split('\n').map((store) => (store === 'repository' ? `${store}@${REPOSITORY}` : store)),
    });
    expect(warnings(result)).toEqual([WARNING]);
  });

  it.concurrent('and writes to environments alone is not', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    stage.github.setSecret(
      environmentStore('cobo'),
      SECRET,
      stage.refreshToken,
      stage.github.clock - 3600_000,
    );
    queuedAgo(stage, 600);
    const result = await stage.run({ 'secret-stores': 'environment:cobo' }, RUN);
    expectSuccess(stage, result, { state: 'stored', stores: [environmentStore('cobo')] });
    expect(warnings(result)).toEqual([]);
  });

  it.concurrent('of a few seconds is not worth a warning', async ({ open }) => {
    const stage = await open();
    queuedAgo(stage, 10);
    const result = await stage.run({}, RUN);
    expectSuccess(stage, result, { state: 'stored' });
    expect(warnings(result)).toEqual([]);
  });
});
