import { describe, expect, test } from 'vitest';
import type { Fault } from '../../emulators/faults.ts';
import type { Step } from './support.ts';
import { ALWAYS, ATTEMPTS, CALL, CUT, ENVIRONMENT, EXTRAS, NO_TARGET, Scene, SECRET, STORE } from './support.ts';

const DEPENDABOT = STORE.replace('repository', 'dependabot');
const OMIT = { cobo: { omitRefreshToken: true } };
const rewritten = (change: (json: Record<string, unknown>) => unknown): Fault => ({
  kind: 'rewrite',
  resign: true,
  rewrite: (answer) => ({ ...answer, body: JSON.stringify(change(JSON.parse(answer.body))) }),
});
const signed = (status: number, error: string): Fault => ({
  kind: 'status',
  status,
  when: 'before',
  signed: true,
  body: JSON.stringify({ error }),
});
const WITHOUT_ACCESS = rewritten(({ access_token: _, ...rest }) => rest);
const shown = ({ log }: Step) => log.filter((line) => line.startsWith('recovery-envelope: '));

describe('when Cobo answers', () => {
  test.each<[string, Fault | number, string, string]>([
    ['never', CUT, 'unknown', 'answer-lost'],
    ['500 without a signature', 500, 'unknown', 'cobo-unavailable'],
    ['403 without a signature', 403, 'unspent', 'cobo-refused'],
    ['a signed 401', signed(401, 'invalid_client'), 'unspent', 'cobo-refused'],
    ['that the token is not valid', signed(400, 'invalid_grant'), 'unspent', 'token-dead'],
    ['without a signature', { kind: 'unsigned' }, 'sealed', 'answer-untrusted'],
    ['what is cut off after the token', { kind: 'cut', when: 'after-token' }, 'sealed', 'answer-lost'],
    ['without an access token', WITHOUT_ACCESS, 'stored', 'answer-malformed'],
    ['with a list', rewritten(() => []), 'unknown', 'answer-malformed'],
  ])('%s, the token is as it is', async (_how, fault, state, code) => {
    const scene = await Scene.open();
    scene.cobo(fault, ALWAYS);
    const step = await scene.main();
    expect([step.end, step.handover?.state]).toEqual([[1, state], state]);
    expect(step.error.endsWith(` [token-state: ${state}, error: ${code}]`)).toBe(true);
    expect(step.outputs['access-token']).toBeUndefined();
    expect(scene.records()).toHaveLength(state === 'sealed' || state === 'stored' ? 1 : 0);
    if (state !== 'sealed') return expect(step.envelope).toBe('');
    expect(scene.open(step.envelope)).toBe(scene.living);
    expect(step.summary).toContain(`\`\`\`text\n${step.envelope}\n\`\`\``);
    expect(step.log.at(-1)).toBe(`recovery-envelope: ${step.envelope}`);
    expect([scene.stored(), step.handover?.trusted]).toEqual([scene.stage.refreshToken, false]);
    expect(step.texts('mask')).toContain(scene.living);
  });

  test('not at all, the post step tries again, and says no more that it does', async () => {
    const scene = await Scene.open();
    scene.cobo(CUT, ALWAYS);
    const main = await scene.main();
    expect(main.error).toContain(' The post step of this job tries again with the same token. If that fails too, ');
    expect((await scene.post(main)).error).not.toContain('The post step of this job');
    expect((await scene.main(NO_TARGET)).error).not.toContain('The post step of this job');
  });

  test('in a way that nobody expects, the run ends with the state and without the text of the error', async () => {
    const scene = await Scene.open();
    const fail = () => {
      throw new RangeError('text of the error');
    };
    const step = await scene.main({}, { env: { RUNNER_DEBUG: '1' }, plan: (one) => one.on(CALL.cobo, 'before', fail) });
    expect(step.error).toMatch(
      / did not expect \(RangeError\)\. The refresh token may be spent\. .* error: internal\]$/,
    );
    expect(step.texts('debug').join('\n')).toContain('RangeError: text of the error\n');
    expect(scene.records()).toEqual([]);
  });

  test('malformed, it still gives up its refresh token, and the error says what is wrong', async () => {
    const scene = await Scene.open();
    scene.cobo(WITHOUT_ACCESS);
    const step = await scene.main();
    expect(step.error).toBe(
      "Cobo's answer is signed but malformed: `access_token` is not a non-empty string. The new refresh token is in every store. No access token was handed out. Report the problem to Cobo, and to this action. [token-state: stored, error: answer-malformed]",
    );
    expect([scene.stored(), step.log[1]]).toEqual([scene.living, '✓ Refreshed (… ms)']);
  });
});

describe('with `org-id`', () => {
  test('a dead token is replaced by a fresh pair, and its record stays', async () => {
    const scene = await Scene.open();
    scene.stage.cobo.revokeFamily(scene.stage.refreshToken);
    const step = await scene.main(scene.org);
    expect([step.end, scene.stored(), scene.records()]).toEqual([[0, 'stored'], scene.living, [step.record]]);
    expect(step.log[2]).toMatch(/^✓ Obtained a fresh pair with org_implicit: the access token is valid until /);
  });

  test.each([
    ['needs no token, and leaves no record', undefined, [0, 'stored']],
    ['that is refused has spent nothing', 'unknown', [1, 'unspent']],
  ])('a first run %s', async (_what, orgId, end) => {
    const scene = await Scene.open();
    scene.stage.github.removeSecret(STORE, SECRET);
    const step = await scene.main({ ...scene.org, 'refresh-token': undefined, ...(orgId ? { 'org-id': orgId } : {}) });
    expect([step.end, step.record]).toEqual([end, `${SECRET}_IN_FLIGHT_ORG`]);
    expect(scene.records()).toEqual([]);
    if (orgId === undefined) expect(scene.stored()).toBe(scene.living);
  });

  test('a token in doubt stays so when no fresh pair is to be had', async () => {
    const scene = await Scene.open();
    await scene.killed(CALL.cobo, 'before');
    scene.clock.skip(1_000);
    const step = await scene.main({ 'org-id': 'unknown' });
    expect(step.error).toMatch(/^Another run .* A fresh pair could not be obtained: .* error: token-in-doubt\]$/);
    const plan = (one: Step) => one.on(CALL.cobo, 'before', () => one.signal());
    expect((await scene.main(scene.org, { plan })).error).toMatch(/error: cancelled\]$/);
  });
});

describe('a token that Cobo lets live', () => {
  test('stays as it is, and its record goes', async () => {
    const scene = await Scene.open(OMIT);
    const step = await scene.main(EXTRAS);
    expect([step.end, step.envelope, scene.stored()]).toEqual([[0, 'kept'], '', scene.living]);
    expect(scene.records()).toEqual([]);
    expect(step.summary).toContain(`| Written | \`ACCESS\` and \`EXPIRES_AT\` in \`${STORE}\` |`);
    expect((await scene.main()).summary).not.toContain('Written');
  });

  test('has its record deleted, or the run fails; what was won is handed out all the same', async () => {
    const scene = await Scene.open(OMIT);
    scene.github(CALL.undo, 500, ATTEMPTS);
    const step = await scene.main();
    expect([step.end, step.warnings]).toEqual([[1, 'kept'], []]);
    expect(step.error).toMatch(/ so the old one stays valid\. The post step .* error: record-left\]$/);
    expect(step.outputs['access-token']).not.toBe('');
    expect([(await scene.post(step)).exit, scene.records()]).toEqual([0, []]);
  });

  test.each([
    ['is stored when it comes from an envelope', 0, {}, 'stored'],
    ['has no record either when no store takes it, so that its new envelope can be used', ATTEMPTS, {}, 'sealed'],
    ['stays in its envelope without write-back', 0, NO_TARGET, 'kept'],
  ])('%s', async (_what, refusals, changes, state) => {
    const scene = await Scene.open();
    const envelope = await scene.envelope();
    const [first] = scene.records();
    scene.stage.cobo.omitRefreshToken = true;
    scene.github(CALL.token, 500, refusals);
    const step = await scene.main({ ...envelope, ...changes });
    expect([step.end, scene.records()]).toEqual([[state === 'sealed' ? 1 : 0, state], [first]]);
    expect(step.outputs['refresh-token']).toBeUndefined();
    if (state === 'stored') expect(scene.stored()).toBe(scene.living);
    if (state === 'sealed') expect(scene.open(step.envelope)).toBe(scene.living);
  });
});

describe('the refresh token', () => {
  test.each([
    [1, ' 2 other stores hold it.'],
    [2, ' One other store holds it.'],
    [3, ''],
  ])('that %i of three stores refuse is sealed, and the error names them', async (count, others) => {
    const scene = await Scene.open({ stores: ['repository', 'environment:cobo', 'dependabot'] });
    const refusing = [STORE, ENVIRONMENT, DEPENDABOT].slice(0, count);
    for (const store of refusing) {
      const path = new RegExp(`/${store === STORE ? 'actions' : store.slice(0, 10)}.*/${SECRET}$`);
      scene.github({ method: 'PUT', path }, store === STORE ? 403 : 500, ATTEMPTS);
    }
    const step = await scene.main();
    expect(step.end).toEqual([1, 'sealed']);
    for (const store of refusing) {
      expect(step.error).toContain(`\`${store}\` (${SECRET}: GitHub returned HTTP ${store === STORE ? 403 : 500})`);
    }
    expect(step.error).toContain(
      `).${others} The new refresh token is sealed in the recovery envelope. The post step of this job tries again. If that fails too, start a run with the envelope as the input \`recovery-envelope\` (docs/recovery.md). [token-state: sealed, error: store-failed]`,
    );
    expect(step.log).toContain(`✗ ${count} of 3 stores did not take the refresh token (… ms)`);
    // The access token works all the same.
    expect(scene.stage.cobo.isLivingAccessToken(step.outputs['access-token'] ?? '')).toBe(true);
    expect(step.handover).toMatchObject({ trusted: true, keepsRecord: true, recording: { refused: [STORE] } });
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
    expect([scene.stored(), shown(step).length]).toEqual([scene.living, envelopes]);
  });

  test('is handed out where it is not stored, masked before', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ ...NO_TARGET, 'github-token': undefined });
    expect([step.end, step.envelope, step.outputs['refresh-token']]).toEqual([[0, 'delivered'], '', scene.living]);
    expect([scene.stage.github.requests, step.summary.includes('Written')]).toEqual([[], false]);
    const masked = step.told.findIndex(({ kind, text }) => kind === 'mask' && text === scene.living);
    expect(step.told.findIndex(({ name }) => name === 'refresh-token')).toBeGreaterThan(masked);
  });

  test('stays in its envelope when it cannot be handed out', async () => {
    const scene = await Scene.open();
    const step = await scene.main(NO_TARGET, { plan: (one) => one.mute(({ name }) => name === 'refresh-token') });
    expect(step.error).toBe(
      'The output `refresh-token` could not be written. The new refresh token is sealed in the recovery envelope. Check the disk of the runner. Start a run with the envelope as the input `recovery-envelope` (docs/recovery.md). [token-state: sealed, error: runner-files]',
    );
    expect(scene.open(step.envelope)).toBe(scene.living);
  });
});

describe('the access token and its expiry', () => {
  test.each([
    [['ACCESS'], '✗ 1 write of ACCESS and EXPIRES_AT failed (… ms)', {}, 'stored'],
    [['ACCESS', 'EXPIRES_AT'], '✗ 2 writes of ACCESS and EXPIRES_AT failed (… ms)', {}, 'stored'],
    [['ACCESS'], '✗ 1 write of ACCESS and EXPIRES_AT failed (… ms)', OMIT, 'kept'],
  ])('that cannot be stored (%j) fail a run whose refresh token is safe', async (names, line, options, state) => {
    const scene = await Scene.open(options);
    for (const name of names) scene.github(name === 'ACCESS' ? CALL.access : { method: 'POST' }, 403, ALWAYS);
    const step = await scene.main(EXTRAS);
    expect([step.end, scene.stored()]).toEqual([[1, state], scene.living]);
    const each = names.map((name) => `\`${STORE}\` (${name}: GitHub returned HTTP 403)`);
    expect(step.error.startsWith(`After the refresh, not everything could be stored: ${each.join(' and ')}. `)).toBe(
      true,
    );
    expect(step.error).toContain(
      ` Check the permissions of \`github-token\` before the next run. The access token is in the outputs of this step. [token-state: ${state}, error: extra-failed]`,
    );
    expect(step.log).toContain(line);
    expect(scene.stage.cobo.isLivingAccessToken(step.outputs['access-token'] ?? '')).toBe(true);
    expect(scene.records()).toHaveLength(state === 'stored' ? 1 : 0);
    expect((await scene.post(step)).told).toEqual([]);
  });

  test('are stored although the refresh token could not be, which is what the error is about', async () => {
    const scene = await Scene.open();
    scene.github(CALL.token, 500, ALWAYS);
    scene.github({ method: 'POST' }, 403, ALWAYS);
    const step = await scene.main(EXTRAS);
    expect(step.error).toMatch(/error: store-failed\]$/);
    expect(scene.stage.github.secretValue(STORE, 'ACCESS')).toBe(step.outputs['access-token']);
  });

  test('skip the variable for Dependabot, which has none', async () => {
    const scene = await Scene.open({ stores: ['dependabot'] });
    const step = await scene.main(EXTRAS);
    expect(step.exit).toBe(0);
    expect(step.summary).toContain(`| Written | \`${SECRET}\` and \`ACCESS\` in \`${DEPENDABOT}\` |`);
    expect(step.log).toContain('✓ Stored ACCESS (… ms)');
  });
});

describe('the records of older runs', () => {
  const OLD = `${SECRET}_IN_FLIGHT_000000000000`;

  test.each([
    ['are deleted, and its own is kept', false, 'deleted 1 of 1 records of older runs'],
    ['may stay when they cannot be deleted', true, 'deleted 0 of 1 records of older runs'],
  ])('%s', async (_what, isRefused, line) => {
    const scene = await Scene.open();
    scene.set(STORE, OLD);
    if (isRefused) scene.github({ method: 'DELETE' }, 500, ALWAYS);
    const step = await scene.main({}, { env: { RUNNER_DEBUG: '1' } });
    expect([step.end, step.warnings]).toEqual([[0, 'stored'], []]);
    expect(scene.records().toSorted()).toEqual([...(isRefused ? [OLD] : []), step.record].toSorted());
    expect(step.texts('debug').at(-1)).toBe(line);
  });

  test('stay when the run is cancelled: it has no time to lose', async () => {
    const scene = await Scene.open();
    scene.set(STORE, OLD);
    const step = await scene.main({}, { plan: (one) => scene.cobo(() => one.signal()) });
    expect([step.end, scene.records().length, shown(step).length]).toEqual([[130, 'stored'], 2, 1]);
  });
});
