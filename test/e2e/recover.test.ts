import { describe, expect } from 'vitest';
import { createClient } from '../../emulators/cobo.ts';
import { SECRET, STORE, type Stage } from '../../emulators/stage.ts';
import { envelopeIn } from './support/envelope.ts';
import { expectFailure, expectNothingSent, expectSuccess, it, named } from './support/scenario.ts';

/** A run that could not store what it had rotated; what it left for recovery, in three places. */
async function failedRun(stage: Stage): Promise<{ output: string; summary: string; log: string }> {
  const match = { method: 'PUT', path: new RegExp(`/${SECRET}$`) };
  const fault = { kind: 'status', status: 403, when: 'before' } as const;
  stage.github.faults.add({ match, fault, times: Number.POSITIVE_INFINITY });
  const result = await stage.run({ 'max-attempts': '1' });
  expectFailure(stage, result, {
    state: 'sealed',
    code: 'store-failed',
    says: ['HTTP 403'],
    remedy: '`recovery-envelope`',
  });
  stage.github.faults.clear();
  stage.cobo.resetLog();
  stage.github.resetLog();
  return {
    output: result.outputs['recovery-envelope'] ?? '',
    summary: envelopeIn(result.rawSummary),
    log: envelopeIn(result.log),
  };
}

describe('a run with `recovery-envelope` stores what was sealed, by the ordinary path:', () => {
  it.concurrent.for(['output', 'summary', 'log'] as const)('copied from the %s', async (place, { open }) => {
    const stage = await open();
    const envelope = (await failedRun(stage))[place];
    const [sealed] = stage.cobo.livingRefreshTokens();
    const result = await stage.run({ 'recovery-envelope': envelope });
    expectSuccess(stage, result, { state: 'stored' });
    expect(stage.cobo.state(sealed ?? '')).toBe('spent');
    expect(stage.cobo.livingRefreshTokens()).toEqual([stage.github.secretValue(STORE, SECRET)]);
    expect(result.masks, 'what was in the envelope is masked').toContain(sealed);
  });

  it.concurrent('with the line breaks that a viewer has put in', async ({ open }) => {
    const stage = await open();
    const { output } = await failedRun(stage);
    const wrapped = output.replace(/.{40}/g, '$&\r\n  ');
    expectSuccess(stage, await stage.run({ 'recovery-envelope': wrapped }), { state: 'stored' });
  });

  it.concurrent('without the dead token beside it', async ({ open }) => {
    const stage = await open();
    const { output } = await failedRun(stage);
    const result = await stage.run({ 'recovery-envelope': output, 'refresh-token': undefined });
    expectSuccess(stage, result, { state: 'stored' });
  });

  it.concurrent('however late the secret was updated, for its token is not used', async ({ open }) => {
    const stage = await open();
    const { output } = await failedRun(stage);
    stage.github.setSecret(STORE, SECRET, stage.refreshToken, stage.github.clock);
    expectSuccess(stage, await stage.run({ 'recovery-envelope': output }), { state: 'stored' });
  });

  it.concurrent('although a stored access token is still valid', async ({ open }) => {
    const stage = await open();
    const { output } = await failedRun(stage);
    const stored = { 'access-token': 'stored-access-token', 'expires-at': '2999-01-01T00:00:00Z' };
    const result = await stage.run({ ...stored, 'recovery-envelope': output });
    expectSuccess(stage, result, { state: 'stored', secrets: ['stored-access-token'] });
  });

  it.concurrent('but not when the answer leaves open whether it still lives', async ({ open }) => {
    const stage = await open();
    const { output } = await failedRun(stage);
    stage.cobo.faults.add({
      fault: {
        kind: 'rewrite',
        resign: true,
        rewrite: (answer) => {
          const body = { ...(JSON.parse(answer.body) as object), refresh_token: 5 };
          return { ...answer, body: JSON.stringify(body) };
        },
      },
    });
    const result = await stage.run({ 'recovery-envelope': output });
    expectFailure(stage, result, {
      state: 'unknown',
      code: 'answer-malformed',
      says: ['`refresh_token` is not a string'],
      remedy: 'Please report it',
    });
    expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.refreshToken);
  });

  it.concurrent('even when Cobo lets the sealed token live on', async ({ open }) => {
    const stage = await open();
    const { output } = await failedRun(stage);
    stage.cobo.omitRefreshToken = true;
    const [sealed] = stage.cobo.livingRefreshTokens();
    expectSuccess(stage, await stage.run({ 'recovery-envelope': output }), { state: 'stored' });
    expect(stage.github.secretValue(STORE, SECRET)).toBe(sealed);
  });

  it.concurrent('handed out, where nothing is written back', async ({ open }) => {
    const stage = await open();
    const { output } = await failedRun(stage);
    const result = await stage.run({ 'recovery-envelope': output, 'refresh-token-secret': undefined });
    expectSuccess(stage, result, { state: 'delivered' });
  });

  it.concurrent('of an answer that could not be trusted, once the cause is found', async ({ open }) => {
    const stage = await open();
    stage.cobo.faults.add({ fault: { kind: 'unsigned' } });
    const failed = await stage.run();
    const result = await stage.run({ 'recovery-envelope': failed.outputs['recovery-envelope'] });
    expectSuccess(stage, result, { state: 'stored' });
  });

  it.concurrent('a second time it is dead, and org-id cures that [recovery: envelope-used]', async ({
    open,
  }) => {
    const stage = await open();
    const { output } = await failedRun(stage);
    expectSuccess(stage, await stage.run({ 'recovery-envelope': output }), { state: 'stored' });
    const again = await stage.run({ 'recovery-envelope': output });
    expectFailure(stage, again, {
      state: 'unspent',
      code: 'token-dead',
      says: ['spent, revoked or expired'],
      remedy: '`org-id`',
      used: 'the sealed token, spent by the run before',
    });
    const healed = await stage.run({ 'recovery-envelope': output, 'org-id': stage.cobo.client.orgId });
    expectSuccess(stage, healed, { state: 'stored' });
  });
});

describe('an envelope is refused by name, with nothing sent, when', () => {
  const BENT: {
    name: string;
    bend: (envelope: string, stage: Stage) => Record<string, string>;
    says: string;
  }[] = [
    {
      name: 'one character was changed [recovery: envelope-refused]',
      bend: (envelope) => {
        const at = envelope.length - 8;
        const other = envelope[at] === 'A' ? 'B' : 'A';
        return { 'recovery-envelope': envelope.slice(0, at) + other + envelope.slice(at + 1) };
      },
      says: 'does not open',
    },
    {
      name: 'its end is missing',
      bend: (envelope) => ({ 'recovery-envelope': envelope.slice(0, -6) }),
      says: 'does not open',
    },
    {
      name: 'most of it is missing',
      bend: (envelope) => ({ 'recovery-envelope': envelope.slice(0, 40) }),
      says: 'is cut short',
    },
    {
      name: 'its beginning is missing',
      bend: (envelope) => ({ 'recovery-envelope': envelope.slice(6) }),
      says: 'is not a recovery envelope',
    },
    {
      name: 'the log was masked across it',
      bend: (envelope) => ({ 'recovery-envelope': `${envelope.slice(0, 60)}***${envelope.slice(70)}` }),
      says: 'is not a recovery envelope',
    },
    {
      name: 'it is of another version',
      bend: (envelope) => ({ 'recovery-envelope': envelope.replace('v1', 'v9') }),
      says: 'is not a recovery envelope',
    },
    {
      name: 'it was sealed with another private key',
      bend: (envelope) => ({ 'recovery-envelope': envelope, 'private-key': createClient().appSecretHex }),
      says: 'another `private-key` or for another `client-id`',
    },
    {
      name: 'it was sealed for another client',
      bend: (envelope) => ({ 'recovery-envelope': envelope, 'client-id': createClient().clientId }),
      says: 'another `private-key` or for another `client-id`',
    },
  ];

  it.concurrent.for(named(BENT))('%s', async ([, { bend, says }], { open }) => {
    const stage = await open();
    const { output } = await failedRun(stage);
    const [sealed = ''] = stage.cobo.livingRefreshTokens();
    const result = await stage.run(bend(output, stage));
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'envelope-invalid',
      says: ['The input `recovery-envelope` ', says],
      remedy: /[Cc]opy it whole/,
      used: sealed,
    });
    expectNothingSent(stage);
    expect(stage.cobo.state(sealed)).toBe('living');
  });
});
