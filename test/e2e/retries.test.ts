import { describe, expect } from 'vitest';
import type { Fault } from '../../emulators/faults.ts';
import { asked, expectFailure, expectSuccess, it } from './support/scenario.ts';

const REFRESH = { method: 'POST', path: /\/oauth\/token$/ };
/** Without write-back, so that the limit strikes nothing but Cobo on a machine that is busy. */
const IMPATIENT = { 'timeout-seconds': '2', 'refresh-token-secret': undefined };
const status = (code: number, headers: Record<string, string> = {}): Fault => {
  return { kind: 'status', status: code, headers, when: 'before' };
};

describe('a failed attempt at Cobo is tried again, and the run succeeds, after', () => {
  const PASSING: [name: string, fault: Fault][] = [
    ['a connection that was reset at once', { kind: 'refuse' }],
    ['a request that was cut before Cobo had read it', { kind: 'cut', when: 'before' }],
    ['500', status(500)],
    ['502 from a proxy', status(502)],
    ['503 that asks to wait a second', status(503, { 'retry-after': '1' })],
    ['429 that asks for no wait', status(429, { 'retry-after': '0' })],
  ];
  it.concurrent.for(PASSING)('%s', async ([, fault], { open }) => {
    const stage = await open();
    stage.cobo.faults.add({ match: REFRESH, fault });
    const result = await stage.run({ 'max-attempts': '2' });
    expectSuccess(stage, result, { state: 'stored' });
    expect(result.log).toContain('Attempt 1 at Cobo failed');
    expect(asked(stage.cobo)).toHaveLength(2);
  });

  it.concurrent('a request that was not answered in time', async ({ open }) => {
    const stage = await open();
    stage.cobo.faults.add({ match: REFRESH, fault: { kind: 'hang', when: 'before' } });
    const result = await stage.run({ ...IMPATIENT, 'max-attempts': '2' });
    expectSuccess(stage, result, { state: 'delivered' });
    expect(result.log).toContain('no answer within 2 s');
  });

  it.concurrent('three 503 in a row: each attempt has a nonce and a signature of its own', async ({
    open,
  }) => {
    const stage = await open();
    stage.cobo.faults.add({ match: REFRESH, fault: status(503, { 'retry-after': '0' }), times: 3 });
    expectSuccess(stage, await stage.run(), { state: 'stored' });
    const headers = stage.cobo.requests.map((request) => request.headers);
    expect(headers).toHaveLength(4);
    expect(new Set(headers.map((one) => one['biz-api-nonce'])).size).toBe(4);
    expect(new Set(headers.map((one) => one['biz-api-signature'])).size).toBe(4);
    expect(new Set(stage.cobo.requests.map(({ body }) => body)).size).toBe(1);
  });
});

describe('an answer that was lost leaves the token in doubt:', () => {
  it.concurrent('the state is unknown when no attempt is left [recovery: answer-lost]', async ({ open }) => {
    const stage = await open();
    stage.cobo.faults.add({ match: REFRESH, fault: { kind: 'cut', when: 'after' } });
    const result = await stage.run({ 'max-attempts': '1' });
    expectFailure(stage, result, {
      state: 'unknown',
      code: 'answer-lost',
      says: ['was sent, but no answer arrived: the connection was cut'],
      remedy: /Run the job again: if Cobo still takes the token, nothing was lost\. If .* dead: .*Start over/,
    });
    expect(result.outputs['access-token']).toBeUndefined();
  });

  const LOST: [name: string, fault: Fault][] = [
    ['cut after Cobo had rotated', { kind: 'cut', when: 'after' }],
    ['cut in the middle of the answer', { kind: 'cut', when: 'during' }],
    ["replaced by a proxy's 502, though Cobo had rotated", { kind: 'status', status: 502, when: 'after' }],
  ];
  it.concurrent.for(LOST)('%s, and the next attempt finds the token dead', async ([, fault], { open }) => {
    const stage = await open();
    stage.cobo.faults.add({ match: REFRESH, fault });
    const result = await stage.run({ 'max-attempts': '2' });
    expectFailure(stage, result, {
      state: 'unknown',
      code: 'answer-lost',
      says: ['An answer of Cobo was lost, and now the refresh token is dead', 'invalid_grant'],
      remedy: /`org-id`.*install the app again/,
    });
  });

  it.concurrent('never given, though Cobo had rotated, and the next attempt finds the token dead', async ({
    open,
  }) => {
    const stage = await open();
    stage.cobo.faults.add({ match: REFRESH, fault: { kind: 'hang', when: 'after' } });
    const result = await stage.run({ ...IMPATIENT, 'max-attempts': '2' });
    expectFailure(stage, result, {
      state: 'unknown',
      code: 'answer-lost',
      says: ['An answer of Cobo was lost, and now the refresh token is dead'],
      remedy: 'Start over',
    });
  });

  it.concurrent('the row of the table: lost, then dead [recovery: answer-lost-dead]', async ({ open }) => {
    const stage = await open();
    stage.cobo.faults.add({ match: REFRESH, fault: { kind: 'cut', when: 'after' } });
    const failed = await stage.run({ 'max-attempts': '2' });
    expectFailure(stage, failed, {
      state: 'unknown',
      code: 'answer-lost',
      says: ['the lost answer held its successor'],
      remedy: 'Give `org-id`',
    });
    // What the table says to do.
    const healed = await stage.run({ 'org-id': stage.cobo.client.orgId });
    expectSuccess(stage, healed, { state: 'stored' });
  });
});

describe('a refusal is final:', () => {
  it.concurrent.for([400, 401, 403, 404, 409])('HTTP %i is asked for once', async (code, { open }) => {
    const stage = await open();
    const fault: Fault = { kind: 'status', status: code, body: '{}', when: 'before', signed: true };
    stage.cobo.faults.add({ match: REFRESH, fault });
    const result = await stage.run();
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cobo-refused',
      says: [`HTTP ${code}`],
      remedy: 'Check that `client-id`',
    });
    expect(asked(stage.cobo)).toHaveLength(1);
  });

  it.concurrent('so is a wait of an hour, for running the job again costs less', async ({ open }) => {
    const stage = await open();
    stage.cobo.faults.add({ match: REFRESH, fault: status(429, { 'retry-after': '3600' }) });
    const result = await stage.run();
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cobo-unavailable',
      says: ['HTTP 429'],
      remedy: 'Run the job again later',
    });
    expect(asked(stage.cobo)).toHaveLength(1);
  });
});
