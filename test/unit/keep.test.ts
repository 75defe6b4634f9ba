import { describe, expect, test } from 'vitest';
import { ALWAYS, hook, REPOSITORY, Scene, SECRET, STORE, status, TOKEN } from './support.ts';

const ENVIRONMENT = `environment:cobo@${REPOSITORY}`;
const DEPENDABOT = `dependabot@${REPOSITORY}`;
const at = (path: RegExp) => ({ method: 'PUT', path });

describe('the refresh token', () => {
  test.each([
    [1, ' 2 other stores hold it.', '✗ 1 of 3 stores did not take the refresh token (… ms)'],
    [2, ' One other store holds it.', '✗ 2 of 3 stores did not take the refresh token (… ms)'],
    [3, '', '✗ 3 of 3 stores did not take the refresh token (… ms)'],
  ])('that %i of three stores refuse is sealed, and the error names them', async (count, others, line) => {
    const scene = await Scene.open({ stores: ['repository', 'environment:cobo', 'dependabot'] });
    const refusing = [
      { store: STORE, path: /actions\/secrets\/COBO_REFRESH_TOKEN$/ },
      { store: ENVIRONMENT, path: /environments\/cobo\/secrets\/COBO_REFRESH_TOKEN$/ },
      { store: DEPENDABOT, path: /dependabot\/secrets\/COBO_REFRESH_TOKEN$/ },
    ].slice(0, count);
    const { faults } = scene.stage.github;
    for (const { path } of refusing) faults.add({ match: at(path), times: 4, fault: status(500) });
    const step = await scene.main();
    expect([step.exit, step.outputs['token-state']]).toEqual([1, 'sealed']);
    const [, named] = /^The new refresh token could not be stored in (.*?\))\./.exec(step.error) ?? [];
    const each = refusing.map(({ store }) => `\`${store}\` (${SECRET}: GitHub returned HTTP 500)`);
    expect(named?.split(/, (?=`)| and /).toSorted()).toEqual(each.toSorted());
    expect(step.error).toContain(
      `).${others} The new refresh token is sealed in the recovery envelope. The post step of this job tries again. If that fails too, start a run with the envelope as the input \`recovery-envelope\` (docs/recovery.md). [token-state: sealed, error: store-failed]`,
    );
    expect(step.log).toContain(line);
    // The access token works all the same.
    expect(scene.stage.cobo.isLivingAccessToken(step.outputs['access-token'] ?? '')).toBe(true);
    expect(step.handover).toMatchObject({ state: 'sealed', trusted: true, keepsRecord: true });
    expect(scene.open(step.envelope)).toBe(scene.living);
  });

  test('is still stored when a signal comes, with the envelope in the log meanwhile', async () => {
    const scene = await Scene.open();
    const step = await scene.main({
      plan: (running) => {
        scene.stage.github.faults.add({ match: TOKEN, fault: hook(() => running.signal(), 'before') });
        scene.stage.github.faults.add({ match: TOKEN, times: 2, fault: status(500) });
      },
    });
    expect([step.exit, scene.stored()]).toEqual([130, scene.living]);
    expect(step.log.filter((line) => line.startsWith('recovery-envelope: '))).toHaveLength(1);
  });

  test('is not shown in an envelope by a signal that comes when it is stored', async () => {
    const scene = await Scene.open();
    const step = await scene.main({
      changes: { 'access-token-secret': 'ACCESS' },
      plan: (running) => {
        scene.stage.github.faults.add({ match: at(/\/ACCESS$/), fault: hook(() => running.signal()) });
      },
    });
    expect([step.exit, scene.stored()]).toEqual([130, scene.living]);
    expect(step.log.filter((line) => line.startsWith('recovery-envelope: '))).toEqual([]);
  });
});

describe('the access token and its expiry', () => {
  const EXTRAS = { 'access-token-secret': 'ACCESS', 'expires-at-variable': 'EXPIRES_AT' };

  test.each([
    [['ACCESS'], '✗ 1 write of ACCESS and EXPIRES_AT failed (… ms)'],
    [['ACCESS', 'EXPIRES_AT'], '✗ 2 writes of ACCESS and EXPIRES_AT failed (… ms)'],
  ])('that cannot be stored (%j) fail a run whose refresh token is safe', async (names, line) => {
    const scene = await Scene.open();
    const { faults } = scene.stage.github;
    if (names.includes('ACCESS')) faults.add({ match: at(/\/ACCESS$/), times: ALWAYS, fault: status(403) });
    if (names.includes('EXPIRES_AT')) faults.add({ match: { method: 'POST' }, times: ALWAYS, fault: status(403) });
    const step = await scene.main({ changes: EXTRAS });
    expect([step.exit, step.outputs['token-state'], scene.stored()]).toEqual([1, 'stored', scene.living]);
    const each = names.map((name) => `\`${STORE}\` (${name}: GitHub returned HTTP 403)`);
    expect(step.error).toBe(
      `After the refresh, not everything could be stored: ${each.join(' and ')}. The new refresh token is in every store. Check the permissions of \`github-token\` before the next run. The access token is in the outputs of this step. [token-state: stored, error: extra-failed]`,
    );
    expect(step.log).toContain(line);
    expect(scene.stage.cobo.isLivingAccessToken(step.outputs['access-token'] ?? '')).toBe(true);
    expect(scene.records()).toHaveLength(1);
    expect((await scene.post(step)).exit).toBe(0);
  });

  test('are stored although the refresh token could not be, which is what the error is about', async () => {
    const scene = await Scene.open();
    scene.stage.github.faults.add({ match: TOKEN, times: ALWAYS, fault: status(500) });
    scene.stage.github.faults.add({ match: { method: 'POST' }, times: ALWAYS, fault: status(403) });
    const step = await scene.main({ changes: EXTRAS });
    expect(step.error).toMatch(/error: store-failed\]$/);
    expect(scene.stage.github.secretValue(STORE, 'ACCESS')).toBe(step.outputs['access-token']);
  });

  test('may fail where Cobo kept the token, whose record goes all the same', async () => {
    const scene = await Scene.open({ cobo: { omitRefreshToken: true } });
    scene.stage.github.faults.add({ match: at(/\/ACCESS$/), times: ALWAYS, fault: status(403) });
    const step = await scene.main({ changes: EXTRAS });
    expect(step.error).toMatch(
      / Cobo sent no new refresh token, so the old one stays valid\. .* \[token-state: kept, error: extra-failed\]$/,
    );
    expect(scene.records()).toEqual([]);
  });

  test('skip the variable for Dependabot, which has none', async () => {
    const scene = await Scene.open({ stores: ['dependabot'] });
    const step = await scene.main({ changes: EXTRAS });
    expect(step.exit).toBe(0);
    expect(scene.stage.github.secretValue(DEPENDABOT, 'ACCESS')).toBe(step.outputs['access-token']);
    expect(step.summary).toContain(`| Written | \`${SECRET}\` and \`ACCESS\` in \`${DEPENDABOT}\` |`);
    expect(step.log).toContain('✓ Stored ACCESS (… ms)');
  });

  test('are all that is written where the refresh token is handed out', async () => {
    const scene = await Scene.open();
    const step = await scene.main({ changes: { ...EXTRAS, 'refresh-token-secret': undefined } });
    expect([step.exit, step.outputs['token-state']]).toEqual([0, 'delivered']);
    expect(step.outputs['refresh-token']).toBe(scene.living);
    expect(step.summary).toContain(`| Written | \`ACCESS\` and \`EXPIRES_AT\` in \`${STORE}\` |`);
    expect([scene.records(), scene.stored()]).toEqual([[], scene.stage.refreshToken]);
  });
});
