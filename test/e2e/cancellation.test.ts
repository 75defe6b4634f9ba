import { describe, expect } from 'vitest';
import { cancelLikeRunner } from '../../emulators/runner/cancel.ts';
import { SECRET, STORE } from '../../emulators/stage.ts';
import { envelopeIn, openByHand } from './support/envelope.ts';
import { Held } from './support/process.ts';
import { expectFailure, expectNoTrace, expectSuccess, it, warnings } from './support/scenario.ts';

// Windows knows none of these signals: there the first one ends the process.
const unix = process.platform !== 'win32';

const SIGNALS: [signal: 'SIGINT' | 'SIGTERM', exit: number][] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
];
const PUT_SECRET = { method: 'PUT', path: new RegExp(`/${SECRET}$`) };
const NEVER_AFTER = { kind: 'hang', when: 'after' } as const;
/** Nothing but an end at once comes out of a request that is never answered. */
const NEVER = { kind: 'hang', when: 'before' } as const;
const PREPARING: [name: string, match: { method: string; path: RegExp }][] = [
  ['the run is looked up', { method: 'GET', path: /\/actions\/runs\// }],
  ['the encryption key is read', { method: 'GET', path: /\/public-key$/ }],
  ['the secret is looked up', { method: 'GET', path: new RegExp(`/${SECRET}$`) }],
  ['the probe is written', { method: 'PUT', path: /PROBE$/ }],
];

describe.runIf(unix)('a signal before anything is spent ends the run at once', () => {
  const cases = SIGNALS.flatMap(([signal, exit]) =>
    PREPARING.map(([name, match]) => ({ name: `${signal}, while ${name}`, signal, exit, match })),
  );
  it.concurrent.for(cases.map((one) => [one.name, one] as const))('%s', async ([, one], { open }) => {
    const stage = await open();
    const held = new Held();
    // The probe is there already when the signal comes, its answer is not: it has to be deleted.
    const written = one.name.endsWith('written');
    const fault = written
      ? held.signal('after', [one.signal], NEVER_AFTER)
      : held.signal('before', [one.signal], NEVER);
    stage.github.faults.add({ match: one.match, fault });
    const result = await stage.run({}, { ...held.options, timeoutMs: 20_000 });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cancelled',
      exit: one.exit,
      says: ['cancelled before anything was spent'],
      remedy: 'Run the job again.',
    });
    expect(stage.cobo.requests).toEqual([]);
  });

  it.concurrent.for([
    ['', {}],
    [', in a dry run too', { 'dry-run': 'true' }],
  ] as const)(
    'but not before the probe is deleted that GitHub is about to write%s',
    async ([, inputs], { open }) => {
      const stage = await open();
      const held = new Held();
      // Were the request cut off, its deletion would come first, and the probe would stay.
      const probe = { method: 'PUT', path: /PROBE$/ };
      stage.github.faults.add({ match: probe, fault: held.signal('before', ['SIGINT']) });
      const result = await stage.run(inputs, { ...held.options, timeoutMs: 20_000 });
      expectFailure(stage, result, {
        state: 'unspent',
        code: 'cancelled',
        exit: 130,
        says: ['cancelled before anything was spent'],
        remedy: 'Run the job again.',
      });
      expect(stage.github.requests.slice(-2).map(({ verdict }) => verdict)).toEqual([
        `sealed box opened, ${SECRET}_COBO_REFRESH_PROBE created`,
        `${SECRET}_COBO_REFRESH_PROBE deleted`,
      ]);
    },
  );

  it.concurrent('while a wait that GitHub asked for is on [recovery: cancelled-early]', async ({ open }) => {
    const stage = await open();
    const held = new Held();
    const headers = { 'retry-after': '600' };
    const limit = { kind: 'status', status: 429, headers, when: 'before' } as const;
    stage.github.faults.add({ match: { path: /public-key$/ }, fault: held.mark('before', limit) });
    const result = await stage.run(
      {},
      {
        ...held.options,
        timeoutMs: 20_000,
        signals: async (child) => {
          await held.reached();
          return cancelLikeRunner(child);
        },
      },
    );
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cancelled',
      exit: 130,
      says: ['cancelled before anything was spent'],
      remedy: 'Run the job again.',
    });
  });
});

describe.runIf(unix)('a signal while the token is in flight waits until everything is kept', () => {
  it.concurrent.for(SIGNALS)('%s during the refresh', async ([signal, exit], { open }) => {
    const stage = await open();
    const held = new Held();
    stage.cobo.faults.add({ fault: held.signal('before', [signal]) });
    const result = await stage.run({}, held.options);
    expectSuccess(stage, result, { state: 'stored', exit });
    expect(warnings(result)).toEqual([
      expect.stringMatching(`Cancelled \\(${signal}\\).*token-state stored`),
    ]);
    expect(stage.cobo.isLivingAccessToken(result.outputs['access-token'] ?? '')).toBe(true);
  });

  it.concurrent.for(SIGNALS)('%s between two attempts at Cobo', async ([signal, exit], { open }) => {
    const stage = await open();
    const held = new Held();
    const failure = { kind: 'status', status: 503, when: 'before' } as const;
    stage.cobo.faults.add({ fault: held.signal('before', [signal], failure) });
    const result = await stage.run({}, held.options);
    expectSuccess(stage, result, { state: 'stored', exit });
  });

  it.concurrent.for(SIGNALS)(
    '%s while the refresh token is being stored',
    async ([signal, exit], { open }) => {
      const stage = await open();
      const held = new Held();
      stage.github.faults.add({ match: PUT_SECRET, fault: held.signal('before', [signal]) });
      const result = await stage.run({}, held.options);
      expectSuccess(stage, result, { state: 'stored', exit });
      // The runner kills soon: the envelope is in the log in time.
      const { appSecretHex, clientId } = stage.cobo.client;
      const sealed = openByHand(envelopeIn(result.log), appSecretHex, clientId);
      expect(sealed).toBe(stage.github.secretValue(STORE, SECRET));
    },
  );

  it.concurrent('SIGINT while the access token is being stored', async ({ open }) => {
    const stage = await open();
    const held = new Held();
    const match = { method: 'PUT', path: /\/COBO_ACCESS_TOKEN$/ };
    stage.github.faults.add({ match, fault: held.signal('before', ['SIGINT']) });
    const result = await stage.run({ 'access-token-secret': 'COBO_ACCESS_TOKEN' }, held.options);
    expectSuccess(stage, result, { state: 'stored', exit: 130 });
    expect(stage.github.secretValue(STORE, 'COBO_ACCESS_TOKEN')).toBe(result.outputs['access-token']);
  });

  it.concurrent('SIGINT and SIGTERM, as the runner sends them [recovery: cancelled-late]', async ({
    open,
  }) => {
    const stage = await open();
    const held = new Held();
    stage.cobo.faults.add({ fault: held.mark('before', { kind: 'delay', ms: 1500, when: 'after' }) });
    let sent: NodeJS.Signals[] = [];
    const result = await stage.run(
      {},
      {
        ...held.options,
        signals: async (child) => {
          await held.reached();
          sent = await cancelLikeRunner(child, { intMs: 300, termMs: 15_000 });
        },
      },
    );
    expect(sent).toEqual(['SIGINT', 'SIGTERM']);
    expectSuccess(stage, result, { state: 'stored', exit: 130 });
    expect(warnings(result)).toEqual([
      expect.stringContaining('The run finished first: token-state stored.'),
    ]);
  });

  it.concurrent('and a failure is still told as the failure that it is', async ({ open }) => {
    const stage = await open();
    const held = new Held();
    const refusal = { kind: 'status', status: 403, when: 'before' } as const;
    stage.github.faults.add({ match: PUT_SECRET, fault: held.signal('before', ['SIGINT'], refusal) });
    stage.github.faults.add({ match: PUT_SECRET, fault: refusal, times: Number.POSITIVE_INFINITY });
    const result = await stage.run({ 'max-attempts': '2' }, held.options);
    expectFailure(stage, result, {
      state: 'sealed',
      code: 'store-failed',
      says: ['could not be stored', 'HTTP 403'],
      remedy: '`recovery-envelope`',
    });
  });

  it.concurrent('and so is one where there was no token to begin with', async ({ open }) => {
    const stage = await open();
    const held = new Held();
    const refusal = { kind: 'status', status: 403, when: 'before' } as const;
    stage.github.faults.add({ match: PUT_SECRET, fault: held.signal('before', ['SIGINT'], refusal) });
    stage.github.faults.add({ match: PUT_SECRET, fault: refusal, times: Number.POSITIVE_INFINITY });
    const changes = { 'refresh-token': '', 'org-id': stage.cobo.client.orgId, 'max-attempts': '2' };
    const result = await stage.run(changes, held.options);
    expectFailure(stage, result, {
      state: 'sealed',
      code: 'store-failed',
      says: ['could not be stored'],
      remedy: '`recovery-envelope`',
    });
  });
});

describe.runIf(unix)('a process that is killed', () => {
  it.concurrent('while storing leaves the envelope in the summary [recovery: killed]', async ({ open }) => {
    const stage = await open();
    const held = new Held();
    stage.github.faults.add({ match: PUT_SECRET, fault: held.signal('before', ['SIGKILL'], NEVER) });
    const result = await stage.run({}, held.options);
    expect(result.signal).toBe('SIGKILL');
    expectNoTrace(stage, result, {});
    const envelope = envelopeIn(result.rawSummary);
    const { appSecretHex, clientId } = stage.cobo.client;
    expect(stage.cobo.livingRefreshTokens()).toEqual([openByHand(envelope, appSecretHex, clientId)]);

    const recovered = await stage.run({ 'recovery-envelope': envelope });
    expectSuccess(stage, recovered, { state: 'stored' });
  });

  it.concurrent('by the runner, for GitHub never answered: log and summary have the envelope', async ({
    open,
  }) => {
    const stage = await open();
    const held = new Held();
    stage.github.faults.add({ match: PUT_SECRET, fault: held.mark('before', NEVER), times: 9 });
    let sent: NodeJS.Signals[] = [];
    const result = await stage.run(
      {},
      {
        ...held.options,
        signals: async (child) => {
          await held.reached();
          sent = await cancelLikeRunner(child, { intMs: 600, termMs: 300 });
        },
      },
    );
    expect(sent).toEqual(['SIGINT', 'SIGTERM', 'SIGKILL']);
    expectNoTrace(stage, result, {});
    const { appSecretHex, clientId } = stage.cobo.client;
    const living = stage.cobo.livingRefreshTokens();
    for (const text of [result.log, result.rawSummary]) {
      expect([openByHand(envelopeIn(text), appSecretHex, clientId)]).toEqual(living);
    }
  });

  it.concurrent('before Cobo has answered: run again, with org-id if the token is dead [recovery: killed-early]', async ({
    open,
  }) => {
    const stage = await open();
    const held = new Held();
    const gone = { match: { method: 'DELETE' }, fault: held.mark('after') };
    stage.github.faults.add(gone);
    // Killed when the probe is gone, so that the two do not race.
    const kill = held.signal('after', ['SIGKILL'], NEVER_AFTER);
    stage.cobo.faults.add({ fault: held.wait('after', kill) });
    const result = await stage.run({}, held.options);
    expect(result.signal).toBe('SIGKILL');
    expect(result.rawSummary).toBe('');
    const healed = await stage.run({ 'org-id': stage.cobo.client.orgId });
    expectSuccess(stage, healed, { state: 'stored' });
  });
});
