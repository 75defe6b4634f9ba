import { describe, expect, test } from 'vitest';
import type { Fault } from '../../emulators/faults.ts';
import { ALWAYS, COBO, hook, REPOSITORY, Scene, SECRET, STORE, status, TOKEN, UNDO } from './support.ts';

const unsigned = (code: number): Fault => ({ kind: 'status', status: code, when: 'before' });
const rewritten = (change: (json: Record<string, unknown>) => unknown): Fault => ({
  kind: 'rewrite',
  resign: true,
  rewrite: (answer) => ({ ...answer, body: JSON.stringify(change(JSON.parse(answer.body))) }),
});

/** How Cobo answers, and what that means: state, code, whether a record and an access token remain. */
interface Row {
  how: string;
  fault: Fault;
  times?: number;
  state: string;
  code: string;
  record?: boolean;
  access?: boolean;
}

const ROWS: Row[] = [
  { how: 'never', fault: { kind: 'cut', when: 'before' }, state: 'unknown', code: 'answer-lost' },
  { how: 'with 500 without a signature', fault: unsigned(500), state: 'unknown', code: 'cobo-unavailable' },
  { how: 'with 403 without a signature', fault: unsigned(403), state: 'unspent', code: 'cobo-refused' },
  {
    how: 'with a signed 401',
    fault: { kind: 'status', status: 401, when: 'before', signed: true, body: '{"error":"invalid_client"}' },
    state: 'unspent',
    code: 'cobo-refused',
  },
  {
    how: 'that the token is not valid',
    fault: { kind: 'status', status: 400, when: 'before', signed: true, body: '{"error":"invalid_grant"}' },
    state: 'unspent',
    code: 'token-dead',
  },
  {
    how: 'without a signature',
    fault: { kind: 'unsigned' },
    state: 'sealed',
    code: 'answer-untrusted',
    record: true,
  },
  {
    how: 'with a wrong one',
    fault: { kind: 'bad-signature' },
    state: 'sealed',
    code: 'answer-untrusted',
    record: true,
  },
  {
    how: 'with an answer that is cut off after the token',
    fault: { kind: 'cut', when: 'after-token' },
    state: 'sealed',
    code: 'answer-lost',
    record: true,
  },
  {
    how: 'without an access token',
    fault: rewritten(({ access_token: _, ...rest }) => rest),
    state: 'stored',
    code: 'answer-malformed',
    record: true,
  },
  { how: 'with a list', fault: rewritten(() => []), state: 'unknown', code: 'answer-malformed' },
];

describe('when Cobo answers', () => {
  test.each(ROWS)('$how, the token is $state', async ({ fault, times = ALWAYS, state, code, record = false }) => {
    const scene = await Scene.open();
    scene.stage.cobo.faults.add({ times, fault });
    const step = await scene.main();
    expect([step.exit, step.outputs['token-state'], step.handover?.state]).toEqual([1, state, state]);
    expect(step.error.endsWith(` [token-state: ${state}, error: ${code}]`)).toBe(true);
    expect(step.summary).toContain(`| Refresh token | **${state}**. `);
    expect(step.outputs['access-token']).toBeUndefined();
    expect(scene.records()).toHaveLength(record ? 1 : 0);
    if (state !== 'sealed') return expect(step.envelope).toBe('');
    expect(scene.open(step.envelope)).toBe(scene.living);
    expect(step.summary).toContain(`\`\`\`text\n${step.envelope}\n\`\`\``);
    expect(step.log.at(-1)).toBe(`recovery-envelope: ${step.envelope}`);
    expect(scene.stored()).toBe(scene.stage.refreshToken);
    expect(step.handover?.trusted).toBe(false);
    expect(step.told.texts('mask')).toContain(scene.living);
  });

  test('in a way that nobody expects, the run ends with the state and without the text of the error', async () => {
    const scene = await Scene.open();
    const step = await scene.main({
      env: { RUNNER_DEBUG: '1' },
      http: (real) => ({
        ...real,
        send: (request, options) =>
          COBO.path.test(request.url.pathname)
            ? Promise.reject(new RangeError('text of the error'))
            : real.send(request, options),
      }),
    });
    expect(step.error).toBe(
      'Something failed that the action did not expect (RangeError). The refresh token may be spent. Re-run the job with debug logging, and report the problem with the debug lines. They hold no secret. [token-state: unknown, error: internal]',
    );
    expect(step.told.texts('debug').join('\n')).toContain('RangeError: text of the error\n');
    expect(scene.records()).toEqual([]);
  });
});

test('a malformed answer still gives up its refresh token, and says what is wrong', async () => {
  const scene = await Scene.open();
  scene.stage.cobo.faults.add({ fault: rewritten(({ access_token: _, ...rest }) => rest) });
  const step = await scene.main();
  expect(step.error).toBe(
    "Cobo's answer is signed but malformed: `access_token` is not a non-empty string. The new refresh token is in every store. No access token was handed out. Report the problem to Cobo, and to this action. [token-state: stored, error: answer-malformed]",
  );
  expect(scene.stored()).toBe(scene.living);
  expect(step.log[1]).toBe('✓ Refreshed (… ms)');
});

describe('with `org-id`', () => {
  const org = (scene: Scene) => ({ 'org-id': scene.stage.cobo.client.orgId });

  test('a dead token is replaced by a fresh pair, and its record stays', async () => {
    const scene = await Scene.open();
    scene.stage.cobo.revokeFamily(scene.stage.refreshToken);
    const step = await scene.main({ changes: org(scene) });
    expect([step.exit, step.outputs['token-state']]).toEqual([0, 'stored']);
    expect(step.log.slice(1, 3)).toEqual([
      'Cobo says that the refresh token is not valid: requesting a fresh pair with org_implicit.',
      expect.stringMatching(/^✓ Obtained a fresh pair with org_implicit: the access token is valid until /),
    ]);
    expect(scene.stored()).toBe(scene.living);
    expect(scene.records()).toEqual([step.handover?.recording?.name]);
  });

  test('a first run needs no token, and leaves no record', async () => {
    const scene = await Scene.open();
    scene.stage.github.removeSecret(STORE, SECRET);
    const step = await scene.main({ changes: { ...org(scene), 'refresh-token': undefined } });
    expect(step.exit).toBe(0);
    expect(step.handover?.recording?.name).toBe(`${SECRET}_IN_FLIGHT_ORG`);
    expect(scene.records()).toEqual([]);
    expect(scene.stored()).toBe(scene.living);
  });

  test('a first run that is refused has spent nothing', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ changes: { 'org-id': 'unknown', 'refresh-token': undefined } });
    expect([step.exit, step.outputs['token-state']]).toEqual([1, 'unspent']);
    expect(scene.records()).toEqual([]);
  });

  test('an answer that cannot be trusted is not healed', async () => {
    const scene = await Scene.open();
    scene.stage.cobo.faults.add({ fault: { kind: 'foreign-signature' } });
    const step = await scene.main({ changes: org(scene) });
    expect([step.outputs['token-state'], scene.asked]).toEqual(['sealed', 1]);
  });
});

describe('a token that Cobo lets live', () => {
  const OMIT = { cobo: { omitRefreshToken: true } };

  test('has its record deleted, or the run fails', async () => {
    const scene = await Scene.open(OMIT);
    scene.stage.github.faults.add({ match: UNDO, times: 4, fault: status(500) });
    const step = await scene.main();
    expect(step.exit).toBe(1);
    expect(step.error).toBe(
      `The in-flight record could not be deleted from \`${STORE}\`: GitHub returned HTTP 500. Cobo sent no new refresh token, so the old one stays valid. The post step of this job tries again. If the next run says that the token is in doubt, delete the record: \`gh secret delete ${step.handover?.recording?.name} --repo ${REPOSITORY}\`. [token-state: kept, error: record-left]`,
    );
    // What was won is handed out all the same, and the record is not tried again before the post step.
    expect(step.outputs['access-token']).not.toBe('');
    expect(step.warnings).toEqual([]);
    expect((await scene.post(step)).exit).toBe(0);
    expect(scene.records()).toEqual([]);
  });

  test('is stored when it comes from an envelope, and has no record then', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: TOKEN, times: 4, fault: status(500) });
    const first = await scene.main();
    scene.clock.skip(5_000);
    scene.stage.cobo.omitRefreshToken = true;
    const step = await scene.main({ changes: { 'recovery-envelope': first.envelope } });
    expect([step.exit, step.outputs['token-state'], step.envelope]).toEqual([0, 'stored', '']);
    expect(scene.stored()).toBe(scene.living);
    expect(scene.records()).toEqual([first.handover?.recording?.name]);
  });

  test('has no record either when it cannot be stored, so that its new envelope can be used', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: TOKEN, times: 8, fault: status(500) });
    const first = await scene.main();
    scene.clock.skip(5_000);
    scene.stage.cobo.omitRefreshToken = true;
    const second = await scene.main({ changes: { 'recovery-envelope': first.envelope } });
    expect([second.exit, second.outputs['token-state']]).toEqual([1, 'sealed']);
    expect(scene.records()).toEqual([first.handover?.recording?.name]);
    scene.clock.skip(5_000);
    const third = await scene.main({ changes: { 'recovery-envelope': second.envelope } });
    expect([third.exit, scene.stored()]).toEqual([0, scene.living]);
  });

  test('is handed out without write-back when it comes from an envelope: there it stays as it was', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: TOKEN, times: 4, fault: status(500) });
    const first = await scene.main();
    scene.stage.cobo.omitRefreshToken = true;
    const changes = { 'recovery-envelope': first.envelope, 'refresh-token-secret': undefined };
    const step = await scene.main({ changes });
    expect([step.exit, step.outputs['token-state'], step.outputs['refresh-token']]).toEqual([0, 'kept', undefined]);
  });
});

test('a cancelled run does not spend its last seconds on older records', async () => {
  const scene = await Scene.open();
  scene.stage.github.setSecret(STORE, `${SECRET}_IN_FLIGHT_000000000000`, 'old');
  const step = await scene.main({
    plan: (running) => scene.stage.cobo.faults.add({ fault: hook(() => running.signal()) }),
  });
  expect([step.exit, scene.stored()]).toEqual([130, scene.living]);
  expect(scene.records()).toHaveLength(2);
});

test('requests are told in the debug log, without a query', async () => {
  const scene = await Scene.open();
  scene.stage.cobo.faults.add({ fault: { kind: 'cut', when: 'before' } });
  const step = await scene.main({ env: { RUNNER_DEBUG: '1' } });
  const lines = step.told.texts('debug').map((line) => line.replace(/\(\d+ ms\)/, '(… ms)'));
  const [host, github] = [new URL(scene.stage.cobo.url).host, new URL(scene.stage.github.url).host];
  expect(lines).toContain(`POST ${host}/v2/oauth/token: the connection was cut (… ms)`);
  expect(lines).toContain(`POST ${host}/v2/oauth/token: HTTP 200 (… ms)`);
  expect(lines).toContain(
    `GET ${github}/repos/${REPOSITORY}/actions/secrets/public-key: HTTP 200, request E000:000001 (… ms)`,
  );
  expect((await scene.main()).told.texts('debug')).toEqual([]);
});
