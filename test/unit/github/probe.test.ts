import { describe, expect, it } from 'vitest';
import { ActionError } from '../../../src/errors.ts';
import { gitHub } from '../../../src/github/client.ts';
import { PreparedStore } from '../../../src/github/prepared-store.ts';
import { Probe } from '../../../src/github/probe.ts';
import { readStores } from '../../../src/github/stores.ts';
import { TransportError } from '../../../src/http.ts';
import { FakeGitHub } from '../support/github-fake.ts';
import { answer } from '../support/github-script.ts';
import { accessTo, thrownBy } from '../support/github-world.ts';

const PROBE = 'REFRESH_COBO_REFRESH_PROBE';
const TARGETS = ['REFRESH', 'ACCESS'];

/** A probe for a store that was read, with `held` as its secrets. */
async function world({ line = 'repository', room = 1000, held = [] as string[], maxAttempts = 1 } = {}) {
  const [store] = readStores(line, 'octo/app');
  if (store === undefined) throw new Error(`no store for ${line}`);
  const path = store.secretsPath;
  const fake = new FakeGitHub().addStore(path, room);
  for (const name of held) fake.addSecret(path, name, { visibility: 'private' });
  const { access, log } = accessTo(fake, { maxAttempts });
  const prepared = await PreparedStore.read(
    gitHub(access),
    store,
    {
      refreshTokenSecret: 'REFRESH',
      accessTokenSecret: 'ACCESS',
      expiresAtVariable: undefined,
    },
    new AbortController(),
  );
  fake.requests.length = 0;
  const probe = new Probe(prepared, 'REFRESH');
  return { fake, path, log, probe, plant: () => probe.plant(TARGETS, log) };
}

const others = (count: number) => Array.from({ length: count }, (_, index) => `OTHER_${index}`);

describe('a probe', () => {
  it('has a name that derives from the target', async () => {
    const { probe } = await world();
    expect(probe.name).toBe(PROBE);
  });

  it('tells its store', async () => {
    const { probe } = await world({ line: 'environment:cobo' });
    expect(probe.label).toBe('environment:cobo@octo/app');
  });

  it('is not planted at first', async () => {
    const { probe } = await world();
    expect(probe.planted).toBe(false);
  });

  it('is a secret with nothing in it', async () => {
    const { fake, path, plant } = await world();
    await plant();
    expect(fake.secret(path, PROBE)?.value).toBe('probe');
  });

  it('is planted without touching anything else', async () => {
    const { fake, path, plant } = await world({ held: ['REFRESH'] });
    await plant();
    expect(fake.requests).toEqual([`PUT ${path}/${PROBE}`]);
  });

  it('counts as planted then', async () => {
    const { probe, plant } = await world();
    await plant();
    expect(probe.planted).toBe(true);
  });

  it('is seen by its own organization alone', async () => {
    const { fake, path, plant } = await world({ line: 'organization:acme' });
    await plant();
    expect(fake.secret(path, PROBE)).toMatchObject({ visibility: 'private' });
  });

  it('that a killed run left behind is no obstacle', async () => {
    const { fake, path, plant, probe } = await world({ held: [PROBE] });
    await plant();
    await probe.remove(false);
    expect(fake.secret(path, PROBE)).toBeUndefined();
  });
});

describe('removing a probe', () => {
  it('deletes the secret', async () => {
    const { fake, path, plant, probe } = await world({ held: ['REFRESH'] });
    await plant();
    await probe.remove(false);
    expect([...fake.store(path).secrets.keys()]).toEqual(['REFRESH']);
  });

  it('sends nothing before it was planted', async () => {
    const { fake, probe } = await world();
    await probe.remove(false);
    expect(fake.requests).toEqual([]);
  });

  it('sends nothing the second time', async () => {
    const { fake, path, plant, probe } = await world();
    await plant();
    await probe.remove(false);
    await probe.remove(true);
    expect(fake.sent('DELETE')).toEqual([`DELETE ${path}/${PROBE}`]);
  });

  it('is content when somebody else has deleted it', async () => {
    const { fake, path, plant, probe } = await world();
    await plant();
    fake.store(path).secrets.delete(PROBE);
    await probe.remove(false);
    expect(probe.planted).toBe(false);
  });

  it('that fails can be done again', async () => {
    const { fake, path, plant, probe } = await world();
    await plant();
    fake.intercept(`DELETE ${path}/${PROBE}`, answer(500));
    await expect(probe.remove(false)).rejects.toMatchObject({ name: 'GitHubFailure', status: 500 });
    expect(probe.planted).toBe(true);
    await probe.remove(false);
    expect(fake.secret(path, PROBE)).toBeUndefined();
  });

  it.each([
    [false, 3],
    [true, 1],
  ])('is tried as often as a hurry allows (hurried: %s)', async (hurried, attempts) => {
    const { fake, path, plant, probe } = await world({ maxAttempts: 3 });
    await plant();
    fake.intercept(`DELETE ${path}/${PROBE}`, answer(500), 3);
    await thrownBy(probe.remove(hurried));
    expect(fake.sent('DELETE')).toHaveLength(attempts);
  });
});

describe('a store that refuses the probe', () => {
  it.each([
    [401, 'store-refused'],
    [403, 'store-refused'],
    [404, 'store-missing'],
    [409, 'github-refused'],
    [422, 'github-refused'],
    [500, 'github-unavailable'],
  ])('with status %i ends the run as %s', async (status, code) => {
    const { fake, path, plant } = await world();
    fake.intercept(`PUT ${path}/${PROBE}`, answer(status, { message: 'No' }));
    const error = await thrownBy(plant());
    expect(error).toBeInstanceOf(ActionError);
    expect(error).toHaveProperty('code', code);
  });

  it('is named in a whole sentence', async () => {
    const { fake, path, plant } = await world();
    fake.intercept(`PUT ${path}/${PROBE}`, answer(403, { message: 'No' }));
    await expect(plant()).rejects.toThrow(
      'Writing a probe into the store `repository@octo/app` failed: GitHub answered HTTP 403, "No".',
    );
  });

  it('without an answer ends the run, and the probe may be there', async () => {
    const { fake, path, plant, probe } = await world();
    fake.intercept(`PUT ${path}/${PROBE}`, new TransportError('the connection was cut', true));
    await expect(plant()).rejects.toMatchObject({ code: 'github-unavailable' });
    expect(probe.planted).toBe(true);
  });

  it('without an answer is not asked how full it is', async () => {
    const { fake, path, plant } = await world();
    fake.intercept(`PUT ${path}/${PROBE}`, new TransportError('the connection was cut', true));
    await thrownBy(plant());
    expect(fake.sent('GET')).toEqual([]);
  });

  it.each([401, 404, 500])('with status %i is not asked how full it is', async (status) => {
    const { fake, path, plant } = await world();
    fake.intercept(`PUT ${path}/${PROBE}`, answer(status));
    await thrownBy(plant());
    expect(fake.sent('GET')).toEqual([]);
  });

  it('by a defect of the action hands the defect on', async () => {
    const { fake, path, plant } = await world();
    const defect = new TypeError('defect');
    fake.intercept(`PUT ${path}/${PROBE}`, defect);
    await expect(plant()).rejects.toBe(defect);
  });
});

describe('a full store', () => {
  const full = { room: 100 };

  it('that holds every target is a warning', async () => {
    const { log, plant } = await world({ ...full, held: ['REFRESH', 'ACCESS', ...others(98)] });
    await plant();
    expect(log.warnings).toEqual([
      expect.stringMatching(/^The store repository@octo\/app is full, so no probe could be written\./),
    ]);
  });

  it('that holds every target has no probe to remove', async () => {
    const { fake, plant, probe } = await world({ ...full, held: ['REFRESH', 'ACCESS', ...others(98)] });
    await plant();
    await probe.remove(false);
    expect(fake.sent('DELETE')).toEqual([]);
  });

  it.each([
    { held: ['ACCESS'], missing: 'REFRESH' },
    { held: ['REFRESH'], missing: 'ACCESS' },
    { held: [], missing: 'REFRESH and ACCESS' },
  ])('that lacks $missing ends the run', async ({ held, missing }) => {
    const { plant, log } = await world({ ...full, held: [...held, ...others(100 - held.length)] });
    await expect(plant()).rejects.toMatchObject({
      name: 'ActionError',
      code: 'store-full',
      message: `The store \`repository@octo/app\` is full, so ${missing} cannot be created there: GitHub answered HTTP 422, "Too many secrets".`,
    });
    expect(log.warnings).toEqual([]);
  });

  it('that lacks a target has no probe to remove', async () => {
    const { plant, probe } = await world({ ...full, held: others(100) });
    await thrownBy(plant());
    expect(probe.planted).toBe(false);
  });

  it('keeps the cause of its error', async () => {
    const { plant } = await world({ ...full, held: others(100) });
    await expect(plant()).rejects.toMatchObject({ cause: { name: 'GitHubFailure', status: 422 } });
  });

  it.each([403, 409, 422])('is noticed by status %i', async (status) => {
    const { fake, path, plant } = await world({ held: others(100) });
    fake.intercept(`PUT ${path}/${PROBE}`, answer(status));
    await expect(plant()).rejects.toMatchObject({ code: 'store-full' });
  });

  it.each([
    ['repository', 100],
    ['environment:cobo', 100],
    ['dependabot', 100],
    ['organization:acme', 1000],
  ])('has, as %s, %i secrets', async (line, most) => {
    const { plant } = await world({ line, room: most, held: others(most) });
    await expect(plant()).rejects.toMatchObject({ code: 'store-full' });
  });

  it.each([
    ['repository', 99],
    ['environment:cobo', 99],
    ['dependabot', 99],
    ['organization:acme', 999],
  ])('has, as %s, more than %i secrets', async (line, count) => {
    const { fake, path, plant } = await world({ line, held: others(count) });
    fake.intercept(`PUT ${path}/${PROBE}`, answer(422));
    await expect(plant()).rejects.toMatchObject({ code: 'github-refused' });
  });

  it('that cannot be counted counts as refused', async () => {
    const { fake, path, plant } = await world({ held: others(100) });
    fake.intercept(`PUT ${path}/${PROBE}`, answer(403)).intercept(`GET ${path}`, answer(403));
    await expect(plant()).rejects.toMatchObject({ code: 'store-refused' });
  });

  it('that cannot be counted because of a defect hands the defect on', async () => {
    const { fake, path, plant } = await world();
    const defect = new TypeError('defect');
    fake.intercept(`PUT ${path}/${PROBE}`, answer(403)).intercept(`GET ${path}`, defect);
    await expect(plant()).rejects.toBe(defect);
  });

  it('that has the probe of a killed run can be proved nevertheless', async () => {
    const { log, plant, probe } = await world({ ...full, held: [PROBE, ...others(99)] });
    await plant();
    expect({ planted: probe.planted, warnings: log.warnings }).toEqual({ planted: true, warnings: [] });
  });
});
