import { describe, expect } from 'vitest';
import type { Fault } from '../../emulators/faults.ts';
import { REPOSITORY, SECRET, STORE } from '../../emulators/stage.ts';
import { asked, expectFailure } from '../e2e/support/scenario.ts';
import { environmentStore, it } from './support/stores.ts';

const NAMES = ['one', 'two', 'three', 'four', 'five'];
const STORES = NAMES.map((name) => environmentStore(name));
const INPUT = STORES.join('\n');

/** What one of the five stores does wrong, and what the error says of it. */
const WRONGS: {
  name: string;
  match: { method: string; path: RegExp };
  fault: Fault;
  code: string;
  says: string;
}[] = [
  {
    name: 'its key cannot be read',
    match: { method: 'GET', path: /three\/secrets\/public-key/ },
    fault: { kind: 'status', status: 403, when: 'before' },
    code: 'store-refused',
    says: 'Reading the encryption key',
  },
  {
    name: 'its secret cannot be looked up',
    match: { method: 'GET', path: /three\/secrets\/COBO_ACCESS_TOKEN/ },
    fault: { kind: 'status', status: 403, when: 'before' },
    code: 'store-refused',
    says: 'Reading about the secret COBO_ACCESS_TOKEN',
  },
  {
    name: 'its variable cannot be looked up',
    match: { method: 'GET', path: /three\/variables/ },
    fault: { kind: 'status', status: 403, when: 'before' },
    code: 'store-refused',
    says: 'Reading the variable COBO_EXPIRES_AT',
  },
  {
    name: 'it takes no probe',
    match: { method: 'PUT', path: /three\/.*PROBE/ },
    fault: { kind: 'status', status: 403, when: 'before' },
    code: 'store-refused',
    says: 'Writing a probe into',
  },
  {
    name: 'it is gone',
    match: { method: 'GET', path: /environments\/three\// },
    fault: { kind: 'status', status: 404, when: 'before' },
    code: 'store-missing',
    says: 'HTTP 404',
  },
  {
    name: 'it does not answer',
    match: { method: 'PUT', path: /three\/.*PROBE/ },
    fault: { kind: 'cut', when: 'before' },
    code: 'github-unavailable',
    says: 'the connection was cut',
  },
];

describe('one of five stores stops the run unspent when', () => {
  it.concurrent.for(WRONGS.map((wrong) => [wrong.name, wrong] as const))(
    '%s',
    async ([, wrong], { open }) => {
      const stage = await open({ environments: NAMES });
      const { match, fault } = wrong;
      stage.github.faults.add({ match, fault, times: Number.POSITIVE_INFINITY });
      const result = await stage.run({
        'secret-stores': INPUT,
        'access-token-secret': 'COBO_ACCESS_TOKEN',
        'expires-at-variable': 'COBO_EXPIRES_AT',
        'max-attempts': '2',
      });
      expectFailure(stage, result, {
        state: 'unspent',
        code: wrong.code,
        says: [wrong.says, `\`${environmentStore('three')}\``],
        remedy: /./,
        stores: STORES,
      });
      const [error] = result.annotations.filter(({ level }) => level === 'error');
      for (const other of STORES.filter((store) => !store.includes('three'))) {
        expect(error?.message, 'a store with nothing wrong').not.toContain(other);
      }
      expect(asked(stage.cobo)).toEqual([]);
      expect(stage.cobo.state(stage.refreshToken)).toBe('living');
      for (const store of STORES) {
        expect(stage.github.secretNames(store), store).toEqual([]);
        expect(stage.github.variableNames(store), store).toEqual([]);
      }
    },
  );
});

describe('the last of many stores', () => {
  it.concurrent('stops the run as the first does, before any other has changed', async ({ open }) => {
    const stage = await open({ environments: NAMES });
    const stores = [STORE, ...STORES, `dependabot@${REPOSITORY}`, environmentStore('not there')];
    const result = await stage.run({ 'secret-stores': stores.join('\n') });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'store-missing',
      says: [`\`${environmentStore('not there')}\``],
      remedy: 'check the name',
      stores: STORES,
    });
    expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.refreshToken);
    expect(asked(stage.github).filter((line) => !line.startsWith('GET '))).toEqual([]);
  });
});
