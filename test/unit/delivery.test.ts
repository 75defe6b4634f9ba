import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Delivery } from '../../src/delivery.ts';
import { ActionError, type ErrorCode } from '../../src/errors.ts';
import { HANDOVER, type Handover } from '../../src/fate.ts';
import { Masks } from '../../src/text.ts';
import { RecordingToolkit } from '../support/toolkit.ts';
import { RUNS, UNIT } from './support.ts';

const SECRET = 'a-<secret>&value';
const ACCESS = { accessToken: 'access-1', tokenType: 'Bearer', scope: 'x', expiresIn: 60, expiresAt: 0 };
const ENVELOPE = 'cobo-envelope-v1.abc';
const UNSPENT: Handover = { state: 'unspent', trusted: true, envelope: null, keepsRecord: false, recording: null };
const SEALED: Handover = { ...UNSPENT, state: 'sealed', envelope: ENVELOPE };

const cobo = { environment: 'dev', apiUrl: '', isCustom: false, responseKey: '' } as const;
const INPUTS = { keys: { appSecret: new Uint8Array(32), appKey: 'ab'.repeat(32) }, accessTokenEnv: 'TOKEN', cobo };
const failure = (code: ErrorCode, cause?: unknown) => new ActionError(code, 'x.', 'y.', { cause });

function open(env: NodeJS.ProcessEnv = {}, isPost = false) {
  const folder = mkdtempSync(join(tmpdir(), 'delivery-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'summary');
  const told = new RecordingToolkit();
  const masks: Masks = new Masks((secret) => delivery.mask(secret));
  const world = { GITHUB_STEP_SUMMARY: file, RUNNER_DEBUG: '1', ...env };
  const delivery = new Delivery(told.toolkit, masks, world, isPost);
  return { delivery, masks, told, summary: () => readFileSync(file, 'utf8') };
}

/** What was told, a line each, without the masks. */
function linesOf({ told }: RecordingToolkit): string[] {
  return told.filter(({ kind }) => kind !== 'mask').map(({ kind, name, text }) => `${kind} ${name}=${text}`);
}

test('no line holds a secret or a command, and without an access token there is no variable', () => {
  const { delivery, masks, told, summary } = open();
  masks.add(SECRET);
  delivery.begin({ ...INPUTS, cobo: { ...cobo, isCustom: true } });
  const line = `a ${SECRET} and ##[set-output name=x]`;
  for (const kind of ['info', 'debug', 'warning'] as const) delivery[kind](line);
  delivery.failed(new ActionError('cobo-refused', line, 'Do it.'), { state: 'unspent', facts: [['Written', SECRET]] });
  const clean = 'a *** and # #[set-output name=x]';
  expect(linesOf(told)).toEqual([
    `output app-key=${INPUTS.keys.appKey}`,
    ...['info', 'debug', 'warning'].map((kind) => `${kind} =${clean}`),
    ...['output token-state=unspent', 'output recovery-envelope='],
    `error Cobo refused the request=${clean} This run has not spent the refresh token. Do it. [token-state: unspent, error: cobo-refused] see docs/errors.md`,
  ]);
  expect(summary()).toContain(`⚠️ ${clean}\n`);
  expect(summary()).not.toContain('secret');
  expect(summary()).toContain('\n| Cobo | custom URL |\n| Written | *** |\n');
});

test('no line of any text holds a secret or a command', () => {
  fc.assert(
    fc.property(fc.string({ unit: UNIT }), fc.string({ unit: UNIT }), (one, two) => {
      // The debug line is for those who have switched it on.
      const { delivery, masks, told } = open({ RUNNER_DEBUG: '0' });
      masks.add(SECRET);
      delivery.debug('x');
      delivery.info(`${one}${SECRET}##[${two}`);
      expect(linesOf(told)).toEqual([expect.not.stringMatching(`${SECRET}|##\\[`)]);
    }),
    { numRuns: RUNS },
  );
});

test('a part of the work is told in one line, with the time that it took, unless it fails', async () => {
  const { delivery, told } = open({ RUNNER_DEBUG: '0' });
  // It is for those who have switched it on.
  delivery.debug('x');
  await expect(delivery.step(() => Promise.reject('broken'), String)).rejects.toBe('broken');
  vi.spyOn(process, 'uptime').mockReturnValueOnce(1).mockReturnValueOnce(1.2504);
  expect(await delivery.step(async () => 5, String)).toBe(5);
  expect(linesOf(told)).toEqual(['info =5 (250 ms)']);
});

test('what a killed process leaves is state, outputs, and with an envelope the summary, until that says what became of it', () => {
  const { delivery, told, summary } = open();
  delivery.leave(UNSPENT);
  expect(summary).toThrow('ENOENT');
  delivery.leave(SEALED);
  expect(summary()).toContain(ENVELOPE);
  const stored: Handover = { ...UNSPENT, state: 'stored' };
  delivery.leave(stored);
  expect(linesOf(told)).toEqual([
    ...[`state ${HANDOVER}=${JSON.stringify(UNSPENT)}`, 'output token-state=unspent', 'output recovery-envelope='],
    `state ${HANDOVER}=${JSON.stringify(SEALED)}`,
    ...[`output recovery-envelope=${ENVELOPE}`, 'output token-state=sealed'],
    ...[`state ${HANDOVER}=${JSON.stringify(stored)}`, 'output token-state=stored', 'output recovery-envelope='],
  ]);
  expect(summary()).toContain('**stored**');
  expect(summary()).not.toContain(ENVELOPE);
});

test('what is left behind after the end does not replace its summary', () => {
  const failed = open({}, true);
  failed.delivery.failed(failure('store-failed'), { state: 'sealed', envelope: ENVELOPE, access: ACCESS });
  // Now the records are deleted.
  failed.delivery.leave(SEALED);
  expect(failed.summary()).toMatch(/^### ❌ .*\n\*\*What to do:\*\* .*\n\| Access token \| .*cobo-envelope-v1\.abc\n/s);
});

test.each(['output', 'state'])('it must be written before a refresh (%s)', (broken) => {
  const { delivery, told } = open();
  const cause = new Error('ENOSPC');
  told.onTell = ({ kind }) => {
    if (kind === broken) throw cause;
  };
  const problem = "The runner's files for outputs and state cannot be written.";
  const remedy = 'Check that the disk of the runner is not full, and re-run the job.';
  expect(() => delivery.leave(UNSPENT)).toThrow(new ActionError('runner-files', problem, remedy, { cause }));
});

test('the post step has a summary, if the runner has, and no outputs, state and environment variable', () => {
  const bare = open({ GITHUB_STEP_SUMMARY: '' }, true);
  bare.delivery.succeeded({ state: 'stored' });
  expect(bare.told.told).toEqual([]);
  const { delivery, told, summary } = open({}, true);
  delivery.begin(INPUTS);
  delivery.leave(SEALED);
  expect(summary()).toContain(ENVELOPE);
  delivery.succeeded({ state: 'stored', access: ACCESS });
  expect(summary()).toContain('finished after the job');
  expect(told.told).toEqual([]);
});

test('once the run endures, nothing that fails to be told ends it', () => {
  const { delivery, told } = open();
  told.onTell = () => {
    throw new Error('EPIPE');
  };
  const lines = (['info', 'debug', 'warning', 'mask'] as const).map((kind) => () => delivery[kind](SECRET));
  for (const tell of lines) expect(tell).toThrow('The log of this step cannot be written.');
  // It endures from here on.
  const problem = 'The outputs or the environment variable of this step could not be written.';
  expect(() => delivery.succeeded({ state: 'stored' })).toThrow(problem);
  for (const tell of lines) tell();
  delivery.leave(SEALED);
  expect(delivery.handOut('refresh-1')).toBe(false);
  delivery.failed(failure('internal'), { state: 'stored', envelope: ENVELOPE });
  expect(told.told).toEqual([]);
});

test('a run that goes well puts out the app key first, the state before the tokens, and the variable last', () => {
  const { delivery, told, summary } = open();
  delivery.begin(INPUTS);
  expect(delivery.handOut('refresh-1')).toBe(true);
  delivery.succeeded({ state: 'delivered', access: ACCESS, facts: [['A', 'b']] });
  expect(linesOf(told)).toEqual([
    ...[`output app-key=${INPUTS.keys.appKey}`, 'output refresh-token=refresh-1'],
    ...['output token-state=delivered', 'output recovery-envelope=', 'output access-token=access-1'],
    ...['output token-type=Bearer', 'output scope=x', 'output expires-in=60'],
    ...['output expires-at=1970-01-01T00:00:00Z', 'env TOKEN=access-1'],
  ]);
  expect(summary()).toContain('\n| Cobo | dev |\n| A | b |\n');
});

test('a failed run shows its envelope first and once, every output that can be written, and the error last', () => {
  const { delivery, told, summary } = open();
  told.onTell = ({ name }) => {
    if (name === 'access-token') throw new Error('ENOSPC');
  };
  delivery.failed(failure('store-failed'), { state: 'sealed', envelope: ENVELOPE, access: ACCESS });
  delivery.showEnvelope(ENVELOPE);
  expect(linesOf(told).map((line) => line.replace(/ \[.*/, ''))).toEqual([
    `info =recovery-envelope: ${ENVELOPE}`,
    ...[`output recovery-envelope=${ENVELOPE}`, 'output token-state=sealed', 'output token-type=Bearer'],
    ...['output scope=x', 'output expires-in=60', 'output expires-at=1970-01-01T00:00:00Z'],
    'warning =Some outputs of this step could not be written.',
    'error The new refresh token could not be stored=x. The new refresh token is sealed in the recovery envelope. y.',
  ]);
  expect(summary()).toMatch(/^### ❌ .*\ncobo-envelope-v1\.abc\n/s);
});

test.each([
  ['internal', new Error('deeper'), [expect.stringMatching(/^Error: deeper\n/)]],
  ['internal', 'a text that nobody has checked', ['string']],
  ['runner-files', new Error('deeper'), [expect.stringMatching(/^Error: deeper\n/)]],
  ['token-dead', new Error('deeper'), []],
] as const)('a failure with %s tells its stack in the debug log, if at all', (code, cause, lines) => {
  const { delivery, told } = open({ GITHUB_STEP_SUMMARY: tmpdir() });
  told.onTell = ({ kind }) => {
    if (kind === 'output') throw new Error('ENOSPC');
  };
  delivery.failed(failure(code, cause), { state: 'unspent' });
  expect(told.texts('warning')).toHaveLength(code === 'runner-files' ? 0 : 1);
  expect(told.texts('debug')).toEqual([...lines, 'the job summary could not be written']);
});
