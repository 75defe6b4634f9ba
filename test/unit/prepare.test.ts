import { describe, expect, test, vi } from 'vitest';
import type { FaultRule } from '../../emulators/faults.ts';
import type { Changes, Step } from './support.ts';
import {
  ALWAYS,
  ATTEMPTS,
  BOTH,
  CALL,
  DAY_MS,
  ENVIRONMENT,
  NO_TARGET,
  REPOSITORY,
  Scene,
  SECRET,
  STORE,
  time,
} from './support.ts';

/** The requests to GitHub, without what every path begins with. */
const sent = ({ stage }: Scene) =>
  stage.github.requests.map(({ method, path }) => `${method} ${path.replace(`/repos/${REPOSITORY}/`, '')}`);

/** A run that ended with nothing spent: Cobo was not asked, and no record of it stays. */
function expectUnspent(scene: Scene, step: Step, code: string, exit = 1): void {
  expect([step.end, step.envelope, scene.asked]).toEqual([[exit, 'unspent', code], '', 0]);
  expect(step.handover?.recording?.records ?? []).toEqual([]);
}

describe('the stores', () => {
  test('are read all at once, then recorded in, the first one first', async () => {
    const scene = await Scene.open(BOTH);
    const { record } = await scene.main();
    expect(record).toMatch(/^COBO_REFRESH_TOKEN_IN_FLIGHT_[0-9A-F]{12}$/);
    const reads = ['', '/public-key'].flatMap((end) => [`actions/secrets${end}`, `environments/cobo/secrets${end}`]);
    expect(sent(scene).slice(0, 5).toSorted()).toEqual(
      ['actions/runs/1658821493', ...reads].map((path) => `GET ${path}`).toSorted(),
    );
    const puts = [`PUT actions/secrets/${record}`, `PUT environments/cobo/secrets/${record}`];
    expect(sent(scene).slice(5, 7)).toEqual(puts);
  });

  test.each<[string, string, (scene: Scene) => Changes | Promise<Changes>]>([
    ['only environments', 'environment:cobo', () => ({})],
    ['an envelope', 'repository', (scene) => scene.envelope()],
    ['no token', 'repository', (scene) => ({ ...scene.org, 'refresh-token': undefined })],
    ['no secret for it', 'repository', () => ({ ...NO_TARGET, 'access-token-secret': 'ACCESS' })],
  ])('need no request about the run with %s', async (what, store, changes) => {
    const scene = await Scene.open({ stores: [store] });
    const given = await changes(scene);
    scene.stage.github.resetLog();
    const step = await scene.main(given);
    expect([step.exit, sent(scene).filter((line) => line.includes('/runs/'))]).toEqual([0, []]);
    expect(step.log[0]?.includes('not stale')).toBe(what === 'only environments');
  });

  test.each<[string, NonNullable<FaultRule['match']>, (step: Step) => number | (() => void), string, number]>([
    ['one cannot be read', { path: /environments/ }, () => 500, 'github-unavailable', 1],
    ['one takes no record', CALL.secondRecord, () => 403, 'store-refused', 1],
    ['a signal comes while they are read', { method: 'GET' }, (step) => () => step.signal('SIGTERM'), 'cancelled', 143],
    ['a signal comes while they are written', CALL.record, (step) => () => step.signal('SIGTERM'), 'cancelled', 143],
  ])('hold no record when %s: the run ends, unspent', async (_when, match, what, code, exit) => {
    const scene = await Scene.open(BOTH);
    const step = await scene.main({}, { plan: (one) => scene.github(match, what(one), ALWAYS) });
    expectUnspent(scene, step, code, exit);
    expect([scene.records(STORE), scene.records(ENVIRONMENT)]).toEqual([[], []]);
  });
});

test('a token that is stale is refused, with both times', async () => {
  const scene = await Scene.open();
  const at = scene.clock.now() - 4_000;
  scene.set(STORE, SECRET, at);
  const step = await scene.main();
  expectUnspent(scene, step, 'token-stale');
  expect(step.error).toContain(`was updated at ${time(at)}, after this run read it at ${time(at - 1_000)} (when the `);
});

describe('a token in doubt', () => {
  /** Another run has begun to use the token, and was lost. */
  async function doubtful(scene: Scene, changes: Changes = {}): Promise<string> {
    const lost = await scene.killed(CALL.cobo, 'before', changes);
    scene.clock.skip(60_000);
    return lost.record;
  }

  test.each(['false', 'true'])('is not sent, and its record stays (dry run: %s)', async (dryRun) => {
    const scene = await Scene.open();
    const began = scene.clock.now();
    const record = await doubtful(scene);
    const step = await scene.main({ 'dry-run': dryRun });
    expectUnspent(scene, step, 'token-in-doubt');
    expect(step.error).toContain(
      `Another run began to use this refresh token at ${time(began)}, and its successor is not in \`${STORE}\`. `,
    );
    expect([scene.records(), step.handover]).toEqual([[record], undefined]);
    // That is known before anything is written, so it does not matter how much may be written.
    for (const [changes, error] of [[{}, 'token-in-doubt'] as const, [scene.org, 'rate-limited'] as const]) {
      scene.stage.github.rateLimit = { limit: 5000, remaining: 5, resetAt: scene.clock.now() + 3_600_000 };
      expectUnspent(scene, await scene.main({ 'dry-run': dryRun, ...changes }), error);
    }
  });

  test('is replaced by a fresh pair with `org-id`', async () => {
    const scene = await Scene.open();
    const record = await doubtful(scene);
    const step = await scene.main(scene.org);
    expect([step.end, scene.isSafe]).toEqual([[0, 'stored'], true]);
    expect(step.log[0]).toMatch(/^Another run .*\. It is not used: a fresh pair will be obtained with org_implicit\.$/);
    expect(step.log[1]).toBe(`✓ Checked ${STORE}: writing works (… ms)`);
    expect(scene.stage.cobo.requests.map(({ method }) => method)).toEqual(['GET']);
    // Whoever still holds the old token must find its record; that of the fresh pair locks nothing.
    expect(scene.records()).toEqual([record]);
  });

  test('is so for a run that wrote its record a moment later; it deletes what it has just created', async () => {
    for (const hasOrg of [false, true]) {
      const scene = await Scene.open(BOTH);
      // Another run is first in the second store.
      scene.github(CALL.secondRecord, () => scene.set(ENVIRONMENT, scene.records()[0]));
      const step = await scene.main(hasOrg ? scene.org : {});
      if (hasOrg) expect([step.exit, step.record]).toEqual([0, `${SECRET}_IN_FLIGHT_ORG`]);
      else expectUnspent(scene, step, 'token-in-doubt');
      expect([scene.records(STORE), scene.records(ENVIRONMENT).length]).toEqual([[], 1]);
    }
  });

  test('is stale where its successor is stored everywhere, also with `org-id`; else it is healed', async () => {
    const scene = await Scene.open(BOTH);
    // The other run was lost when it had stored in one of two stores.
    await scene.killed({ method: 'PUT', path: /environments\/cobo\/secrets\/COBO_REFRESH_TOKEN$/ }, 'before');
    await vi.waitFor(() => expect(scene.stored(STORE)).toBe(scene.living));
    scene.stage.cobo.resetLog();
    const facts = { jobStartedAt: scene.clock.now(), runId: Number.NaN };
    scene.clock.skip(1_000);
    const step = await scene.main({}, { facts });
    expectUnspent(scene, step, 'token-in-doubt');
    expect(step.error).toContain(
      `, and its successor is not in \`${ENVIRONMENT}\`. Its successor is in \`${STORE}\`. `,
    );
    expect([(await scene.main(scene.org, { facts })).exit, scene.isSafe]).toEqual([0, true]);
    scene.stage.cobo.resetLog();
    const later = await scene.main(scene.org, { facts: { ...facts, jobStartedAt: scene.clock.now() } });
    expectUnspent(scene, later, 'token-stale');
  });
});

describe('an envelope', () => {
  test('whose token was stored or replaced everywhere is refused', async () => {
    const scene = await Scene.open(BOTH);
    const changes = await scene.envelope();
    for (const store of scene.stage.stores) scene.set(store);
    const step = await scene.main(changes);
    expectUnspent(scene, step, 'envelope-spent');
    expect(step.error).toContain(`The secret ${SECRET} was updated in every store after the run of this recovery `);
  });

  test.each<[string, (scene: Scene, at: number) => void]>([
    ['no store was updated', () => {}],
    ['one store was not updated', (scene) => scene.set(STORE)],
    ['one is without the secret', (scene) => scene.stage.github.removeSecret(ENVIRONMENT, SECRET)],
    [
      'they were updated in the second in which its run looked',
      (scene, at) => scene.stage.stores.map((store) => scene.set(store, SECRET, at)),
    ],
  ])('is used where %s, and leaves the record of the secret alone', async (_what, change) => {
    const scene = await Scene.open(BOTH);
    const at = scene.clock.now();
    const changes = await scene.envelope();
    const [own] = scene.records();
    change(scene, at);
    const step = await scene.main(changes);
    expect([step.exit, scene.isSafe, scene.records()]).toEqual([0, true, [own, step.record]]);
  });
});

test.each([
  ['true', false, [0, 'unspent']],
  ['false', true, [130, 'unspent', 'cancelled']],
])('the limits of a minute are waited for before Cobo is asked (dry run: %s)', async (dryRun, isWaited, end) => {
  const names = Array.from({ length: 41 }, (_, n) => `environment:e${n}`);
  const scene = await Scene.open({ stores: names });
  const plan = (step: Step) => {
    scene.clock.meanwhile = () => step.signal();
  };
  const step = await scene.main({ 'dry-run': dryRun }, { plan });
  expect([step.end, scene.asked]).toEqual([end, 0]);
  expect(step.log.some((line) => /^Waiting 1 min 0 s: GitHub allows 80 writes/.test(line))).toBe(isWaited);
});

test.each([
  ['before', CALL.record, null],
  ['after', CALL.cobo, expect.any(Number)],
])('a process that is killed %s its last record has left them in the state file', async (_when, match, recordedAt) => {
  const scene = await Scene.open(BOTH);
  scene.stage.github.removeSecret(ENVIRONMENT, SECRET);
  const step = await scene.killed(match, 'before');
  expect(step.handover?.recording).toEqual({
    name: expect.stringMatching(/_IN_FLIGHT_[0-9A-F]{12}$/),
    kind: 'secret',
    lookedAt: scene.clock.now(),
    recordedAt,
    updatedAt: { [STORE]: scene.clock.now() - DAY_MS, [ENVIRONMENT]: null },
    records: [STORE, ENVIRONMENT],
    refused: [],
  });
});

test('with `org-id`, a record that cannot be deleted ends the run, and the post step deletes it', async () => {
  const scene = await Scene.open(BOTH);
  scene.github(CALL.secondRecord, () => scene.set(ENVIRONMENT, scene.records()[0]));
  scene.github(CALL.undo, 500, ATTEMPTS);
  const main = await scene.main(scene.org);
  expect([main.end, scene.records()]).toEqual([[1, 'unspent', 'record-left'], [main.record]]);
  expect([(await scene.post(main)).exit, scene.records(), scene.records(ENVIRONMENT)]).toEqual([0, [], [main.record]]);
});

test('a full store, which has no record, is in doubt as long as it lacks the successor', async () => {
  const scene = await Scene.open(BOTH);
  for (let number = 1; number < 100; number++) scene.set(STORE, `OTHER_${number}`);
  scene.github({ method: 'PUT', path: /actions.*TOKEN$/ }, 500, ATTEMPTS);
  expect((await scene.main()).end).toEqual([1, 'sealed', 'store-failed']);
  scene.clock.skip(5_000);
  const { error } = await scene.main();
  expect(error).toContain(`its successor is not in \`${STORE}\`. Its successor is in \`${ENVIRONMENT}\`.`);
  expect(error).toMatch(/ let the job read the secret of a store that .* \[.*token-in-doubt\]$/);
  scene.set(STORE);
  const facts = { jobStartedAt: scene.clock.now() + 60_000 };
  expect((await scene.main({}, { facts })).end).toEqual([1, 'unspent', 'token-stale']);
});

test('a full store is warned of once, and refused where a record is there, but not the target', async () => {
  const scene = await Scene.open(BOTH);
  for (let number = 1; number < 100; number++) scene.set(STORE, `OTHER_${number}`);
  await scene.killed(CALL.cobo, 'before');
  scene.clock.skip(1_000);
  const step = await scene.main(scene.org);
  expect([step.end, step.texts('warning')]).toEqual([[0, 'stored'], [expect.stringContaining(' is full, so it has ')]]);
  scene.stage.github.removeSecret(STORE, SECRET);
  scene.set(STORE, `${SECRET}_IN_FLIGHT_ORG`);
  scene.stage.cobo.resetLog();
  expectUnspent(scene, await scene.main({ ...scene.org, 'refresh-token': undefined }), 'store-full');
});

test('with `org-id`, a token is stale whose successor was stored everywhere a moment ago', async () => {
  const scene = await Scene.open(BOTH);
  scene.github(CALL.record, {
    kind: 'hook',
    when: 'before',
    run: async () => {
      expect((await scene.main(scene.org)).end).toEqual([0, 'stored']);
      scene.stage.cobo.resetLog();
    },
  });
  expect((await scene.main(scene.org)).end).toEqual([1, 'unspent', 'token-stale']);
  expect([scene.isSafe, scene.asked]).toEqual([true, 0]);
});

test('the token is not used where others have left no requests to store it', async () => {
  const scene = await Scene.open();
  const limit = { limit: 5_000, resetAt: scene.clock.now() + 1_800_000 };
  scene.stage.github.rateLimit = { ...limit, remaining: 5_000 };
  scene.github(CALL.record, () => Object.assign(scene.stage.github, { rateLimit: { ...limit, remaining: 1 } }));
  const step = await scene.main();
  expect([step.end, scene.asked]).toEqual([[1, 'unspent', 'rate-limited'], 0]);
  expect(step.error).toContain(' 0 more requests until ');
});

test('one slow answer does not undo the correction of the clock', async () => {
  const scene = await Scene.open({ stores: ['environment:cobo'], github: { clockSkewMs: 10_000 } });
  scene.set(ENVIRONMENT, SECRET, scene.stage.github.clock - 5_000);
  const facts = { jobStartedAt: scene.clock.now() };
  const plan = (one: Step) =>
    one.on({ method: 'GET', path: /public-key$/ }, 'after', async () => {
      await vi.waitFor(() => expect(scene.stage.github.requests).toHaveLength(2));
      scene.clock.skip(20_000);
    });
  expect((await scene.main({}, { facts, plan })).end).toEqual([0, 'stored']);
});
