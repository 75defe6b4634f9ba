import { describe, expect, test } from 'vitest';
import type { Fault } from '../../emulators/faults.ts';
import { rehearse } from '../../src/keep.ts';
import type { Changes, Step } from './support.ts';
import { ALWAYS, ATTEMPTS, BOTH, CALL, CUT, ENVIRONMENT, EXTRAS, NO_TARGET, Scene, SECRET, STORE } from './support.ts';

const DEPENDABOT = STORE.replace('repository', 'dependabot');
const OMIT = { cobo: { omitRefreshToken: true } };
const rewritten = (change: (json: Record<string, unknown>) => unknown): Fault => ({
  kind: 'rewrite',
  resign: true,
  rewrite: (answer) => ({ ...answer, body: JSON.stringify(change(JSON.parse(answer.body))) }),
});
const WITHOUT_ACCESS = rewritten(({ access_token: _, ...rest }) => rest);

test('rehearses with the keys of the run', () => {
  const keys = { appSecret: Buffer.alloc(32), appKey: '00'.repeat(32) };
  expect(() => rehearse({ keys, clientId: 'id' })).toThrow('The signature does not verify.');
});

describe('when Cobo answers', () => {
  test('masks both new tokens before it puts anything of them out', async () => {
    const scene = await Scene.open();
    const { told } = await scene.main(NO_TARGET);
    for (const name of ['access-token', 'refresh-token']) {
      const out = told.findIndex((one) => one.kind === 'output' && one.name === name);
      const masked = told.findIndex(({ kind, text }) => kind === 'mask' && text === told[out]?.text);
      expect([masked > 0, out > masked]).toEqual([true, true]);
    }
  });

  test.each<[string, Fault | number, string, string]>([
    ['never', CUT, 'unknown', 'answer-lost'],
    ['500 without a signature', 500, 'unknown', 'cobo-unavailable'],
    ['403 without a signature', 403, 'unspent', 'cobo-refused'],
    ['without a signature', { kind: 'unsigned' }, 'sealed', 'answer-untrusted'],
    ['what is cut off after the token', { kind: 'cut', when: 'after-token' }, 'sealed', 'answer-lost'],
    ['without an access token', WITHOUT_ACCESS, 'stored', 'answer-malformed'],
    ['with a list', rewritten(() => []), 'unknown', 'answer-malformed'],
  ])('%s, the token is as it is', async (_how, fault, state, code) => {
    const scene = await Scene.open();
    scene.cobo(fault, ALWAYS);
    const step = await scene.main();
    expect([step.end, step.handover?.state]).toEqual([[1, state, code], state]);
    expect(step.outputs['access-token']).toBeUndefined();
    expect(scene.records()).toHaveLength(state === 'sealed' || state === 'stored' ? 1 : 0);
    const isAgain = state === 'unknown' && code !== 'answer-malformed';
    expect(step.error.includes(' The post step of this job tries again with the same token. ')).toBe(isAgain);
    if (state === 'stored') {
      expect([scene.isSafe, step.log[1]]).toEqual([true, '✓ Refreshed (… ms)']);
      expect(step.error).toMatch(/^Cobo's answer is signed but malformed: `access_token` is .* Report the problem to /);
    }
    if (state !== 'sealed') return expect(step.envelope).toBe('');
    expect([scene.open(step.envelope), step.shown]).toEqual([scene.living, [step.envelope]]);
    expect([scene.stored(), step.handover?.trusted]).toEqual([scene.stage.refreshToken, false]);
    expect(step.texts('mask')).toContain(scene.living);
  });

  test('not at all, the post step tries again, and says no more that it does', async () => {
    const scene = await Scene.open();
    scene.cobo(CUT, ALWAYS);
    const main = await scene.main();
    expect((await scene.post(main)).error).not.toContain('The post step of this job');
    expect((await scene.main(NO_TARGET)).error).not.toContain('The post step of this job');
    // A token that is not valid is lost if it was sent before, and dead if not.
    scene.stage.cobo.faults.clear();
    scene.stage.cobo.revokeFamily(scene.stage.refreshToken);
    expect((await scene.post(main)).end).toEqual([1, 'unknown', 'answer-lost']);
    expect((await scene.main()).end).toEqual([1, 'unspent', 'token-dead']);
  });
});

describe('with `org-id`', () => {
  test('a dead token is replaced by a fresh pair, and its record stays', async () => {
    const scene = await Scene.open();
    scene.stage.cobo.revokeFamily(scene.stage.refreshToken);
    const step = await scene.main(scene.org);
    expect([step.end, scene.isSafe, scene.records()]).toEqual([[0, 'stored'], true, [step.record]]);
    expect(step.log[2]).toMatch(/^✓ Obtained a fresh pair with org_implicit: the access token is valid until /);
    expect(step.log[3]).toBe(`✓ Stored the refresh token as ${SECRET} in ${STORE} (… ms)`);
  });

  test('a first run needs no token, and leaves no record; if it is refused, it has spent nothing', async () => {
    const scene = await Scene.open();
    const refused = await scene.main({ 'refresh-token': undefined, 'org-id': 'unknown' });
    expect([refused.end, scene.records()]).toEqual([[1, 'unspent', 'cobo-refused'], []]);
    const step = await scene.main({ 'refresh-token': undefined, ...scene.org });
    expect([step.end, scene.isSafe, scene.records()]).toEqual([[0, 'stored'], true, []]);
  });

  test('a token in doubt stays so when no fresh pair is to be had', async () => {
    const scene = await Scene.open();
    await scene.killed(CALL.cobo, 'before');
    scene.clock.skip(1_000);
    const step = await scene.main({ 'org-id': 'unknown' });
    expect(step.error).toMatch(/^Another run .* A fresh pair could not be obtained: .* error: token-in-doubt\]$/);
    scene.cobo({ kind: 'unsigned' });
    expect((await scene.main(scene.org)).end).toEqual([1, 'sealed', 'answer-untrusted']);
    const plan = (one: Step) => one.on(CALL.cobo, 'before', () => one.signal());
    expect((await scene.main(scene.org, { plan })).end).toEqual([130, 'unspent', 'cancelled']);
  });
});

describe('a token that Cobo lets live', () => {
  test('stays as it is, and its record goes', async () => {
    const scene = await Scene.open(OMIT);
    const older = `${SECRET}_IN_FLIGHT_000000000000`;
    scene.set(STORE, older);
    const step = await scene.main(EXTRAS);
    expect([step.end, step.envelope, scene.isSafe, scene.records()]).toEqual([[0, 'kept'], '', true, [older]]);
    expect(step.summary).toContain(`| Written | \`ACCESS\` and \`EXPIRES_AT\` in \`${STORE}\` |`);
    const { log, summary } = await scene.main();
    expect([log.length, summary.includes('Written')]).toEqual([2, false]);
  });

  test('has its record deleted, or the run fails; what was won is handed out all the same', async () => {
    const scene = await Scene.open(OMIT);
    scene.github(CALL.undo, 500, ATTEMPTS);
    const step = await scene.main();
    expect([step.end, step.texts('warning')]).toEqual([[1, 'kept', 'record-left'], []]);
    expect(step.outputs['access-token']).not.toBe('');
    expect([(await scene.post(step)).exit, scene.records()]).toEqual([0, []]);
  });

  test.each<[string, number, Changes, (number | string)[]]>([
    ['is stored when it comes from an envelope', 0, {}, [0, 'stored']],
    ['has no record even when it is sealed: its envelope can be used', ATTEMPTS, {}, [1, 'sealed', 'store-failed']],
    ['stays in its envelope without write-back', 0, NO_TARGET, [0, 'kept']],
  ])('%s', async (_what, refusals, changes, end) => {
    const scene = await Scene.open();
    const envelope = await scene.envelope();
    const [first] = scene.records();
    scene.stage.cobo.omitRefreshToken = true;
    scene.github(CALL.token, 500, refusals);
    const step = await scene.main({ ...envelope, ...changes });
    expect([step.end, scene.records(), scene.isSafe]).toEqual([end, [first], end[1] === 'stored']);
    if (step.envelope === '') return;
    expect([scene.open(step.envelope), step.handover?.trusted]).toEqual([scene.living, true]);
  });
});

describe('the refresh token', () => {
  test.each([
    [/actions.*TOKEN$/, 1, ' 2 other stores hold it.'],
    [/(actions|environments).*TOKEN$/, 2, ' One other store holds it.'],
    [/TOKEN$/, 3, ''],
  ])('that %s refuse, %i of three stores, is sealed, and the error names them', async (path, count, others) => {
    const scene = await Scene.open({ stores: ['repository', 'environment:cobo', 'dependabot'] });
    scene.github({ method: 'PUT', path }, 403, ALWAYS);
    const step = await scene.main();
    const refused = [STORE, ENVIRONMENT, DEPENDABOT].slice(0, count);
    for (const store of refused) expect(step.error).toContain(`\`${store}\` (${SECRET}: GitHub returned HTTP 403)`);
    expect(step.error).toContain(
      `).${others} The new refresh token is sealed in the recovery envelope. The post step of this job tries again. If that fails too, start a run with the envelope as the input \`recovery-envelope\` (docs/recovery.md). [token-state: sealed, error: store-failed]`,
    );
    expect(step.log).toContain(`✗ ${count} of 3 stores did not take the refresh token (… ms)`);
    // The access token works all the same.
    expect(scene.stage.cobo.isLivingAccessToken(step.outputs['access-token'] ?? '')).toBe(true);
    expect(step.handover).toMatchObject({ trusted: true, keepsRecord: true, recording: { refused } });
    expect(scene.open(step.envelope)).toBe(scene.living);
  });

  test.each([
    ['while it is stored: the envelope is in the log meanwhile', CALL.token, 1],
    ['when it is stored: the envelope is not needed', CALL.access, 0],
  ])('survives a signal %s', async (_when, match, envelopes) => {
    const scene = await Scene.open();
    const plan = (one: Step) =>
      scene.github(match, { kind: 'hook', when: 'before', run: () => one.signal(), next: CUT });
    const step = await scene.main({ 'access-token-secret': 'ACCESS' }, { plan });
    expect([scene.isSafe, step.shown.length]).toEqual([true, envelopes]);
  });

  test('is handed out where it is not stored', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ ...NO_TARGET, 'github-token': undefined });
    expect([step.end, step.envelope, step.outputs['refresh-token']]).toEqual([[0, 'delivered'], '', scene.living]);
    expect([scene.stage.github.requests, step.summary.includes('Written')]).toEqual([[], false]);
  });

  test('stays in its envelope when it cannot be handed out', async () => {
    const scene = await Scene.open();
    const step = await scene.main(NO_TARGET, { plan: (one) => one.mute(({ name }) => name === 'refresh-token') });
    expect([step.end, scene.open(step.envelope)]).toEqual([[1, 'sealed', 'runner-files'], scene.living]);
    expect(step.error).toMatch(/^The output `refresh-token` could .* Check the disk of the runner\. Start a run with /);
  });
});

describe('the access token and its expiry', () => {
  test.each([
    ['ACCESS', '✗ 2 writes of ACCESS and EXPIRES_AT failed (… ms)', BOTH, 'stored'],
    ['EXPIRES_AT', '✗ 1 write of ACCESS and EXPIRES_AT failed (… ms)', OMIT, 'kept'],
  ])('that cannot be stored (%s) fail a run whose refresh token is safe', async (name, line, options, state) => {
    const scene = await Scene.open(options);
    scene.github(name === 'ACCESS' ? CALL.access : { method: 'POST' }, 403, ALWAYS);
    const step = await scene.main(EXTRAS);
    expect([step.end, scene.isSafe]).toEqual([[1, state, 'extra-failed'], true]);
    // Beside an older access token, the new expiry would let the next run hand out a dead one.
    expect(scene.stage.github.variableNames(STORE)).toEqual([]);
    const each = scene.stage.stores.map((store) => `\`${store}\` (${name}: GitHub returned HTTP 403)`);
    expect(step.error).toContain(`After the refresh, not everything could be stored: ${each.join(' and ')}. `);
    expect(step.error).toContain(
      ' Check the permissions of `github-token` before the next run. The access token is in the outputs of this step. [',
    );
    expect(step.log).toContain(line);
    expect(scene.stage.cobo.isLivingAccessToken(step.outputs['access-token'] ?? '')).toBe(true);
    expect(scene.records()).toHaveLength(state === 'stored' ? 1 : 0);
  });

  test('are stored although the refresh token could not be, which is what the error is about', async () => {
    const scene = await Scene.open();
    scene.github(CALL.token, 500, ALWAYS);
    scene.github({ method: 'POST' }, 403, ALWAYS);
    const step = await scene.main(EXTRAS);
    expect([step.end, step.handover?.recording?.refused]).toEqual([[1, 'sealed', 'store-failed'], []]);
    expect(scene.stage.github.secretValue(STORE, 'ACCESS')).toBe(step.outputs['access-token']);
  });

  test('skip the variable for Dependabot, which has none', async () => {
    const scene = await Scene.open({ stores: ['dependabot'] });
    const step = await scene.main(EXTRAS);
    expect(step.summary).toContain(`| Written | \`${SECRET}\` and \`ACCESS\` in \`${DEPENDABOT}\` |`);
    expect(step.log).toContain('✓ Stored ACCESS (… ms)');
  });
});

test.each([
  ['are deleted', 0, (_: Step) => {}, [0, 'stored'], 1],
  ['may stay when they cannot be deleted', ALWAYS, (_: Step) => {}, [0, 'stored'], 2],
  ['stay when the run is cancelled: it has no time to lose', 0, (one: Step) => one.signal(), [130, 'stored'], 2],
])('the records of older runs %s', async (_what, refusals, act, end, count) => {
  const scene = await Scene.open();
  scene.set(STORE, `${SECRET}_IN_FLIGHT_000000000000`);
  scene.github({ method: 'DELETE' }, 500, refusals);
  const step = await scene.main({}, { plan: (one) => scene.cobo(() => act(one)) });
  expect([step.end, scene.records().length, scene.records().includes(step.record)]).toEqual([end, count, true]);
  expect([step.shown.length, step.texts('error')]).toEqual([end[0] === 0 ? 0 : 1, []]);
});

test('the records of older runs are deleted in an organization with many secrets, and nothing else is', async () => {
  const scene = await Scene.open({ stores: ['organization:octo-org'] });
  const [store = ''] = scene.stage.stores;
  const others = [`${SECRET}_IN_FLIGHT_URL`, ...Array.from({ length: 120 }, (_, index) => `A_${index}`)];
  for (const name of [`${SECRET}_IN_FLIGHT_000000000000`, ...others]) scene.set(store, name);
  const step = await scene.main();
  expect([step.end, scene.records(store).sort()]).toEqual([[0, 'stored'], [others[0], step.record].sort()]);
});

test('a run with an envelope alone leaves the record of the token in the secret', async () => {
  const scene = await Scene.open();
  const main = await scene.sealed();
  const step = await scene.main({ 'recovery-envelope': main.envelope, 'refresh-token': undefined });
  expect([step.end, scene.records().sort()]).toEqual([[0, 'stored'], [main.record, step.record].sort()]);
});
