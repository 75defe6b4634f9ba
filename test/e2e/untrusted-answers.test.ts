import { describe, expect } from 'vitest';
import type { Fault } from '../../emulators/faults.ts';
import { SECRET, STORE } from '../../emulators/stage.ts';
import { asked, expectFailure, it, named } from './support/scenario.ts';

const CASES: { name: string; fault?: Fault; changes?: Record<string, string | undefined>; says: string }[] = [
  {
    name: 'has no signature [recovery: answer-untrusted]',
    fault: { kind: 'unsigned' },
    says: "Cobo's answer carries no signature.",
  },
  {
    name: 'has one flipped bit in its signature',
    fault: { kind: 'bad-signature' },
    says: 'is wrong for the key',
  },
  { name: 'is signed by a stranger', fault: { kind: 'foreign-signature' }, says: 'is wrong for the key' },
  {
    name: 'was changed after it was signed',
    fault: { kind: 'rewrite', rewrite: (answer) => ({ ...answer, body: `${answer.body} ` }) },
    says: 'is wrong for the key',
  },
  {
    name: 'has lost the time that belongs to its signature',
    fault: {
      kind: 'rewrite',
      rewrite: (answer) => {
        const { 'biz-timestamp': _, ...headers } = answer.headers;
        return { ...answer, headers };
      },
    },
    says: 'is wrong for the key',
  },
  {
    name: 'is signed by another environment than the one that was chosen',
    changes: { 'response-public-key': undefined, 'cobo-environment': 'dev' },
    says: 'is wrong for the key',
  },
];

describe('nothing is handed out or stored of a success that', () => {
  it.concurrent.for(named(CASES))(
    '%s: what it carried is sealed',
    async ([, { fault, changes, says }], { open }) => {
      const stage = await open();
      if (fault !== undefined) stage.cobo.faults.add({ fault });
      const result = await stage.run({
        ...changes,
        'access-token-env': 'COBO_TOKEN',
        'access-token-secret': 'ACCESS',
      });
      expectFailure(stage, result, {
        state: 'sealed',
        code: 'answer-untrusted',
        says: [says, 'sealed in the recovery envelope'],
        remedy: /`cobo-environment`.*something between the runner and Cobo changes answers/,
      });
      expect(Object.keys(result.outputs).sort()).toEqual(['app-key', 'recovery-envelope', 'token-state']);
      expect(result.env).toEqual({});
      expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.refreshToken);
      expect(stage.github.secretNames(STORE)).toEqual([SECRET]);
      expect(asked(stage.cobo), 'a final answer').toHaveLength(1);
    },
  );

  it.concurrent('has no signature and no refresh token: the state is unknown', async ({ open }) => {
    const stage = await open({ cobo: { omitRefreshToken: true } });
    stage.cobo.faults.add({ fault: { kind: 'unsigned' } });
    const result = await stage.run();
    expectFailure(stage, result, {
      state: 'unknown',
      code: 'answer-untrusted',
      says: ['carries no signature'],
      remedy: '`api-url`',
    });
    expect(result.outputs['access-token']).toBeUndefined();
  });
});
