import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Told } from '../support/toolkit.ts';
import {
  ALWAYS,
  COBO,
  hook,
  nth,
  RECORD,
  REPOSITORY,
  RUNS,
  Scene,
  SECRET,
  type Setting,
  STORE,
  type Step,
  status,
  TOKEN,
} from './support.ts';

const ENVIRONMENT = `environment:cobo@${REPOSITORY}`;
const BOTH = { stores: ['repository', 'environment:cobo'] };
const EXTRAS = {
  'access-token-secret': 'ACCESS',
  'expires-at-variable': 'EXPIRES_AT',
  'access-token-env': 'COBO_TOKEN',
};
/** For what is done at every moment of a run. */
const PATIENCE = { timeout: 60_000 };
const time = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');

describe('a run that goes well', () => {
  test('tells the state at every moment, and stores the refresh token before the rest', async () => {
    const scene = await Scene.open(BOTH);
    const { github } = scene.stage;
    // Nobody has a value in the clear but the output and the variable of the access token.
    const step = await scene.main({ changes: EXTRAS });
    expect(step.exit).toBe(0);
    const told = step.told.told.filter(({ kind, name }) => kind === 'output' || kind === 'env' || name === 'handover');
    const shape = told.map(({ kind, name, text }) => {
      if (kind === 'state') return `state: ${JSON.parse(text).state}`;
      const secret = text === '' ? '' : name === 'recovery-envelope' ? 'sealed' : '…';
      return `${name}: ${name === 'token-state' ? text : secret}`;
    });
    expect(shape).toEqual([
      'app-key: …',
      ...['state: unspent', 'token-state: unspent', 'recovery-envelope: '],
      ...['state: unspent', 'token-state: unspent', 'recovery-envelope: '],
      ...['state: unknown', 'token-state: unknown', 'recovery-envelope: '],
      ...['state: sealed', 'recovery-envelope: sealed', 'token-state: sealed'],
      ...['state: stored', 'token-state: stored', 'recovery-envelope: '],
      ...['token-state: stored', 'recovery-envelope: ', 'access-token: …', 'token-type: …', 'scope: '],
      ...['expires-in: …', 'expires-at: …', 'COBO_TOKEN: …'],
    ]);
    const expiresAt = time(scene.clock.now() + 43_199_000);
    expect(step.outputs).toEqual({
      'app-key': scene.stage.cobo.client.appKeyHex,
      'recovery-envelope': '',
      'token-state': 'stored',
      'access-token': step.told.env['COBO_TOKEN'],
      'token-type': 'Bearer',
      scope: '',
      'expires-in': '43199',
      'expires-at': expiresAt,
    });
    expect(scene.stage.cobo.isLivingAccessToken(step.outputs['access-token'] ?? '')).toBe(true);
    for (const store of [STORE, ENVIRONMENT]) {
      expect(scene.stored(store)).toBe(scene.living);
      expect(github.secretValue(store, 'ACCESS')).toBe(step.outputs['access-token']);
      expect(github.variableValue(store, 'EXPIRES_AT')).toBe(expiresAt);
    }
    const writes = github.writes.filter(({ name }) => [SECRET, 'ACCESS', 'EXPIRES_AT'].includes(name)).slice(-6);
    expect(writes.map(({ name }) => name).toSorted((a, b) => Number(b === SECRET) - Number(a === SECRET))).toEqual(
      writes.map(({ name }) => name),
    );
    expect(step.log).toEqual([
      `✓ Checked ${STORE} and ${ENVIRONMENT}: writing works, and the refresh token is not stale (… ms)`,
      `✓ Refreshed: the access token is valid until ${expiresAt} (… ms)`,
      `✓ Stored the refresh token as ${SECRET} in ${STORE} and ${ENVIRONMENT} (… ms)`,
      '✓ Stored ACCESS and EXPIRES_AT (… ms)',
    ]);
    expect(step.summary).toBe(
      [
        '### ✅ Cobo access token',
        '',
        '| Refresh token | **stored**. The new refresh token is in every store. |',
        '| --- | --- |',
        `| Access token | valid until ${expiresAt} |`,
        '| Cobo | custom URL |',
        `| Written | \`${SECRET}\`, \`ACCESS\` and \`EXPIRES_AT\` in \`${STORE}\` |`,
        `| Written | \`${SECRET}\`, \`ACCESS\` and \`EXPIRES_AT\` in \`${ENVIRONMENT}\` |`,
        '',
      ].join('\n'),
    );
    expect(step.told.texts('mask')).toEqual(
      expect.arrayContaining([scene.living, step.outputs['access-token'], scene.stage.refreshToken]),
    );
  });

  test('says of a killed process what became of the envelope that it has shown', async () => {
    const scene = await Scene.open();
    const step = await scene.killed({ path: /\/ACCESS$/ }, 'before', {
      changes: { 'access-token-secret': 'ACCESS' },
    });
    expect([step.outputs['token-state'], step.envelope, step.handover?.state]).toEqual(['stored', '', 'stored']);
    expect(step.summary).toContain('**stored**');
    expect(step.summary).not.toContain('cobo-envelope');
  });

  test('hands the refresh token out where it is not stored', async () => {
    const scene = await Scene.open();
    const step = await scene.main({
      changes: { 'refresh-token-secret': undefined, 'github-token': undefined },
    });
    expect([step.exit, step.outputs['token-state'], step.envelope]).toEqual([0, 'delivered', '']);
    expect(step.outputs['refresh-token']).toBe(scene.living);
    expect(scene.stage.github.requests).toEqual([]);
    expect(step.summary).toContain('**delivered**. The new refresh token is in the output `refresh-token`. |');
    const masked = step.told.told.findIndex(({ kind, text }) => kind === 'mask' && text === scene.living);
    const shown = step.told.told.findIndex(({ name }) => name === 'refresh-token');
    expect(masked).toBeGreaterThan(0);
    expect(masked).toBeLessThan(shown);
  });

  test('keeps the token where Cobo sends no new one', async () => {
    const scene = await Scene.open({ cobo: { omitRefreshToken: true } });
    const step = await scene.main({ changes: EXTRAS });
    expect([step.exit, step.outputs['token-state'], step.envelope]).toEqual([0, 'kept', '']);
    expect([scene.stored(), scene.living]).toEqual([scene.stage.refreshToken, scene.stage.refreshToken]);
    expect(scene.records()).toEqual([]);
    expect(step.summary).toContain(`| Written | \`ACCESS\` and \`EXPIRES_AT\` in \`${STORE}\` |`);
    expect((await scene.main()).exit).toBe(0);
  });

  test('deletes the records of older runs, and keeps its own', async () => {
    const scene = await Scene.open();
    const first = await scene.main();
    scene.clock.skip(60_000);
    const next = { 'refresh-token': scene.living };
    const queued = scene.stage.queueRun();
    const step = await scene.main({
      changes: next,
      facts: { runId: Number(queued.run_id) },
      env: { RUNNER_DEBUG: '1' },
    });
    expect(step.exit).toBe(0);
    expect(scene.records()).toEqual([step.handover?.recording?.name]);
    expect(step.handover?.recording?.name).not.toBe(first.handover?.recording?.name);
    expect(step.told.texts('debug').at(-1)).toBe('deleted 1 of 1 records of older runs');
  });

  test('goes well although an older record cannot be deleted', async () => {
    const scene = await Scene.open();
    scene.stage.github.setSecret(STORE, `${SECRET}_IN_FLIGHT_000000000000`, 'old');
    scene.stage.github.faults.add({ match: { method: 'DELETE' }, times: ALWAYS, fault: status(500) });
    const step = await scene.main({ env: { RUNNER_DEBUG: '1' } });
    expect([step.exit, step.warnings]).toEqual([0, []]);
    expect(step.told.texts('debug').at(-1)).toBe('deleted 0 of 1 records of older runs');
  });
});

describe('a stored access token', () => {
  const reusing = (scene: Scene, seconds: number, changes = {}): Setting => ({
    changes: {
      'access-token': 'stored-access-token',
      'expires-at': time(scene.clock.now() + seconds * 1000),
      ...changes,
    },
  });

  test('is handed out again while it is valid, and nobody is asked', async () => {
    const scene = await Scene.open();
    const step = await scene.main(reusing(scene, 60, { 'min-validity': '60', 'access-token-env': 'COBO_TOKEN' }));
    expect(step.exit).toBe(0);
    const expiresAt = time(scene.clock.now() + 60_000);
    expect(step.outputs).toEqual({
      'app-key': scene.stage.cobo.client.appKeyHex,
      'recovery-envelope': '',
      'token-state': 'reused',
      'access-token': 'stored-access-token',
      'token-type': 'Bearer',
      scope: '',
      'expires-in': '60',
      'expires-at': expiresAt,
    });
    expect(step.told.env).toEqual({ COBO_TOKEN: 'stored-access-token' });
    expect(step.log).toEqual([`✓ The stored access token is valid until ${expiresAt} and is handed out again`]);
    expect(step.summary).toContain('**reused**. The refresh token was not used. |');
    expect([scene.asked, scene.stage.github.requests.length, step.state]).toEqual([0, 0, {}]);
  });

  test.each([
    ['has expired', 0, {}],
    ['is valid for a second less than needed', 59, { 'min-validity': '60' }],
    ['is given with a dry run, which checks everything', 60, { 'dry-run': 'true' }],
  ])('is not handed out when it %s', async (_when, seconds, changes) => {
    const scene = await Scene.open();
    const step = await scene.main(reusing(scene, seconds, changes));
    expect([step.exit, step.outputs['token-state']]).toEqual([0, 'dry-run' in changes ? 'unspent' : 'stored']);
    expect(step.outputs['access-token']).not.toBe('stored-access-token');
  });

  test('is handed out in its last second', async () => {
    const scene = await Scene.open();
    const step = await scene.main(reusing(scene, 1));
    expect([step.outputs['token-state'], step.outputs['expires-in']]).toEqual(['reused', '1']);
  });

  test('is not handed out when an envelope is given: it is to be opened', async () => {
    const scene = await Scene.open();
    const step = await scene.main(reusing(scene, 60, { 'recovery-envelope': 'no envelope' }));
    expect(step.error).toMatch(/error: envelope-invalid\]$/);
  });

  test('that cannot be handed out ends the run, unspent', async () => {
    const scene = await Scene.open();
    const step = await scene.main({
      ...reusing(scene, 60),
      plan: ({ told }) => {
        told.onTell = ({ name }) => {
          if (name === 'expires-at') throw new Error('ENOSPC');
        };
      },
    });
    expect([step.exit, step.outputs['token-state']]).toEqual([1, 'unspent']);
    expect(step.error).toBe(
      'The outputs or the environment variable of this step could not be written. This run has not spent the refresh token. Check that the disk of the runner is not full, and re-run the job. [token-state: unspent, error: runner-files]',
    );
  });
});

describe('before the run begins', () => {
  test('a wrong input ends it, unspent, with nothing sent', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ changes: { 'client-id': 'my id' } });
    expect(step.exit).toBe(1);
    expect(step.error).toBe(
      'The input `client-id` must be at most 256 ASCII characters without blanks. This run has not spent the refresh token. Copy the ID from Cobo Portal. [token-state: unspent, error: input-invalid]',
    );
    expect(step.outputs).toEqual({ 'recovery-envelope': '', 'token-state': 'unspent' });
    expect(step.summary).toBe(
      [
        '### ❌ An input is invalid',
        '',
        'The input `client-id` must be at most 256 ASCII characters without blanks.',
        '',
        '**What to do:** Copy the ID from Cobo Portal.',
        '',
        '| Refresh token | **unspent**. This run has not spent the refresh token. |',
        '| --- | --- |',
        '',
      ].join('\n'),
    );
    expect([scene.asked, scene.stage.github.requests.length]).toEqual([0, 0]);
  });

  test('every secret is masked before anything else is told', async () => {
    const scene = await Scene.open();
    const step = await scene.main();
    const first = step.told.told.findIndex(({ kind }) => kind !== 'mask');
    const masked = step.told.told.slice(0, first).map(({ text }) => text);
    const { appSecretHex } = scene.stage.cobo.client;
    expect(masked).toEqual([appSecretHex, appSecretHex.toUpperCase(), scene.stage.refreshToken, scene.stage.writer]);
  });
});

/** Nothing is lost: the living token is stored, or in the envelope that was told. */
function expectNothingLost(scene: Scene, step: Step): void {
  if (scene.stored() === scene.living) return;
  const lines = step.told.texts('info').filter((line) => line.startsWith('recovery-envelope: '));
  const envelope = step.envelope || (lines.at(-1) ?? '').slice('recovery-envelope: '.length);
  expect(scene.open(envelope)).toBe(scene.living);
}

describe('when something cannot be told', () => {
  const broken =
    (from: number, until: number) =>
    ({ told }: Step) => {
      let count = -1;
      told.onTell = () => {
        count += 1;
        if (count >= from && count < until) throw new Error('EPIPE');
      };
    };

  /** What is told before the first byte of the refresh, and in all. */
  async function moments(setting: Setting): Promise<{ begun: number; all: number }> {
    const scene = await Scene.open();
    const step = await scene.main(setting);
    const { told } = step.told;
    const isBegun = ({ name, text }: Told) => name === 'handover' && text.startsWith('{"state":"unknown"');
    // Two outputs follow.
    return { begun: told.findIndex(isBegun) + 3, all: told.length };
  }

  test.each([
    ['one thing', EXTRAS, (at: number) => at + 1],
    ['nothing from then on', EXTRAS, () => ALWAYS],
    ['one thing, without write-back', { 'refresh-token-secret': undefined }, (at: number) => at + 1],
    ['nothing from then on, without write-back', { 'refresh-token-secret': undefined }, () => ALWAYS],
  ])('%s: before the refresh it is not begun, later nothing is lost', PATIENCE, async (_what, changes, until) => {
    const { begun, all } = await moments({ changes });
    expect(begun).toBeGreaterThan(5);
    for (let at = 0; at < all; at++) {
      const scene = await Scene.open();
      const step = await scene.main({ changes, plan: broken(at, until(at)) });
      if (at < begun) {
        expect([at, step.exit, scene.asked]).toEqual([at, 1, 0]);
        if (until(at) !== ALWAYS) expect([at, step.outputs['token-state']]).toEqual([at, 'unspent']);
        expect(step.summary).toContain('**unspent**');
        expect(scene.records()).toEqual([]);
        expect(scene.stored()).toBe(scene.living);
      } else {
        expect([at, scene.asked]).toEqual([at, 1]);
        if ('access-token-secret' in changes) expect([at, scene.stored()]).toEqual([at, scene.living]);
        else if (until(at) !== ALWAYS && step.outputs['refresh-token'] === undefined) expectNothingLost(scene, step);
      }
    }
  });

  test('a summary that cannot be written does not matter', async () => {
    const scene = await Scene.open();
    const step = await scene.main({
      env: { GITHUB_STEP_SUMMARY: '/nonexistent/summary', RUNNER_DEBUG: '1' },
    });
    expect([step.exit, scene.stored()]).toEqual([0, scene.living]);
    expect(step.told.texts('debug')).toContain('the job summary could not be written');
  });

  test('a runner without summaries gets none', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ env: { GITHUB_STEP_SUMMARY: '' } });
    expect([step.exit, step.summary]).toEqual([0, '']);
  });
});

describe('a signal', () => {
  test('while Cobo works ends the run when the token is stored, and says so', async () => {
    const scene = await Scene.open();
    const step = await scene.main({
      plan: (running) => scene.stage.cobo.faults.add({ fault: hook(() => running.signal('SIGTERM')) }),
    });
    expect([step.exit, step.outputs['token-state']]).toEqual([143, 'stored']);
    expect(scene.stored()).toBe(scene.living);
    expect(step.warnings).toEqual([
      'Cancelled (SIGTERM) while the token was in use. The run finished first: token-state stored.',
    ]);
    // The runner kills soon: the envelope is in the log by then.
    expect(step.log.some((line) => line.startsWith('recovery-envelope: '))).toBe(true);
  });

  test('at any request, before or after it, loses nothing', PATIENCE, async () => {
    const changes = { 'access-token-secret': 'ACCESS' };
    const first = await Scene.open();
    await first.main({ changes });
    const count = first.asked + first.stage.github.requests.length;
    for (let at = 0; at < count; at++) {
      for (const when of ['before', 'after'] as const) {
        const scene = await Scene.open();
        const step = await scene.main({
          changes,
          plan: (running) => {
            const match = nth(at);
            if (when === 'after') return running.afterwards(match, () => running.signal());
            return running.beforehand(match, () => running.signal());
          },
        });
        const state = step.outputs['token-state'];
        expect([at, when, step.exit]).toEqual([at, when, 130]);
        expect([at, when, state]).toEqual([at, when, scene.asked === 0 ? 'unspent' : 'stored']);
        expect(scene.stored()).toBe(scene.living);
        expect(scene.records()).toHaveLength(state === 'stored' ? 1 : 0);
        const post = await scene.post(step);
        expect([post.exit, post.told.told]).toEqual([0, []]);
      }
    }
  });
});

describe('a killed process', () => {
  test('at any request, before or after it, leaves what is true, and the post step heals it', PATIENCE, async () => {
    const first = await Scene.open(BOTH);
    await first.main();
    const count = first.asked + first.stage.github.requests.length;
    for (let at = 0; at < count; at++) {
      for (const when of ['before', 'after'] as const) {
        const scene = await Scene.open(BOTH);
        const changes = { 'org-id': scene.stage.cobo.client.orgId };
        const step = await scene.killed(nth(at), when, { changes });
        const isStored = [STORE, ENVIRONMENT].every((store) => scene.stored(store) !== scene.stage.refreshToken);
        const state = step.outputs['token-state'];
        expect([at, when, step.handover?.state]).toEqual([at, when, state]);
        if (state === undefined || state === 'unspent') expect(scene.asked).toBe(0);
        if (state === 'sealed') expect(scene.open(step.envelope)).toBe(scene.living);
        if (state === 'stored') expect(isStored).toBe(true);
        if (state !== 'sealed') expect(step.envelope).toBe('');
        scene.clock.skip(10_000);
        const post = await scene.post(step);
        expect([at, when, post.exit]).toEqual([at, when, 0]);
        expect([scene.stored(STORE), scene.stored(ENVIRONMENT)]).toEqual([scene.living, scene.living]);
        const kept = scene.living === scene.stage.refreshToken ? 0 : 1;
        expect([at, when, scene.records(STORE).length]).toEqual([at, when, kept]);
      }
    }
  });
});

describe('no secret is told', () => {
  test('in any story of faults, and no command either', PATIENCE, async () => {
    const fault = fc.constantFrom(
      ...[status(500), status(403), status(422), status(404)],
      ...(['before', 'after', 'during'] as const).map((when) => ({ kind: 'cut', when }) as const),
    );
    const rule = fc.record({
      match: fc.constantFrom(COBO, TOKEN, RECORD, { method: 'GET' }, { method: 'DELETE' }),
      times: fc.integer({ min: 1, max: 5 }),
      skip: fc.integer({ min: 0, max: 3 }),
      fault,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { maxLength: 3 }), fc.boolean(), async (rules, hasOrg) => {
        const scene = await Scene.open(BOTH);
        const { cobo, github } = scene.stage;
        for (const one of rules) for (const service of [cobo, github]) service.faults.add(one);
        const changes = { ...EXTRAS, ...(hasOrg ? { 'org-id': cobo.client.orgId } : {}) };
        const main = await scene.main({ changes, env: { RUNNER_DEBUG: '1' } });
        const post = main.exit === 0 ? undefined : await scene.post(main, { env: { RUNNER_DEBUG: '1' } });
        const shown = [main, ...(post === undefined ? [] : [post])].flatMap(({ told, summary }) => [
          summary,
          ...told.told
            .filter(({ kind, name }) => kind !== 'mask' && kind !== 'env' && name !== 'access-token')
            .map(({ text }) => text),
        ]);
        for (const secret of scene.stage.secrets()) expect(shown.join('\n')).not.toContain(secret);
        expect(main.told.texts('error').length).toBe(main.exit === 0 ? 0 : 1);
      }),
      { numRuns: Math.ceil(RUNS / 5) },
    );
  });
});
