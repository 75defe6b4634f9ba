import { describe, expect } from 'vitest';
import { REPOSITORY, SECRET, STORE } from '../../emulators/stage.ts';
import { expectSuccess } from '../e2e/support/scenario.ts';
import { environmentStore, it, written } from './support/stores.ts';

const NAMES = ['one', 'two', 'three'];
const STORES = [STORE, ...NAMES.map((name) => environmentStore(name)), `dependabot@${REPOSITORY}`];
const INPUTS = {
  'secret-stores': STORES.join('\n'),
  'access-token-secret': 'COBO_ACCESS_TOKEN',
  'expires-at-variable': 'COBO_EXPIRES_AT',
};

describe('the order of the requests', () => {
  it.concurrent('every store is read and proved before Cobo hears anything', async ({ open }) => {
    const stage = await open({ environments: NAMES });
    const proved: unknown[] = [];
    const run = () => {
      const puts = stage.github.requests.filter(({ method }) => method === 'PUT');
      proved.push(...puts.map(({ path, status }) => `${path.endsWith('_PROBE')} ${status}`));
    };
    stage.cobo.faults.add({ fault: { kind: 'hook', when: 'before', run } });
    expectSuccess(stage, await stage.run(INPUTS), { state: 'stored', stores: STORES });
    expect(proved).toEqual(STORES.map(() => 'true 201'));
  });

  it.concurrent('the refresh token is in every store before anything else is written, even when one store has to be asked again', async ({
    open,
  }) => {
    const stage = await open({ environments: NAMES });
    const { cobo, github } = stage;
    // The store that is slowest decides: a wait of its own must hold up the rest.
    const slow = { method: 'PUT', path: /environments\/two\/.*\/COBO_REFRESH_TOKEN$/ };
    github.faults.add({ match: slow, fault: { kind: 'status', status: 502, when: 'before' }, times: 2 });
    const holders: string[][] = [];
    const run = () => {
      const [living = ''] = cobo.livingRefreshTokens();
      holders.push(STORES.filter((store) => github.secretValue(store, SECRET) === living));
    };
    const extras = [
      { method: 'PUT', path: /COBO_ACCESS_TOKEN$/ },
      { method: 'POST', path: /variables$/ },
    ];
    for (const match of extras) {
      github.faults.add({ match, fault: { kind: 'hook', when: 'before', run }, times: 99 });
    }
    expectSuccess(stage, await stage.run(INPUTS), { state: 'stored', stores: STORES });

    expect(holders).toEqual(Array(5 + 4).fill(STORES));
    const names = written(stage).map(({ name }) => name);
    const refreshes = STORES.length + 2;
    expect(names.slice(0, refreshes)).toEqual(Array(refreshes).fill(SECRET));
    expect(names.slice(refreshes).sort()).toEqual([
      ...Array(5).fill('COBO_ACCESS_TOKEN'),
      ...Array(4).fill('COBO_EXPIRES_AT'),
    ]);
  });
});
