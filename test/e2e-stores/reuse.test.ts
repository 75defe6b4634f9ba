import { describe, expect } from 'vitest';
import type { StepOptions } from '../../emulators/runner/step.ts';
import { REPOSITORY, SECRET, type Stage } from '../../emulators/stage.ts';
import { asked, expectNothingSent, expectSuccess } from '../e2e/support/scenario.ts';
import { environmentStore, it } from './support/stores.ts';

/** The moment at which the clock of these runs stands still. */
const NOW = Date.UTC(2026, 2, 1, 12, 0, 0);
const STORED = 'the-stored-access-token';
const frozen: Pick<StepOptions, 'nodeOptions'> = {
  nodeOptions: ['--import', `data:text/javascript,Date.now=()=>${NOW}`],
};

const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();

/** A run at NOW that writes nothing back. */
function runAtNow(stage: Stage, changes: Record<string, string | undefined>) {
  stage.cobo.setClock(NOW);
  return stage.run(
    { 'refresh-token-secret': undefined, 'github-token': undefined, 'access-token': STORED, ...changes },
    frozen,
  );
}

describe('a stored access token is handed out again when', () => {
  it.concurrent.for<[string, Record<string, string>, string]>([
    ['it lives exactly as long as the job needs', { 'expires-at': at(600), 'min-validity': '600' }, '600'],
    ['it lives a second, and nothing is asked of it', { 'expires-at': at(1) }, '1'],
    ['its expiry is given in another zone', { 'expires-at': '2026-03-01T14:00:00+01:00' }, '3600'],
    ['its expiry has fractions of a second', { 'expires-at': '2026-03-01T12:01:00.999Z' }, '60'],
  ])('%s', async ([, changes, expiresIn], { open }) => {
    const stage = await open();
    const result = await runAtNow(stage, changes);
    expectSuccess(stage, result, { state: 'reused', secrets: [STORED] });
    expectNothingSent(stage);
    const expiresAt = new Date(changes['expires-at'] ?? '').toISOString().replace(/\.\d+Z$/, 'Z');
    expect(result.outputs).toEqual({
      'access-token': STORED,
      'token-type': 'Bearer',
      scope: '',
      'expires-in': expiresIn,
      'expires-at': expiresAt,
      'app-key': stage.cobo.client.appKeyHex,
      'token-state': 'reused',
    });
    expect(result.masks).toContain(STORED);
  });
});

describe('a stored access token is not handed out when', () => {
  it.concurrent.for<[string, Record<string, string | undefined>]>([
    ['it lives a second less than the job needs', { 'expires-at': at(599), 'min-validity': '600' }],
    ['it lives a millisecond less than the job needs', { 'expires-at': at(599.999), 'min-validity': '600' }],
    ['it has just expired', { 'expires-at': at(0) }],
    ['it expired long ago', { 'expires-at': '2020-01-01T00:00:00Z' }],
    ['its expiry is not known', {}],
    ['there is none, only an expiry', { 'access-token': undefined, 'expires-at': at(9999) }],
  ])('%s', async ([, changes], { open }) => {
    const stage = await open();
    const result = await runAtNow(stage, changes);
    expectSuccess(stage, result, { state: 'delivered', secrets: [STORED] });
    expect(asked(stage.cobo)).toEqual(['POST /v2/oauth/token']);
    expect(result.outputs['access-token']).not.toBe(STORED);
  });

  it.concurrent('the run is a dry run, which always checks', async ({ open }) => {
    const stage = await open();
    const result = await stage.run({
      'access-token': STORED,
      'expires-at': '2999-01-01T00:00:00Z',
      'dry-run': 'true',
    });
    expectSuccess(stage, result, { state: 'unspent', secrets: [STORED] });
    expect(result.outputs).not.toHaveProperty('access-token');
    expect(stage.github.requests.length).toBeGreaterThan(0);
    expect(stage.cobo.requests).toEqual([]);
  });
});

describe('reuse goes full circle:', () => {
  it.concurrent('one run stores, twenty more hand out, and the next one after the expiry rotates', async ({
    open,
  }) => {
    const stage = await open({ environments: ['cobo'] });
    const { cobo, github } = stage;
    const store = environmentStore('cobo');
    const stores = {
      'secret-stores': 'environment:cobo',
      'access-token-secret': 'COBO_ACCESS_TOKEN',
      'expires-at-variable': 'COBO_EXPIRES_AT',
    };
    expectSuccess(stage, await stage.run(stores), { state: 'stored', stores: [store] });
    const read = () => ({
      ...stores,
      'refresh-token': github.secretValue(store, SECRET),
      'access-token': github.secretValue(store, 'COBO_ACCESS_TOKEN'),
      'expires-at': github.variableValue(store, 'COBO_EXPIRES_AT'),
      'min-validity': '1800',
      'access-token-env': 'COBO_ACCESS_TOKEN',
    });
    cobo.resetLog();
    github.resetLog();
    const before = github.secretMeta(store, SECRET);
    const results = await Promise.all(Array.from({ length: 20 }, () => stage.run(read())));
    for (const result of results) {
      expectSuccess(stage, result, { state: 'reused', stores: [store] });
      expect(cobo.isLivingAccessToken(result.env['COBO_ACCESS_TOKEN'] ?? '')).toBe(true);
    }
    expectNothingSent(stage);
    expect(github.secretMeta(store, SECRET)).toEqual(before);

    github.setVariable(store, 'COBO_EXPIRES_AT', new Date(Date.now() + 60_000).toISOString());
    github.addRun(REPOSITORY, { id: 2, created_at: github.clock });
    const used = github.secretValue(store, SECRET) ?? '';
    const late = { eventPathMtime: new Date(Date.now() + 1000), github: { run_id: '2' } };
    const result = await stage.run(read(), late);
    expectSuccess(stage, result, { state: 'stored', stores: [store], used });
  });
});
