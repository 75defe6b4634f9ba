import { describe, expect, test } from 'vitest';
import { HANDOVER } from '../../src/fate.ts';
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
/** Faults that outlast all attempts of one step. */
const ATTEMPTS = 4;

/** What the post step says first. */
const LEFT = {
  unspent: 'The main step left token-state unspent. This run has not spent the refresh token.',
  unknown: 'The main step left token-state unknown. The refresh token may be spent.',
  sealed: 'The main step left token-state sealed. The new refresh token is sealed in the recovery envelope.',
};
const STORED = '✓ token-state: stored. The new refresh token is in every store.';

/** Ends a main step as `sealed`: no attempt to store the refresh token in the last store succeeds. */
async function sealed(scene: Scene, changes = {}): Promise<Step> {
  scene.stage.github.faults.add({ match: TOKEN, times: ATTEMPTS, skip: 1, fault: status(500) });
  const step = await scene.main({ changes });
  expect(step.outputs['token-state']).toBe('sealed');
  return step;
}

/** Ends a main step as `unknown`: no answer of Cobo arrives. */
async function unknown(scene: Scene, changes = {}): Promise<Step> {
  const cut = scene.stage.cobo.faults.add({ times: ATTEMPTS, fault: { kind: 'cut', when: 'before' } });
  const step = await scene.main({ changes });
  expect(cut.fired).toBe(ATTEMPTS);
  expect(step.outputs['token-state']).toBe('unknown');
  return step;
}

const counts = ({ stage: { cobo, github } }: Scene) => [cobo.requests.length, github.requests.length];

describe('with nothing in flight', () => {
  test.each([
    ['nothing at all', ''],
    ['something else', '{"state":"lost"}'],
    ['no record', '{"state":"unspent","keepsRecord":false,"recording":null}'],
    ['a record that is deleted', '{"state":"kept","keepsRecord":false,"recording":{"records":[]}}'],
  ])('says nothing when the main step has left %s', async (_what, text) => {
    const scene = await Scene.open();
    const post = await scene.post({ state: { [HANDOVER]: text }, changes: {} });
    expect(post.exit).toBe(0);
    expect(post.told.told).toEqual([]);
    expect(post.summary).toBe('');
    expect(counts(scene)).toEqual([0, 0]);
  });

  test.each([
    ['stored', {}],
    ['delivered', { 'refresh-token-secret': undefined }],
    ['unspent', { 'dry-run': 'true' }],
  ])('says nothing after a main step that ended as %s', async (state, changes) => {
    const scene = await Scene.open();
    const main = await scene.main({ changes });
    expect([main.exit, main.outputs['token-state']]).toEqual([0, state]);
    const before = counts(scene);
    const post = await scene.post(main);
    expect([post.exit, post.told.told, counts(scene)]).toEqual([0, [], before]);
  });
});

describe('with a successor that is not in every store', () => {
  test('writes it where it is missing, and leaves the others alone', async () => {
    const scene = await Scene.open(BOTH);
    const main = await sealed(scene);
    const missing = [STORE, ENVIRONMENT].find((store) => scene.stored(store) === scene.stage.refreshToken);
    const holding = missing === STORE ? ENVIRONMENT : STORE;
    scene.clock.skip(60_000);
    const writes = scene.stage.github.writes.length;
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect([scene.stored(STORE), scene.stored(ENVIRONMENT)]).toEqual([scene.living, scene.living]);
    expect(scene.stage.github.writes.slice(writes).map(({ store, name }) => `${store} ${name}`)).toEqual([
      `${missing} ${SECRET}`,
    ]);
    expect(scene.asked).toBe(1);
    expect(post.log).toEqual([
      LEFT.sealed,
      `${SECRET} has been updated in \`${holding}\` since the main step read it: left alone`,
      `✓ Stored the refresh token as ${SECRET} in ${missing} (… ms)`,
      STORED,
    ]);
    expect(post.outputs).toEqual({});
    expect(post.state).toEqual({});
    expect(post.summary).toContain('### ✅ Cobo access token: finished after the job\n');
    expect(post.summary).not.toContain('cobo-envelope');
    // A run that still holds the old token must find it.
    expect(scene.records(STORE)).toHaveLength(1);
  });

  test('writes nothing when somebody has stored something everywhere meanwhile', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: TOKEN, times: ATTEMPTS, fault: status(500) });
    const main = await scene.main();
    scene.clock.skip(1_000);
    scene.stage.github.setSecret(STORE, SECRET, 'set-by-hand');
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect(scene.stored()).toBe('set-by-hand');
    expect(post.log).toEqual([
      LEFT.sealed,
      `${SECRET} has been updated in \`${STORE}\` since the main step read it: left alone`,
      STORED,
    ]);
  });

  test('says that somebody came later where a store had refused it', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: TOKEN, times: ATTEMPTS, fault: status(403) });
    const main = await scene.main();
    scene.clock.skip(1_000);
    scene.stage.github.setSecret(STORE, SECRET, 'set-by-hand');
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(scene.stored()).toBe('set-by-hand');
    expect(post.error).toContain(`After the main step, ${SECRET} was updated in \`${STORE}\`.`);
  });

  test('writes it where there was no secret, and deletes the record that locks nothing', async () => {
    const scene = await Scene.open();
    scene.stage.github.removeSecret(STORE, SECRET);
    const first = { 'refresh-token': undefined, 'org-id': scene.stage.cobo.client.orgId };
    scene.stage.github.faults.add({ match: TOKEN, times: ATTEMPTS, fault: status(500) });
    const main = await scene.main({ changes: first });
    expect(main.outputs['token-state']).toBe('sealed');
    expect(scene.records()).toEqual([`${SECRET}_IN_FLIGHT_ORG`]);
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect(scene.stored()).toBe(scene.living);
    expect(scene.records()).toEqual([]);
  });

  test('goes on where the main step was killed while storing', async () => {
    const scene = await Scene.open(BOTH);
    const main = await scene.killed(TOKEN, 'before');
    expect(main.handover).toMatchObject({ state: 'sealed', trusted: true });
    expect(scene.open(main.envelope)).toBe(scene.living);
    expect(main.summary).toContain(main.envelope);
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect([scene.stored(STORE), scene.stored(ENVIRONMENT)]).toEqual([scene.living, scene.living]);
  });

  test('fails, and shows the envelope again, when the store still refuses it', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: TOKEN, times: ALWAYS, fault: status(500) });
    const main = await scene.main();
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toBe(
      `The new refresh token could not be stored in \`${STORE}\` (${SECRET}: GitHub returned HTTP 500). The new refresh token is sealed in the recovery envelope. Start a run with the envelope as the input \`recovery-envelope\` (docs/recovery.md). [token-state: sealed, error: store-failed]`,
    );
    expect(post.log.at(-1)).toBe(`recovery-envelope: ${main.envelope}`);
    expect(scene.open(main.envelope)).toBe(scene.living);
    expect(scene.records()).toHaveLength(1);
  });

  test('fails, and shows the envelope again, when GitHub is not there', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: TOKEN, times: ATTEMPTS, fault: status(500) });
    const main = await scene.main();
    scene.stage.github.faults.add({ times: ALWAYS, fault: status(503) });
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toContain(' failed: GitHub returned HTTP 503.');
    expect(post.error).toContain(' The new refresh token is sealed in the recovery envelope. ');
    expect(post.warnings).toEqual([]);
    expect(post.log).toContain(`recovery-envelope: ${main.envelope}`);
  });

  test('stores it although the log is closed', async () => {
    const scene = await Scene.open(BOTH);
    const main = await sealed(scene);
    const post = await scene.post(main, {
      plan: ({ told }) => {
        told.onTell = () => {
          throw new Error('EPIPE');
        };
      },
    });
    expect(post.exit).toBe(0);
    expect([scene.stored(STORE), scene.stored(ENVIRONMENT)]).toEqual([scene.living, scene.living]);
  });

  test('stores it although the job is cancelled once more, with the envelope in the log', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: TOKEN, times: ATTEMPTS, fault: status(500) });
    const main = await scene.main();
    const post = await scene.post(main, {
      plan: (step) => scene.stage.github.faults.add({ match: TOKEN, fault: hook(() => step.signal()) }),
    });
    expect(post.exit).toBe(0);
    expect(scene.stored()).toBe(scene.living);
    expect(post.log).toContain(`recovery-envelope: ${main.envelope}`);
  });

  test('hands out nothing without `refresh-token-secret`, and shows the envelope', async () => {
    const scene = await Scene.open();
    const main = await scene.main({
      changes: { 'refresh-token-secret': undefined },
      plan: ({ told }) => {
        told.onTell = ({ name }) => {
          if (name === 'refresh-token') throw new Error('ENOSPC');
        };
      },
    });
    expect(main.error).toBe(
      'The output `refresh-token` could not be written. The new refresh token is sealed in the recovery envelope. Check the disk of the runner. Start a run with the envelope as the input `recovery-envelope` (docs/recovery.md). [token-state: sealed, error: runner-files]',
    );
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toBe(
      'The main step ended before it could hand out the new refresh token. The new refresh token is sealed in the recovery envelope. Start a run with the envelope as the input `recovery-envelope` (docs/recovery.md). [token-state: sealed, error: store-failed]',
    );
    expect(post.log).toEqual([LEFT.sealed, `recovery-envelope: ${main.envelope}`]);
    expect(scene.asked).toBe(1);
  });
});

describe('with an answer that could not be trusted', () => {
  test('stores nothing, and keeps the record', async () => {
    const scene = await Scene.open();
    scene.stage.cobo.faults.add({ fault: { kind: 'unsigned' } });
    const main = await scene.main();
    expect(main.handover).toMatchObject({ state: 'sealed', trusted: false });
    const before = counts(scene);
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toBe(
      'The new refresh token came in an answer that could not be verified, so it was not stored. The new refresh token is sealed in the recovery envelope. See the error of the main step, then decide whether to use the envelope (docs/recovery.md). [token-state: sealed, error: answer-untrusted]',
    );
    expect(post.log).toEqual([LEFT.sealed, `recovery-envelope: ${main.envelope}`]);
    expect(counts(scene)).toEqual(before);
    expect(scene.records()).toHaveLength(1);
    expect(scene.stored()).toBe(scene.stage.refreshToken);
  });
});

describe('with a token that may be spent', () => {
  test('begins again, and stores', async () => {
    const scene = await Scene.open(BOTH);
    const main = await unknown(scene);
    expect(scene.records()).toEqual([]);
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect([scene.stored(STORE), scene.stored(ENVIRONMENT)]).toEqual([scene.living, scene.living]);
    expect(scene.records()).toEqual([main.handover?.recording?.name]);
    expect(post.log).toEqual([
      LEFT.unknown,
      expect.stringMatching(/^✓ Refreshed: the access token is valid until .* \(… ms\)$/),
      `✓ Stored the refresh token as ${SECRET} in ${STORE} and ${ENVIRONMENT} (… ms)`,
      STORED,
    ]);
    expect(post.outputs).toEqual({});
  });

  test('goes on under the record of a main step that was killed', async () => {
    const scene = await Scene.open(BOTH);
    const main = await scene.killed(COBO, 'before');
    expect(main.handover).toMatchObject({ state: 'unknown' });
    expect(main.outputs['token-state']).toBe('unknown');
    const records = scene.stage.github.requests.filter(({ path }) => RECORD.path.test(path)).length;
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect(scene.stored()).toBe(scene.living);
    const later = scene.stage.github.requests.filter(({ path }) => RECORD.path.test(path)).length;
    expect(later).toBe(records);
  });

  test.each([1_900, -1_900])('knows its record although the clocks differ by %i ms', async (clockSkewMs) => {
    const scene = await Scene.open({ github: { clockSkewMs } });
    scene.clock.skip(600);
    const main = await scene.killed(COBO, 'before');
    const post = await scene.post(main);
    expect(post.log.at(-1)).toBe(STORED);
    expect(scene.stored()).toBe(scene.living);
  });

  test('heals with `org-id` where Cobo calls the token dead', async () => {
    const scene = await Scene.open();
    const changes = { 'org-id': scene.stage.cobo.client.orgId };
    const main = await scene.killed(COBO, 'after', { changes });
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect(scene.stored()).toBe(scene.living);
    expect(post.log).toContain(
      'Cobo says that the refresh token is not valid: requesting a fresh pair with org_implicit.',
    );
  });

  test('says that the token is lost where nothing can heal it, and deletes the record', async () => {
    const scene = await Scene.open();
    const main = await scene.killed(COBO, 'after');
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toBe(
      'An answer of Cobo was lost. Cobo says that the refresh token is not valid: HTTP 400, invalid_grant: refresh token 1 was spent before; every token of its family is revoked. The lost answer probably held the new one. The refresh token may be spent. To go on, set `org-id` to obtain a fresh pair, or have the organization install the app again (docs/recovery.md, "Start over"). [token-state: unknown, error: answer-lost]',
    );
    expect(scene.records()).toEqual([]);
  });

  test('asks for a fresh pair again where the main step did', async () => {
    const scene = await Scene.open();
    const changes = { 'refresh-token': undefined, 'org-id': scene.stage.cobo.client.orgId };
    const main = await scene.killed(COBO, 'before', { changes });
    expect(main.handover?.recording?.name).toBe(`${SECRET}_IN_FLIGHT_ORG`);
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect(scene.stored()).toBe(scene.living);
    expect(scene.records()).toEqual([]);
  });

  test('has spent nothing when a fresh pair is refused once more', async () => {
    const scene = await Scene.open();
    const changes = { 'refresh-token': undefined, 'org-id': 'unknown-org' };
    const main = await scene.killed(COBO, 'before', { changes });
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toMatch(
      / This run has not spent the refresh token\. .*\[token-state: unspent, error: cobo-refused\]$/,
    );
    expect(scene.records()).toEqual([]);
  });

  test('uses the token of the envelope', async () => {
    const scene = await Scene.open();
    const first = await sealedEnvelope(scene);
    scene.clock.skip(5_000);
    const changes = { 'recovery-envelope': first };
    const main = await unknown(scene, changes);
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect(scene.stored()).toBe(scene.living);
  });

  test('never calls Cobo without `refresh-token-secret`', async () => {
    const scene = await Scene.open();
    const main = await unknown(scene, { 'refresh-token-secret': undefined });
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(scene.asked).toBe(ATTEMPTS);
    expect(post.error).toBe(
      "The main step ended before it had Cobo's answer. The refresh token may be spent. Re-run the job. If Cobo says that the token is not valid, have the organization install the app again, or give `org-id` (docs/recovery.md). [token-state: unknown, error: answer-lost]",
    );
  });

  test.each([
    ['a secret', { 'refresh-token-secret': undefined, 'access-token-secret': 'ACCESS' }],
    ['a variable', { 'refresh-token-secret': undefined, 'expires-at-variable': 'EXPIRES_AT' }],
  ])('deletes its record where only %s is written', async (_what, changes) => {
    const scene = await Scene.open();
    const main = await scene.killed(COBO, 'before', { changes });
    const names = () => [...scene.records(), ...scene.stage.github.variableNames(STORE)];
    expect(names()).toEqual([main.handover?.recording?.name]);
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(names()).toEqual([]);
    expect(scene.asked).toBe(0);
  });

  test('spends nothing where GitHub would not let it store', async () => {
    const scene = await Scene.open();
    const main = await unknown(scene);
    scene.stage.github.rateLimit = {
      limit: 5000,
      remaining: 4,
      resetAt: scene.clock.now() + 600_000,
    };
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toContain('error: rate-limited]');
    expect(scene.asked).toBe(ATTEMPTS);
  });

  test('says so when what is stored later fails, and does not send people to outputs', async () => {
    const scene = await Scene.open();
    const main = await unknown(scene, { 'access-token-secret': 'ACCESS' });
    scene.stage.github.faults.add({ match: { path: /\/ACCESS$/ }, times: ALWAYS, fault: status(500) });
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toBe(
      `After the refresh, not everything could be stored: \`${STORE}\` (ACCESS: GitHub returned HTTP 500). The new refresh token is in every store. Check the permissions of \`github-token\` before the next run. [token-state: stored, error: extra-failed]`,
    );
  });

  test('does not call the token unspent when it is cancelled before it has sent it again', async () => {
    const scene = await Scene.open();
    const main = await unknown(scene);
    const post = await scene.post(main, {
      // All records are written; the refresh comes next.
      plan: (step) => step.afterwards(RECORD, () => step.signal()),
    });
    expect(post.exit).toBe(1);
    expect(scene.asked).toBe(ATTEMPTS);
    expect(post.error).toBe(
      'The run was cancelled before the refresh token was used again. The refresh token may be spent. Re-run the job. [token-state: unknown, error: cancelled]',
    );
    expect(scene.records()).toEqual([]);
  });
});

/** An envelope whose token is in no store, after a post step that could not store it either. */
async function sealedEnvelope(scene: Scene): Promise<string> {
  const fault = scene.stage.github.faults.add({ match: TOKEN, times: ATTEMPTS, fault: status(500) });
  const main = await scene.main();
  expect(fault.fired).toBe(ATTEMPTS);
  expect(scene.open(main.envelope)).toBe(scene.living);
  return main.envelope;
}

describe('when somebody came later', () => {
  const NOTHING =
    'The post step has sent and deleted nothing. The refresh token may be spent. Check the run that came later. If it went well, nothing is left to do. [token-state: unknown, error: overtaken]';

  test('leaves everything alone where a secret was updated', async () => {
    const scene = await Scene.open(BOTH);
    const main = await scene.killed(COBO, 'before');
    scene.clock.skip(1_000);
    scene.stage.github.setSecret(STORE, SECRET, 'set-by-hand');
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toBe(`After the main step, ${SECRET} was updated in \`${STORE}\`. ${NOTHING}`);
    expect([scene.asked, scene.stored()]).toEqual([0, 'set-by-hand']);
    expect([scene.records(STORE), scene.records(ENVIRONMENT)]).toEqual([
      [main.handover?.recording?.name],
      [main.handover?.recording?.name],
    ]);
  });

  test('leaves everything alone where another run has the same token', async () => {
    const scene = await Scene.open(BOTH);
    const main = await unknown(scene);
    scene.clock.skip(5_000);
    scene.stage.github.setSecret(ENVIRONMENT, main.handover?.recording?.name ?? '', 'of another run');
    const writes = scene.stage.github.writes.length;
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toBe(
      `After the main step, another run began to use the same token in \`${ENVIRONMENT}\`. ${NOTHING}`,
    );
    expect(scene.asked).toBe(ATTEMPTS);
    expect(scene.stage.github.writes).toHaveLength(writes);
  });

  test.each([
    [2_000, 0],
    [3_000, 1],
  ])('takes a record that was created %i ms after all others for what it is', async (ms, exit) => {
    const scene = await Scene.open();
    const main = await scene.killed(COBO, 'before');
    scene.clock.skip(ms);
    const record = main.handover?.recording?.name ?? '';
    scene.stage.github.removeSecret(STORE, record);
    scene.stage.github.setSecret(STORE, record, 'of another run');
    const post = await scene.post(main);
    expect([post.exit, scene.asked]).toEqual([exit, 1 - exit]);
  });

  test('names both', async () => {
    const scene = await Scene.open(BOTH);
    const main = await unknown(scene);
    scene.clock.skip(5_000);
    scene.stage.github.setSecret(STORE, main.handover?.recording?.name ?? '', 'of another run');
    scene.stage.github.setSecret(STORE, SECRET, 'of another run');
    const post = await scene.post(main);
    expect(post.error).toContain(
      `After the main step, ${SECRET} was updated in \`${STORE}\`, and another run began to use the same token in \`${STORE}\`. `,
    );
  });

  test('leaves everything alone where another run is quicker', async () => {
    const scene = await Scene.open();
    const main = await unknown(scene);
    scene.clock.skip(5_000);
    const record = main.handover?.recording?.name ?? '';
    scene.stage.github.faults.add({
      match: RECORD,
      fault: hook(() => scene.stage.github.setSecret(STORE, record, 'of another run')),
    });
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toBe(`After the main step, another run began to use the same token in \`${STORE}\`. ${NOTHING}`);
    expect(scene.records()).toEqual([record]);
    expect(scene.asked).toBe(ATTEMPTS);
  });

  test('does not mind another record that locks nothing', async () => {
    const scene = await Scene.open();
    const changes = { 'refresh-token': undefined, 'org-id': scene.stage.cobo.client.orgId };
    const main = await scene.killed(COBO, 'before', { changes });
    scene.clock.skip(5_000);
    scene.stage.github.removeSecret(STORE, `${SECRET}_IN_FLIGHT_ORG`);
    scene.stage.github.setSecret(STORE, `${SECRET}_IN_FLIGHT_ORG`, 'of another run');
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect(scene.stored()).toBe(scene.living);
  });
});

describe('with its record still there', () => {
  const DELETED = '✓ token-state: unspent. This run has not spent the refresh token.';

  test('deletes the records of a main step that was killed while it wrote them', async () => {
    const scene = await Scene.open(BOTH);
    const main = await scene.killed({ ...RECORD, path: /environments.*_IN_FLIGHT_/ }, 'after');
    expect(main.handover).toMatchObject({ state: 'unspent', recording: { recordedAt: null } });
    expect(scene.records(ENVIRONMENT)).toHaveLength(1);
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect([scene.records(STORE), scene.records(ENVIRONMENT)]).toEqual([[], []]);
    expect(post.log).toEqual([LEFT.unspent, DELETED]);
    expect(scene.asked).toBe(0);
  });

  test('deletes a record that the main step could not delete', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: UNDO, times: ATTEMPTS, fault: status(500) });
    const main = await scene.main({ changes: { 'dry-run': 'true' } });
    const record = main.handover?.recording?.name;
    expect(main.exit).toBe(1);
    expect(main.error).toBe(
      `The in-flight record could not be deleted from \`${STORE}\`: GitHub returned HTTP 500. This run has not spent the refresh token. The post step of this job tries again. If the next run says that the token is in doubt, delete the record: \`gh secret delete ${record} --repo ${REPOSITORY}\`. [token-state: unspent, error: record-left]`,
    );
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect(scene.records()).toEqual([]);
  });

  test('fails when it cannot be deleted either', async () => {
    const scene = await Scene.open(BOTH);
    scene.stage.github.faults.add({ match: UNDO, times: ALWAYS, fault: status(500) });
    const main = await scene.main({ changes: { 'dry-run': 'true' } });
    const record = main.handover?.recording?.name;
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toBe(
      `The in-flight record could not be deleted from \`${STORE}\` and \`${ENVIRONMENT}\`: GitHub returned HTTP 500. This run has not spent the refresh token. If the next run says that the token is in doubt, delete the record: \`gh secret delete ${record} --repo ${REPOSITORY}\`, \`gh secret delete ${record} --repo ${REPOSITORY} --env 'cobo'\`. [token-state: unspent, error: record-left]`,
    );
  });

  test('fails when the stores cannot be read, and has no other complaint', async () => {
    const scene = await Scene.open();
    const main = await scene.killed(RECORD, 'after');
    scene.stage.github.faults.add({ times: ALWAYS, fault: status(503) });
    const post = await scene.post(main);
    expect(post.exit).toBe(1);
    expect(post.error).toMatch(/error: github-unavailable\]$/);
    expect(post.warnings).toEqual([]);
  });

  test('leaves a record that another run has created since', async () => {
    const scene = await Scene.open(BOTH);
    // Another run is first in the second store, and this one is killed while it cleans up.
    scene.stage.github.faults.add({
      match: { method: 'PUT', path: /environments.*_IN_FLIGHT_/ },
      fault: hook(() => scene.stage.github.setSecret(ENVIRONMENT, other(), 'of another run')),
    });
    const other = () => scene.records(STORE)[0] ?? '';
    const main = await scene.killed(UNDO, 'after');
    expect(scene.records(STORE)).toEqual([]);
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect(scene.records(ENVIRONMENT)).toEqual([main.handover?.recording?.name]);
  });

  test.each([
    [2_000, 0],
    [3_000, 1],
  ])('leaves a record that is older than the main step: %i ms', async (ms, left) => {
    const scene = await Scene.open();
    const main = await scene.killed(RECORD, 'before');
    scene.stage.github.setSecret(STORE, main.handover?.recording?.name ?? '', 'older', scene.clock.now() - ms);
    await scene.post(main);
    expect(scene.records()).toHaveLength(left);
  });
});

describe('with a token of an envelope that Cobo let live', () => {
  async function kept(scene: Scene): Promise<Record<string, string>> {
    const envelope = await sealedEnvelope(scene);
    scene.clock.skip(5_000);
    scene.stage.cobo.omitRefreshToken = true;
    return { 'recovery-envelope': envelope };
  }

  test('stores it after the main step was killed, and deletes its record: the token is good', async () => {
    const scene = await Scene.open();
    const changes = await kept(scene);
    const main = await scene.killed(TOKEN, 'before', { changes });
    expect(scene.records()).toContain(main.handover?.recording?.name);
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect(scene.stored()).toBe(scene.living);
    expect(scene.records()).not.toContain(main.handover?.recording?.name);
  });

  test('deletes a record that the main step could not delete', async () => {
    const scene = await Scene.open();
    const changes = await kept(scene);
    scene.stage.github.faults.add({ match: UNDO, times: ATTEMPTS, fault: status(500) });
    const main = await scene.main({ changes });
    expect(main.error).toMatch(/\[token-state: stored, error: record-left\]$/);
    const post = await scene.post(main);
    expect(post.exit).toBe(0);
    expect(scene.records()).not.toContain(main.handover?.recording?.name);
  });
});

describe('before it has read its inputs', () => {
  test('fails with the state and the envelope', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: TOKEN, times: ATTEMPTS, fault: status(500) });
    const main = await scene.main();
    const post = await scene.post(main, { changes: { 'private-key': undefined } });
    expect(post.exit).toBe(1);
    expect(post.error).toMatch(
      /^The input `private-key` is empty\. The new refresh token is sealed in the recovery envelope\. .* \[token-state: sealed, error: input-missing\]$/,
    );
    expect(post.log).toEqual([`recovery-envelope: ${main.envelope}`]);
  });
});
