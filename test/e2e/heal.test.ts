import { describe, expect } from 'vitest';
import { createClient } from '../../emulators/cobo.ts';
import type { Fault } from '../../emulators/faults.ts';
import { SECRET, STORE, type Stage } from '../../emulators/stage.ts';
import { asked, expectFailure, expectSuccess, type Failure, it, named } from './support/scenario.ts';

const REFRESH = 'POST /v2/oauth/token';
const IMPLICIT = 'GET /v2/oauth/token';
const strike = (stage: Stage, fault: Fault): void => {
  stage.cobo.faults.add({ match: { method: 'POST' }, fault, times: Number.POSITIVE_INFINITY });
};

describe('with `org-id` a fresh pair is obtained when', () => {
  const CASES: {
    name: string;
    prepare: (stage: Stage) => void;
    changes?: Record<string, string>;
    calls: string[];
  }[] = [
    {
      name: 'there is no refresh token',
      prepare: () => undefined,
      changes: { 'refresh-token': '' },
      calls: [IMPLICIT],
    },
    {
      name: 'the refresh token was spent before',
      prepare: (stage) => stage.cobo.revokeFamily(stage.refreshToken),
      calls: [REFRESH, IMPLICIT],
    },
    {
      name: 'the refresh token has expired',
      prepare: (stage) => stage.cobo.expireToken(stage.refreshToken),
      calls: [REFRESH, IMPLICIT],
    },
    {
      name: 'the answer that held the successor was lost',
      prepare: (stage) => strike(stage, { kind: 'cut', when: 'after' }),
      changes: { 'max-attempts': '1' },
      calls: [REFRESH, IMPLICIT],
    },
    {
      name: 'the answer was lost, and the next attempt finds the token dead',
      prepare: (stage) => stage.cobo.faults.add({ fault: { kind: 'cut', when: 'after' } }),
      changes: { 'max-attempts': '2' },
      calls: [REFRESH, REFRESH, IMPLICIT],
    },
    {
      name: 'Cobo failed at every attempt, so that nobody knows whether it has rotated',
      prepare: (stage) => strike(stage, { kind: 'status', status: 500, when: 'after' }),
      changes: { 'max-attempts': '1' },
      calls: [REFRESH, IMPLICIT],
    },
  ];

  it.concurrent.for(named(CASES))('%s', async ([, { prepare, changes, calls }], { open }) => {
    const stage = await open();
    prepare(stage);
    const result = await stage.run({ 'org-id': stage.cobo.client.orgId, ...changes });
    expectSuccess(stage, result, { state: 'stored' });
    expect(asked(stage.cobo)).toEqual(calls);
    expect(stage.cobo.livingRefreshTokens()).toContain(stage.github.secretValue(STORE, SECRET));
    expect(stage.cobo.isLivingAccessToken(result.outputs['access-token'] ?? '')).toBe(true);
    expect(result.log).toContain('Obtained a fresh pair with org_implicit');
  });

  it.concurrent('there is nothing to write back to: the pair is handed out', async ({ open }) => {
    const stage = await open();
    const changes = { 'refresh-token': '', 'refresh-token-secret': undefined };
    const result = await stage.run({ ...changes, 'org-id': stage.cobo.client.orgId });
    expectSuccess(stage, result, { state: 'delivered' });
  });
});

describe('`org-id` does not hide', () => {
  const NEVER: (Pick<Failure, 'state' | 'code' | 'says' | 'remedy' | 'coboLied'> & {
    name: string;
    prepare?: (stage: Stage) => void;
    changes?: (stage: Stage) => Record<string, string>;
    calls?: string[];
  })[] = [
    {
      name: 'a wrong client',
      changes: ({ cobo }) => ({ 'client-id': cobo.addClient().clientId }),
      state: 'unspent',
      code: 'cobo-refused',
      says: ['invalid_client'],
      remedy: '`client-id`',
    },
    {
      name: 'a wrong key',
      changes: () => ({ 'private-key': createClient().appSecretHex }),
      state: 'unspent',
      code: 'cobo-refused',
      says: ['error code 2024'],
      remedy: '`private-key`',
    },
    {
      name: 'a wrong client, be it after an answer was lost',
      prepare: (stage) => stage.cobo.faults.add({ fault: { kind: 'cut', when: 'before' } }),
      changes: ({ cobo }) => ({ 'client-id': cobo.addClient().clientId }),
      calls: [REFRESH, REFRESH],
      state: 'unknown',
      code: 'cobo-refused',
      says: ['invalid_client'],
      remedy: '`client-id`',
    },
    {
      name: 'a missing signature',
      prepare: (stage) => strike(stage, { kind: 'unsigned' }),
      state: 'sealed',
      code: 'answer-untrusted',
      says: ['carries no signature'],
      remedy: 'something between the runner and Cobo changes answers',
    },
    {
      name: 'a wrong signature',
      prepare: (stage) => strike(stage, { kind: 'foreign-signature' }),
      state: 'sealed',
      code: 'answer-untrusted',
      says: ["signature on Cobo's answer is wrong"],
      remedy: 'something between the runner and Cobo changes answers',
    },
    {
      name: 'a refusal with a wrong signature',
      prepare: (stage) => {
        stage.cobo.revokeFamily(stage.refreshToken);
        strike(stage, { kind: 'bad-signature' });
      },
      state: 'unknown',
      code: 'answer-untrusted',
      says: ['invalid_grant', 'the signature on that answer is wrong'],
      remedy: '`response-public-key`',
    },
  ];

  it.concurrent.for(named(NEVER))('%s', async ([, { prepare, changes, calls, ...wanted }], { open }) => {
    const stage = await open();
    prepare?.(stage);
    const result = await stage.run({ 'org-id': stage.cobo.client.orgId, ...changes?.(stage) });
    expectFailure(stage, result, wanted);
    expect(asked(stage.cobo)).toEqual(calls ?? [REFRESH]);
  });

  it.concurrent('an organization that has not installed the app [recovery: org-refused]', async ({
    open,
  }) => {
    const stage = await open();
    const result = await stage.run({ 'refresh-token': '', 'org-id': 'another-organization' });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cobo-refused',
      says: ['invalid_grant: the organization has not installed this app'],
      remedy: 'Check `org-id`, and that this organization has the app installed.',
    });
    expect(result.annotations[0]?.message).not.toContain('spent, revoked or expired');
  });

  it.concurrent('an app that may not use org_implicit, when its token is dead', async ({ open }) => {
    const client = createClient({ implicitAllowed: false });
    const stage = await open({ cobo: { clients: [client] } });
    stage.cobo.revokeFamily(stage.refreshToken);
    const result = await stage.run({ 'org-id': client.orgId });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cobo-refused',
      says: ['unauthorized_client'],
      remedy: 'The app may not use this grant',
    });
    expect(result.log).toContain('Cobo says that the refresh token is dead');
  });
});
