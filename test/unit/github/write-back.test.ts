import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EncryptionKey } from '../../../src/github/encryption-key.ts';
import { GitHubFailure } from '../../../src/github/failure.ts';
import type { Targets } from '../../../src/github/prepared-store.ts';
import type { RunFacts } from '../../../src/github/staleness.ts';
import { readStores } from '../../../src/github/stores.ts';
import { WriteBack } from '../../../src/github/write-back.ts';
import type { HttpAnswer } from '../../../src/http.ts';
import { FakeGitHub } from '../support/github-fake.ts';
import { answer } from '../support/github-script.ts';
import { accessTo, NOON, settle, thrownBy } from '../support/github-world.ts';

const REPOSITORY = '/repos/octo/app/actions/secrets';
const ENVIRONMENT = '/repos/octo/app/environments/cobo/secrets';
const ORGANIZATION = '/orgs/acme/actions/secrets';
const DEPENDABOT = '/repos/octo/app/dependabot/secrets';
const EVERYWHERE = 'repository\nenvironment:cobo\norganization:acme\ndependabot';
const PATHS = [REPOSITORY, ENVIRONMENT, ORGANIZATION, DEPENDABOT];

const TARGETS: Targets = {
  refreshTokenSecret: 'REFRESH',
  accessTokenSecret: 'ACCESS',
  expiresAtVariable: 'EXPIRY',
};
const PROBE = 'REFRESH_COBO_REFRESH_PROBE';

const RUN: RunFacts = { repository: 'octo/app', runId: 77, runAttempt: 1, jobStartedAt: NOON + 10_000 };

/** A write-back to stores that are all there, queued at noon and started ten seconds later. */
function world(lines = EVERYWHERE, targets = TARGETS, maxAttempts = 1) {
  const stores = readStores(lines, 'octo/app');
  const fake = new FakeGitHub().addRun('octo/app', 77, { created_at: '2026-03-01T12:00:00Z' });
  for (const { secretsPath } of stores) fake.addStore(secretsPath);
  const controller = new AbortController();
  const { access, log, clock } = accessTo(fake, { maxAttempts, signal: controller.signal });
  const writeBack = new WriteBack(access, stores, targets);
  return { fake, log, clock, writeBack, cancel: () => controller.abort() };
}

/** The same, read and proved. */
async function proved(lines = EVERYWHERE, targets = TARGETS, maxAttempts = 1) {
  const all = world(lines, targets, maxAttempts);
  await all.writeBack.read(undefined);
  await all.writeBack.prove();
  return all;
}

const holding = (fake: FakeGitHub, name: string, paths = PATHS) =>
  paths.filter((path) => fake.secret(path, name) !== undefined);

it('the labels are those of the stores, in order', () => {
  expect(world().writeBack.labels).toEqual([
    'repository@octo/app',
    'environment:cobo@octo/app',
    'organization:acme',
    'dependabot@octo/app',
  ]);
});

describe('reading', () => {
  it('reads every store', async () => {
    const { fake, writeBack } = world();
    await writeBack.read(undefined);
    expect(fake.requests).toEqual(expect.arrayContaining(PATHS.map((path) => `GET ${path}/public-key`)));
  });

  it('writes nothing', async () => {
    const { fake, writeBack } = world();
    await writeBack.read(RUN);
    expect(fake.requests).toEqual(fake.sent('GET'));
  });

  it('asks when the run was queued', async () => {
    const { fake, writeBack } = world();
    await writeBack.read(RUN);
    expect(fake.requests).toContain('GET /repos/octo/app/actions/runs/77');
  });

  it('does not ask when the token did not come from a secret', async () => {
    const { fake, writeBack } = world();
    await writeBack.read(undefined);
    expect(fake.requests).not.toContain('GET /repos/octo/app/actions/runs/77');
  });

  it('does not ask when no refresh token is to be stored', async () => {
    const { fake, writeBack } = world(EVERYWHERE, { ...TARGETS, refreshTokenSecret: undefined });
    await writeBack.read(RUN);
    expect(fake.requests).not.toContain('GET /repos/octo/app/actions/runs/77');
  });

  it('names the store that fails', async () => {
    const { fake, writeBack } = world();
    fake.intercept(`GET ${DEPENDABOT}/public-key`, answer(403, { message: 'No' }));
    await expect(writeBack.read(undefined)).rejects.toMatchObject({
      name: 'ActionError',
      code: 'store-refused',
      message:
        'Reading the encryption key of the store `dependabot@octo/app` failed: GitHub answered HTTP 403, "No".',
    });
  });

  it.each([
    [[DEPENDABOT, REPOSITORY], '(1 more check failed as well.)'],
    [[ENVIRONMENT, DEPENDABOT, REPOSITORY], '(2 more checks failed as well.)'],
  ])('tells the first of several failures, and how many more there are', async (failing, more) => {
    const { fake, writeBack } = world();
    for (const path of failing) fake.intercept(`GET ${path}/public-key`, answer(403, { message: 'No' }));
    await expect(writeBack.read(undefined)).rejects.toMatchObject({
      code: 'store-refused',
      message: `Reading the encryption key of the store \`repository@octo/app\` failed: GitHub answered HTTP 403, "No". ${more}`,
      remedy: expect.stringContaining('"Secrets: write"'),
    });
  });

  it('keeps the cause of the first of several failures', async () => {
    const { fake, writeBack } = world();
    for (const path of PATHS) fake.intercept(`GET ${path}/public-key`, answer(404));
    await expect(writeBack.read(undefined)).rejects.toMatchObject({
      code: 'store-missing',
      cause: { name: 'ActionError', cause: { name: 'GitHubFailure', status: 404 } },
    });
  });

  it('hands a defect on as it is', async () => {
    const { fake, writeBack } = world();
    const defect = new TypeError('defect');
    for (const path of PATHS) fake.intercept(`GET ${path}/public-key`, defect);
    await expect(writeBack.read(undefined)).rejects.toBe(defect);
  });

  it('ends when GitHub does not say when the run was queued for lack of service', async () => {
    const { fake, writeBack } = world();
    fake.intercept('GET /repos/octo/app/actions/runs/77', answer(503));
    await expect(writeBack.read(RUN)).rejects.toMatchObject({ code: 'github-unavailable' });
  });
});

describe('a reading that fails leaves no request behind', () => {
  /** Fails one request of a reading while another is still open, and tells whether the reading has ended. */
  async function endedWhileOpen(failing: string, open: string): Promise<boolean> {
    const { fake, writeBack } = world('repository\ndependabot');
    let release: (ended: HttpAnswer | undefined) => void = () => {};
    fake.intercept(failing, answer(failing.includes('/runs/') ? 503 : 404));
    fake.intercept(open, () => new Promise((resolve) => (release = resolve)));
    let ended = false;
    const reading = thrownBy(writeBack.read(RUN)).then(() => {
      ended = true;
    });
    await settle();
    const early = ended;
    release(undefined);
    await reading;
    return early;
  }

  it.each([
    ['of two stores', `GET ${REPOSITORY}/public-key`, `GET ${DEPENDABOT}/public-key`],
    ['of one store', `GET ${REPOSITORY}/public-key`, `GET ${REPOSITORY}/ACCESS`],
    ['of the run and a store', 'GET /repos/octo/app/actions/runs/77', `GET ${REPOSITORY}/public-key`],
    ['of a store and the run', `GET ${REPOSITORY}/public-key`, 'GET /repos/octo/app/actions/runs/77'],
  ])('%s', async (_name, failing, open) => {
    await expect(endedWhileOpen(failing, open)).resolves.toBe(false);
  });
});

describe('a stale token is refused', () => {
  it('when a secret was updated after the run was queued', async () => {
    const { fake, writeBack } = world('repository');
    fake.addSecret(REPOSITORY, 'REFRESH', { updatedAt: NOON + 5000 });
    await expect(writeBack.read(RUN)).rejects.toMatchObject({ code: 'token-stale' });
  });

  it('when the secret of an environment was updated after the job started', async () => {
    const { fake, writeBack } = world('environment:cobo');
    fake.addSecret(ENVIRONMENT, 'REFRESH', { updatedAt: NOON + 11_000 });
    await expect(writeBack.read(RUN)).rejects.toMatchObject({ code: 'token-stale' });
  });

  it('but not when the secret of an environment was updated before the job started', async () => {
    const { fake, writeBack } = world('environment:cobo');
    fake.addSecret(ENVIRONMENT, 'REFRESH', { updatedAt: NOON + 9000 });
    await expect(writeBack.read(RUN)).resolves.toBeUndefined();
  });

  it('but not when the access token alone was updated', async () => {
    const { fake, writeBack } = world('repository');
    fake.addSecret(REPOSITORY, 'ACCESS', { updatedAt: NOON + 60_000 });
    await expect(writeBack.read(RUN)).resolves.toBeUndefined();
  });

  it('but not when it did not come from a secret', async () => {
    const { fake, writeBack } = world('repository');
    fake.addSecret(REPOSITORY, 'REFRESH', { updatedAt: NOON + 60_000 });
    await expect(writeBack.read(undefined)).resolves.toBeUndefined();
  });

  it('by the job start, when the queue time may not be read', async () => {
    const { fake, writeBack } = world('repository');
    fake.addSecret(REPOSITORY, 'REFRESH', { updatedAt: NOON + 11_000 });
    fake.intercept('GET /repos/octo/app/actions/runs/77', answer(403));
    await expect(writeBack.read(RUN)).rejects.toThrow('(when the job started)');
  });

  it('by the queue time, when the job start is unknown', async () => {
    const { fake, writeBack } = world('repository');
    fake.addSecret(REPOSITORY, 'REFRESH', { updatedAt: NOON + 5000 });
    await expect(writeBack.read({ ...RUN, jobStartedAt: undefined })).rejects.toMatchObject({
      code: 'token-stale',
    });
  });

  it('but not from an environment when the job start is unknown', async () => {
    const { fake, writeBack } = world('environment:cobo');
    fake.addSecret(ENVIRONMENT, 'REFRESH', { updatedAt: NOON + 60_000 });
    await expect(writeBack.read({ ...RUN, jobStartedAt: undefined })).resolves.toBeUndefined();
  });

  // The runner's clock shows noon all the time, and GitHub's another time.
  it.each([
    ['ten minutes behind', 600_000],
    ['ten minutes ahead', -600_000],
  ])("by GitHub's clock, when the runner's is %s", async (_name, offset) => {
    const { fake, writeBack } = world('environment:cobo');
    fake.time = NOON + offset;
    fake.addSecret(ENVIRONMENT, 'REFRESH', { updatedAt: NOON + offset + 12_000 });
    await expect(writeBack.read(RUN)).rejects.toMatchObject({ code: 'token-stale' });
  });

  it.each([
    ['ten minutes behind', 600_000],
    ['ten minutes ahead', -600_000],
  ])("but not by the runner's clock alone, when it is %s", async (_name, offset) => {
    const { fake, writeBack } = world('environment:cobo');
    fake.time = NOON + offset;
    fake.addSecret(ENVIRONMENT, 'REFRESH', { updatedAt: NOON + offset + 8000 });
    await expect(writeBack.read(RUN)).resolves.toBeUndefined();
  });

  it('and a run that has waited for long is warned of it', async () => {
    const { log, writeBack } = world('repository');
    await writeBack.read({ ...RUN, jobStartedAt: NOON + 120_000 });
    expect(log.warnings).toEqual([expect.stringContaining('This run waited 2 min 0 s')]);
  });

  it('and a run that has not waited is not', async () => {
    const { log, writeBack } = world('repository');
    await writeBack.read(RUN);
    expect(log.warnings).toEqual([]);
  });
});

describe('proving', () => {
  it('plants a probe in every store', async () => {
    const { fake } = await proved();
    expect(holding(fake, PROBE)).toEqual(PATHS);
  });

  it('derives the name from the access token where no refresh token is stored', async () => {
    const { fake } = await proved('repository', { ...TARGETS, refreshTokenSecret: undefined });
    expect([...fake.store(REPOSITORY).secrets.keys()]).toEqual(['ACCESS_COBO_REFRESH_PROBE']);
  });

  it('writes nothing where no secret is stored', async () => {
    const { fake } = await proved('repository', {
      refreshTokenSecret: undefined,
      accessTokenSecret: undefined,
      expiresAtVariable: 'EXPIRY',
    });
    expect(fake.requests).toEqual(fake.sent('GET'));
  });

  it('names the first store that fails, and how many more there are', async () => {
    const { fake, writeBack } = world();
    await writeBack.read(undefined);
    for (const path of [ORGANIZATION, ENVIRONMENT]) fake.intercept(`PUT ${path}/${PROBE}`, answer(403));
    await expect(writeBack.prove()).rejects.toMatchObject({
      code: 'store-refused',
      message: expect.stringMatching(/`environment:cobo@octo\/app`.*\(1 more check failed as well\.\)$/),
    });
  });

  it('waits for the other stores when one fails', async () => {
    const { fake, writeBack } = world();
    await writeBack.read(undefined);
    fake.intercept(`PUT ${REPOSITORY}/${PROBE}`, answer(403));
    await thrownBy(writeBack.prove());
    expect(holding(fake, PROBE)).toEqual([ENVIRONMENT, ORGANIZATION, DEPENDABOT]);
  });

  it('warns of a store that is full', async () => {
    const { fake, log, writeBack } = world('repository');
    for (const name of ['REFRESH', 'ACCESS']) fake.addSecret(REPOSITORY, name);
    for (let index = 0; index < 98; index++) fake.addSecret(REPOSITORY, `OTHER_${index}`);
    await writeBack.read(undefined);
    fake.store(REPOSITORY).room = 100;
    await writeBack.prove();
    expect(log.warnings).toEqual([expect.stringContaining('repository@octo/app is full')]);
  });
});

describe('making the next writes ready', () => {
  it('changes nothing in what is stored', async () => {
    const { fake, writeBack } = await proved();
    await writeBack.makeReady();
    expect(await writeBack.keepRefreshToken('new-token')).toEqual([]);
    expect(PATHS.map((path) => fake.secret(path, 'REFRESH')?.value)).toEqual(PATHS.map(() => 'new-token'));
  });

  it('sends nothing', async () => {
    const { fake, writeBack } = await proved();
    fake.requests.length = 0;
    await writeBack.makeReady();
    expect(fake.requests).toEqual([]);
  });

  it.each([
    ['the refresh token', (writeBack: WriteBack) => writeBack.keepRefreshToken('new-token')],
    ['the rest', (writeBack: WriteBack) => writeBack.keepExtras({ accessToken: 'a', expiresAt: 'later' })],
  ])('ends when storing begins with %s', async (_what, store) => {
    const { writeBack } = await proved();
    const seals = vi.spyOn(EncryptionKey.prototype, 'makeReady');
    onTestFinished(() => seals.mockRestore());
    const ready = writeBack.makeReady();
    const stored = store(writeBack);
    await ready;
    expect(seals).not.toHaveBeenCalled();
    expect(await stored).toEqual([]);
  });

  it.each([
    ['each store, once', TARGETS, 4],
    [
      'none when only a variable is written',
      { ...TARGETS, refreshTokenSecret: undefined, accessTokenSecret: undefined },
      0,
    ],
  ])('is for %s', async (_what, targets, times) => {
    const { writeBack } = world(EVERYWHERE, targets);
    await writeBack.read(undefined);
    const seals = vi.spyOn(EncryptionKey.prototype, 'makeReady');
    onTestFinished(() => seals.mockRestore());
    await writeBack.makeReady();
    expect(seals).toHaveBeenCalledTimes(times);
  });

  it('never throws', async () => {
    const { writeBack } = await proved();
    const seals = vi
      .spyOn(EncryptionKey.prototype, 'makeReady')
      .mockRejectedValue(new GitHubFailure('no key', 200));
    onTestFinished(() => seals.mockRestore());
    await expect(writeBack.makeReady()).resolves.toBeUndefined();
  });
});

describe('removing the probes', () => {
  const deletions = PATHS.map((path) => `DELETE ${path}/${PROBE}`);

  it('deletes each of them', async () => {
    const { fake, writeBack } = await proved();
    await writeBack.removeProbes();
    expect(holding(fake, PROBE)).toEqual([]);
  });

  it('deletes each of them once, however often it is asked for', async () => {
    const { fake, writeBack } = await proved();
    writeBack.beginRemoval();
    writeBack.beginRemoval();
    await writeBack.removeProbes();
    await writeBack.removeProbes();
    await writeBack.clearUp();
    expect(fake.sent('DELETE')).toEqual(deletions);
  });

  it('begins at once, beside what comes next', async () => {
    const { fake, writeBack } = await proved();
    writeBack.beginRemoval();
    await settle();
    expect(fake.sent('DELETE')).toEqual(deletions);
  });

  it('is waited for', async () => {
    const { fake, writeBack } = await proved('repository');
    writeBack.beginRemoval();
    await writeBack.removeProbes();
    expect(fake.secret(REPOSITORY, PROBE)).toBeUndefined();
  });

  it('never throws', async () => {
    const { fake, writeBack } = await proved();
    fake.intercept(`DELETE ${REPOSITORY}/${PROBE}`, answer(500));
    fake.intercept(`DELETE ${DEPENDABOT}/${PROBE}`, new TypeError('defect'));
    await expect(writeBack.removeProbes()).resolves.toBeUndefined();
  });

  it('deletes the others when one fails', async () => {
    const { fake, writeBack } = await proved();
    fake.intercept(`DELETE ${REPOSITORY}/${PROBE}`, answer(500));
    await writeBack.removeProbes();
    expect(holding(fake, PROBE)).toEqual([REPOSITORY]);
  });

  it('tries again where that may help', async () => {
    const { fake, writeBack } = await proved('repository', TARGETS, 3);
    fake.intercept(`DELETE ${REPOSITORY}/${PROBE}`, answer(500), 2);
    await writeBack.removeProbes();
    expect(fake.secret(REPOSITORY, PROBE)).toBeUndefined();
  });

  it('is nothing when nothing was planted', async () => {
    const { fake, writeBack } = world();
    await writeBack.removeProbes();
    expect(fake.requests).toEqual([]);
  });

  it('follows a proof that failed, too', async () => {
    const { fake, writeBack } = world();
    await writeBack.read(undefined);
    fake.intercept(`PUT ${REPOSITORY}/${PROBE}`, answer(403));
    await thrownBy(writeBack.prove());
    await writeBack.removeProbes();
    expect(holding(fake, PROBE)).toEqual([]);
  });
});

describe('clearing up', () => {
  it('deletes what a removal has left', async () => {
    const { fake, log, writeBack } = await proved();
    fake.intercept(`DELETE ${DEPENDABOT}/${PROBE}`, answer(500));
    await writeBack.removeProbes();
    await writeBack.clearUp();
    expect(holding(fake, PROBE)).toEqual([]);
    expect(log.warnings).toEqual([]);
  });

  it('deletes everything when no removal came before', async () => {
    const { fake, writeBack } = await proved();
    await writeBack.clearUp();
    expect(holding(fake, PROBE)).toEqual([]);
  });

  it('deletes everything in a run that was cancelled', async () => {
    const { fake, writeBack, cancel } = await proved();
    cancel();
    await writeBack.clearUp();
    expect(holding(fake, PROBE)).toEqual([]);
  });

  it('waits for a removal that is under way', async () => {
    const { fake, writeBack } = await proved('repository');
    writeBack.beginRemoval();
    await writeBack.clearUp();
    expect(fake.sent('DELETE')).toEqual([`DELETE ${REPOSITORY}/${PROBE}`]);
  });

  it('tries once', async () => {
    const { fake, writeBack } = await proved('repository', TARGETS, 4);
    fake.intercept(`DELETE ${REPOSITORY}/${PROBE}`, answer(500), 4);
    await writeBack.clearUp();
    expect(fake.sent('DELETE')).toHaveLength(1);
  });

  it('warns of what stays, and deletes the rest', async () => {
    const { fake, log, writeBack } = await proved();
    fake.intercept(`DELETE ${ENVIRONMENT}/${PROBE}`, answer(403, { message: 'No' }));
    await writeBack.clearUp();
    expect(holding(fake, PROBE)).toEqual([ENVIRONMENT]);
    expect(log.warnings).toEqual([
      'The probe REFRESH_COBO_REFRESH_PROBE could not be deleted from the store environment:cobo@octo/app: GitHub answered HTTP 403, "No". It holds no secret; delete it by hand, or leave it to the next run.',
    ]);
  });

  it('warns of a defect without its text', async () => {
    const { fake, log, writeBack } = await proved('repository');
    fake.intercept(`DELETE ${REPOSITORY}/${PROBE}`, new TypeError('text that nobody has checked'));
    await writeBack.clearUp();
    expect(log.warnings).toEqual([expect.stringContaining(': an unexpected error. It holds no secret')]);
  });
});

describe('keeping the refresh token', () => {
  it('writes it to every store', async () => {
    const { fake, writeBack } = await proved();
    await expect(writeBack.keepRefreshToken('rotated')).resolves.toEqual([]);
    expect(PATHS.map((path) => fake.secret(path, 'REFRESH')?.value)).toEqual(Array(4).fill('rotated'));
  });

  it('is a single request for each store', async () => {
    const { fake, writeBack } = await proved();
    fake.requests.length = 0;
    await writeBack.keepRefreshToken('rotated');
    expect(fake.requests).toEqual(PATHS.map((path) => `PUT ${path}/REFRESH`));
  });

  it('writes nothing where it is not wanted', async () => {
    const { fake, writeBack } = await proved(EVERYWHERE, { ...TARGETS, refreshTokenSecret: undefined });
    fake.requests.length = 0;
    await expect(writeBack.keepRefreshToken('rotated')).resolves.toEqual([]);
    expect(fake.requests).toEqual([]);
  });

  it('goes on in the other stores when one fails', async () => {
    const { fake, writeBack } = await proved();
    fake.intercept(`PUT ${REPOSITORY}/REFRESH`, answer(403));
    await writeBack.keepRefreshToken('rotated');
    expect(holding(fake, 'REFRESH')).toEqual([ENVIRONMENT, ORGANIZATION, DEPENDABOT]);
  });

  it('tells each store that failed, and why', async () => {
    const { fake, writeBack } = await proved();
    fake.intercept(`PUT ${REPOSITORY}/REFRESH`, answer(403, { message: 'No' }));
    fake.intercept(`PUT ${ORGANIZATION}/REFRESH`, new TypeError('text that nobody has checked'));
    const failed = await writeBack.keepRefreshToken('rotated');
    expect(failed).toHaveLength(2);
    expect(failed).toEqual(
      expect.arrayContaining([
        { label: 'repository@octo/app', name: 'REFRESH', reason: 'GitHub answered HTTP 403, "No"' },
        { label: 'organization:acme', name: 'REFRESH', reason: 'an unexpected error' },
      ]),
    );
  });

  it('is not given up before the last attempt', async () => {
    const { fake, writeBack } = await proved('repository', TARGETS, 4);
    fake.intercept(`PUT ${REPOSITORY}/REFRESH`, answer(502), 3);
    await expect(writeBack.keepRefreshToken('rotated')).resolves.toEqual([]);
    expect(fake.secret(REPOSITORY, 'REFRESH')?.value).toBe('rotated');
  });

  it.each([401, 403, 404, 409])('is tried again after a refusal with status %d, too', async (status) => {
    const { fake, writeBack } = await proved('repository', TARGETS, 4);
    fake.intercept(`PUT ${REPOSITORY}/REFRESH`, answer(status), 3);
    await expect(writeBack.keepRefreshToken('rotated')).resolves.toEqual([]);
    expect(fake.secret(REPOSITORY, 'REFRESH')?.value).toBe('rotated');
  });

  it('waits for a rate limit, however long it takes', async () => {
    const { fake, clock, writeBack } = await proved('repository', TARGETS, 2);
    fake.intercept(`PUT ${REPOSITORY}/REFRESH`, answer(429, {}, { 'retry-after': '1800' }));
    await expect(writeBack.keepRefreshToken('rotated')).resolves.toEqual([]);
    expect(clock.waits).toEqual([1_800_000]);
  });

  it('survives a key that was rotated meanwhile', async () => {
    const { fake, writeBack } = await proved();
    for (const path of PATHS) fake.rotateKey(path);
    await expect(writeBack.keepRefreshToken('rotated')).resolves.toEqual([]);
    expect(holding(fake, 'REFRESH')).toEqual(PATHS);
  });
});

describe('keeping the extras', () => {
  const extras = { accessToken: 'access', expiresAt: '2026-03-01T13:00:00Z' };

  it('writes the access token to every store', async () => {
    const { fake, writeBack } = await proved();
    await expect(writeBack.keepExtras(extras)).resolves.toEqual([]);
    expect(PATHS.map((path) => fake.secret(path, 'ACCESS')?.value)).toEqual(Array(4).fill('access'));
  });

  it('writes the expiry to every store but Dependabot', async () => {
    const { fake, writeBack } = await proved();
    await writeBack.keepExtras(extras);
    expect(PATHS.map((path) => fake.store(path).variables.get('EXPIRY')?.value)).toEqual([
      extras.expiresAt,
      extras.expiresAt,
      extras.expiresAt,
      undefined,
    ]);
  });

  it('leaves the refresh token alone', async () => {
    const { fake, writeBack } = await proved();
    await writeBack.keepExtras(extras);
    expect(holding(fake, 'REFRESH')).toEqual([]);
  });

  it.each([
    ['nothing', {}, []],
    ['the access token alone', { accessTokenSecret: 'ACCESS' }, [`PUT ${REPOSITORY}/ACCESS`]],
    ['the expiry alone', { expiresAtVariable: 'EXPIRY' }, ['POST /repos/octo/app/actions/variables']],
  ])('writes %s where no more is wanted', async (_name, wanted, requests) => {
    const none = { accessTokenSecret: undefined, expiresAtVariable: undefined };
    const { fake, writeBack } = await proved('repository', { ...TARGETS, ...none, ...wanted });
    fake.requests.length = 0;
    await expect(writeBack.keepExtras(extras)).resolves.toEqual([]);
    expect(fake.requests).toEqual(requests);
  });

  it('goes on when one fails, and tells each that failed', async () => {
    const { fake, writeBack } = await proved('repository\nenvironment:cobo');
    fake.intercept(`PUT ${REPOSITORY}/ACCESS`, answer(403));
    fake.intercept('POST /repos/octo/app/environments/cobo/variables', answer(500));
    await expect(writeBack.keepExtras(extras)).resolves.toEqual([
      { label: 'repository@octo/app', name: 'ACCESS', reason: 'GitHub answered HTTP 403' },
      { label: 'environment:cobo@octo/app', name: 'EXPIRY', reason: 'GitHub answered HTTP 500' },
    ]);
    expect(fake.secret(ENVIRONMENT, 'ACCESS')?.value).toBe('access');
    expect(fake.store(REPOSITORY).variables.get('EXPIRY')?.value).toBe(extras.expiresAt);
  });
});
