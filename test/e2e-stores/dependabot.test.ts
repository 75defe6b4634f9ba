import { describe, expect } from 'vitest';
import { REPOSITORY, SECRET, STORE } from '../../emulators/stage.ts';
import { asked, expectSuccess, warnings } from '../e2e/support/scenario.ts';
import { everythingIn, it } from './support/stores.ts';

const DEPENDABOT = `dependabot@${REPOSITORY}`;
const ALL = {
  'access-token-secret': 'COBO_ACCESS_TOKEN',
  'expires-at-variable': 'COBO_EXPIRES_AT',
};

describe("Dependabot's secrets", () => {
  it.concurrent('receive both tokens; the expiry is left out without a word', async ({ open }) => {
    const stage = await open();
    const result = await stage.run({ ...ALL, 'secret-stores': 'dependabot' });
    expectSuccess(stage, result, { state: 'stored', stores: [DEPENDABOT] });
    expect(stage.github.secretNames(DEPENDABOT).sort()).toEqual(['COBO_ACCESS_TOKEN', SECRET]);
    expect(stage.github.secretValue(DEPENDABOT, 'COBO_ACCESS_TOKEN')).toBe(result.outputs['access-token']);
    expect(asked(stage.github).filter((line) => line.includes('/variables'))).toEqual([]);
    expect(warnings(result)).toEqual([]);
    expect(stage.github.secretValue(STORE, SECRET), "the repository's Actions secret").toBe(
      stage.refreshToken,
    );
  });

  it.concurrent('of another repository', async ({ open }) => {
    const other = `${REPOSITORY.split('/')[0]}/other`;
    const stage = await open({ grants: [everythingIn(REPOSITORY), everythingIn(other)] });
    stage.github.addRepository(other);
    const store = `dependabot@${other}`;
    const result = await stage.run({ ...ALL, 'secret-stores': store });
    expectSuccess(stage, result, { state: 'stored', stores: [store] });
    expect(stage.github.secretNames(DEPENDABOT)).toEqual([]);
  });
});
