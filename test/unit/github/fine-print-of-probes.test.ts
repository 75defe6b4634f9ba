import { describe, expect, it } from 'vitest';
import { gitHub } from '../../../src/github/client.ts';
import { PreparedStore, type Targets } from '../../../src/github/prepared-store.ts';
import { Probe } from '../../../src/github/probe.ts';
import { readStores } from '../../../src/github/stores.ts';
import { WriteBack } from '../../../src/github/write-back.ts';
import { type HttpAnswer, TransportError } from '../../../src/http.ts';
import { FakeGitHub } from '../support/github-fake.ts';
import { answer } from '../support/github-script.ts';
import { accessTo, thrownBy } from '../support/github-world.ts';

// What mutation testing found nobody looking at.

const PATH = '/repos/octo/app/actions/secrets';
const PROBE = `${PATH}/REFRESH_COBO_REFRESH_PROBE`;
const TARGETS: Targets = {
  refreshTokenSecret: 'REFRESH',
  accessTokenSecret: undefined,
  expiresAtVariable: undefined,
};
const STORES = readStores('repository', 'octo/app');
const cut = new TransportError('the connection was cut', true);
const never = new TransportError('the connection was refused', false);

/** A probe, and what is thrown when its writing is answered so, one attempt after the other. */
async function planted(answers: (HttpAnswer | Error)[], room = 1000) {
  const fake = new FakeGitHub().addStore(PATH, room);
  const { access, log } = accessTo(fake, { maxAttempts: Math.max(1, answers.length) });
  const [store] = STORES;
  if (store === undefined) throw new Error('no store');
  const prepared = await PreparedStore.read(gitHub(access), store, TARGETS, new AbortController());
  for (const one of answers) fake.intercept(`PUT ${PROBE}`, one);
  const probe = new Probe(prepared, 'REFRESH');
  expect(probe.refused).toBe(false);
  const error = await thrownBy(probe.plant(['REFRESH'], log));
  return { probe, error };
}

describe('a probe counts as refused, so most likely not there', () => {
  it.each([
    ['after a 403', [answer(403, { message: 'Forbidden' })], true],
    ['after a 422 for another reason than the key', [answer(422)], true],
    ['after a 404', [answer(404)], true],
    ['but not after a 500', [answer(500)], false],
    ['but not after a 503', [answer(503)], false],
    ['but not after a lost answer', [cut], false],
    ['but not when no connection came about', [never], false],
    ['but not after a lost answer and a 403', [cut, answer(403)], false],
    ['also after no connection and a 403', [never, answer(403)], true],
  ])('%s', async (_what, answers, refused) => {
    expect((await planted(answers)).probe.refused).toBe(refused);
  });
});

it('a store that is full says what to do', async () => {
  const fake = new FakeGitHub().addStore(PATH, 100);
  for (let index = 0; index < 100; index++) fake.addSecret(PATH, `OTHER_${index}`);
  const { access } = accessTo(fake, { maxAttempts: 1 });
  const writeBack = new WriteBack(access, STORES, TARGETS);
  await writeBack.read(undefined);
  expect(await thrownBy(writeBack.prove())).toMatchObject({
    code: 'store-full',
    remedy: 'Delete a secret that nobody needs, or choose another store.',
  });
});

describe('a probe that cannot be deleted', () => {
  /** The warnings when the probe is answered with `written`, and its deletion with 403. */
  async function warnings(written: HttpAnswer): Promise<string[]> {
    const fake = new FakeGitHub().addStore(PATH);
    const { access, log } = accessTo(fake, { maxAttempts: 1 });
    const writeBack = new WriteBack(access, STORES, TARGETS);
    await writeBack.read(undefined);
    fake.intercept(`PUT ${PROBE}`, written);
    fake.intercept(`DELETE ${PROBE}`, answer(403), 5);
    await thrownBy(writeBack.prove());
    await writeBack.removeProbes();
    await writeBack.clearUp();
    return log.warnings;
  }

  it('is no news where it was never written', async () => {
    expect(await warnings(answer(403))).toEqual([]);
  });

  it('is a warning where it may have been', async () => {
    expect(await warnings(answer(500))).toHaveLength(1);
  });
});
