import { describe, expect, it } from 'vitest';
import { judge } from '../../chaos/referee.ts';
import {
  ACCESS,
  act,
  failure,
  NEW,
  OLD,
  probed,
  rotation,
  sealed,
  store,
  toGitHub,
  written,
} from './support/acts.ts';

const LOST = { arrival: 'lost', status: 'cut', ambiguous: true, retryable: true } as const;
const retried = (count: number, changes = {}) =>
  Array.from({ length: count }, () => rotation({ ...LOST, ...changes }));

describe('a run that went well', () => {
  it('passes', () => expect(judge(act())).toEqual([]));

  it('passes when the token was delivered', () => {
    const { setting } = act();
    const run = act(
      { setting: { ...setting, refreshTokenSecret: undefined }, after: [store()] },
      { outputs: { 'token-state': 'delivered', 'refresh-token': NEW, 'access-token': ACCESS } },
    );
    expect(judge(run)).toEqual([]);
  });

  it('passes when a failed write was sealed after all attempts', () => {
    const envelope = sealed(NEW);
    const gitHub = [probed(), written(500), written(500), written(500)];
    const ending = {
      ...failure('sealed', { 'recovery-envelope': envelope }),
      log: envelope,
      rawSummary: envelope,
    };
    expect(judge(act({ gitHub, after: [store()], disturbed: true }, ending))).toEqual([]);
  });

  it('passes as unknown when the answer was lost', () => {
    const run = act({ exchanges: retried(3), after: [store()], disturbed: true }, failure('unknown'));
    expect(judge(run)).toEqual([]);
  });
});

describe('a lost token', () => {
  it('is reported when it is neither stored, delivered nor sealed', () => {
    const run = act(
      { after: [store()], gitHub: [probed(), written(403)], disturbed: true },
      failure('sealed'),
    );
    expect(judge(run).join()).toContain('LOST: Cobo handed the action a new refresh token');
  });

  it('is reported when only some stores hold it', () => {
    const run = act({ before: [store(), store()], after: [store({ refreshToken: NEW }), store()] });
    expect(judge(run).join()).toContain('LOST');
  });

  it('is reported when the envelope opens to another token', () => {
    const envelope = sealed(OLD);
    const ending = {
      ...failure('sealed', { 'recovery-envelope': envelope }),
      log: envelope,
      rawSummary: envelope,
    };
    const run = act({ after: [store()], gitHub: [probed(), written(403)], disturbed: true }, ending);
    expect(judge(run).join()).toContain('LOST');
  });

  it('is reported when a kill during the writes left no envelope', () => {
    const run = act(
      { after: [store()], disturbed: true },
      { exitCode: null, killed: true, killedBy: 'SIGKILL', outputs: {} },
    );
    expect(judge(run).join()).toContain('LOST');
  });

  it('is reported when SIGINT was let through', () => {
    const ending = { exitCode: null, killed: true, killedBy: 'SIGINT', outputs: {} };
    expect(judge(act({ disturbed: true }, ending)).join()).toContain('SIGINT ended it');
  });
});

describe('a dishonest state', () => {
  it.each([
    ['unspent', 'Cobo has taken the token'],
    ['kept', 'Cobo handed out a new token'],
    ['delivered', 'it was to be stored'],
    ['unknown', 'every answer of Cobo was clear'],
    ['reused', 'Cobo was asked'],
    ['fine', 'none of the contract'],
  ])('%s is reported', (state, why) => {
    expect(judge(act({}, { outputs: { 'token-state': state, 'access-token': ACCESS } })).join()).toContain(
      why,
    );
  });

  it('stored is reported when a store holds the old token', () => {
    expect(judge(act({ after: [store()] })).join()).toContain('not every store holds the new token');
  });

  it('a missing state is reported', () => {
    expect(judge(act({}, { outputs: {} })).join()).toContain('no token-state was told');
  });
});

describe('the order of events', () => {
  it('reports a refresh before the probe', () => {
    expect(judge(act({ gitHub: [written()] })).join()).toContain('before the store');
  });

  it('reports a stale token that was sent', () => {
    expect(judge(act({ staleStores: ['x'] })).join()).toContain('known to be stale');
  });

  it('reports a refresh after a cancellation', () => {
    expect(judge(act({ cancelledEarly: true })).join()).toContain('after the run had been cancelled');
  });

  it('reports that an answer without a good signature was trusted', () => {
    expect(judge(act({ exchanges: [rotation({ arrival: 'untrusted' })] })).join()).toContain(
      'without a good signature',
    );
  });

  it('reports that storing was given up early', () => {
    const envelope = sealed(NEW);
    const ending = {
      ...failure('sealed', { 'recovery-envelope': envelope }),
      log: envelope,
      rawSummary: envelope,
    };
    const run = act({ gitHub: [probed(), written(500)], after: [store()], disturbed: true }, ending);
    expect(judge(run).join()).toContain('given up after 1 of 3');
  });

  it('reports that asking was given up early', () => {
    const run = act({ exchanges: retried(1), after: [store()], disturbed: true }, failure('unknown'));
    expect(judge(run).join()).toContain('given up after 1 of 3');
  });

  it('reports that nothing was healed', () => {
    const setting = { ...act().setting, orgId: 'allowed' as const };
    const run = act(
      { setting, exchanges: retried(3), after: [store()], disturbed: true },
      failure('unknown'),
    );
    expect(judge(run).join()).toContain('org_implicit was not even tried');
  });
});

describe('manners', () => {
  it('reports a leak', () => {
    expect(judge(act({}, { log: `the token is ${NEW}` })).join()).toContain('LEAK: log');
  });

  it('reports a leak in the summary', () => {
    const encoded = Buffer.from(OLD).toString('base64');
    expect(judge(act({}, { rawSummary: encoded })).join()).toContain('LEAK: summary');
  });

  it('reports a probe that was left without a warning', () => {
    const probes = ['COBO_REFRESH_TOKEN_COBO_REFRESH_PROBE'];
    expect(judge(act({ after: [store({ refreshToken: NEW, probes })] })).join()).toContain('was left in');
  });

  it('reports a failure without a reason', () => {
    expect(judge(act({}, { exitCode: 1 })).join()).toContain('exit status 1 with 0 error lines');
  });

  it('reports an error line without the state', () => {
    const annotations = [{ level: 'error', title: '', message: 'no' }] as const;
    expect(judge(act({}, { exitCode: 1, annotations })).join()).toContain('does not tell the state');
  });

  it('reports too many requests at once', () => {
    expect(judge(act({ maxInFlight: 11 })).join()).toContain('in flight');
  });

  it('reports a failure that nothing called for', () => {
    const run = act(
      { exchanges: [], gitHub: [toGitHub('GET', '/x', 200)], after: [store()], living: [OLD] },
      failure('unspent'),
    );
    expect(judge(run).join()).toContain('nothing stood against it');
  });
});
