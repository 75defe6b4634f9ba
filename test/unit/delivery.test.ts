import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Delivery } from '../../src/delivery.ts';
import { ActionError } from '../../src/errors.ts';
import type { Handover } from '../../src/fate.ts';
import { Masks } from '../../src/text.ts';
import { RecordingToolkit, type Told } from '../support/toolkit.ts';
import { RUNS, UNIT } from './support.ts';

const SECRET = 'a-secret-value';
const ACCESS = { accessToken: 'access-1', tokenType: 'Bearer', scope: 'x', expiresIn: 60, expiresAt: 0 };
const ENVELOPE = 'cobo-envelope-v1.abc';
const UNSPENT: Handover = {
  state: 'unspent',
  trusted: true,
  envelope: null,
  keepsRecord: false,
  recording: null,
};
const SEALED: Handover = { ...UNSPENT, state: 'sealed', envelope: ENVELOPE };

function open({ env = {}, isPost = false }: { env?: NodeJS.ProcessEnv; isPost?: boolean } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'delivery-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'summary');
  const told = new RecordingToolkit();
  const masks: Masks = new Masks((secret) => delivery.mask(secret));
  const delivery = new Delivery(told.toolkit, masks, { GITHUB_STEP_SUMMARY: file, ...env }, isPost);
  return { delivery, masks, told, summary: () => readFileSync(file, 'utf8') };
}

const keys = { appSecret: new Uint8Array(32), appKey: 'ab'.repeat(32) };
const cobo = { environment: 'dev', apiUrl: '', isCustom: false, responseKey: '' } as const;

describe('a line', () => {
  test.each(['info', 'warning'] as const)('of %s holds no secret and no command', (kind) => {
    const { delivery, masks, told } = open();
    masks.add(SECRET);
    delivery[kind](`a ${SECRET} and ##[set-output name=x]`);
    expect(told.texts(kind)).toEqual(['a *** and # #[set-output name=x]']);
  });

  test('of the debug log is told only to those who have switched it on', () => {
    const quiet = open({ env: { RUNNER_DEBUG: '0' } });
    quiet.delivery.debug('x');
    expect(quiet.told.told).toEqual([]);
    const { delivery, masks, told } = open({ env: { RUNNER_DEBUG: '1' } });
    masks.add(SECRET);
    delivery.debug(`##[a ${SECRET}`);
    expect(told.texts('debug')).toEqual(['# #[a ***']);
  });

  test('of an error holds no secret and no command, and has its title', () => {
    const { delivery, masks, told } = open();
    masks.add(SECRET);
    delivery.failed(new ActionError('cobo-refused', `##[x ${SECRET}.`, 'Do it.'), { state: 'unspent' });
    expect(told.told.at(-1)).toEqual({
      kind: 'error',
      name: 'Cobo refused the request',
      text: '# #[x ***. This run has not spent the refresh token. Do it. [token-state: unspent, error: cobo-refused] see docs/errors.md',
    });
  });

  test('of any text holds no secret and no command', () => {
    fc.assert(
      fc.property(fc.string({ unit: UNIT }), fc.string({ unit: UNIT }), (one, two) => {
        const { delivery, masks, told } = open({ env: { GITHUB_STEP_SUMMARY: '' } });
        masks.add(SECRET);
        delivery.info(`${one}${SECRET}##[${two}`);
        const [line = ''] = told.texts('info');
        expect(line).not.toContain(SECRET);
        expect(line).not.toContain('##[');
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a part of the work', () => {
  test('is told in one line, with the time that it took', async () => {
    const { delivery, told } = open();
    const work = () => new Promise<number>((resolve) => setTimeout(() => resolve(5), 30));
    expect(await delivery.step(work, (result) => `got ${result}`)).toBe(5);
    const [, ms] = /^got 5 \((\d+) ms\)$/.exec(told.texts('info').join()) ?? [];
    expect(Number(ms)).toBeGreaterThanOrEqual(28);
    expect(Number(ms)).toBeLessThan(5_000);
  });

  test('that fails says nothing', async () => {
    const { delivery, told } = open();
    const work = () => Promise.reject(new Error('broken'));
    await expect(delivery.step(work, () => 'done')).rejects.toThrow('broken');
    expect(told.told).toEqual([]);
  });
});

test('an envelope is shown once', () => {
  const { delivery, told } = open();
  delivery.showEnvelope(ENVELOPE);
  delivery.showEnvelope(ENVELOPE);
  expect(told.texts('info')).toEqual([`recovery-envelope: ${ENVELOPE}`]);
});

describe('what is left for a killed process', () => {
  test('is the output, the state, and with an envelope the summary, until that says what became of it', () => {
    const { delivery, told, summary } = open();
    delivery.leave(UNSPENT);
    expect(told.outputs).toEqual({ 'recovery-envelope': '', 'token-state': 'unspent' });
    expect(JSON.parse(told.state['handover'] ?? '')).toEqual(UNSPENT);
    expect(summary).toThrow('ENOENT');
    delivery.leave(SEALED);
    expect(told.outputs).toEqual({ 'recovery-envelope': ENVELOPE, 'token-state': 'sealed' });
    expect(summary()).toContain(ENVELOPE);
    delivery.leave({ ...UNSPENT, state: 'stored' });
    expect(told.outputs).toEqual({ 'recovery-envelope': '', 'token-state': 'stored' });
    expect(summary()).toContain('**stored**');
    expect(summary()).not.toContain(ENVELOPE);
  });

  test('is the summary alone in the post step', () => {
    const { delivery, told, summary } = open({ isPost: true });
    delivery.leave(SEALED);
    expect(told.told).toEqual([]);
    expect(summary()).toContain(ENVELOPE);
  });

  test.each(['output', 'state'])('must be written before a refresh (%s)', (kind) => {
    const { delivery, told } = open();
    told.onTell = (one) => {
      if (one.kind === kind) throw new Error('ENOSPC');
    };
    const error = caught(() => delivery.leave(UNSPENT));
    expect([error.code, error.message, error.remedy]).toEqual([
      'runner-files',
      "The runner's files for outputs and state cannot be written.",
      'Check that the disk of the runner is not full, and re-run the job.',
    ]);
    expect(error.cause).toEqual(new Error('ENOSPC'));
    delivery.endure();
    delivery.leave(UNSPENT);
  });
});

function caught(run: () => void): ActionError {
  try {
    run();
  } catch (error) {
    if (error instanceof ActionError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('once the run endures, nothing that fails to be told', () => {
  test('ends it', async () => {
    const { delivery, masks, told } = open({ env: { RUNNER_DEBUG: '1' } });
    told.onTell = () => {
      throw new Error('EPIPE');
    };
    for (const tell of [() => delivery.info('x'), () => delivery.warning('x'), () => masks.add(SECRET)]) {
      expect(tell).toThrow('The log of this step cannot be written.');
    }
    delivery.endure();
    delivery.info('x');
    delivery.debug('x');
    delivery.warning('x');
    delivery.mask(SECRET);
    delivery.showEnvelope(ENVELOPE);
    await delivery.step(
      async () => delivery.info('x'),
      () => 'done',
    );
    expect(delivery.handOut('refresh-1')).toBe(false);
    expect(() => delivery.succeeded({ state: 'stored' })).toThrow(
      'The outputs or the environment variable of this step could not be written.',
    );
    delivery.failed(new ActionError('internal', 'x.', 'y.'), { state: 'stored', envelope: ENVELOPE });
    expect(told.told).toEqual([]);
  });
});

describe('the beginning', () => {
  test.each([
    [{ ...cobo }, 'dev'],
    [{ ...cobo, isCustom: true }, 'custom URL'],
  ])('puts out the app key, and the summary says which Cobo it is', (target, shown) => {
    const { delivery, told, summary } = open();
    delivery.begin({ keys, accessTokenEnv: undefined, cobo: target });
    expect(told.outputs).toEqual({ 'app-key': keys.appKey });
    delivery.succeeded({ state: 'stored' });
    expect(summary()).toContain(`\n| Cobo | ${shown} |\n`);
  });

  test('puts out nothing in the post step', () => {
    const { delivery, told } = open({ isPost: true });
    delivery.begin({ keys, accessTokenEnv: 'TOKEN', cobo });
    delivery.succeeded({ state: 'stored', access: ACCESS });
    expect(told.told).toEqual([]);
  });
});

describe('the end', () => {
  test('hands out everything, the state first and the environment variable last', () => {
    const { delivery, told } = open();
    delivery.begin({ keys, accessTokenEnv: 'TOKEN', cobo });
    delivery.succeeded({ state: 'stored', access: ACCESS });
    expect(told.told.slice(1).map(({ kind, name, text }) => `${kind} ${name}=${text}`)).toEqual([
      'output token-state=stored',
      'output recovery-envelope=',
      'output access-token=access-1',
      'output token-type=Bearer',
      'output scope=x',
      'output expires-in=60',
      'output expires-at=1970-01-01T00:00:00Z',
      'env TOKEN=access-1',
    ]);
  });

  test('hands out no access token where there is none', () => {
    const { delivery, told } = open();
    delivery.begin({ keys, accessTokenEnv: 'TOKEN', cobo });
    delivery.failed(new ActionError('token-dead', 'x.', 'y.'), { state: 'unspent', access: undefined });
    expect(told.outputs).toEqual({
      'app-key': keys.appKey,
      'recovery-envelope': '',
      'token-state': 'unspent',
    });
    expect(told.env).toEqual({});
  });

  test('shows warnings and facts in the summary, which holds no secret', () => {
    const { delivery, masks, summary } = open();
    masks.add(SECRET);
    delivery.warning(`beware of ${SECRET}`);
    delivery.succeeded({ state: 'stored', facts: [['Written', SECRET]] });
    expect(summary()).toContain('⚠️ beware of ***\n');
    expect(summary()).toContain('| Written | *** |');
  });

  test('after an access token that could not be handed out, the other outputs are there', () => {
    const { delivery, told } = open();
    told.onTell = ({ name }: Told) => {
      if (name === 'access-token') throw new Error('ENOSPC');
    };
    delivery.failed(new ActionError('extra-failed', 'x.', 'y.'), { state: 'stored', access: ACCESS });
    expect(told.outputs['expires-in']).toBe('60');
    expect(told.texts('warning')).toEqual(['Some outputs of this step could not be written.']);
    expect(told.told.at(-1)?.kind).toBe('error');
  });

  test.each([
    ['internal', new Error('deeper'), [expect.stringMatching(/^Error: deeper\n/)]],
    ['internal', 'a text that nobody has checked', ['string']],
    ['runner-files', new Error('deeper'), [expect.stringMatching(/^Error: deeper\n/)]],
    ['token-dead', new Error('deeper'), []],
  ] as const)('of a failure with %s tells its stack in the debug log', (code, cause, lines) => {
    const { delivery, told } = open({ env: { RUNNER_DEBUG: '1' } });
    delivery.failed(new ActionError(code, 'x.', 'y.', { cause }), { state: 'unspent' });
    expect(told.texts('debug')).toEqual(lines);
  });

  test('of a failure shows the envelope before the error', () => {
    const { delivery, told, summary } = open();
    delivery.failed(new ActionError('store-failed', 'x.', 'y.'), { state: 'sealed', envelope: ENVELOPE });
    expect(told.told.map(({ kind }) => kind)).toEqual(['info', 'output', 'output', 'error']);
    expect(told.outputs).toEqual({ 'recovery-envelope': ENVELOPE, 'token-state': 'sealed' });
    expect(summary()).toContain(ENVELOPE);
  });
});
