import { describe, expect } from 'vitest';
import { REPOSITORY, SECRET, STORE } from '../../emulators/stage.ts';
import { openByHand } from '../e2e/support/envelope.ts';
import { expectFailure, expectSuccess } from '../e2e/support/scenario.ts';
import { environmentStore, everythingIn, it, written } from './support/stores.ts';

const OTHER = 'other-org/vault';
const FAILING = environmentStore('cobo', OTHER);
const HEALTHY = [STORE, environmentStore('cobo'), `dependabot@${REPOSITORY}`];
const INPUTS = {
  'secret-stores': [HEALTHY[0], FAILING, HEALTHY[1], HEALTHY[2]].join('\n'),
  'access-token-secret': 'COBO_ACCESS_TOKEN',
  'expires-at-variable': 'COBO_EXPIRES_AT',
  'max-attempts': '2',
};
const GRANTS = { environments: ['cobo'], grants: [everythingIn(REPOSITORY), everythingIn(OTHER)] };

describe('a store that fails after the refresh', () => {
  it.concurrent('is named; the others hold the token, and the envelope brings it into the last one', async ({
    open,
  }) => {
    const stage = await open(GRANTS);
    const { cobo, github } = stage;
    github.addRepository(OTHER, { environments: ['cobo'] });
    // The administrator takes the permission away in the worst moment: when Cobo has just rotated.
    const run = () => github.setGrant(stage.writer, { repo: OTHER, environments: 'read' });
    cobo.faults.add({ fault: { kind: 'hook', when: 'after', run } });
    // The probe was written while that was still allowed, and cannot be deleted any more.
    const result = await stage.run(INPUTS);
    expectFailure(stage, result, {
      state: 'sealed',
      code: 'store-failed',
      says: [`\`${FAILING}\` (${SECRET}: GitHub answered HTTP 403`, 'The other 3 stores hold it'],
      remedy: 'recovery-envelope',
      stores: HEALTHY,
    });
    const [error] = result.annotations.filter(({ level }) => level === 'error');
    for (const store of HEALTHY) expect(error?.message).not.toContain(`\`${store}\``);

    const [living] = cobo.livingRefreshTokens();
    const envelope = result.outputs['recovery-envelope'] ?? '';
    expect(openByHand(envelope, cobo.client.appSecretHex, cobo.client.clientId)).toBe(living);
    for (const store of HEALTHY) {
      expect(github.secretValue(store, SECRET), store).toBe(living);
      expect(github.secretValue(store, 'COBO_ACCESS_TOKEN'), store).toBe(result.outputs['access-token']);
    }
    for (const store of HEALTHY.slice(0, 2)) {
      expect(github.variableValue(store, 'COBO_EXPIRES_AT'), store).toBe(result.outputs['expires-at']);
    }
    expect(github.secretValue(FAILING, SECRET)).toBeUndefined();
    expect(cobo.isLivingAccessToken(result.outputs['access-token'] ?? '')).toBe(true);

    github.setGrant(stage.writer, everythingIn(OTHER));
    const recovered = await stage.run({
      ...INPUTS,
      'refresh-token': undefined,
      'recovery-envelope': envelope,
    });
    expectSuccess(stage, recovered, { state: 'stored', stores: [...HEALTHY, FAILING], used: living ?? '' });
  });

  it.concurrent('does not keep the access token from any store, its own included', async ({ open }) => {
    const stage = await open(GRANTS);
    stage.github.addRepository(OTHER, { environments: ['cobo'] });
    const match = { method: 'PUT', path: /vault\/.*\/COBO_REFRESH_TOKEN$/ };
    const fault = { kind: 'status', status: 500, when: 'before' } as const;
    stage.github.faults.add({ match, fault, times: Number.POSITIVE_INFINITY });
    const result = await stage.run(INPUTS);
    expectFailure(stage, result, {
      state: 'sealed',
      code: 'store-failed',
      says: [`\`${FAILING}\``, 'HTTP 500'],
      remedy: 'recovery-envelope',
      stores: [...HEALTHY, FAILING],
    });
    const tokens = written(stage).filter(({ name }) => name === 'COBO_ACCESS_TOKEN');
    expect(tokens.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    // Tried as often as `max-attempts` says, and no oftener.
    expect(written(stage).filter(({ status }) => status === 500)).toHaveLength(2);
  });

  it.concurrent('two of them are both named', async ({ open }) => {
    const stage = await open(GRANTS);
    stage.github.addRepository(OTHER, { environments: ['cobo'] });
    const match = { method: 'PUT', path: /environments\/cobo\/.*\/COBO_REFRESH_TOKEN$/ };
    const fault = { kind: 'status', status: 403, when: 'before' } as const;
    stage.github.faults.add({ match, fault, times: Number.POSITIVE_INFINITY });
    const result = await stage.run(INPUTS);
    expectFailure(stage, result, {
      state: 'sealed',
      code: 'store-failed',
      says: [`\`${FAILING}\``, `\`${environmentStore('cobo')}\``],
      remedy: 'recovery-envelope',
      stores: [...HEALTHY, FAILING],
    });
    expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.cobo.livingRefreshTokens()[0]);
  });
});

describe('an access token or expiry that one store does not take', () => {
  it.concurrent.for([
    ['COBO_ACCESS_TOKEN', { method: 'PUT', path: /vault\/.*\/COBO_ACCESS_TOKEN$/ }],
    ['COBO_EXPIRES_AT', { method: 'POST', path: /vault\/.*\/variables$/ }],
  ] as const)(
    '%s: the refresh token is safe everywhere, and the store is named',
    async ([name, match], { open }) => {
      const stage = await open(GRANTS);
      stage.github.addRepository(OTHER, { environments: ['cobo'] });
      const fault = { kind: 'status', status: 403, when: 'before' } as const;
      stage.github.faults.add({ match, fault, times: Number.POSITIVE_INFINITY });
      const result = await stage.run(INPUTS);
      expectFailure(stage, result, {
        state: 'stored',
        code: 'extra-failed',
        says: [`\`${FAILING}\` (${name}: GitHub answered HTTP 403`],
        remedy: 'The access token is in the outputs of this step',
        stores: [...HEALTHY, FAILING],
      });
      expect(stage.cobo.isLivingAccessToken(result.outputs['access-token'] ?? '')).toBe(true);
      expect(written(stage).filter(({ status }) => status !== 403)).toHaveLength(4 + 4 + 3 - 1);
    },
  );
});
