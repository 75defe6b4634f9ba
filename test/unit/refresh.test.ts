import { describe, expect, test } from 'vitest';
import type { Told } from '../support/toolkit.ts';
import type { Changes, Match } from './support.ts';
import { ALWAYS, BOTH, CALL, ENVIRONMENT, EXTRAS, NO_TARGET, Scene, SECRET, STORE, time } from './support.ts';

const ALL = { ...EXTRAS, 'access-token-env': 'COBO_TOKEN' };
const STORED = 'stored-access-token';
/** For what is done at every moment of a run. */
const PATIENCE = { timeout: 60_000 };

/** The n-th request of a step, counted from 0. */
function nth(n: number): Match {
  let count = -1;
  return () => {
    count += 1;
    return count === n;
  };
}

/** How many requests a run sends that goes well. */
async function requestsOf(scene: Scene, changes: Changes): Promise<number> {
  await scene.main(changes);
  return scene.asked + scene.stage.github.requests.length;
}

test('stores the refresh token before the rest, and hands out', async () => {
  const scene = await Scene.open(BOTH);
  const { cobo, github } = scene.stage;
  const step = await scene.main(ALL);
  const expiresAt = time(scene.clock.now() + 43_199_000);
  const access = step.outputs['access-token'] ?? '';
  expect([step.end, step.env, step.outputs['expires-at']]).toEqual([[0, 'stored'], { COBO_TOKEN: access }, expiresAt]);
  expect(cobo.isLivingAccessToken(access)).toBe(true);
  for (const store of [STORE, ENVIRONMENT]) {
    const kept = [scene.stored(store), github.secretValue(store, 'ACCESS'), github.variableValue(store, 'EXPIRES_AT')];
    expect(kept).toEqual([scene.living, access, expiresAt]);
  }
  const names = github.writes.map(({ name }) => name).filter((name) => !name.includes('_IN_FLIGHT_'));
  expect(names.slice(-6, -4)).toEqual([SECRET, SECRET]);
});

describe('a stored access token', () => {
  const stored = (scene: Scene, seconds: number): Changes => ({
    'access-token': STORED,
    'expires-at': time(scene.clock.now() + seconds * 1000),
  });

  test('is handed out again while it is valid, and nobody is asked', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ ...stored(scene, 60), 'min-validity': '60', 'access-token-env': 'COBO_TOKEN' });
    const expiresAt = time(scene.clock.now() + 60_000);
    expect([step.exit, step.env, step.handover?.state]).toEqual([0, { COBO_TOKEN: STORED }, 'reused']);
    const told = { 'token-state': 'reused', 'access-token': STORED, 'token-type': 'Bearer', scope: '' };
    expect(step.outputs).toMatchObject({ ...told, 'expires-in': '60', 'expires-at': expiresAt });
    expect(step.log).toEqual([`✓ The stored access token is valid until ${expiresAt} and is handed out again`]);
    expect([scene.asked, scene.stage.github.requests.length]).toEqual([0, 0]);
  });

  test.each<[string, number, (scene: Scene) => Changes | Promise<Changes>, string]>([
    ['has expired', 0, () => ({}), 'stored'],
    ['is valid for its last second', 1, () => ({}), 'reused'],
    ['is valid for a second less than needed', 59, () => ({ 'min-validity': '60' }), 'stored'],
    ['comes with a dry run, which checks everything', 60, () => ({ 'dry-run': 'true' }), 'unspent'],
    ['comes with an envelope, which is to be opened', 60, (scene) => scene.envelope(), 'stored'],
  ])('that %s', async (_when, seconds, changes, state) => {
    const scene = await Scene.open();
    const more = await changes(scene);
    const step = await scene.main({ ...stored(scene, seconds), ...more });
    expect([step.end, step.outputs['access-token'] === STORED]).toEqual([[0, state], state === 'reused']);
  });
});

describe('a dry run', () => {
  test.each([
    ['it would be refreshed', false],
    ['a fresh pair would be obtained with `org-id`', true],
  ])('checks everything, takes its records back, and says that %s', async (next, isFirst) => {
    const scene = await Scene.open(BOTH);
    const changes = isFirst ? { ...scene.org, 'refresh-token': undefined } : {};
    const step = await scene.main({ 'dry-run': 'true', ...changes });
    expect([step.end, scene.asked]).toEqual([[0, 'unspent'], 0]);
    // After the two that prepare the stores.
    const operations = scene.stage.github.writes.slice(2).map(({ operation }) => operation);
    expect(operations).toEqual(['create', 'create', 'delete', 'delete']);
    expect(step.log.at(-1)).toBe('✓ Dry run: everything was checked up to the refresh. Nothing was spent');
    expect(step.summary).toMatch(/^### ✅ Cobo access token: dry run\n/);
    const labels = [STORE, ENVIRONMENT].map((store) => `| Store | \`${store}\` can be written |\n`);
    expect(step.summary).toContain(
      `| App key | \`${scene.stage.cobo.client.appKeyHex}\` |\n${labels.join('')}| Next | ${next} |\n`,
    );
    expect((await scene.post(step)).told).toEqual([]);
  });

  test('sends nothing at all without write-back', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ 'dry-run': 'true', ...NO_TARGET });
    expect([step.end, scene.stage.github.requests]).toEqual([[0, 'unspent'], []]);
    expect([scene.stage.cobo.connections.opened, step.summary.includes('| Store |')]).toEqual([0, false]);
  });

  test('fails when its record cannot be deleted', async () => {
    const scene = await Scene.open();
    scene.github(CALL.undo, 500, ALWAYS);
    expect((await scene.main({ 'dry-run': 'true' })).end).toEqual([1, 'unspent', 'record-left']);
  });
});

test.each([
  ['one thing cannot be told', 1, ALL],
  ['one thing cannot be told, without write-back', 1, NO_TARGET],
  ['nothing can be told any more', ALWAYS, ALL],
  ['nothing can be told any more, without write-back', ALWAYS, NO_TARGET],
])('%s: before the refresh it is not begun, later nothing is lost', PATIENCE, async (_what, length, changes) => {
  const { told } = await (await Scene.open()).main(changes);
  const isBegun = ({ name, text }: Told) => name === 'handover' && text.startsWith('{"state":"unknown"');
  // Two outputs follow.
  const begun = told.findIndex(isBegun) + 3;
  expect(begun).toBeGreaterThan(5);
  for (let at = 0; at < told.length; at++) {
    const scene = await Scene.open();
    let count = -1;
    const isMute = () => {
      count += 1;
      return count >= at && count < at + length;
    };
    const step = await scene.main(changes, { plan: (one) => one.mute(isMute) });
    if (at < begun) {
      expect([at, step.exit, scene.asked, scene.records()]).toEqual([at, 1, 0, []]);
      expect(step.summary).toContain('**unspent**');
      if (length === 1) expect([at, step.outputs['token-state']]).toEqual([at, 'unspent']);
      continue;
    }
    expect([at, scene.asked]).toEqual([at, 1]);
    if (changes === ALL) expect([at, scene.isSafe]).toEqual([at, true]);
    else if (length === 1 && step.outputs['refresh-token'] === undefined) {
      expect(scene.open(step.envelope || (step.shown.at(-1) ?? ''))).toBe(scene.living);
    }
  }
});

test('a signal while Cobo works ends the run when the token is stored, and says so', async () => {
  const scene = await Scene.open();
  const step = await scene.main({}, { plan: (one) => scene.cobo(() => one.signal('SIGTERM')) });
  expect([step.end, scene.stored()]).toEqual([[143, 'stored'], scene.living]);
  expect(step.texts('warning')).toEqual([
    'Cancelled (SIGTERM) while the token was in use. The run finished first: token-state stored.',
  ]);
});

describe.each(['before', 'after'] as const)('%s any request', (when) => {
  test('a signal loses nothing', PATIENCE, async () => {
    const sent = await requestsOf(await Scene.open(), EXTRAS);
    for (let at = 0; at < sent; at++) {
      const scene = await Scene.open();
      const step = await scene.main(EXTRAS, { plan: (one) => one.on(nth(at), when, () => one.signal()) });
      const isUnspent = scene.asked === 0;
      expect([at, ...step.end]).toEqual([at, 130, ...(isUnspent ? ['unspent', 'cancelled'] : ['stored'])]);
      expect([at, scene.isSafe, scene.records().length]).toEqual([at, true, isUnspent ? 0 : 1]);
      const post = await scene.post(step);
      expect([post.exit, post.told]).toEqual([0, []]);
    }
  });

  test('a killed process leaves what is true, and the post step heals it', PATIENCE, async () => {
    const sent = await requestsOf(await Scene.open(BOTH), {});
    for (let at = 0; at < sent; at++) {
      const scene = await Scene.open(BOTH);
      const step = await scene.killed(nth(at), when, scene.org);
      const state = step.outputs['token-state'];
      expect([at, step.handover?.state]).toEqual([at, state]);
      if (state === undefined || state === 'unspent') expect(scene.asked).toBe(0);
      if (state === 'stored') expect(scene.isSafe).toBe(true);
      if (state === 'sealed') expect(scene.open(step.envelope)).toBe(scene.living);
      else expect(step.envelope).toBe('');
      scene.clock.skip(10_000);
      const post = await scene.post(step);
      const count = scene.living === scene.stage.refreshToken ? 0 : 1;
      expect([at, post.exit, scene.isSafe, scene.records().length]).toEqual([at, 0, true, count]);
    }
  });
});
