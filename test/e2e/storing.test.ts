import { describe, expect } from 'vitest';
import type { Fault } from '../../emulators/faults.ts';
import { rateLimitFault } from '../../emulators/github.ts';
import { REPOSITORY, SECRET, STORE } from '../../emulators/stage.ts';
import { envelopeIn } from './support/envelope.ts';
import { expectFailure, expectSuccess, it } from './support/scenario.ts';

const ENVIRONMENT = `environment:cobo@${REPOSITORY}`;
const WRITE = { method: 'PUT', path: new RegExp(`/${SECRET}$`) };
const status = (code: number): Fault => ({ kind: 'status', status: code, when: 'before' });
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

describe('the rotated refresh token is stored in spite of', () => {
  const PASSING: [name: string, fault: () => Fault][] = [
    ['500', () => status(500)],
    ['502', () => status(502)],
    ['503 after GitHub had stored it', () => ({ kind: 'status', status: 503, when: 'after' })],
    ['a connection that was reset at once', () => ({ kind: 'refuse' })],
    ['a connection that was cut before GitHub had read the request', () => ({ kind: 'cut', when: 'before' })],
    ['a connection that was cut after GitHub had stored it', () => ({ kind: 'cut', when: 'after' })],
    ['an answer that broke off', () => ({ kind: 'cut', when: 'during' })],
    ['an answer that never came', () => ({ kind: 'hang', when: 'before' })],
    ['a secondary rate limit (403, Retry-After)', () => rateLimitFault({ retryAfterSeconds: 1 })],
    ['a secondary rate limit (429, Retry-After)', () => rateLimitFault({ retryAfterSeconds: 1 }, 429)],
    ['a primary rate limit that ends soon', () => rateLimitFault({ resetEpochSeconds: inSeconds(1) })],
    ['an encryption key that was rotated meanwhile', () => ({ kind: 'rotate-key' })],
  ];
  it.concurrent.for(PASSING)('%s', async ([, fault], { open }) => {
    const stage = await open();
    const planned = fault();
    const struck = stage.github.faults.add({ match: WRITE, fault: planned });
    const limit = planned.kind === 'hang' ? { 'timeout-seconds': '3' } : {};
    const result = await stage.run({ ...limit, 'max-attempts': '2' });
    expectSuccess(stage, result, { state: 'stored' });
    expect(struck.fired).toBe(1);
    expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.cobo.livingRefreshTokens()[0]);
  });

  it.concurrent('everything at once, one after the other', async ({ open }) => {
    const stage = await open();
    const faults: Fault[] = [
      { kind: 'cut', when: 'before' },
      rateLimitFault({ retryAfterSeconds: 0 }),
      { kind: 'rotate-key' },
      status(500),
    ];
    for (const fault of faults) stage.github.faults.add({ match: WRITE, fault });
    expectSuccess(stage, await stage.run({ 'max-attempts': '4' }), { state: 'stored' });
    expect(stage.github.faults.pending).toBe(0);
  });
});

describe('a refresh token that cannot be stored for good is sealed:', () => {
  it.concurrent('in the output, the summary and the log; the access token is handed out [recovery: store-failed]', async ({
    open,
  }) => {
    const stage = await open();
    const struck = stage.github.faults.add({
      match: WRITE,
      fault: status(500),
      times: Number.POSITIVE_INFINITY,
    });
    const result = await stage.run({ 'max-attempts': '2', 'access-token-env': 'COBO_TOKEN' });
    expectFailure(stage, result, {
      state: 'sealed',
      code: 'store-failed',
      says: [`could not be stored in \`${STORE}\` (${SECRET}: GitHub answered HTTP 500)`],
      remedy: /with it as the input `recovery-envelope`.*before any other/,
    });
    expect(struck.fired, 'attempts').toBe(2);
    const envelope = result.outputs['recovery-envelope'] ?? '';
    expect(envelope).toMatch(/^cobo-envelope-v1\./);
    expect(envelopeIn(result.rawSummary)).toBe(envelope);
    expect(result.summary, 'no mask falls into it').toContain(envelope);
    expect(envelopeIn(result.log)).toBe(envelope);
    expect(result.log).toContain(`recovery-envelope: ${envelope}`);
    expect(stage.cobo.isLivingAccessToken(result.outputs['access-token'] ?? '')).toBe(true);
    expect(result.env).toEqual({ COBO_TOKEN: result.outputs['access-token'] });
    expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.refreshToken);
  });

  it.concurrent('when the permission was taken away after the probe', async ({ open }) => {
    const stage = await open();
    // Taken away when the probe is gone, so that the two do not race.
    let probeGone = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      probeGone = resolve;
    });
    stage.github.faults.add({
      match: { method: 'DELETE' },
      fault: { kind: 'hook', when: 'after', run: () => probeGone() },
    });
    const run = async () => {
      await gone;
      stage.github.setGrant(stage.writer, { repo: REPOSITORY, secrets: 'read', actions: 'read' });
    };
    stage.cobo.faults.add({ fault: { kind: 'hook', when: 'before', run } });
    const result = await stage.run({ 'max-attempts': '2' });
    expectFailure(stage, result, {
      state: 'sealed',
      code: 'store-failed',
      says: ['HTTP 403', 'not accessible by personal access token'],
      remedy: '`recovery-envelope`',
    });
  });

  it.concurrent('when one of two stores fails; the other one has it [recovery: store-failed-some]', async ({
    open,
  }) => {
    const stage = await open({ environments: ['cobo'] });
    const match = { method: 'PUT', path: new RegExp(`/environments/cobo/secrets/${SECRET}$`) };
    stage.github.faults.add({ match, fault: status(500), times: Number.POSITIVE_INFINITY });
    const stores = { 'secret-stores': 'environment:cobo\nrepository' };
    const result = await stage.run({ ...stores, 'max-attempts': '2' });
    expectFailure(stage, result, {
      state: 'sealed',
      code: 'store-failed',
      says: [`could not be stored in \`${ENVIRONMENT}\``, 'The other store holds it.'],
      remedy: '`recovery-envelope`',
      stores: [ENVIRONMENT],
    });
    const [living] = stage.cobo.livingRefreshTokens();
    expect(stage.github.secretValue(STORE, SECRET)).toBe(living);
    stage.github.faults.clear();
    const recovered = await stage.run({
      ...stores,
      'recovery-envelope': result.outputs['recovery-envelope'],
    });
    expectSuccess(stage, recovered, { state: 'stored', stores: [ENVIRONMENT, STORE] });
  });
});

describe('what is stored beside the refresh token does not put it in danger:', () => {
  const EXTRAS = { 'access-token-secret': 'COBO_ACCESS_TOKEN', 'expires-at-variable': 'COBO_EXPIRES_AT' };

  it.concurrent('the access token cannot be stored [recovery: extra-failed]', async ({ open }) => {
    const stage = await open();
    const match = { method: 'PUT', path: /\/COBO_ACCESS_TOKEN$/ };
    stage.github.faults.add({ match, fault: status(500), times: Number.POSITIVE_INFINITY });
    const result = await stage.run({ ...EXTRAS, 'max-attempts': '2' });
    expectFailure(stage, result, {
      state: 'stored',
      code: 'extra-failed',
      says: ['COBO_ACCESS_TOKEN: GitHub answered HTTP 500'],
      remedy: /Check the permissions of `github-token`.*The access token is in the outputs/,
    });
    expect(stage.cobo.isLivingAccessToken(result.outputs['access-token'] ?? '')).toBe(true);
    expect(stage.github.variableValue(STORE, 'COBO_EXPIRES_AT')).toBe(result.outputs['expires-at']);
  });

  it.concurrent('the variable cannot be written, for reading it was all that was allowed', async ({
    open,
  }) => {
    const stage = await open({
      grants: [{ repo: REPOSITORY, secrets: 'write', variables: 'read', actions: 'read' }],
    });
    const result = await stage.run(EXTRAS);
    expectFailure(stage, result, {
      state: 'stored',
      code: 'extra-failed',
      says: ['COBO_EXPIRES_AT: GitHub answered HTTP 403'],
      remedy: '`github-token`',
    });
    expect(stage.github.secretValue(STORE, 'COBO_ACCESS_TOKEN')).toBe(result.outputs['access-token']);
  });

  it.concurrent('the refresh token is handed out all the same, where it is not stored [recovery: extra-failed-delivered]', async ({
    open,
  }) => {
    const stage = await open();
    const match = { method: 'PUT', path: /\/COBO_ACCESS_TOKEN$/ };
    stage.github.faults.add({ match, fault: status(422), times: Number.POSITIVE_INFINITY });
    const result = await stage.run({ ...EXTRAS, 'refresh-token-secret': undefined, 'max-attempts': '1' });
    expectFailure(stage, result, {
      state: 'delivered',
      code: 'extra-failed',
      says: ['COBO_ACCESS_TOKEN: GitHub answered HTTP 422'],
      remedy: 'Check the permissions of `github-token`',
    });
  });
});
