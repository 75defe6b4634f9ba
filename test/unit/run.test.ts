import { describe, expect, test, vi } from 'vitest';
import type { Step } from './support.ts';
import { ALWAYS, BOTH, CALL, CUT, ENVIRONMENT, REPOSITORY, Scene, STORE } from './support.ts';

const CANCELLED = [130, 'unspent', 'cancelled'];

test.each<[string, (scene: Scene, step: Step) => void, (number | string)[]]>([
  ['comes while GitHub is asked', (scene, step) => scene.github({}, () => step.signal()), CANCELLED],
  [
    'ends a wait',
    (scene, step) => {
      scene.github({ method: 'GET' }, CUT, ALWAYS);
      scene.clock.meanwhile = () => step.signal();
    },
    CANCELLED,
  ],
  ['comes before Cobo is asked', (_scene, step) => step.on(CALL.record, 'after', () => step.signal()), CANCELLED],
  [
    'comes with a check that fails',
    (scene, step) => {
      scene.github(CALL.record, 403);
      step.on(CALL.record, 'after', () => step.signal());
    },
    [1, 'unspent', 'store-refused'],
  ],
  [
    'comes with an answer that is lost',
    (scene, step) => scene.cobo({ kind: 'hook', when: 'before', run: () => step.signal(), next: CUT }),
    [1, 'unknown', 'answer-lost'],
  ],
])('the exit status when a signal %s', async (_when, plan, end) => {
  const scene = await Scene.open();
  const step = await scene.main({}, { plan: (one) => plan(scene, one) });
  expect([step.end, scene.asked, scene.records()]).toEqual([end, end[1] === 'unknown' ? 1 : 0, []]);
  if (end !== CANCELLED) return;
  expect(step.error).toMatch(/^The run was cancelled before the refresh token was used\. .* Re-run the job\. \[/);
});

test('what nobody expects ends a run with the state, and without the text of the error', async () => {
  const scene = await Scene.open();
  const fail = () => {
    throw new RangeError('text of the error');
  };
  const step = await scene.main({}, { env: { RUNNER_DEBUG: '1' }, plan: (one) => one.on(CALL.record, 'after', fail) });
  expect([step.end, scene.records()]).toEqual([[1, 'unspent', 'internal'], []]);
  expect(step.error).toContain(' did not expect (RangeError). This run has not spent the refresh token. ');
  expect(step.texts('debug').join('\n')).toContain('RangeError: text of the error\n');
});

describe('before the inputs are read', () => {
  test('a wrong one ends the main step, unspent, with nothing sent', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ 'client-id': 'my id' });
    expect([step.end, step.handover]).toEqual([[1, 'unspent', 'input-invalid'], undefined]);
    expect([scene.asked, scene.stage.github.requests]).toEqual([0, []]);
  });

  test('the post step knows the state and the envelope', async () => {
    const scene = await Scene.open();
    const { envelope, state } = await scene.sealed();
    const post = await scene.post({ state, changes: { 'private-key': undefined } });
    expect([post.end, post.shown]).toEqual([[1, 'sealed', 'input-missing'], [envelope]]);
  });

  test('the post step does not need anybody to read the log', async () => {
    const scene = await Scene.open();
    const post = await scene.post(await scene.sealed(), { plan: (step) => step.mute() });
    expect([post.exit, scene.isSafe]).toEqual([0, true]);
  });

  test('every secret is masked, also those in envelopes, before anything else is told', async () => {
    const scene = await Scene.open();
    const envelope = await scene.envelope();
    const token = scene.living;
    const step = await scene.sealed(envelope);
    const masks = (one: Step) => one.texts('mask');
    const { appSecretHex } = scene.stage.cobo.client;
    const before = [appSecretHex, appSecretHex.toUpperCase(), scene.stage.refreshToken, scene.stage.writer];
    expect(masks(step).slice(0, 5)).toEqual([...before, token]);
    expect(step.told.slice(0, 4).every(({ kind }) => kind === 'mask')).toBe(true);
    expect(masks(await scene.post(step)).slice(0, 6)).toEqual([...before, scene.living, token]);
  });
});

describe('a failure', () => {
  test('is told before the records are deleted; the post step has another try, and is the last', async () => {
    const scene = await Scene.open(BOTH);
    scene.cobo(403);
    scene.github(CALL.undo, 500, ALWAYS);
    const step = await scene.main();
    const kept = `The in-flight record could not be deleted from \`${STORE}\` and \`${ENVIRONMENT}\`: GitHub returned HTTP 500.`;
    const command = `gh secret delete ${step.record} --repo ${REPOSITORY}`;
    const todo = `If the next run says that the token is in doubt, delete the record: \`${command}\`, \`${command} --env 'cobo'\`.`;
    expect(step.end).toEqual([1, 'unspent', 'cobo-refused']);
    const kinds = step.told.map(({ kind }) => kind);
    expect(kinds.lastIndexOf('error')).toBeLessThan(kinds.lastIndexOf('warning'));
    expect(step.texts('warning')).toEqual([`${kept} The post step of this job tries again. ${todo}`]);
    expect(step.handover?.recording?.records).toEqual([STORE, ENVIRONMENT]);
    const post = await scene.post(step);
    expect([post.end, post.texts('warning')]).toEqual([[1, 'unspent', 'record-left'], []]);
    expect(post.error.startsWith(`${kept} This run has not spent the refresh token. ${todo} [`)).toBe(true);
  });

  test('deletes the records, and leaves that behind', async () => {
    const scene = await Scene.open(BOTH);
    scene.cobo(403);
    const step = await scene.main();
    expect([step.texts('warning'), step.handover?.recording?.records, scene.records()]).toEqual([[], [], []]);
    expect((await scene.post(step)).told).toEqual([]);
  });

  test('that seals the successor keeps the record, and says what to do with the envelope', async () => {
    const scene = await Scene.open();
    const main = await scene.sealed();
    expect(scene.records()).toEqual([main.record]);
    expect(main.error.match(/tart a run with the envelope/g)).toHaveLength(1);
    scene.github({}, 503, ALWAYS);
    const post = await scene.post(main);
    expect(post.error).toMatch(
      / sealed in the recovery envelope\. Start a run with the envelope as the input `recovery-envelope` \(docs\/recovery\.md\)\. \[token-state: sealed, error: github-unavailable\]$/,
    );
    expect(post.texts('warning')).toEqual([]);
  });
});

test('connects to Cobo while GitHub is asked', async () => {
  const scene = await Scene.open();
  scene.set(STORE);
  expect((await scene.main()).end).toEqual([1, 'unspent', 'token-stale']);
  await vi.waitFor(() => expect(scene.stage.cobo.connections.opened).toBe(1));
});

test('requests are told in the debug log, without a query', async () => {
  const scene = await Scene.open();
  scene.cobo(CUT);
  const step = await scene.main({}, { env: { RUNNER_DEBUG: '1' } });
  const lines = step.texts('debug').map((line) => line.replace(/\(\d+ ms\)/, '(… ms)'));
  const [host, github] = [new URL(scene.stage.cobo.url).host, new URL(scene.stage.github.url).host];
  expect(lines).toContain(`POST ${host}/v2/oauth/token: the connection was cut (… ms)`);
  expect(lines).toContain(`POST ${host}/v2/oauth/token: HTTP 200 (… ms)`);
  expect(lines).toContain(
    `GET ${github}/repos/${REPOSITORY}/actions/secrets/public-key: HTTP 200, request E000:000001 (… ms)`,
  );
});

test('a post step that cannot look, or has other inputs, says so, and how to delete the records', async () => {
  const scene = await Scene.open(BOTH);
  const main = await scene.killed(CALL.cobo, 'before');
  const [first, second] = ['', " --env 'cobo'"].map((more) => {
    return `\`gh secret delete ${main.record} --repo ${REPOSITORY}${more}\``;
  });
  const how = `If the next run says that the token is in doubt, delete the record: ${first}, ${second}.`;
  const left = `The in-flight record could not be deleted from \`${STORE}\` and \`${ENVIRONMENT}\`: the post step could not look at every store.`;
  const other = await scene.post({ state: main.state, changes: { 'secret-stores': 'dependabot' } });
  expect([other.end, other.texts('warning')]).toEqual([[1, 'unknown', 'input-invalid'], [`${left} ${how}`]]);
  const none = await scene.post({ state: main.state, changes: { 'github-token': undefined } });
  expect(none.texts('warning')).toEqual([`The in-flight record was not deleted. ${how}`]);
  const another = await Scene.open();
  const sealed = await another.sealed();
  const { error } = await another.post({ state: sealed.state, changes: { 'private-key': 'ab'.repeat(32) } });
  expect(error).toBe(
    'The input `private-key` or `client-id` is not what it was in the main step, so nothing was sent. The new refresh token is sealed in the recovery envelope. Start a run with the envelope as the input `recovery-envelope` (docs/recovery.md). [token-state: sealed, error: input-invalid]',
  );
});
