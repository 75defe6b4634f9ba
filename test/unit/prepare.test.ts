import { describe, expect, test, vi } from 'vitest';
import { sealEnvelope } from '../../src/recovery.ts';
import {
  ALWAYS,
  COBO,
  hook,
  RECORD,
  REPOSITORY,
  Scene,
  SECRET,
  STORE,
  type Step,
  status,
  TOKEN,
  UNDO,
} from './support.ts';

const ENVIRONMENT = `environment:cobo@${REPOSITORY}`;
const BOTH = { stores: ['repository', 'environment:cobo'] };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNSPENT = 'This run has not spent the refresh token.';

/** The requests to GitHub, without what every path begins with. */
const sent = ({ stage }: Scene) =>
  stage.github.requests.map(({ method, path }) => `${method} ${path.replace(`/repos/${REPOSITORY}/`, '')}`);

/** A run that ended with nothing spent: Cobo was not asked, and no record stays. */
function expectUnspent(scene: Scene, step: Step, exit = 1): void {
  expect([step.exit, step.outputs['token-state'], step.envelope]).toEqual([exit, 'unspent', '']);
  expect(step.handover?.recording?.records ?? []).toEqual([]);
  expect(scene.asked).toBe(0);
}

const time = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');

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
    const record = step.handover?.recording?.name;
    expect(sent(scene).slice(5, 7)).toEqual([
      `PUT actions/secrets/${record}`,
      `PUT environments/cobo/secrets/${record}`,
    ]);
    expect(record).toMatch(/^COBO_REFRESH_TOKEN_IN_FLIGHT_[0-9A-F]{12}$/);
    expect(step.log[0]).toBe(
      `✓ Checked ${STORE} and ${ENVIRONMENT}: writing works, and the refresh token is not stale (… ms)`,
    );
  });

  test('need no request about the run where only environments are written', async () => {
    const scene = await Scene.open({ stores: ['environment:cobo'] });
    const step = await scene.main();
    expect(step.exit).toBe(0);
    expect(sent(scene).filter((line) => line.includes('/runs/'))).toEqual([]);
  });

  test.each([
    ['an envelope', 'recovery-envelope'],
    ['no token', 'org-id'],
  ])('need no request about the run with %s', async (_what, input) => {
    const scene = await Scene.open();
    const value = input === 'org-id' ? scene.stage.cobo.client.orgId : await envelope(scene);
    scene.stage.github.resetLog();
    const step = await scene.main({ changes: { [input]: value, 'refresh-token': undefined } });
    expect(step.exit).toBe(0);
    expect(sent(scene).filter((line) => line.includes('/runs/'))).toEqual([]);
    expect(step.log[0]).toBe(`✓ Checked ${STORE}: writing works (… ms)`);
  });

  test('end the run, unspent, when one cannot be read', async () => {
    const scene = await Scene.open(BOTH);
    scene.stage.github.faults.add({ match: { path: /environments/ }, times: ALWAYS, fault: status(500) });
    const step = await scene.main();
    expectUnspent(scene, step);
    expect(step.error).toContain(` ${UNSPENT} Re-run the job later. [token-state: unspent, error: github-unavailable]`);
    expect(step.handover).toBeUndefined();
  });

  test('end the run, unspent, when one takes no record, and keep no other', async () => {
    const scene = await Scene.open(BOTH);
    const fault = status(403);
    scene.stage.github.faults.add({ match: { method: 'PUT', path: /environments/ }, times: ALWAYS, fault });
    const step = await scene.main();
    expectUnspent(scene, step);
    expect(step.error).toMatch(/error: store-refused\]$/);
    expect(scene.records()).toEqual([]);
  });
});

/** The envelope of a run whose successor could not be stored, some seconds ago. */
async function envelope(scene: Scene): Promise<string> {
  const times = 4 * scene.stage.stores.length;
  scene.stage.github.faults.add({ match: TOKEN, times, fault: status(500) });
  const step = await scene.main();
  expect(scene.open(step.envelope)).toBe(scene.living);
  scene.clock.skip(5_000);
  scene.stage.cobo.resetLog();
  return step.envelope;
}

describe('a token that is stale', () => {
  test('is refused by the time at which the run was queued', async () => {
    const scene = await Scene.open();
    const now = scene.clock.now();
    scene.stage.github.setSecret(STORE, SECRET, 'newer', now - 4_000);
    const step = await scene.main();
    expectUnspent(scene, step);
    expect(step.error).toBe(
      `The secret ${SECRET} in the store \`${STORE}\` was updated at ${time(now - 4_000)}, after this run read it at ${time(now - 5_000)} (when the run was queued), so the token in hand has most likely been rotated. ${UNSPENT} Re-run the job: it reads the secret again. To avoid this, keep the token in an environment secret, which is read when the job starts. [token-state: unspent, error: token-stale]`,
    );
    expect(scene.records()).toEqual([]);
  });

  test('is not refused in an equal second: there the record decides', async () => {
    const scene = await Scene.open();
    scene.stage.github.setSecret(STORE, SECRET, scene.stage.refreshToken, scene.clock.now() - 5_000);
    expect((await scene.main()).exit).toBe(0);
  });

  test('is refused in an environment by the time at which the job started', async () => {
    const scene = await Scene.open({ stores: ['environment:cobo'] });
    const now = scene.clock.now();
    scene.stage.github.setSecret(ENVIRONMENT, SECRET, 'newer', now);
    const step = await scene.main({ facts: { jobStartedAt: now - 1_000 } });
    expectUnspent(scene, step);
    expect(step.error).toContain(`after this run read it at ${time(now - 1_000)} (when the job started), so`);
  });

  test('is compared with the start of the job where the queue time may not be read, and the log says so', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: { path: /\/runs\// }, fault: status(403) });
    const step = await scene.main();
    expect(step.exit).toBe(0);
    expect(step.log[0]).toBe(
      `✓ Checked ${STORE}: writing works, and the refresh token is not stale, compared with the job's start, because \`github-token\` may not read when the run was queued (… ms)`,
    );
  });
});

describe('a token in doubt', () => {
  /** Another run has begun to use the token, and was lost. */
  async function doubtful(scene: Scene): Promise<string> {
    const lost = await scene.killed(COBO, 'before');
    scene.clock.skip(60_000);
    return lost.handover?.recording?.name ?? '';
  }

  const IN_DOUBT = (record: string, at: number) =>
    `Another run began to use this refresh token at ${time(at)}, and its successor is not in \`${STORE}\`. ${UNSPENT} If that run is still in progress, re-run this job after it. If it shows a recovery envelope, start a run with it as the input \`recovery-envelope\`. Otherwise set the secret again, with a token of a new installation or of another store, or give \`org-id\`. If you know that the token was not used, delete its in-flight record: \`gh secret delete ${record} --repo ${REPOSITORY}\`. [token-state: unspent, error: token-in-doubt]`;

  test('is not sent, and its record stays', async () => {
    const scene = await Scene.open();
    const began = scene.clock.now();
    const record = await doubtful(scene);
    const step = await scene.main();
    expectUnspent(scene, step);
    expect(step.error).toBe(IN_DOUBT(record, began));
    expect(scene.records()).toEqual([record]);
  });

  test('is not sent by a run that wrote its record a moment later', async () => {
    const scene = await Scene.open(BOTH);
    const { github } = scene.stage;
    github.faults.add({
      match: { method: 'PUT', path: /environments.*_IN_FLIGHT_/ },
      fault: hook(() => github.setSecret(ENVIRONMENT, scene.records()[0] ?? '', 'of another run')),
    });
    const step = await scene.main();
    expectUnspent(scene, step);
    expect(step.error).toMatch(/error: token-in-doubt\]$/);
    // It has deleted what it has just created, and nothing else.
    expect([scene.records(STORE), scene.records(ENVIRONMENT)]).toEqual([[], [step.handover?.recording?.name]]);
  });

  test('is replaced by a fresh pair with `org-id`', async () => {
    const scene = await Scene.open();
    const began = scene.clock.now();
    const record = await doubtful(scene);
    const step = await scene.main({ changes: { 'org-id': scene.stage.cobo.client.orgId } });
    expect([step.exit, step.outputs['token-state']]).toEqual([0, 'stored']);
    expect(step.log[0]).toBe(
      `Another run began to use this refresh token at ${time(began)}, and its successor is not in \`${STORE}\`. It is not used: a fresh pair will be obtained with org_implicit.`,
    );
    expect(step.log[1]).toBe(`✓ Checked ${STORE}: writing works (… ms)`);
    expect(scene.stage.cobo.requests.map(({ method }) => method)).toEqual(['GET']);
    expect(scene.stored()).toBe(scene.living);
    // Whoever still holds the old token must find its record; that of the fresh pair locks nothing.
    expect(scene.records()).toEqual([record]);
  });

  test('is replaced although another record was created just now, which is deleted', async () => {
    const scene = await Scene.open(BOTH);
    const { github } = scene.stage;
    github.faults.add({
      match: { method: 'PUT', path: /environments.*_IN_FLIGHT_/ },
      fault: hook(() => github.setSecret(ENVIRONMENT, scene.records()[0] ?? '', 'of another run')),
    });
    const step = await scene.main({ changes: { 'org-id': scene.stage.cobo.client.orgId } });
    expect(step.exit).toBe(0);
    expect(step.handover?.recording?.name).toBe(`${SECRET}_IN_FLIGHT_ORG`);
    expect(scene.records(STORE)).toEqual([]);
    expect(scene.records(ENVIRONMENT)).toHaveLength(1);
  });

  test('is stale where its successor is stored, also with `org-id`', async () => {
    const scene = await Scene.open();
    const first = await scene.main();
    scene.stage.cobo.resetLog();
    const changes = { 'org-id': scene.stage.cobo.client.orgId };
    const before = { jobStartedAt: scene.clock.now(), runId: Number.NaN };
    const step = await scene.main({ changes, facts: before });
    expectUnspent(scene, step);
    expect(step.error).toBe(
      `Another run has used this refresh token and stored its successor in \`${STORE}\`. ${UNSPENT} Re-run the job: it reads the secret again. If the same token was stored again by hand, delete its in-flight record first: \`gh secret delete ${first.handover?.recording?.name} --repo ${REPOSITORY}\`. [token-state: unspent, error: token-stale]`,
    );
  });

  test('names the stores that hold the successor, and is healed with `org-id` all the same', async () => {
    const scene = await Scene.open(BOTH);
    // The other run was lost when it had stored in one of two stores.
    await scene.killed({ method: 'PUT', path: /environments\/cobo\/secrets\/COBO_REFRESH_TOKEN$/ }, 'before');
    await vi.waitFor(() => expect(scene.stored(STORE)).toBe(scene.living));
    scene.stage.cobo.resetLog();
    const facts = { jobStartedAt: scene.clock.now(), runId: Number.NaN };
    scene.clock.skip(1_000);
    const step = await scene.main({ facts });
    expectUnspent(scene, step);
    expect(step.error).toContain(
      `, and its successor is not in \`${ENVIRONMENT}\`. Its successor is in \`${STORE}\`. ${UNSPENT} `,
    );
    const healed = await scene.main({ facts, changes: { 'org-id': scene.stage.cobo.client.orgId } });
    expect(healed.exit).toBe(0);
    expect([scene.stored(STORE), scene.stored(ENVIRONMENT)]).toEqual([scene.living, scene.living]);
  });

  test('may be that of an envelope', async () => {
    const scene = await Scene.open();
    const changes = { 'recovery-envelope': await envelope(scene) };
    const lost = await scene.killed(COBO, 'before', { changes });
    scene.clock.skip(1_000);
    const step = await scene.main({ changes });
    expectUnspent(scene, step);
    expect(step.error).toMatch(/error: token-in-doubt\]$/);
    expect(scene.records()).toContain(lost.handover?.recording?.name);
    const org = scene.stage.cobo.client.orgId;
    expect((await scene.main({ changes: { ...changes, 'org-id': org } })).exit).toBe(0);
    expect(scene.stored()).toBe(scene.living);
  });
});

describe('an envelope', () => {
  test('brings the token in hand; the record of the secret is not touched', async () => {
    const scene = await Scene.open();
    const changes = { 'recovery-envelope': await envelope(scene) };
    const [own] = scene.records();
    const step = await scene.main({ changes });
    expect([step.exit, step.outputs['token-state']]).toEqual([0, 'stored']);
    expect(scene.stored()).toBe(scene.living);
    expect(scene.records()).toEqual([own, step.handover?.recording?.name]);
    expect(step.told.texts('mask')).toContain(scene.open(changes['recovery-envelope']));
  });

  test('whose token was stored or replaced everywhere is refused', async () => {
    const scene = await Scene.open(BOTH);
    const changes = { 'recovery-envelope': await envelope(scene) };
    for (const store of scene.stage.stores) scene.stage.github.setSecret(store, SECRET, 'of another run');
    const step = await scene.main({ changes });
    expectUnspent(scene, step);
    expect(step.error).toBe(
      `The secret ${SECRET} was updated in every store after the run of this recovery envelope read it: the token has been stored or replaced since. ${UNSPENT} Run the job without \`recovery-envelope\`. If the token in ${SECRET} does not work, delete that secret and run again with the envelope. [token-state: unspent, error: envelope-spent]`,
    );
  });

  test('is used where one store was not updated, or is without the secret', async () => {
    const scene = await Scene.open(BOTH);
    const changes = { 'recovery-envelope': await envelope(scene) };
    scene.stage.github.setSecret(STORE, SECRET, 'of another run');
    scene.stage.github.removeSecret(ENVIRONMENT, SECRET);
    expect((await scene.main({ changes })).exit).toBe(0);
    expect([scene.stored(STORE), scene.stored(ENVIRONMENT)]).toEqual([scene.living, scene.living]);
  });

  test('is used where the secret was updated in the second in which its run looked', async () => {
    const scene = await Scene.open();
    const at = scene.clock.now();
    const changes = { 'recovery-envelope': await envelope(scene) };
    scene.stage.github.setSecret(STORE, SECRET, 'of another run', at);
    expect((await scene.main({ changes })).exit).toBe(0);
  });

  test('that does not say when its run looked is used all the same', async () => {
    const scene = await Scene.open();
    const refreshToken = scene.open(await envelope(scene));
    const { appSecretHex, clientId } = scene.stage.cobo.client;
    const older = sealEnvelope({ refreshToken, lookedAt: undefined }, Buffer.from(appSecretHex, 'hex'), clientId);
    scene.stage.github.setSecret(STORE, SECRET, 'of another run');
    const step = await scene.main({ changes: { 'recovery-envelope': older } });
    expect([step.exit, scene.stored()]).toEqual([0, scene.living]);
  });

  test('that does not open ends the run before GitHub is asked', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ changes: { 'recovery-envelope': 'no envelope' } });
    expectUnspent(scene, step);
    expect(step.error).toContain('The input `recovery-envelope` is not a recovery envelope. ');
    expect(scene.stage.github.requests).toEqual([]);
  });
});

describe('a dry run', () => {
  test('checks everything, writes records and takes them back', async () => {
    const scene = await Scene.open(BOTH);
    const step = await scene.main({ changes: { 'dry-run': 'true' } });
    expectUnspent(scene, step, 0);
    expect(
      sent(scene)
        .filter((line) => line.includes('_IN_FLIGHT_'))
        .map((line) => line.split(' ')[0]),
    ).toEqual([...['PUT', 'PUT'], ...['DELETE', 'DELETE']]);
    expect([scene.records(STORE), scene.records(ENVIRONMENT)]).toEqual([[], []]);
    expect(step.log.at(-1)).toBe('✓ Dry run: everything was checked up to the refresh. Nothing was spent');
    expect(step.summary).toBe(
      [
        '### ✅ Cobo access token: dry run',
        '',
        `| Refresh token | **unspent**. ${UNSPENT} |`,
        '| --- | --- |',
        '| Cobo | custom URL |',
        `| App key | \`${scene.stage.cobo.client.appKeyHex}\` |`,
        `| Store | \`${STORE}\` can be written |`,
        `| Store | \`${ENVIRONMENT}\` can be written |`,
        '| Next | it would be refreshed |',
        '',
      ].join('\n'),
    );
  });

  test('says what would happen where there is no token', async () => {
    const scene = await Scene.open();
    const changes = {
      'dry-run': 'true',
      'refresh-token': undefined,
      'org-id': scene.stage.cobo.client.orgId,
    };
    const step = await scene.main({ changes });
    expectUnspent(scene, step, 0);
    expect(step.summary).toContain('| Next | a fresh pair would be obtained with `org-id` |');
  });

  test('sends nothing at all without write-back', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ changes: { 'dry-run': 'true', 'refresh-token-secret': undefined } });
    expectUnspent(scene, step, 0);
    expect(scene.stage.github.requests).toEqual([]);
    expect(scene.stage.cobo.connections.opened).toBe(0);
  });

  test('refuses a token in doubt as any run does', async () => {
    const scene = await Scene.open();
    await scene.killed(COBO, 'before');
    scene.clock.skip(1_000);
    const step = await scene.main({ changes: { 'dry-run': 'true' } });
    expectUnspent(scene, step);
  });
});

describe('the limits', () => {
  test('of an hour must cover everything, or nothing begins', async () => {
    const scene = await Scene.open(BOTH);
    const resetAt = scene.clock.now() + HOUR_MS;
    // Five requests read the stores, six more may follow.
    scene.stage.github.rateLimit = { limit: 5000, remaining: 10, resetAt };
    const step = await scene.main();
    expectUnspent(scene, step);
    expect(step.error).toBe(
      `GitHub allows \`github-token\` 5 more requests until ${time(resetAt)}, and this run needs 6. ${UNSPENT} Re-run the job after ${time(resetAt)}, or use a token that is not shared with other jobs. [token-state: unspent, error: rate-limited]`,
    );
    expect(scene.records()).toEqual([]);
    scene.stage.github.rateLimit = { limit: 5000, remaining: 11, resetAt };
    expect((await scene.main()).exit).toBe(0);
  });

  test('of a minute are waited for before Cobo is asked, and a signal ends the wait', async () => {
    const names = Array.from({ length: 41 }, (_, n) => `environment:e${n}`);
    const scene = await Scene.open({ stores: names });
    const step = await scene.main({
      plan: ({ signals }) => {
        scene.clock.meanwhile = () => {
          expect(scene.asked).toBe(0);
          signals.emit('SIGINT', 'SIGINT');
        };
      },
    });
    expectUnspent(scene, step, 130);
    expect(step.log.some((line) => /^Waiting 1 min 0 s: GitHub allows 80 writes a minute/.test(line))).toBe(true);
    expect(names.flatMap((name) => scene.records(`${name}@${REPOSITORY}`))).toEqual([]);
  });
});

describe('a warning', () => {
  test.each([
    ['14 days', 14 * DAY_MS, 0],
    ['a second less', 14 * DAY_MS - 1_000, 1],
  ])('comes when the writer token expires within two weeks: %s', async (_what, ms, count) => {
    const scene = await Scene.open();
    const at = new Date(scene.clock.now() + ms);
    scene.stage.github.setTokenExpiration(scene.stage.writer, at);
    const step = await scene.main();
    const text = `\`github-token\` expires at ${time(at.getTime())}. Create a new one and store it before then.`;
    expect(step.warnings).toEqual([text].slice(0, count));
    expect(step.summary.includes(`⚠️ ${text}`)).toBe(count === 1);
  });

  test.each([
    ['25 days', 25 * DAY_MS, 0],
    ['a second more', 25 * DAY_MS + 1_000, 1],
  ])('comes when the token is old: %s', async (_what, ms, count) => {
    const scene = await Scene.open();
    const at = scene.clock.now() - ms;
    scene.stage.github.setSecret(STORE, SECRET, scene.stage.refreshToken, at);
    const text = `The secret ${SECRET} was last updated at ${time(at)}. A refresh token expires after 30 days: rotate it on a schedule.`;
    expect((await scene.main()).warnings).toEqual([text].slice(0, count));
  });

  test('comes when the run waited long in the queue', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ facts: { jobStartedAt: scene.clock.now() + 55_000 } });
    expect(step.warnings).toEqual([
      `This run waited 1 min 0 s in the queue after the secrets of \`${STORE}\` were read. Another run may rotate the token in that time. An environment secret is read when the job starts.`,
    ]);
    expect((await (await Scene.open()).main()).warnings).toEqual([]);
  });

  test('comes when a store is full, and the run goes on without a record', async () => {
    const scene = await Scene.open();
    for (let n = 0; n < 99; n++) scene.stage.github.setSecret(STORE, `OTHER_${n}`, 'x');
    const step = await scene.main();
    expect([step.exit, step.outputs['token-state']]).toEqual([0, 'stored']);
    expect(step.warnings).toEqual([
      `The store \`${STORE}\` is full, so it has no in-flight record of this run. The secrets that have to be stored exist and can be updated. Delete a secret that is not needed.`,
    ]);
    expect(step.handover?.recording?.records).toEqual([]);
    expect(scene.records()).toEqual([]);
  });
});

describe('where only something else is written', () => {
  test.each([
    ['a secret', { 'access-token-secret': 'ACCESS' }, 'ACCESS_IN_FLIGHT_'],
    ['a variable', { 'expires-at-variable': 'EXPIRES_AT' }, 'EXPIRES_AT_IN_FLIGHT_'],
  ])('a record of %s proves that writing works, and is deleted at the end', async (_what, changes, name) => {
    const scene = await Scene.open();
    const step = await scene.main({ changes: { ...changes, 'refresh-token-secret': undefined } });
    expect([step.exit, step.outputs['token-state']]).toEqual([0, 'delivered']);
    expect(step.outputs['refresh-token']).toBe(scene.living);
    const { github } = scene.stage;
    expect(github.writes.filter((write) => write.name.startsWith(name)).map(({ operation }) => operation)).toEqual([
      'create',
      'delete',
    ]);
    expect(sent(scene).filter((line) => line.includes('/runs/'))).toEqual([]);
  });

  test('its refusal ends the run, unspent', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: { method: 'POST' }, times: ALWAYS, fault: status(403) });
    const changes = { 'refresh-token-secret': undefined, 'expires-at-variable': 'EXPIRES_AT' };
    const step = await scene.main({ changes });
    expectUnspent(scene, step);
    expect(scene.stage.github.variableNames(STORE)).toEqual([]);
  });
});

describe('a signal', () => {
  test.each([
    ['while the stores are read', { method: 'GET' }],
    ['while a record is written', RECORD],
  ])('%s ends the run, unspent, and no record stays', async (_when, match) => {
    const scene = await Scene.open(BOTH);
    const step = await scene.main({
      plan: (running) => {
        scene.stage.github.faults.add({ match, fault: hook(() => running.signal('SIGTERM')) });
      },
    });
    expectUnspent(scene, step, 143);
    expect(step.error).toBe(
      `The run was cancelled before the refresh token was used. ${UNSPENT} Re-run the job. [token-state: unspent, error: cancelled]`,
    );
    expect([scene.records(STORE), scene.records(ENVIRONMENT)]).toEqual([[], []]);
  });

  test('right after the last record ends the run, and what cannot be deleted is left to the post step', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: UNDO, times: ALWAYS, fault: status(500) });
    const step = await scene.main({ plan: (running) => running.afterwards(RECORD, () => running.signal()) });
    expect([step.exit, step.outputs['token-state']]).toEqual([130, 'unspent']);
    expect(scene.asked).toBe(0);
    expect(step.handover).toMatchObject({ state: 'unspent', recording: { records: [STORE] } });
    // It has one attempt: the runner does not wait.
    expect(scene.stage.github.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
    expect(step.warnings).toEqual([
      `The in-flight record could not be deleted from \`${STORE}\`: GitHub returned HTTP 500. The post step of this job tries again. If the next run says that the token is in doubt, delete the record: \`gh secret delete ${step.handover?.recording?.name} --repo ${REPOSITORY}\`.`,
    ]);
  });
});

test('a killed process leaves its records in the state file before it writes the first', async () => {
  const scene = await Scene.open(BOTH);
  const step = await scene.killed(RECORD, 'before');
  const updatedAt = scene.clock.now() - DAY_MS;
  expect(step.handover).toEqual({
    state: 'unspent',
    trusted: true,
    envelope: null,
    keepsRecord: false,
    recording: {
      name: expect.stringMatching(/_IN_FLIGHT_[0-9A-F]{12}$/),
      lookedAt: scene.clock.now(),
      recordedAt: null,
      updatedAt: { [STORE]: updatedAt, [ENVIRONMENT]: updatedAt },
      records: [STORE, ENVIRONMENT],
      refused: [],
    },
  });
});
