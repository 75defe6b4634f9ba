import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Fault } from '../../emulators/faults.ts';
import {
  REPOSITORY,
  SECRET,
  STORE,
  type Stage,
  type StageOptions,
  startStage,
} from '../../emulators/stage.ts';
import type { CancelSignal } from '../../src/cancellation.ts';
import type { Toolkit } from '../../src/delivery.ts';
import { EncryptionKey } from '../../src/github/encryption-key.ts';
import { type HttpClient, httpClient } from '../../src/http.ts';
import { openEnvelope } from '../../src/recovery.ts';
import { refresh } from '../../src/refresh.ts';
import type { World } from '../../src/run.ts';

type Line = [kind: string, ...texts: string[]];

/** A toolkit that writes down all it is told. */
class Recorder {
  readonly lines: Line[] = [];
  readonly outputs: Record<string, string> = {};
  readonly variables: Record<string, string> = {};
  readonly inputs: Record<string, string>;
  /** Told of each line before it is written down; may throw. */
  onLine: (line: Line) => void = () => undefined;

  constructor(inputs: Record<string, string>) {
    this.inputs = inputs;
  }

  get toolkit(): Toolkit {
    const say = (...line: Line): void => {
      this.onLine(line);
      this.lines.push(line);
    };
    return {
      getInput: (name, options) => {
        const value = this.inputs[name] ?? '';
        return options?.trimWhitespace === false ? value : value.trim();
      },
      setSecret: (secret) => say('mask', secret),
      setOutput: (name: string, value: unknown) => {
        say('output', name, String(value));
        this.outputs[name] = String(value);
      },
      exportVariable: (name: string, value: unknown) => {
        say('variable', name, String(value));
        this.variables[name] = String(value);
      },
      info: (text) => say('info', text),
      debug: (text) => say('debug', text),
      warning: (text) => say('warning', String(text)),
      error: (text, properties) => say('error', String(text), properties?.title ?? ''),
      startGroup: (title) => say('group', title),
      endGroup: () => say('endgroup'),
    };
  }

  texts(kind: string): string[] {
    return this.lines.filter(([name]) => name === kind).map(([, text = '']) => text);
  }
}

interface Told {
  exit: number;
  told: Recorder;
  /** The job summary. */
  summary: string;
  signals: EventEmitter;
}

interface Setting {
  changes?: Record<string, string | undefined>;
  http?: (real: HttpClient) => HttpClient;
  env?: NodeJS.ProcessEnv;
  facts?: Partial<World['facts']>;
  /** Before the run begins; may plan signals and failures. */
  plan?: (told: Recorder, signals: EventEmitter) => void;
}

async function open(options: StageOptions = {}): Promise<Stage> {
  const stage = await startStage(options);
  onTestFinished(() => stage.close());
  return stage;
}

/** Runs the action in this process, with a clock that waits for nothing. */
async function run(stage: Stage, { changes, http, env, facts, plan }: Setting = {}): Promise<Told> {
  const folder = mkdtempSync(join(tmpdir(), 'story-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'summary');
  writeFileSync(file, '');
  const told = new Recorder(stage.inputs(changes));
  const signals = new EventEmitter();
  plan?.(told, signals);
  const real = httpClient({});
  const exit = await refresh({
    toolkit: told.toolkit,
    env: { GITHUB_STEP_SUMMARY: file, ...env },
    facts: {
      repository: REPOSITORY,
      runId: 1658821493,
      runAttempt: 1,
      jobStartedAt: Date.now(),
      apiUrl: stage.github.url,
      ...facts,
    },
    http: http?.(real) ?? real,
    clock: {
      now: () => Date.now(),
      random: () => 0.5,
      sleep: async (_ms, signal) => signal?.throwIfAborted(),
    },
    signals,
  });
  for (const signal of ['SIGINT', 'SIGTERM']) expect(signals.listenerCount(signal), signal).toBe(0);
  return { exit, told, summary: readFileSync(file, 'utf8'), signals };
}

/** One error, and its state in the line, the output and the summary. */
function expectFailed({ exit, told, summary }: Told, state: string, ...says: string[]): void {
  expect(exit).toBe(1);
  const errors = told.texts('error');
  expect(errors).toHaveLength(1);
  for (const said of [...says, `[token-state: ${state}]`]) expect(errors[0]).toContain(said);
  expect(told.outputs['token-state']).toBe(state);
  expect(summary).toContain(`**${state}**`);
}

function expectSealed(stage: Stage, { told, summary }: Told): void {
  const envelope = told.outputs['recovery-envelope'] ?? '';
  expect(summary).toContain(envelope);
  expectOpens(stage, told);
}

/** The envelope in the log opens to a token that lives. */
function expectOpens(stage: Stage, told: Recorder): void {
  const line = told.texts('info').find((text) => text.startsWith('recovery-envelope: ')) ?? '';
  const { appSecretHex, clientId } = stage.cobo.client;
  const token = openEnvelope(
    line.slice('recovery-envelope: '.length),
    Buffer.from(appSecretHex, 'hex'),
    clientId,
  );
  expect(stage.cobo.livingRefreshTokens()).toEqual([token]);
}

const status = (code: number): Fault => ({ kind: 'status', status: code, when: 'before' });
const always = Number.POSITIVE_INFINITY;
const WRITE = { method: 'PUT', path: new RegExp(`/${SECRET}$`) };
const EXTRAS = { 'access-token-secret': 'COBO_ACCESS_TOKEN', 'expires-at-variable': 'COBO_EXPIRES_AT' };

describe('the story of a run that goes well', () => {
  test('stores the refresh token, then the rest, and tells it', async () => {
    const stage = await open({ environments: ['cobo'] });
    const stores = 'repository\nenvironment:cobo';
    const { exit, told, summary } = await run(stage, {
      changes: { ...EXTRAS, 'secret-stores': stores, 'access-token-env': 'COBO_TOKEN' },
      env: { RUNNER_DEBUG: '1' },
    });
    expect(exit).toBe(0);
    expect(told.outputs['token-state']).toBe('stored');
    expect(told.texts('error')).toEqual([]);
    expect(told.variables).toEqual({ COBO_TOKEN: told.outputs['access-token'] });
    expect(stage.cobo.livingRefreshTokens()).toEqual([stage.github.secretValue(STORE, SECRET)]);
    expect(summary).toContain(`\`${STORE}\``);
    expect(summary).toContain(`| Cobo | prod, ${new URL(stage.cobo.url).host} |`);
    expect(told.texts('debug').join('\n')).toMatch(/POST .*: HTTP 200 \(\d+ ms\)/);
    expect(told.texts('debug').join('\n')).toMatch(/GET .*: HTTP 200, request E000/);
  });

  test('makes the sealed box ready while Cobo works', async () => {
    const stage = await open();
    const ready = vi.spyOn(EncryptionKey.prototype, 'makeReady');
    onTestFinished(() => ready.mockRestore());
    let readyBeforeTheAnswer = 0;
    const look = {
      kind: 'hook',
      when: 'after',
      run: async () => {
        await vi.waitFor(() => expect(ready).toHaveBeenCalled());
        readyBeforeTheAnswer = ready.mock.calls.length;
      },
    } as const;
    stage.cobo.faults.add({ fault: look });
    const { exit } = await run(stage);
    expect(exit).toBe(0);
    expect(readyBeforeTheAnswer).toBe(1);
  });

  test('opens a group only for a step that has something to tell', async () => {
    const stage = await open();
    const quiet = await run(stage);
    expect(quiet.told.texts('group')).toEqual([]);
    stage.cobo.faults.add({ fault: { kind: 'cut', when: 'before' } });
    const loud = await run(stage, {
      changes: { 'refresh-token': stage.github.secretValue(STORE, SECRET), 'secret-stores': STORE },
      facts: { repository: undefined, jobStartedAt: undefined },
    });
    expect(loud.exit).toBe(0);
    expect(loud.told.texts('group')).toEqual(['Call Cobo']);
    const debug = await run(stage, {
      changes: {
        'refresh-token-secret': undefined,
        'refresh-token': stage.github.secretValue(STORE, SECRET),
      },
      env: { RUNNER_DEBUG: '1' },
    });
    expect(debug.told.texts('group')).toEqual(['Call Cobo']);
  });

  test('hands the refresh token out where it is not stored, summary or not', async () => {
    const stage = await open();
    const { exit, told, summary } = await run(stage, {
      changes: { 'refresh-token-secret': undefined },
      env: { GITHUB_STEP_SUMMARY: '' },
    });
    expect(exit).toBe(0);
    expect(told.outputs).toMatchObject({ 'token-state': 'delivered' });
    expect(told.outputs['refresh-token']).toBe(stage.cobo.livingRefreshTokens()[0]);
    expect(summary).toBe('');
  });

  test('stores nothing but the access token when that is all that is asked for', async () => {
    const stage = await open();
    const { exit, told } = await run(stage, { changes: { ...EXTRAS, 'refresh-token-secret': undefined } });
    expect(exit).toBe(0);
    expect(told.outputs['token-state']).toBe('delivered');
    expect(stage.github.secretValue(STORE, SECRET)).toBe(stage.refreshToken);
    expect(stage.github.secretValue(STORE, 'COBO_ACCESS_TOKEN')).toBe(told.outputs['access-token']);
  });

  test('stores nothing but the expiry, which needs no probe', async () => {
    const stage = await open();
    const changes = { 'refresh-token-secret': undefined, 'expires-at-variable': 'COBO_EXPIRES_AT' };
    const { exit, told } = await run(stage, { changes });
    expect(exit).toBe(0);
    expect(stage.github.variableValue(STORE, 'COBO_EXPIRES_AT')).toBe(told.outputs['expires-at']);
    expect(stage.github.requests.some(({ path }) => path.includes('PROBE'))).toBe(false);
  });

  test('keeps the old refresh token when Cobo sends none', async () => {
    const stage = await open({ cobo: { omitRefreshToken: true } });
    const { exit, told } = await run(stage);
    expect(exit).toBe(0);
    expect(told.outputs['token-state']).toBe('kept');
  });

  test('hands out the stored access token only while it lasts', async () => {
    const stage = await open();
    const stored = (ms: number) => {
      return { 'access-token': 'stored-token', 'expires-at': new Date(Date.now() + ms).toISOString() };
    };
    const long = await run(stage, { changes: stored(60_000) });
    expect([long.exit, long.told.outputs['token-state']]).toEqual([0, 'reused']);
    const dead = await run(stage, { changes: { ...stored(-1000), 'dry-run': 'false' } });
    expect(dead.told.outputs['token-state']).toBe('stored');
  });

  test('stops short in a dry run, with stores and without', async () => {
    const stage = await open();
    const dry = { 'dry-run': 'true' };
    const withStores = await run(stage, { changes: dry });
    expect([withStores.exit, withStores.told.outputs['token-state']]).toEqual([0, 'unspent']);
    expect(withStores.summary).toContain('the refresh token is not stale');
    const without = await run(stage, { changes: { ...dry, 'refresh-token-secret': undefined } });
    expect(without.summary).toContain('not checked');
    expect(stage.cobo.requests).toEqual([]);
  });

  test('heals without a refresh token', async () => {
    const stage = await open();
    const changes = { 'refresh-token': '', 'org-id': stage.cobo.client.orgId };
    const { exit, told } = await run(stage, { changes });
    expect([exit, told.outputs['token-state']]).toEqual([0, 'stored']);
    expect(told.texts('info').join('\n')).toContain('Obtained a fresh pair with org_implicit');
  });
});

describe('the story of a run that fails', () => {
  test('names a wrong input before anything is known of the run', async () => {
    const stage = await open();
    expectFailed(await run(stage, { changes: { 'client-id': '' } }), 'unspent', '`client-id`');
  });

  test('counts the other checks that failed', async () => {
    const stage = await open({ environments: ['cobo'], grants: [{ repo: REPOSITORY, actions: 'read' }] });
    const told = await run(stage, { changes: { 'secret-stores': 'repository\nenvironment:cobo' } });
    expectFailed(told, 'unspent', '`github-token` needs the permission');
    expect(told.told.texts('error')[0]).toMatch(/\(\d+ more checks? failed as well\.\)/);
  });

  test('counts the one other probe that was refused', async () => {
    const grant = { repo: REPOSITORY, secrets: 'read', dependabot_secrets: 'read' } as const;
    const stage = await open({ grants: [grant] });
    const told = await run(stage, { changes: { 'secret-stores': 'repository\ndependabot' } });
    expectFailed(told, 'unspent', '(1 more check failed as well.)');
  });

  test('is refused a stale token', async () => {
    const stage = await open();
    stage.github.setSecret(STORE, SECRET, stage.refreshToken, stage.github.clock);
    expectFailed(await run(stage), 'unspent', 'updated at');
  });

  test('finds the token dead', async () => {
    const stage = await open();
    stage.cobo.revokeFamily(stage.refreshToken);
    expectFailed(await run(stage), 'unspent', 'spent, revoked or expired', 'Start over');
  });

  test('finds the token dead after an answer was lost', async () => {
    const stage = await open();
    stage.cobo.faults.add({ fault: { kind: 'cut', when: 'after' } });
    expectFailed(await run(stage), 'unknown', 'An answer of Cobo was lost', 'Start over');
  });

  test('never hears of the answer', async () => {
    const stage = await open();
    stage.cobo.faults.add({ fault: { kind: 'cut', when: 'before' }, times: always });
    const told = await run(stage);
    expectFailed(told, 'unknown', 'no answer arrived', 'Run the job again: if Cobo still takes the token');
    expect(stage.cobo.requests).toHaveLength(4);
  });

  test('is refused a fresh pair', async () => {
    const stage = await open();
    const changes = { 'refresh-token': '', 'org-id': 'nobody' };
    expectFailed(await run(stage, { changes }), 'unspent', 'has not installed this app', 'Check `org-id`');
  });

  test('is refused by Cobo', async () => {
    const stage = await open();
    const changes = { 'client-id': 'another-client' };
    expectFailed(await run(stage, { changes }), 'unspent', 'invalid_client');
  });

  test('trusts no unsigned answer, and seals what it carried', async () => {
    const stage = await open();
    stage.cobo.faults.add({ fault: { kind: 'unsigned' } });
    const told = await run(stage);
    expectFailed(told, 'sealed', 'carries no signature');
    expectSealed(stage, told);
    expect(told.told.outputs).not.toHaveProperty('access-token');
  });

  test.each([
    ['access_token', 'stored'],
    ['refresh_token', 'unknown'],
  ])('hands out nothing of an answer with a malformed %s: %s', async (field, state) => {
    const stage = await open();
    const rewrite = (answer: { body: string }): string =>
      JSON.stringify({ ...(JSON.parse(answer.body) as object), [field]: 5 });
    const fault: Fault = {
      kind: 'rewrite',
      resign: true,
      rewrite: (answer) => ({ ...answer, body: rewrite(answer) }),
    };
    stage.cobo.faults.add({ fault });
    const told = await run(stage);
    expectFailed(told, state, `\`${field}\``);
    expect(told.told.outputs).not.toHaveProperty('access-token');
  });

  test('seals what cannot be stored, and hands out the access token', async () => {
    const stage = await open({ environments: ['cobo'] });
    stage.github.faults.add({ match: WRITE, fault: status(500), times: always });
    const told = await run(stage, { changes: { 'secret-stores': 'repository\nenvironment:cobo' } });
    expectFailed(told, 'sealed', 'could not be stored', `\`${STORE}\` (${SECRET}: `);
    expectSealed(stage, told);
    expect(told.told.outputs).toHaveProperty('access-token');
    expect(told.told.texts('info').join('\n')).toContain('✗ 2 of 2 stores did not take the refresh token');
  });

  test.each([
    ['repository\ndependabot', 'The other store holds it.'],
    ['repository\ndependabot\nenvironment:cobo', 'The other 2 stores hold it.'],
  ])('says which stores hold what another one did not take: %j', async (stores, said) => {
    const stage = await open({ environments: ['cobo'] });
    const match = { method: 'PUT', path: new RegExp(`/actions/secrets/${SECRET}$`) };
    stage.github.faults.add({ match, fault: status(403), times: always });
    const told = await run(stage, { changes: { 'secret-stores': stores } });
    expectFailed(told, 'sealed', said);
    expectSealed(stage, told);
  });

  test('ends as a failure when only the rest could not be stored', async () => {
    const stage = await open();
    stage.github.faults.add({
      match: { method: 'PUT', path: /COBO_ACCESS_TOKEN$/ },
      fault: status(422),
      times: always,
    });
    stage.github.faults.add({
      match: { method: 'POST', path: /variables$/ },
      fault: status(500),
      times: always,
    });
    expectFailed(await run(stage, { changes: EXTRAS }), 'stored', 'not everything could be stored', 'and');
  });

  test('ends as a failure when the access token alone could not be stored', async () => {
    const stage = await open();
    stage.github.faults.add({
      match: { method: 'PUT', path: /COBO_ACCESS_TOKEN$/ },
      fault: status(403),
      times: always,
    });
    const told = await run(stage, { changes: { 'access-token-secret': 'COBO_ACCESS_TOKEN' } });
    expectFailed(told, 'stored', 'COBO_ACCESS_TOKEN: GitHub answered HTTP 403');
  });

  test('hands the refresh token out although the rest could not be stored', async () => {
    const stage = await open();
    stage.github.faults.add({
      match: { method: 'PUT', path: /COBO_ACCESS_TOKEN$/ },
      fault: status(403),
      times: always,
    });
    const told = await run(stage, { changes: { ...EXTRAS, 'refresh-token-secret': undefined } });
    expectFailed(told, 'delivered', 'COBO_ACCESS_TOKEN');
    expect([told.told.outputs['refresh-token']]).toEqual(stage.cobo.livingRefreshTokens());
  });

  test('warns of a probe that stays', async () => {
    const stage = await open();
    stage.github.faults.add({ match: { method: 'DELETE' }, fault: status(403), times: always });
    const { exit, told } = await run(stage);
    expect(exit).toBe(0);
    expect(told.texts('warning')).toEqual([expect.stringContaining('could not be deleted')]);
  });

  test('says nothing of a probe that was refused', async () => {
    const stage = await open({ grants: [{ repo: REPOSITORY, secrets: 'read' }] });
    const told = await run(stage);
    expectFailed(told, 'unspent', 'Writing a probe');
    expect(told.told.texts('warning')).toEqual([]);
  });
});

describe('the story of a run that opens an envelope', () => {
  test('stores what was in it', async () => {
    const stage = await open();
    stage.cobo.faults.add({ fault: { kind: 'unsigned' } });
    const failed = await run(stage);
    const changes = { 'recovery-envelope': failed.told.outputs['recovery-envelope'] };
    const { exit, told } = await run(stage, { changes });
    expect([exit, told.outputs['token-state']]).toEqual([0, 'stored']);
  });

  test('stores what was in it even when Cobo lets it live on', async () => {
    const stage = await open();
    stage.cobo.faults.add({ fault: { kind: 'unsigned' } });
    const failed = await run(stage);
    const [sealed] = stage.cobo.livingRefreshTokens();
    stage.cobo.omitRefreshToken = true;
    const changes = { 'recovery-envelope': failed.told.outputs['recovery-envelope'] };
    const { told } = await run(stage, { changes });
    expect(told.outputs['token-state']).toBe('stored');
    expect(stage.github.secretValue(STORE, SECRET)).toBe(sealed);
  });

  test('opens it although a stored access token is still valid', async () => {
    const stage = await open();
    stage.cobo.faults.add({ fault: { kind: 'unsigned' } });
    const failed = await run(stage);
    const stored = { 'access-token': 'stored-token', 'expires-at': '2999-01-01T00:00:00Z' };
    const changes = { ...stored, 'recovery-envelope': failed.told.outputs['recovery-envelope'] };
    const { told } = await run(stage, { changes });
    expect(told.outputs['token-state']).toBe('stored');
  });

  test('refuses a bent one', async () => {
    const stage = await open();
    const changes = { 'recovery-envelope': 'cobo-envelope-v1.AAAA' };
    expectFailed(await run(stage, { changes }), 'unspent', '`recovery-envelope`');
  });
});

/** Emits a signal when a matching request is processed. */
const signalAt = (
  server: Stage['cobo'] | Stage['github'],
  match: { method: string; path?: RegExp },
  next?: Fault,
): Setting => {
  let emit = (): void => undefined;
  const fault: Fault = { kind: 'hook', when: 'before', run: () => emit(), ...(next ? { next } : {}) };
  server.faults.add({ match, fault });
  return {
    plan: (_told, signals) => {
      emit = () => {
        signals.emit('SIGTERM', 'SIGTERM' satisfies CancelSignal);
      };
    },
  };
};

describe('the story of a run that is cancelled', () => {
  test('ends at once while the stores are checked, and deletes the probe', async () => {
    const stage = await open();
    const never: Fault = { kind: 'hang', when: 'after' };
    const { exit, told, summary } = await run(
      stage,
      signalAt(stage.github, { method: 'PUT', path: /PROBE$/ }, never),
    );
    expect(exit).toBe(143);
    expect(told.texts('error')).toEqual([expect.stringContaining('cancelled before anything was spent')]);
    expect(summary).toContain('**unspent**');
    expect(stage.cobo.requests).toEqual([]);
  });

  test('does not begin the refresh when the signal came right before it', async () => {
    const stage = await open();
    const { exit, told } = await run(stage, {
      plan: (recorder, signals) => {
        recorder.onLine = ([kind, text]) => {
          if (kind === 'info' && text?.startsWith('✓ Checked')) signals.emit('SIGINT', 'SIGINT');
        };
      },
    });
    expect([exit, told.outputs['token-state']]).toEqual([130, 'unspent']);
    expect(stage.cobo.requests).toEqual([]);
    expect(stage.github.secretNames(STORE)).toEqual([SECRET]);
  });

  test('finishes what it has begun when the signal comes during the refresh', async () => {
    const stage = await open();
    const { exit, told } = await run(stage, signalAt(stage.cobo, { method: 'POST' }));
    expect([exit, told.outputs['token-state']]).toEqual([143, 'stored']);
    expect(told.texts('warning')).toEqual([expect.stringContaining('Cancelled (SIGTERM)')]);
    expectOpens(stage, told);
  });

  test('finishes what it has begun when the signal comes while storing', async () => {
    const stage = await open();
    const { exit, told } = await run(stage, signalAt(stage.github, WRITE));
    expect([exit, told.outputs['token-state']]).toEqual([143, 'stored']);
    expectOpens(stage, told);
  });

  test('tells a failure as such, though a signal came in between', async () => {
    const stage = await open();
    stage.github.faults.add({ match: WRITE, fault: status(403), times: always });
    const changes = { 'refresh-token': '', 'org-id': stage.cobo.client.orgId };
    const told = await run(stage, { changes, ...signalAt(stage.cobo, { method: 'GET' }) });
    expectFailed(told, 'sealed', 'could not be stored');
    const { told: recorder } = told;
    expect(recorder.texts('info').filter((text) => text.startsWith('recovery-envelope: '))).toHaveLength(1);
  });
});

describe('the story of a run in which something happens that nobody expected', () => {
  const thrower =
    (thrown: unknown, method: string, path: RegExp) =>
    (real: HttpClient): HttpClient => ({
      send: async (request, options) => {
        if (request.method === method && path.test(request.url.pathname)) throw thrown;
        return real.send(request, options);
      },
      connectAhead: (url) => real.connectAhead(url),
      close: () => real.close(),
    });

  test.each([{}, { 'refresh-token-secret': undefined }])(
    'outputs that cannot be set at all: nothing is spent (%o)',
    async (changes) => {
      const stage = await open();
      const told = await run(stage, {
        changes,
        plan: (recorder) => {
          recorder.onLine = ([kind]) => {
            if (kind === 'output') throw new Error('ENOSPC');
          };
        },
      });
      expect(told.exit).toBe(1);
      expect(told.told.texts('error').join()).toContain('[token-state: unspent]');
      expect(stage.cobo.requests).toEqual([]);
    },
  );

  test('an output that cannot be set after the rotation: sealed, the envelope in the log', async () => {
    const stage = await open();
    const told = await run(stage, {
      changes: { 'refresh-token-secret': undefined },
      env: { RUNNER_DEBUG: '1' },
      plan: (recorder) => {
        recorder.onLine = ([kind, name]) => {
          if (kind === 'output' && name === 'refresh-token') throw new Error('ENOSPC');
        };
      },
    });
    expectFailed(told, 'sealed', 'did not expect (Error)');
    expectSealed(stage, told);
    expect(told.told.texts('debug').join('\n')).toContain('ENOSPC');
  });

  test('no output can be set at all: sealed, and said in log and summary', async () => {
    const stage = await open();
    const { exit, told, summary } = await run(stage, {
      changes: { 'refresh-token-secret': undefined },
      plan: (recorder) => {
        recorder.onLine = ([kind, name]) => {
          if (kind === 'output' && name !== 'app-key') throw new Error('ENOSPC');
        };
      },
    });
    expect(exit).toBe(1);
    expect(told.texts('error')).toEqual([expect.stringContaining('[token-state: sealed]')]);
    expect(told.texts('warning')).toEqual(['The outputs could not be written.']);
    expect(summary).toContain('**sealed**');
    expectOpens(stage, told);
  });

  test('the environment variable cannot be set after the token was stored: stored', async () => {
    const stage = await open();
    const told = await run(stage, {
      changes: { 'access-token-env': 'COBO_TOKEN' },
      plan: (recorder) => {
        let struck = false;
        recorder.onLine = ([kind]) => {
          if (kind !== 'variable' || struck) return;
          struck = true;
          throw new Error('ENOSPC');
        };
      },
    });
    expectFailed(told, 'stored', 'did not expect');
  });

  test('the summary cannot be written: a warning', async () => {
    const stage = await open();
    const { exit, told } = await run(stage, { env: { GITHUB_STEP_SUMMARY: tmpdir() } });
    expect([exit, told.outputs['token-state']]).toEqual([0, 'stored']);
    expect(told.texts('warning')).toContain('The job summary could not be written.');
  });

  test.each([
    ['an Error', new TypeError('something'), 'TypeError'],
    ['a text', 'something', 'string'],
    ['an Error without a stack', Object.assign(new Error('something'), { stack: undefined }), 'Error'],
  ])('%s while Cobo is called: unknown', async (_name, thrown, kind) => {
    const stage = await open();
    const told = await run(stage, { http: thrower(thrown, 'POST', /oauth\/token$/) });
    expectFailed(told, 'unknown', `did not expect (${kind})`);
    expect(told.told.texts('error')[0]).not.toContain('something');
  });

  test('an Error while the stores are read: unspent', async () => {
    const stage = await open();
    const told = await run(stage, { http: thrower(new TypeError(), 'GET', /public-key$/) });
    expectFailed(told, 'unspent', 'did not expect (TypeError)');
  });

  test('an Error in two stores at once: told once', async () => {
    const stage = await open({ environments: ['cobo'] });
    const changes = { 'secret-stores': 'repository\nenvironment:cobo' };
    const told = await run(stage, { changes, http: thrower(new TypeError(), 'PUT', /PROBE$/) });
    expectFailed(told, 'unspent', 'did not expect (TypeError)');
  });

  test('an Error while the token is stored: sealed', async () => {
    const stage = await open();
    const told = await run(stage, { http: thrower(new TypeError(), 'PUT', WRITE.path) });
    expectFailed(told, 'sealed', 'an unexpected error');
    expectSealed(stage, told);
  });

  test('an Error while the probe is deleted: a warning', async () => {
    const stage = await open();
    const { exit, told } = await run(stage, { http: thrower(new TypeError(), 'DELETE', /PROBE$/) });
    expect(exit).toBe(0);
    expect(told.texts('warning')).toEqual([expect.stringContaining('an unexpected error')]);
  });
});
