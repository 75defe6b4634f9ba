import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Told } from '../support/toolkit.ts';
import type { Changes, Match, Step } from './support.ts';
import {
  ALWAYS,
  ATTEMPTS,
  BOTH,
  CALL,
  ENVIRONMENT,
  EXTRAS,
  NO_TARGET,
  RUNS,
  Scene,
  SECRET,
  STORE,
  time,
} from './support.ts';

const ALL = { ...EXTRAS, 'access-token-env': 'COBO_TOKEN' };
/** For what is done at every moment of a run. */
const PATIENCE = { timeout: 60_000 };

/** The n-th request of a step, counted from 0. */
function nth(n: number): Match {
  let count = -1;
  return () => {
    count += 1;
    return count === n;
  };
}

describe('a run that goes well', () => {
  test('tells the state at every moment, and stores the refresh token before the rest', async () => {
    const scene = await Scene.open(BOTH);
    const { cobo, github } = scene.stage;
    const step = await scene.main(ALL);
    const told = step.told.filter(({ kind, name }) => kind === 'output' || kind === 'env' || name === 'handover');
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
    expect(step.end).toEqual([0, 'stored']);
    expect(step.outputs).toMatchObject({ 'access-token': step.env['COBO_TOKEN'], 'expires-at': expiresAt });
    expect(cobo.isLivingAccessToken(step.outputs['access-token'] ?? '')).toBe(true);
    for (const store of [STORE, ENVIRONMENT]) {
      expect(scene.stored(store)).toBe(scene.living);
      expect(github.secretValue(store, 'ACCESS')).toBe(step.outputs['access-token']);
      expect(github.variableValue(store, 'EXPIRES_AT')).toBe(expiresAt);
    }
    const names = github.writes
      .map(({ name }) => name)
      .filter((name) => /^(COBO_REFRESH_TOKEN|ACCESS|EXPIRES_AT)$/.test(name));
    expect(names.slice(-6, -4)).toEqual([SECRET, SECRET]);
    expect(step.log).toEqual([
      `✓ Checked ${STORE} and ${ENVIRONMENT}: writing works, and the refresh token is not stale (… ms)`,
      `✓ Refreshed: the access token is valid until ${expiresAt} (… ms)`,
      `✓ Stored the refresh token as ${SECRET} in ${STORE} and ${ENVIRONMENT} (… ms)`,
      '✓ Stored ACCESS and EXPIRES_AT (… ms)',
    ]);
    expect(step.summary).toContain(
      `| Written | \`${SECRET}\`, \`ACCESS\` and \`EXPIRES_AT\` in \`${ENVIRONMENT}\` |\n`,
    );
  });
});

describe('a stored access token', () => {
  const stored = (scene: Scene, seconds: number): Changes => ({
    'access-token': 'stored-access-token',
    'expires-at': time(scene.clock.now() + seconds * 1000),
  });

  test('is handed out again while it is valid, and nobody is asked', async () => {
    const scene = await Scene.open();
    const expiresAt = time(scene.clock.now() + 60_000);
    const step = await scene.main({ ...stored(scene, 60), 'min-validity': '60', 'access-token-env': 'COBO_TOKEN' });
    expect(step.exit).toBe(0);
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
    expect(step.env).toEqual({ COBO_TOKEN: 'stored-access-token' });
    expect(step.log).toEqual([`✓ The stored access token is valid until ${expiresAt} and is handed out again`]);
    expect([scene.asked, scene.stage.github.requests.length, step.state]).toEqual([0, 0, {}]);
  });

  test.each([
    ['has expired', 0, {}, 'stored'],
    ['is valid for its last second', 1, {}, 'reused'],
    ['is valid for a second less than needed', 59, { 'min-validity': '60' }, 'stored'],
    ['is given with a dry run, which checks everything', 60, { 'dry-run': 'true' }, 'unspent'],
  ])('that %s', async (_when, seconds, changes, state) => {
    const scene = await Scene.open();
    const step = await scene.main({ ...stored(scene, seconds), ...changes });
    expect(step.end).toEqual([0, state]);
    expect(step.outputs['access-token'] === 'stored-access-token').toBe(state === 'reused');
  });

  test('is not handed out when an envelope is given: it is to be opened', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ ...stored(scene, 60), 'recovery-envelope': 'no envelope' });
    expect(step.error).toMatch(/error: envelope-invalid\]$/);
  });

  test('that cannot be handed out ends the run, unspent', async () => {
    const scene = await Scene.open();
    const step = await scene.main(stored(scene, 60), { plan: (one) => one.mute(({ name }) => name === 'expires-at') });
    expect(step.end).toEqual([1, 'unspent']);
    expect(step.error).toMatch(/ This run has not spent .* \[token-state: unspent, error: runner-files\]$/);
  });
});

describe('a dry run', () => {
  test.each([
    ['it would be refreshed', false],
    ['a fresh pair would be obtained with `org-id`', true],
  ])('checks everything, takes its records back, and says that %s', async (next, isFirst) => {
    const scene = await Scene.open(BOTH);
    const changes = isFirst ? { ...scene.org, 'refresh-token': undefined } : {};
    const step = await scene.main({ 'dry-run': 'true', ...changes });
    expect([step.end, scene.asked]).toEqual([[0, 'unspent'], 0]);
    const ours = scene.stage.github.requests.filter(({ path }) => CALL.record.path.test(path));
    expect(ours.map(({ method }) => method)).toEqual([...['PUT', 'PUT'], ...['DELETE', 'DELETE']]);
    expect([scene.records(STORE), scene.records(ENVIRONMENT)]).toEqual([[], []]);
    expect(step.log.at(-1)).toBe('✓ Dry run: everything was checked up to the refresh. Nothing was spent');
    expect(step.summary).toBe(
      [
        '### ✅ Cobo access token: dry run',
        '',
        '| Refresh token | **unspent**. This run has not spent the refresh token. |',
        '| --- | --- |',
        '| Cobo | custom URL |',
        `| App key | \`${scene.stage.cobo.client.appKeyHex}\` |`,
        `| Store | \`${STORE}\` can be written |`,
        `| Store | \`${ENVIRONMENT}\` can be written |`,
        `| Next | ${next} |`,
        '',
      ].join('\n'),
    );
    expect((await scene.post(step)).told).toEqual([]);
  });

  test('sends nothing at all without write-back', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ 'dry-run': 'true', ...NO_TARGET });
    expect(step.end).toEqual([0, 'unspent']);
    expect([scene.stage.github.requests, scene.stage.cobo.connections.opened]).toEqual([[], 0]);
    expect(step.summary).not.toContain('| Store |');
  });

  test('fails when its record cannot be deleted', async () => {
    const scene = await Scene.open();
    scene.github({ method: 'DELETE' }, 500, ATTEMPTS);
    const step = await scene.main({ 'dry-run': 'true' });
    expect([step.exit, step.error.endsWith('[token-state: unspent, error: record-left]')]).toEqual([1, true]);
    expect([(await scene.post(step)).exit, scene.records()]).toEqual([0, []]);
  });
});

describe('when something cannot be told', () => {
  const broken =
    (from: number, until: number) =>
    (step: Step): void => {
      let count = -1;
      step.mute(() => {
        count += 1;
        return count >= from && count < until;
      });
    };

  test.each([
    ['one thing', ALL, (at: number) => at + 1],
    ['nothing from then on', ALL, () => ALWAYS],
    ['one thing, without write-back', NO_TARGET, (at: number) => at + 1],
    ['nothing from then on, without write-back', NO_TARGET, () => ALWAYS],
  ])('%s: before the refresh it is not begun, later nothing is lost', PATIENCE, async (_what, changes, until) => {
    const { told } = await (await Scene.open()).main(changes);
    const isBegun = ({ name, text }: Told) => name === 'handover' && text.startsWith('{"state":"unknown"');
    // Two outputs follow.
    const begun = told.findIndex(isBegun) + 3;
    expect(begun).toBeGreaterThan(5);
    for (let at = 0; at < told.length; at++) {
      const scene = await Scene.open();
      const step = await scene.main(changes, { plan: broken(at, until(at)) });
      if (at < begun) {
        expect([at, step.exit, scene.asked, scene.records()]).toEqual([at, 1, 0, []]);
        if (until(at) !== ALWAYS) expect([at, step.outputs['token-state']]).toEqual([at, 'unspent']);
        expect(step.summary).toContain('**unspent**');
      } else {
        expect([at, scene.asked]).toEqual([at, 1]);
        if (changes === ALL) expect([at, scene.stored()]).toEqual([at, scene.living]);
        else if (until(at) !== ALWAYS && step.outputs['refresh-token'] === undefined) {
          const shown = step.log.findLast((line) => line.startsWith('recovery-envelope: ')) ?? '';
          expect(scene.open(step.envelope || shown.slice('recovery-envelope: '.length))).toBe(scene.living);
        }
      }
    }
  });
});

describe('a signal', () => {
  test('while Cobo works ends the run when the token is stored, and says so', async () => {
    const scene = await Scene.open();
    const step = await scene.main({}, { plan: (one) => scene.cobo(() => one.signal('SIGTERM')) });
    expect([step.end, scene.stored()]).toEqual([[143, 'stored'], scene.living]);
    expect(step.warnings).toEqual([
      'Cancelled (SIGTERM) while the token was in use. The run finished first: token-state stored.',
    ]);
    // The runner kills soon: the envelope is in the log by then.
    expect(step.log.some((line) => line.startsWith('recovery-envelope: '))).toBe(true);
  });

  test.each(['before', 'after'] as const)('%s any request loses nothing', PATIENCE, async (when) => {
    const first = await Scene.open();
    await first.main(EXTRAS);
    const count = first.asked + first.stage.github.requests.length;
    for (let at = 0; at < count; at++) {
      const scene = await Scene.open();
      const step = await scene.main(EXTRAS, { plan: (one) => one.on(nth(at), when, () => one.signal()) });
      const state = scene.asked === 0 ? 'unspent' : 'stored';
      expect([at, step.end, scene.stored()]).toEqual([at, [130, state], scene.living]);
      expect(scene.records()).toHaveLength(state === 'stored' ? 1 : 0);
      const post = await scene.post(step);
      expect([post.exit, post.told]).toEqual([0, []]);
    }
  });
});

describe('a killed process', () => {
  test.each(['before', 'after'] as const)(
    '%s any request leaves what is true, and the post step heals it',
    PATIENCE,
    async (when) => {
      const first = await Scene.open(BOTH);
      await first.main();
      const count = first.asked + first.stage.github.requests.length;
      for (let at = 0; at < count; at++) {
        const scene = await Scene.open(BOTH);
        const step = await scene.killed(nth(at), when, scene.org);
        const isStored = [STORE, ENVIRONMENT].every((store) => scene.stored(store) !== scene.stage.refreshToken);
        const state = step.outputs['token-state'];
        expect([at, step.handover?.state]).toEqual([at, state]);
        if (state === undefined || state === 'unspent') expect(scene.asked).toBe(0);
        if (state === 'stored') expect(isStored).toBe(true);
        if (state === 'sealed') expect(scene.open(step.envelope)).toBe(scene.living);
        else expect(step.envelope).toBe('');
        scene.clock.skip(10_000);
        const post = await scene.post(step);
        expect([at, post.exit]).toEqual([at, 0]);
        expect([scene.stored(STORE), scene.stored(ENVIRONMENT)]).toEqual([scene.living, scene.living]);
        const kept = scene.living === scene.stage.refreshToken ? 0 : 1;
        expect([at, scene.records(STORE).length]).toEqual([at, kept]);
      }
    },
  );
});

test('no secret is told in any story of faults, and no command either', PATIENCE, async () => {
  const rule = fc.record({
    match: fc.constantFrom(CALL.cobo, CALL.token, CALL.record, { method: 'GET' }, { method: 'DELETE' }),
    times: fc.integer({ min: 1, max: 5 }),
    skip: fc.integer({ min: 0, max: 3 }),
    fault: fc.constantFrom(
      ...[500, 403, 422, 404].map((status) => ({ kind: 'status', status, when: 'before' }) as const),
      ...(['before', 'after', 'during'] as const).map((when) => ({ kind: 'cut', when }) as const),
    ),
  });
  const env = { RUNNER_DEBUG: '1' };
  await fc.assert(
    fc.asyncProperty(fc.array(rule, { maxLength: 3 }), fc.boolean(), async (rules, hasOrg) => {
      const scene = await Scene.open(BOTH);
      const { cobo, github } = scene.stage;
      for (const one of rules) for (const service of [cobo, github]) service.faults.add(one);
      const main = await scene.main({ ...ALL, ...(hasOrg ? scene.org : {}) }, { env });
      const steps = main.exit === 0 ? [main] : [main, await scene.post(main, { env })];
      const isShown = ({ kind, name }: Told) => kind !== 'mask' && kind !== 'env' && name !== 'access-token';
      const shown = steps.flatMap(({ told, summary }) => [summary, ...told.filter(isShown).map(({ text }) => text)]);
      for (const secret of scene.stage.secrets()) expect(shown.join('\n')).not.toContain(secret);
      expect(main.texts('error').length).toBe(main.exit === 0 ? 0 : 1);
    }),
    { numRuns: Math.ceil(RUNS / 5) },
  );
});
