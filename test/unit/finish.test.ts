import { describe, expect, test } from 'vitest';
import type { TokenState } from '../../src/errors.ts';
import { HANDOVER, MEANINGS } from '../../src/fate.ts';
import { recordName } from '../../src/github/record.ts';
import type { Changes, Match, Step } from './support.ts';
import { ALWAYS, ATTEMPTS, BOTH, CALL, CUT, ENVIRONMENT, EXTRAS, NO_TARGET, Scene, SECRET, STORE } from './support.ts';

/** What the post step says first, and last. */
const left = (state: TokenState) => `The main step left token-state ${state}. ${MEANINGS[state].sentence}`;
const ends = (state: TokenState) => `✓ token-state: ${state}. ${MEANINGS[state].sentence}`;
const FIRST_RUN = { 'refresh-token': undefined };
const alone = (store: string) => `${SECRET} has been updated in \`${store}\` since the main step read it: left alone`;

/** Ends a main step as `unknown`: no answer of Cobo arrives. */
async function unknown(scene: Scene): Promise<Step> {
  scene.cobo(CUT, ATTEMPTS);
  const step = await scene.main();
  expect([step.end, scene.asked]).toEqual([[1, 'unknown', 'answer-lost'], ATTEMPTS]);
  scene.stage.cobo.resetLog();
  return step;
}

test.each([
  ['nothing at all', ''],
  ['no record', '{"state":"unspent","keepsRecord":false,"recording":null}'],
  ['a record that is deleted', '{"state":"kept","keepsRecord":false,"recording":{"records":[]}}'],
  ['a record that stays', '{"state":"stored","keepsRecord":true,"recording":{"records":["x"]}}'],
])('says nothing when the main step has left %s', async (_what, text) => {
  const scene = await Scene.open();
  const post = await scene.post({ state: { [HANDOVER]: text }, changes: {} });
  expect([post.exit, post.told, post.summary]).toEqual([0, [], '']);
  expect([scene.asked, scene.stage.github.requests]).toEqual([0, []]);
});

describe('with a successor that is not in every store', () => {
  test('shows the envelope again when the answer could not be trusted; the record stays', async () => {
    const scene = await Scene.open();
    scene.cobo({ kind: 'unsigned' });
    const main = await scene.main();
    scene.stage.github.resetLog();
    const post = await scene.post(main);
    expect([post.end, post.shown]).toEqual([[1, 'sealed', 'answer-untrusted'], [main.envelope]]);
    expect(post.error).toMatch(
      /^The new refresh token came in an answer that could not be .* Otherwise see its error, then /,
    );
    expect([scene.asked, scene.stage.github.requests, scene.records()]).toEqual([1, [], [main.record]]);
  });

  test('deletes its record when no store receives what could not be trusted, if it can', async () => {
    const scene = await Scene.open();
    scene.cobo({ kind: 'unsigned' });
    const main = await scene.killed(CALL.undo, 'before', { ...NO_TARGET, 'access-token-secret': 'ACCESS' });
    scene.github({ method: 'GET' }, 403, 1);
    for (const left of [[main.record], []]) {
      expect([(await scene.post(main)).end, scene.records()]).toEqual([[1, 'sealed', 'answer-untrusted'], left]);
    }
  });

  test('shows the envelope again when no store receives it', async () => {
    const scene = await Scene.open();
    const main = await scene.main(NO_TARGET, { plan: (step) => step.mute(({ name }) => name === 'refresh-token') });
    const post = await scene.post(main);
    expect([post.end, post.shown, scene.asked]).toEqual([[1, 'sealed', 'store-failed'], [main.envelope], 1]);
    expect(post.error).toMatch(
      /^The main step ended before it could hand out the new refresh token\..* Start a run with /,
    );
  });

  test('writes it where it is missing, and leaves the others alone', async () => {
    const scene = await Scene.open(BOTH);
    const main = await scene.sealed({}, 500, 1);
    const isFirst = scene.stored(STORE) === scene.living;
    const [holding, missing] = isFirst ? [STORE, ENVIRONMENT] : [ENVIRONMENT, STORE];
    const writes = scene.stage.github.writes.length;
    const post = await scene.post(main);
    expect([post.exit, scene.isSafe, scene.asked]).toEqual([0, true, 0]);
    expect(scene.stage.github.writes.slice(writes).map(({ store }) => store)).toEqual([missing]);
    const told = `✓ Stored the refresh token as ${SECRET} in ${missing} (… ms)`;
    expect(post.log).toEqual([left('sealed'), alone(holding), told, ends('stored')]);
    expect([post.outputs, post.state]).toEqual([{}, {}]);
    expect(post.summary).toContain('### ✅ Cobo access token: finished after the job\n');
    expect(post.summary).not.toMatch(/cobo-envelope|Written/);
    // A run that still holds the old token must find it.
    expect(scene.records(STORE)).toHaveLength(1);
  });

  test('writes it where the secret was deleted since: nobody has a later one', async () => {
    const scene = await Scene.open();
    const main = await scene.killed(CALL.token, 'before');
    scene.stage.github.removeSecret(STORE, SECRET);
    expect([(await scene.post(main)).exit, scene.isSafe]).toEqual([0, true]);
  });

  test('writes it where it can look, and says where it cannot', async () => {
    const scene = await Scene.open(BOTH);
    const main = await scene.sealed(EXTRAS);
    scene.github({ path: /variables|ACCESS|environments.*public-key/ }, 403, ALWAYS);
    const post = await scene.post(main);
    expect([post.end, post.shown]).toEqual([[1, 'sealed', 'store-failed'], [main.envelope]]);
    expect(scene.stored(STORE)).toBe(scene.living);
    expect(post.error).toContain(
      `could not be stored in \`${ENVIRONMENT}\` (${SECRET}: GitHub returned HTTP 403). One other store holds it.`,
    );
  });

  test('writes it where there was no secret, and deletes the record that locks nothing', async () => {
    const scene = await Scene.open();
    scene.stage.github.removeSecret(STORE, SECRET);
    const main = await scene.sealed({ ...scene.org, ...FIRST_RUN });
    expect(scene.records()).toEqual([`${SECRET}_IN_FLIGHT_ORG`]);
    expect([(await scene.post(main)).exit, scene.isSafe, scene.records()]).toEqual([0, true, []]);
  });

  test.each([
    ['may have taken it: that is not known to be somebody else', 500, 0],
    ['had refused it: somebody came later', 403, 1],
  ])('writes nothing where a secret was updated in a store that %s', async (_what, code, exit) => {
    const scene = await Scene.open();
    const main = await scene.sealed({}, code);
    scene.set(STORE);
    const post = await scene.post(main);
    expect([post.exit, scene.stored(), scene.records()]).toEqual([exit, 'of another run', [main.record]]);
    if (exit === 0) return expect(post.log).toEqual([left('sealed'), alone(STORE), ends('stored')]);
    expect(post.error).toBe(
      `After the main step, ${SECRET} was changed in \`${STORE}\`. The post step has stored the token in no store, and deleted nothing. The new refresh token is sealed in the recovery envelope. If the secret now holds a token that works, nothing is left to do. Otherwise start a run with the envelope as the input \`recovery-envelope\` (docs/recovery.md). [token-state: sealed, error: overtaken]`,
    );
  });

  test('stores it in the others where one that had refused it was updated', async () => {
    const scene = await Scene.open(BOTH);
    const main = await scene.sealed({}, 403);
    scene.set(STORE);
    scene.github({ method: 'PUT', path: /environments/ }, 403, ATTEMPTS);
    expect((await scene.post(main)).error).not.toContain('One other store holds it.');
    expect((await scene.post(main)).exit).toBe(0);
    expect([scene.stored(), scene.stored(ENVIRONMENT)]).toEqual(['of another run', scene.living]);
  });

  test('writes nothing where another run has taken it out of the envelope: it may be spent', async () => {
    const scene = await Scene.open(BOTH);
    const main = await scene.sealed();
    scene.cobo({ kind: 'unsigned' });
    const changes = { 'recovery-envelope': main.envelope, 'secret-stores': 'repository' };
    expect((await scene.main(changes)).end[2]).toBe('answer-untrusted');
    const { error, end } = await scene.post(main);
    expect([end, scene.stored()]).toEqual([[1, 'sealed', 'overtaken'], scene.stage.refreshToken]);
    expect(error).toContain(
      ` another run began to use the new token out of the envelope in \`${STORE}\`. The post step has stored the token in \`${ENVIRONMENT}\`, and deleted nothing. `,
    );
    expect(error).toContain(' If it shows another recovery envelope, use that one (docs/recovery.md). [');
  });

  test.each<[{ path: RegExp }, string]>([
    [CALL.token, SECRET],
    [{ path: /public-key$/ }, SECRET],
    [CALL.token, 'IN_FLIGHT'],
  ])('looks again when GitHub had asked for a pause at %j: what came then (%s) is left alone', async (match, what) => {
    const scene = await Scene.open(BOTH);
    const main = await scene.sealed();
    scene.github(match, { kind: 'status', status: 429, headers: { 'retry-after': '60' }, when: 'before' }, 2);
    const { appSecretHex } = scene.stage.cobo.client;
    const record = recordName(SECRET, scene.living, Buffer.from(appSecretHex, 'hex'));
    scene.clock.meanwhile = () => scene.set(STORE, what === SECRET ? what : record);
    const post = await scene.post(main);
    expect([post.exit, scene.stored(ENVIRONMENT)]).toEqual([what === SECRET ? 0 : 1, scene.living]);
    expect(scene.stored()).toBe(what === SECRET ? 'of another run' : scene.stage.refreshToken);
  });

  test('knows what it has stored itself, although the answer was lost', async () => {
    const scene = await Scene.open();
    const main = await scene.sealed({}, 403);
    scene.github(CALL.token, { kind: 'cut', when: 'after' }, 3);
    expect([(await scene.post(main)).exit, scene.isSafe]).toEqual([0, true]);
  });

  test.each(['before', 'after'] as const)('writes it although a signal arrives, %s it has looked', async (when) => {
    const scene = await Scene.open();
    const main = await scene.sealed();
    const plan = (step: Step) => step.on({ method: 'GET', path: /public-key/ }, when, () => step.signal());
    await scene.post(main, { plan });
    expect(scene.isSafe).toBe(true);
  });
});

describe('with other inputs than the main step had', () => {
  const ELSEWHERE = { 'secret-stores': 'environment:cobo' };

  test.each<[string, Changes]>([
    ['another store', ELSEWHERE],
    ['one store more', { 'secret-stores': 'repository\nenvironment:cobo' }],
    ['another target', { 'refresh-token-secret': 'OTHER' }],
    ['no target', NO_TARGET],
  ])('(%s) it sends nothing, and says so', async (_what, changes) => {
    const scene = await Scene.open({ environments: ['cobo'] });
    const unspent = await scene.killed(CALL.record, 'after');
    const post = await scene.post({ state: unspent.state, changes });
    expect(post.end).toEqual([1, 'unspent', 'input-invalid']);
    expect(post.error).toMatch(
      /^The input `secret-stores` or `refresh-token-secret` or .* is not what it was in the main /,
    );
    expect(post.texts('warning').join()).toContain(`\`gh secret delete ${unspent.record} --repo `);
    await scene.post(unspent);
    const main = await scene.sealed();
    const { length } = scene.stage.github.writes;
    expect((await scene.post({ state: main.state, changes })).end).toEqual([1, 'sealed', 'input-invalid']);
    expect(scene.stage.github.writes).toHaveLength(length);
  });

  test.each<[string, Changes, string, RegExp]>([
    ['another key', { 'private-key': 'ab'.repeat(32) }, 'input-invalid', /^The input `private-key` or `client-id` is /],
    ['no writer', { 'github-token': undefined }, 'input-missing', / Then start a run with the envelope as the input /],
  ])('(%s) it shows the envelope again, and how to delete the record', async (_what, changes, code, text) => {
    const scene = await Scene.open();
    const main = await scene.sealed();
    const post = await scene.post({ state: main.state, changes });
    expect([post.end, post.shown]).toEqual([[1, 'sealed', code], [main.envelope]]);
    expect([post.error, post.texts('warning')]).toEqual([expect.stringMatching(text), []]);
    const killed = await scene.killed(CALL.record, 'after', { 'refresh-token': 'another token' });
    const warnings = (await scene.post({ state: killed.state, changes: { 'github-token': undefined } })).texts(
      'warning',
    );
    expect(warnings.join()).toContain(`\`gh secret delete ${killed.record} --repo `);
  });

  test('(another token) it still knows its records', async () => {
    const scene = await Scene.open();
    const changes = { 'refresh-token': 'another token' };
    const foreign = `${SECRET}_IN_FLIGHT_ORG`;
    scene.set(STORE, foreign);
    const { state } = await scene.killed(CALL.record, 'after');
    expect([(await scene.post({ state, changes })).exit, scene.records()]).toEqual([0, [foreign]]);
    const main = await scene.sealed();
    expect([(await scene.post({ state: main.state, changes })).exit, scene.isSafe]).toEqual([0, true]);
    expect(scene.records()).toEqual([main.record]);
  });
});

describe('with a token that may be spent', () => {
  test('begins again under a new record, and stores', async () => {
    const scene = await Scene.open(BOTH);
    const main = await unknown(scene);
    expect(scene.records()).toEqual([]);
    const post = await scene.post(main);
    expect([post.exit, scene.isSafe, scene.records()]).toEqual([0, true, [main.record]]);
    expect(post.log).toEqual([
      left('unknown'),
      expect.stringMatching(/^✓ Refreshed: the access token is valid until .* \(… ms\)$/),
      `✓ Stored the refresh token as ${SECRET} in ${STORE} and ${ENVIRONMENT} (… ms)`,
      ends('stored'),
    ]);
    expect([post.outputs, post.summary.includes('Written')]).toEqual([{}, true]);
  });

  test.each([0, 1_900, -1_900])('goes on under the record of a killed step (clock: %i ms)', async (clockSkewMs) => {
    const scene = await Scene.open({ github: { clockSkewMs } });
    scene.clock.skip(600);
    const main = await scene.killed(CALL.cobo, 'before');
    scene.stage.github.resetLog();
    expect([(await scene.post(main)).exit, scene.isSafe]).toEqual([0, true]);
    expect(scene.stage.github.requests.filter(({ path }) => CALL.record.path.test(path))).toEqual([]);
  });

  test.each<[string, (scene: Scene) => Changes, (number | string)[], number]>([
    ['heals a dead token with `org-id`', (scene) => scene.org, [0, 'stored'], 1],
    ['says that a dead token is lost', () => ({}), [1, 'unknown', 'answer-lost'], 0],
    ['has spent nothing if it is refused', () => ({ ...FIRST_RUN, 'org-id': '?' }), [1, 'unspent', 'cobo-refused'], 0],
  ])('%s, and leaves no record that nobody needs', async (_what, changes, end, records) => {
    const scene = await Scene.open();
    const main = await scene.killed(CALL.cobo, 'after', changes(scene));
    expect([(await scene.post(main)).end, scene.records().length]).toEqual([end, records]);
    if (end[0] === 0) expect(scene.isSafe).toBe(true);
  });

  test('asks for a fresh pair again where the main step did', async () => {
    const scene = await Scene.open();
    // The token in hand was in doubt.
    const { record } = await scene.killed(CALL.cobo, 'before');
    scene.clock.skip(5_000);
    const main = await scene.killed(CALL.cobo, 'before', scene.org);
    expect(main.record).toBe(`${SECRET}_IN_FLIGHT_ORG`);
    // Another one does not matter: it locks nothing.
    scene.clock.skip(5_000);
    scene.stage.github.removeSecret(STORE, main.record);
    scene.set(STORE, main.record);
    scene.stage.cobo.resetLog();
    expect([(await scene.post(main)).exit, scene.isSafe, scene.records()]).toEqual([0, true, [record]]);
    expect(scene.stage.cobo.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  test.each<[string, Changes]>([
    ['anything', {}],
    ['a secret', { 'access-token-secret': 'ACCESS' }],
    ['a variable', { 'expires-at-variable': 'EXPIRES_AT' }],
  ])('never calls Cobo where not the token, but %s is written, and deletes its record', async (_what, changes) => {
    const scene = await Scene.open();
    const main = await scene.killed(CALL.cobo, 'before', { ...changes, ...NO_TARGET });
    const names = () => [...scene.records(), ...scene.stage.github.variableNames(STORE)];
    expect(names()).toHaveLength(Object.keys(changes).length);
    const post = await scene.post(main);
    expect([post.end, names(), scene.asked]).toEqual([[1, 'unknown', 'answer-lost'], [], 0]);
    expect(post.error).toMatch(
      /^The main step did not get a new token from Cobo\. .* See its error\. If there is none, re-run the job\. /,
    );
  });

  test('sends nothing where the workflow gives it another token than the main step had', async () => {
    const scene = await Scene.open();
    const main = await unknown(scene);
    const post = await scene.post({ state: main.state, changes: { 'refresh-token': 'another-token' } });
    expect([post.end, scene.asked]).toEqual([[1, 'unknown', 'input-invalid'], 0]);
    expect(post.error).toMatch(
      /^The input `refresh-token` or `org-id` or `recovery-envelope` is not .* Give it a value /,
    );
    const first = await scene.killed(CALL.cobo, 'before', { ...scene.org, ...FIRST_RUN });
    expect((await scene.post({ state: first.state, changes: {} })).end).toEqual([1, 'unknown', 'input-invalid']);
  });

  test('spends nothing where GitHub would not let it store', async () => {
    const scene = await Scene.open();
    const main = await unknown(scene);
    scene.stage.github.rateLimit = { limit: 5000, remaining: 4, resetAt: scene.clock.now() + 600_000 };
    expect([(await scene.post(main)).end, scene.asked]).toEqual([[1, 'unknown', 'rate-limited'], 0]);
  });

  test('waits for room in the minute as the main step does', async () => {
    const scene = await Scene.open({ stores: Array.from({ length: 41 }, (_, n) => `environment:e${n}`) });
    const main = await unknown(scene);
    const plan = (step: Step) => {
      scene.clock.meanwhile = () => step.signal();
    };
    expect((await scene.post(main, { plan })).end).toEqual([1, 'unknown', 'cancelled']);
    scene.clock.meanwhile = () => undefined;
    expect((await scene.post(main)).log.join('\n')).toMatch(
      /^Waiting 1 min 0 s: GitHub .* no room for the refresh token/m,
    );
  });

  test('does not call the token unspent when it is cancelled before it has sent it again', async () => {
    const scene = await Scene.open();
    const main = await unknown(scene);
    const post = await scene.post(main, { plan: (step) => step.on(CALL.record, 'after', () => step.signal()) });
    expect(post.error).toBe(
      'The run was cancelled before the refresh token was used again. The refresh token may be spent. Re-run the job. [token-state: unknown, error: cancelled]',
    );
    expect([post.exit, scene.asked, scene.records()]).toEqual([1, 0, []]);
  });
});

describe('when somebody came later', () => {
  const updated = `${SECRET} was changed in \`${STORE}\``;
  const begun = `another run began to use the same token in \`${STORE}\``;

  test.each<[string, string, (scene: Scene, record: string) => void]>([
    ['updated the secret', updated, (scene) => scene.set(STORE)],
    ['has used the token', begun, (scene, record) => scene.set(STORE, record)],
    ['did both', `${updated}, and ${begun}`, (scene, record) => [record, SECRET].map((name) => scene.set(STORE, name))],
    ['is quicker', begun, (scene, record) => scene.github(CALL.record, () => scene.set(STORE, record))],
  ])('and %s, it leaves everything alone', async (_what, part, change) => {
    const scene = await Scene.open(BOTH);
    const main = await unknown(scene);
    scene.clock.skip(5_000);
    change(scene, main.record);
    const before = scene.stage.github.writes.length;
    const post = await scene.post(main);
    expect(post.error).toBe(
      `After the main step, ${part}. The post step has sent and deleted nothing. The refresh token may be spent. Check the run that came later, or who set the secret. If the next run goes well, nothing is left to do. [token-state: unknown, error: overtaken]`,
    );
    expect([post.exit, scene.asked]).toEqual([1, 0]);
    if (part !== begun) expect(scene.stage.github.writes).toHaveLength(before);
  });

  test.each([
    [2_000, 0],
    [3_000, 1],
  ])('takes a record that was created %i ms after all others for what it is; its own stays', async (ms, exit) => {
    const scene = await Scene.open(BOTH);
    const main = await scene.killed(CALL.cobo, 'before');
    scene.clock.skip(ms);
    scene.stage.github.removeSecret(STORE, main.record);
    scene.set(STORE, main.record);
    expect([(await scene.post(main)).exit, scene.asked]).toEqual([exit, 1 - exit]);
    expect([scene.records(STORE), scene.records(ENVIRONMENT)]).toEqual([[main.record], [main.record]]);
  });
});

describe('with its record still there', () => {
  test('deletes the records of a main step that was killed while it wrote them', async () => {
    const scene = await Scene.open(BOTH);
    const main = await scene.killed(CALL.secondRecord, 'after');
    expect(main.handover).toMatchObject({ state: 'unspent', recording: { recordedAt: null } });
    const post = await scene.post(main);
    expect([post.exit, scene.records(STORE), scene.records(ENVIRONMENT), scene.asked]).toEqual([0, [], [], 0]);
    expect(post.log).toEqual([left('unspent'), ends('unspent')]);
  });

  test.each<[string, Match, 'before' | 'after', Changes, string[]]>([
    ['unspent', CALL.secondRecord, 'after', EXTRAS, [ENVIRONMENT]],
    ['unknown', CALL.cobo, 'before', {}, [STORE, ENVIRONMENT]],
    ['unknown', CALL.cobo, 'before', { ...NO_TARGET, 'access-token-secret': 'ACCESS' }, [ENVIRONMENT]],
  ])(
    '(%s) deletes it where it can look, and shows how to where it cannot',
    async (_state, match, when, changes, left) => {
      const scene = await Scene.open(BOTH);
      const main = await scene.killed(match, when, changes);
      scene.github({ method: 'GET', path: /environments.*public-key/ }, 404, ALWAYS);
      const post = await scene.post(main);
      expect([post.end[0], post.end[2]]).toEqual([1, 'store-missing']);
      expect([STORE, ENVIRONMENT].filter((store) => scene.records(store).length > 0)).toEqual(left);
      expect(
        post
          .texts('warning')
          .join()
          .match(/`gh secret delete \w+_IN_FLIGHT_\w+ --repo/g),
      ).toHaveLength(left.length);
      expect(post.texts('warning').join()).toContain(': the post step could not look at every store. ');
    },
  );

  test.each<[Match, 'before' | 'after', number]>([
    [{ method: 'GET', path: /_IN_FLIGHT_/ }, 'before', 0],
    [CALL.record, 'after', 3_000],
  ])('leaves what a run that was first has created, however early it is killed', async (match, when, ms) => {
    const scene = await Scene.open();
    let first: Step | undefined;
    const main = await scene.killed(match, when, {}, async () => {
      first ??= await scene.killed(CALL.cobo, 'after');
      scene.clock.skip(ms);
    });
    expect([(await scene.post(main)).exit, scene.records()]).toEqual([0, [first?.record]]);
  });

  test('deletes it although a signal arrives while it looks', async () => {
    const scene = await Scene.open();
    const main = await scene.killed(CALL.record, 'after');
    scene.clock.meanwhile = () => new Promise((resolve) => setTimeout(resolve, 200));
    const plan = (step: Step) => step.on({ method: 'GET', path: /public-key/ }, 'before', () => step.signal());
    await scene.post(main, { plan });
    expect(scene.records()).toEqual([]);
  });

  test('leaves a record that another run has created since', async () => {
    const scene = await Scene.open(BOTH);
    // Another run is first in the second store, and this one is killed while it cleans up.
    scene.github(CALL.secondRecord, () => scene.set(ENVIRONMENT, scene.records(STORE)[0]));
    const main = await scene.killed(CALL.undo, 'after');
    expect(scene.records(STORE)).toEqual([]);
    expect((await scene.post(main)).exit).toBe(0);
    expect(scene.records(ENVIRONMENT)).toEqual([main.record]);
  });

  test.each([
    [2_000, 0],
    [3_000, 1],
    [-302_000, 0],
    [-303_000, 1],
  ])('leaves a record that is older than the main step, or much younger: %i ms', async (ms, left) => {
    const scene = await Scene.open();
    const main = await scene.killed(CALL.record, 'before');
    scene.set(STORE, main.record, scene.clock.now() - ms);
    await scene.post(main);
    expect(scene.records()).toHaveLength(left);
  });
});
