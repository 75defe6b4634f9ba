import { describe, expect } from 'vitest';
import { rateLimitFault } from '../../emulators/github.ts';
import { SECRET, STORE } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess } from '../e2e/support/scenario.ts';
import { Rounds } from './support/rounds.ts';
import { environmentStore, it, written } from './support/stores.ts';

/** GitHub asks clients to have no more requests in hand at once. */
const WIDTH = 10;

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `org-${n + 1}`);
const inputs = (count: number): Record<string, string> => ({
  'secret-stores': names(count)
    .map((name) => `environment:${name}`)
    .join('\n'),
  'access-token-secret': 'COBO_ACCESS_TOKEN',
  'expires-at-variable': 'COBO_EXPIRES_AT',
});

describe('the time of a run grows with a tenth of its stores:', () => {
  // Each store takes four readings, a probe, its deletion and three writings, and the run is read once.
  it.concurrent.for([10, 40])('%i stores', async (count, { open }) => {
    const stage = await open({ environments: names(count) });
    const stores = names(count).map((name) => environmentStore(name));
    const phases = [4 * count + 1, count, 2 * count, 2 * count];
    const rounds = new Rounds(stage.github, WIDTH, phases);
    const result = await stage.run(inputs(count));
    expectSuccess(stage, result, { state: 'stored', stores });
    expect(rounds.counts).toEqual(phases.map((requests) => Math.ceil(requests / WIDTH)));
    expect(stage.github.maxInFlight).toBe(WIDTH);
    expect(stage.github.requests).toHaveLength(9 * count + 1);
    expect(stage.cobo.requests).toHaveLength(1);
    const [living] = stage.cobo.livingRefreshTokens();
    for (const store of stores) expect(stage.github.secretValue(store, SECRET)).toBe(living);
  });
});

describe('a rate limit in the middle of forty stores', () => {
  /** GitHub refuses everything from the request that `match` names, until the time is over that it asks for. */
  it.concurrent.for([
    ['while they are read', { method: 'GET', path: /org-20\/secrets\/public-key/ }],
    ['while they are proved', { method: 'PUT', path: /org-20\/.*PROBE$/ }],
    ['while the refresh token is stored', { method: 'PUT', path: /org-20\/.*\/COBO_REFRESH_TOKEN$/ }],
    ['while the access token is stored', { method: 'PUT', path: /org-20\/.*\/COBO_ACCESS_TOKEN$/ }],
  ] as const)(
    '%s is obeyed by every request: none but those in hand goes out before its end',
    async ([, match], { open }) => {
      const stage = await open({ environments: names(40) });
      const { github } = stage;
      const limit = rateLimitFault({ retryAfterSeconds: 1 });
      let refusing = { fired: 0 };
      const run = () => {
        refusing = github.faults.add({ fault: limit, times: Number.POSITIVE_INFINITY });
        // Long before the second is over by the clock of the run: a busy machine must not make it late.
        setTimeout(() => github.faults.clear(), 300);
      };
      github.faults.add({ match, fault: { kind: 'hook', when: 'before', run, next: limit } });
      const result = await stage.run(inputs(40));
      expectSuccess(stage, result, {
        state: 'stored',
        stores: names(40).map((name) => environmentStore(name)),
      });
      expect(refusing.fired).toBeLessThan(WIDTH);
      expect(github.maxInFlight).toBeLessThanOrEqual(WIDTH);
      expect(result.log).toContain('Trying again in 1.0 s');
      expect(written(stage).filter(({ status }) => status === 201)).toHaveLength(3 * 40);
    },
  );

  it.concurrent('that does not end leaves the refresh token in the envelope, and says so', async ({
    open,
  }) => {
    const stage = await open({ environments: names(12) });
    const match = { path: /COBO_REFRESH_TOKEN$/, method: 'PUT' };
    const fault = rateLimitFault({ retryAfterSeconds: 0 }, 429);
    const struck = stage.github.faults.add({ match, fault, times: Number.POSITIVE_INFINITY });
    const result = await stage.run({ ...inputs(12), 'max-attempts': '3' });
    expectFailure(stage, result, {
      state: 'sealed',
      code: 'store-failed',
      says: ['HTTP 429', environmentStore('org-1'), environmentStore('org-12')],
      remedy: 'recovery-envelope',
      stores: [STORE],
    });
    expect(struck.fired).toBe(12 * 3);
  });
});
