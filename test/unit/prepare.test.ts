import { describe, expect, test, vi } from 'vitest';
import { sealEnvelope } from '../../src/recovery.ts';
import type { Changes, Step } from './support.ts';
import { ALWAYS, BOTH, CALL, ENVIRONMENT, NO_TARGET, REPOSITORY, Scene, SECRET, STORE, time } from './support.ts';

const DAY_MS = 24 * 3_600_000;
const UNSPENT = 'This run has not spent the refresh token.';

/** The requests to GitHub, without what every path begins with. */
const sent = ({ stage }: Scene) =>
  stage.github.requests.map(({ method, path }) => `${method} ${path.replace(`/repos/${REPOSITORY}/`, '')}`);

/** A run that ended with nothing spent: Cobo was not asked, and no record of it stays. */
function expectUnspent(scene: Scene, step: Step, code: string, exit = 1): void {
  expect([step.end, step.envelope, scene.asked]).toEqual([[exit, 'unspent'], '', 0]);
  expect(step.handover?.recording?.records ?? []).toEqual([]);
  expect(step.error.endsWith(` [token-state: unspent, error: ${code}]`)).toBe(true);
}

describe('the stores', () => {
  test('are read all at once, then recorded in, the first one first', async () => {
    const scene = await Scene.open(BOTH);
    const step = await scene.main();
    expect(sent(scene).slice(0, 5).toSorted()).toEqual([
      'GET actions/runs/1658821493',
      'GET actions/secrets',
      'GET actions/secrets/public-key',
      'GET environments/cobo/secrets',
      'GET environments/cobo/secrets/public-key',
    ]);
    expect(sent(scene).slice(5, 7)).toEqual([
      `PUT actions/secrets/${step.record}`,
      `PUT environments/cobo/secrets/${step.record}`,
    ]);
    expect(step.record).toMatch(/^COBO_REFRESH_TOKEN_IN_FLIGHT_[0-9A-F]{12}$/);
    expect(step.log[0]).toBe(
      `✓ Checked ${STORE} and ${ENVIRONMENT}: writing works, and the refresh token is not stale (… ms)`,
    );
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

  test.each([
    ['cannot be read', { path: /environments/ }, 500, 'github-unavailable'],
    ['takes no record', { method: 'PUT', path: /environments/ }, 403, 'store-refused'],
  ])('end the run, unspent, when one %s, and keep no record', async (_what, match, code, error) => {
    const scene = await Scene.open(BOTH);
    scene.github(match, code, ALWAYS);
    expectUnspent(scene, await scene.main(), error);
    expect(scene.records()).toEqual([]);
  });

  test('have a warning each in the log', async () => {
    const scene = await Scene.open();
    const at = scene.clock.now() - 26 * DAY_MS;
    scene.stage.github.setSecret(STORE, SECRET, scene.stage.refreshToken, at);
    const step = await scene.main({}, { facts: { jobStartedAt: scene.clock.now() + 55_000 } });
    expect(step.warnings).toEqual([
      `The secret ${SECRET} was last updated at ${time(at)}. A refresh token expires after 30 days: rotate it on a schedule.`,
      `This run waited 1 min 0 s in the queue after the secrets of \`${STORE}\` were read. Another run may rotate the token in that time. An environment secret is read when the job starts.`,
    ]);
  });
});

describe('a token that is stale', () => {
  test.each([
    ['the run was queued', STORE, 5_000, 4_000, true],
    ['the run was queued', STORE, 5_000, 5_000, false],
    ['the job started', ENVIRONMENT, 1_000, 0, true],
    ['the job started', ENVIRONMENT, 1_000, 1_000, false],
  ])('is refused when it was updated after %s (%s)', async (moment, store, readAgo, updatedAgo, isStale) => {
    const scene = await Scene.open({ stores: [store === STORE ? 'repository' : 'environment:cobo'] });
    const now = scene.clock.now();
    scene.stage.github.setSecret(store, SECRET, scene.stage.refreshToken, now - updatedAgo);
    const step = await scene.main({}, { facts: { jobStartedAt: now - 1_000 } });
    if (!isStale) return expect(step.exit).toBe(0);
    expectUnspent(scene, step, 'token-stale');
    expect(step.error).toContain(
      `was updated at ${time(now - updatedAgo)}, after this run read it at ${time(now - readAgo)} (when ${moment}), so`,
    );
    expect(scene.records(store)).toEqual([]);
  });
});

describe('a token in doubt', () => {
  /** Another run has begun to use the token, and was lost. */
  async function doubtful(scene: Scene, changes: Changes = {}): Promise<string> {
    const lost = await scene.killed(CALL.cobo, 'before', changes);
    scene.clock.skip(60_000);
    return lost.record;
  }

  /** Another run is first in the second store. */
  const overtake = (scene: Scene) => scene.github(CALL.secondRecord, () => scene.set(ENVIRONMENT, scene.records()[0]));

  test.each(['false', 'true'])('is not sent, and its record stays (dry run: %s)', async (dryRun) => {
    const scene = await Scene.open();
    const began = scene.clock.now();
    const record = await doubtful(scene);
    const step = await scene.main({ 'dry-run': dryRun });
    expectUnspent(scene, step, 'token-in-doubt');
    expect(step.error).toContain(
      `Another run began to use this refresh token at ${time(began)}, and its successor is not in \`${STORE}\`. ${UNSPENT} `,
    );
    expect([scene.records(), step.handover]).toEqual([[record], undefined]);
    // That is known before anything is written, so it does not matter how much may be written.
    for (const [changes, error] of [[{}, 'token-in-doubt'] as const, [scene.org, 'rate-limited'] as const]) {
      scene.stage.github.rateLimit = { limit: 5000, remaining: 5, resetAt: scene.clock.now() + 3_600_000 };
      expectUnspent(scene, await scene.main({ 'dry-run': dryRun, ...changes }), error);
    }
  });

  test('is not sent by a run that wrote its record a moment later; it deletes what it has just created', async () => {
    const scene = await Scene.open(BOTH);
    overtake(scene);
    const step = await scene.main();
    expectUnspent(scene, step, 'token-in-doubt');
    expect([scene.records(STORE), scene.records(ENVIRONMENT)]).toEqual([[], [step.record]]);
  });

  test('is replaced by a fresh pair with `org-id`', async () => {
    const scene = await Scene.open();
    const record = await doubtful(scene);
    const step = await scene.main(scene.org);
    expect([step.end, scene.stored()]).toEqual([[0, 'stored'], scene.living]);
    expect(step.log[0]).toMatch(/^Another run .*\. It is not used: a fresh pair will be obtained with org_implicit\.$/);
    expect(step.log[1]).toBe(`✓ Checked ${STORE}: writing works (… ms)`);
    expect(scene.stage.cobo.requests.map(({ method }) => method)).toEqual(['GET']);
    // Whoever still holds the old token must find its record; that of the fresh pair locks nothing.
    expect(scene.records()).toEqual([record]);
  });

  test('is replaced although another record was created just now, which is deleted', async () => {
    const scene = await Scene.open(BOTH);
    overtake(scene);
    const step = await scene.main(scene.org);
    expect([step.exit, step.record, scene.records(STORE)]).toEqual([0, `${SECRET}_IN_FLIGHT_ORG`, []]);
    expect(scene.records(ENVIRONMENT)).toHaveLength(1);
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
    expect((await scene.main(scene.org, { facts })).exit).toBe(0);
    expect([scene.stored(STORE), scene.stored(ENVIRONMENT)]).toEqual([scene.living, scene.living]);
    scene.stage.cobo.resetLog();
    const later = await scene.main(scene.org, { facts: { ...facts, jobStartedAt: scene.clock.now() } });
    expectUnspent(scene, later, 'token-stale');
  });

  test('may be that of an envelope', async () => {
    const scene = await Scene.open();
    const changes = await scene.envelope();
    const record = await doubtful(scene, changes);
    expectUnspent(scene, await scene.main(changes), 'token-in-doubt');
    expect(scene.records()).toContain(record);
    expect((await scene.main({ ...changes, ...scene.org })).exit).toBe(0);
    expect(scene.stored()).toBe(scene.living);
  });
});

describe('an envelope', () => {
  test('brings the token in hand; the record of the secret is not touched', async () => {
    const scene = await Scene.open();
    const changes = await scene.envelope();
    const [own] = scene.records();
    const step = await scene.main(changes);
    expect([step.end, scene.stored(), scene.records()]).toEqual([[0, 'stored'], scene.living, [own, step.record]]);
  });

  test('whose token was stored or replaced everywhere is refused', async () => {
    const scene = await Scene.open(BOTH);
    const changes = await scene.envelope();
    for (const store of scene.stage.stores) scene.set(store);
    const step = await scene.main(changes);
    expectUnspent(scene, step, 'envelope-spent');
    expect(step.error).toContain(
      `The secret ${SECRET} was updated in every store after the run of this recovery envelope read it: the token has been stored or replaced since. ${UNSPENT} Run the job without \`recovery-envelope\`. `,
    );
  });

  test.each<[string, (scene: Scene, at: number) => void]>([
    ['one store was not updated', (scene) => scene.set(STORE)],
    ['one is without the secret', (scene) => scene.stage.github.removeSecret(ENVIRONMENT, SECRET)],
    [
      'they were updated in the second in which its run looked',
      (scene, at) => {
        for (const store of scene.stage.stores) scene.set(store, SECRET, at);
      },
    ],
  ])('is used where %s', async (_what, change) => {
    const scene = await Scene.open(BOTH);
    const at = scene.clock.now();
    const changes = await scene.envelope();
    change(scene, at);
    expect((await scene.main(changes)).exit).toBe(0);
    expect([scene.stored(STORE), scene.stored(ENVIRONMENT)]).toEqual([scene.living, scene.living]);
  });

  test('that does not say when its run looked is used all the same', async () => {
    const scene = await Scene.open();
    const refreshToken = scene.open((await scene.envelope())['recovery-envelope']);
    const { appSecretHex, clientId } = scene.stage.cobo.client;
    const older = sealEnvelope({ refreshToken, lookedAt: undefined }, Buffer.from(appSecretHex, 'hex'), clientId);
    scene.set(STORE);
    const step = await scene.main({ 'recovery-envelope': older });
    expect([step.exit, scene.stored()]).toEqual([0, scene.living]);
  });
});

describe('the limits', () => {
  test('of an hour must cover everything, or nothing begins', async () => {
    const scene = await Scene.open(BOTH);
    const resetAt = scene.clock.now() + 3_600_000;
    // Five requests read the stores, six more may follow.
    scene.stage.github.rateLimit = { limit: 5000, remaining: 10, resetAt };
    expectUnspent(scene, await scene.main(), 'rate-limited');
    expect(scene.records()).toEqual([]);
    scene.stage.github.rateLimit = { limit: 5000, remaining: 11, resetAt };
    expect((await scene.main()).exit).toBe(0);
  });

  test.each(['false', 'true'])('of a minute are waited for before Cobo is asked (dry run: %s)', async (dryRun) => {
    const names = Array.from({ length: 41 }, (_, n) => `environment:e${n}`);
    const scene = await Scene.open({ stores: names });
    const plan = (step: Step) => {
      scene.clock.meanwhile = () => step.signal();
    };
    const step = await scene.main({ 'dry-run': dryRun }, { plan });
    expect([step.end, scene.asked]).toEqual([[dryRun === 'true' ? 0 : 130, 'unspent'], 0]);
    expect(step.log.some((line) => /^Waiting 1 min 0 s: GitHub allows 80 writes/.test(line))).toBe(dryRun !== 'true');
    expect(names.flatMap((name) => scene.records(`${name}@${REPOSITORY}`))).toEqual([]);
  });
});

describe('where only something else is written', () => {
  test.each([
    ['a secret', { 'access-token-secret': 'ACCESS' }, 'ACCESS_IN_FLIGHT_'],
    ['a variable', { 'expires-at-variable': 'EXPIRES_AT' }, 'EXPIRES_AT_IN_FLIGHT_'],
  ])('a record of %s proves that writing works, and is deleted at the end', async (_what, changes, name) => {
    const scene = await Scene.open();
    const step = await scene.main({ ...changes, ...NO_TARGET });
    expect([step.end, step.outputs['refresh-token']]).toEqual([[0, 'delivered'], scene.living]);
    const ours = scene.stage.github.writes.filter((write) => write.name.startsWith(name));
    expect(ours.map(({ operation }) => operation)).toEqual(['create', 'delete']);
  });
});

describe('a signal', () => {
  test.each([
    ['while the stores are read', { method: 'GET' }],
    ['while a record is written', CALL.record],
  ])('%s ends the run, unspent, and no record stays', async (_when, match) => {
    const scene = await Scene.open(BOTH);
    const step = await scene.main(
      {},
      {
        plan: (one) => scene.github(match, () => one.signal('SIGTERM')),
      },
    );
    expectUnspent(scene, step, 'cancelled', 143);
    expect([scene.records(STORE), scene.records(ENVIRONMENT)]).toEqual([[], []]);
  });
});

test.each([
  ['before', null],
  ['after', expect.any(Number)],
])('a process that is killed %s its last record has left them in the state file', async (when, recordedAt) => {
  const scene = await Scene.open(BOTH);
  scene.stage.github.removeSecret(ENVIRONMENT, SECRET);
  const step = await scene.killed(when === 'before' ? CALL.record : CALL.cobo, 'before');
  expect(step.handover?.recording).toEqual({
    name: expect.stringMatching(/_IN_FLIGHT_[0-9A-F]{12}$/),
    lookedAt: scene.clock.now(),
    recordedAt,
    updatedAt: { [STORE]: scene.clock.now() - DAY_MS, [ENVIRONMENT]: null },
    records: [STORE, ENVIRONMENT],
    refused: [],
  });
});
