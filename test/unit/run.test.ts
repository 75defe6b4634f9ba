import { describe, expect, test, vi } from 'vitest';
import type { Step } from './support.ts';
import { ALWAYS, ATTEMPTS, BOTH, CALL, CUT, ENVIRONMENT, REPOSITORY, Scene, STORE } from './support.ts';

const CANCELLED =
  'The run was cancelled before the refresh token was used. This run has not spent the refresh token. Re-run the job. [token-state: unspent, error: cancelled]';

describe('the exit status', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGBREAK', 149],
  ] as const)('after %s is %i', async (signal, exit) => {
    const scene = await Scene.open();
    const step = await scene.main(
      {},
      {
        plan: (running) => scene.github({}, () => running.signal(signal)),
      },
    );
    expect([step.end, step.error]).toEqual([[exit, 'unspent'], CANCELLED]);
  });

  test('is that of the signal when it ends a wait, or comes before Cobo is asked', async () => {
    const scene = await Scene.open();
    scene.github({ method: 'GET' }, CUT, ALWAYS);
    const plan = (running: Step) => {
      scene.clock.meanwhile = () => running.signal();
    };
    const step = await scene.main({}, { plan });
    expect([step.end, step.error]).toEqual([[130, 'unspent'], CANCELLED]);
    const other = await Scene.open();
    const last = await other.main({}, { plan: (running) => running.on(CALL.record, 'after', () => running.signal()) });
    expect([last.end, last.error, other.asked]).toEqual([[130, 'unspent'], CANCELLED, 0]);
  });

  test('is 1 when a check failed although a signal came as well', async () => {
    const scene = await Scene.open();
    scene.github(CALL.record, 403);
    const step = await scene.main({}, { plan: (running) => running.on(CALL.record, 'after', () => running.signal()) });
    expect([step.exit, step.error.endsWith('error: store-refused]')]).toEqual([1, true]);
  });

  test('is 1 when the answer is lost although a signal came as well', async () => {
    const scene = await Scene.open();
    const plan = (running: Step) =>
      scene.cobo({ kind: 'hook', when: 'before', run: () => running.signal(), next: CUT });
    const step = await scene.main({}, { plan });
    expect(step.end).toEqual([1, 'unknown']);
  });

  test('is 1 when the runner says nothing of the run', async () => {
    const scene = await Scene.open();
    const get = () => {
      throw new TypeError('no event');
    };
    const step = await scene.main({}, { facts: Object.defineProperty({}, 'runId', { enumerable: true, get }) });
    expect([step.exit, scene.stage.github.requests.length]).toEqual([1, 0]);
    expect(step.error).toContain('Something failed that the action did not expect (TypeError). This run has not');
  });

  test('is 1 when the log breaks at the same time', async () => {
    const scene = await Scene.open();
    const plan = (running: Step) =>
      running.mute(({ kind }) => {
        if (kind === 'info') running.signal();
        return kind === 'info';
      });
    expect((await scene.main({}, { plan })).exit).toBe(1);
    expect([scene.asked, scene.records()]).toEqual([0, []]);
  });
});

describe('before the inputs are read', () => {
  test('a wrong one ends the main step, unspent, with nothing sent', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ 'client-id': 'my id' });
    expect(step.end).toEqual([1, 'unspent']);
    expect(step.error).toBe(
      'The input `client-id` must be at most 256 ASCII characters without blanks. This run has not spent the refresh token. Copy the ID from Cobo Portal. [token-state: unspent, error: input-invalid]',
    );
    expect([scene.asked, scene.stage.github.requests.length, step.handover]).toEqual([0, 0, undefined]);
  });

  test('the post step knows the state and the envelope', async () => {
    const scene = await Scene.open();
    scene.github(CALL.token, 500, ATTEMPTS);
    const main = await scene.main();
    const post = await scene.post({ state: main.state, changes: { 'private-key': undefined } });
    expect(post.exit).toBe(1);
    expect(post.error).toMatch(
      /^The input `private-key` is empty\. The new refresh token is sealed in the recovery envelope\. .* \[token-state: sealed, error: input-missing\]$/,
    );
    expect(post.log).toEqual([`recovery-envelope: ${main.envelope}`]);
  });

  test('every secret is masked, also those in envelopes, before anything else is told', async () => {
    const scene = await Scene.open();
    const envelope = await scene.envelope();
    const token = scene.living;
    scene.github(CALL.token, 500, ATTEMPTS);
    const step = await scene.main(envelope);
    const masks = ({ told }: Step) => told.filter(({ kind }) => kind === 'mask').map(({ text }) => text);
    const { appSecretHex } = scene.stage.cobo.client;
    const before = [appSecretHex, appSecretHex.toUpperCase(), scene.stage.refreshToken, scene.stage.writer];
    expect(masks(step).slice(0, 5)).toEqual([...before, token]);
    expect(step.told.slice(0, 4).every(({ kind }) => kind === 'mask')).toBe(true);
    expect(masks(await scene.post(step)).slice(0, 6)).toEqual([...before, scene.living, token]);
  });
});

describe('a failure', () => {
  const LEFT = (record: string) =>
    `If the next run says that the token is in doubt, delete the record: \`gh secret delete ${record} --repo ${REPOSITORY}\`, \`gh secret delete ${record} --repo ${REPOSITORY} --env 'cobo'\`.`;
  const KEPT = `The in-flight record could not be deleted from \`${STORE}\` and \`${ENVIRONMENT}\`: GitHub returned HTTP 500.`;

  test('is told before the records are deleted; the post step has another try, and is the last', async () => {
    const scene = await Scene.open(BOTH);
    scene.cobo(403);
    scene.github(CALL.undo, 500, ALWAYS);
    const step = await scene.main();
    expect(step.end).toEqual([1, 'unspent']);
    const kinds = step.told.map(({ kind }) => kind);
    expect(kinds.lastIndexOf('error')).toBeLessThan(kinds.lastIndexOf('warning'));
    expect(step.warnings).toEqual([`${KEPT} The post step of this job tries again. ${LEFT(step.record)}`]);
    expect(step.handover?.recording?.records).toEqual([STORE, ENVIRONMENT]);
    const post = await scene.post(step);
    expect([post.exit, post.warnings]).toEqual([1, []]);
    expect(post.error).toBe(
      `${KEPT} This run has not spent the refresh token. ${LEFT(step.record)} [token-state: unspent, error: record-left]`,
    );
  });

  test('deletes the records, and leaves that behind', async () => {
    const scene = await Scene.open(BOTH);
    scene.cobo(403);
    const step = await scene.main();
    expect([step.warnings, step.handover?.recording?.records, scene.records()]).toEqual([[], [], []]);
    expect((await scene.post(step)).told).toEqual([]);
  });

  test('that seals the successor keeps the record, and says what to do with the envelope', async () => {
    const scene = await Scene.open();
    scene.github(CALL.token, 500, ATTEMPTS);
    const main = await scene.main();
    expect([main.end, scene.records(), main.error.match(/tart a run with the envelope/g)?.length]).toEqual([
      [1, 'sealed'],
      [main.record],
      1,
    ]);
    scene.github({}, 503, ALWAYS);
    const post = await scene.post(main);
    expect(post.error).toMatch(
      / sealed in the recovery envelope\. Re-run the job later\. Then start a run with the envelope as the input `recovery-envelope` \(docs\/recovery\.md\)\. \[token-state: sealed, error: github-unavailable\]$/,
    );
    expect([post.exit, post.warnings]).toEqual([1, []]);
  });
});

test('connects to Cobo while GitHub is asked', async () => {
  const scene = await Scene.open();
  scene.set(STORE);
  expect((await scene.main()).error).toMatch(/error: token-stale\]$/);
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
  expect((await scene.main()).texts('debug')).toEqual([]);
});
