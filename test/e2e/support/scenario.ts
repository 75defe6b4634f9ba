import { expect, test } from 'vitest';
import { findLeaks } from '../../../emulators/runner/leaks.ts';
import type { StepResult } from '../../../emulators/runner/step.ts';
import { STORE, type Stage, type StageOptions, startStage } from '../../../emulators/stage.ts';
import { openByHand } from './envelope.ts';

/** `it`, with stages that close themselves when the test ends. */
export const it = test.extend<{ open: (options?: StageOptions) => Promise<Stage> }>({
  open: async ({ task: _task }, use) => {
    const stages: Stage[] = [];
    await use(async (options) => {
      const stage = await startStage(options);
      stages.push(stage);
      // Another copy of the action, to see that these tests fail for one that was broken on purpose.
      const actionDir = process.env['ACTION_DIR'];
      return actionDir === undefined
        ? stage
        : { ...stage, run: (changes, step) => stage.run(changes, { actionDir, ...step }) };
    });
    await Promise.all(stages.map((stage) => stage.close()));
  },
});

export type State = 'unspent' | 'stored' | 'delivered' | 'kept' | 'reused' | 'sealed' | 'unknown';

/** What is true of every scenario, whatever else it is about. */
interface Common {
  state: State;
  /** The stores of the run, beside the usual one. */
  stores?: readonly string[];
  /** Secrets that the stage does not know of. */
  secrets?: readonly string[];
  /** The refresh token that the run was given, where it is not the stage's own. */
  used?: string;
  /** Cobo told a lie in this scenario, so that the state cannot be held against what Cobo knows. */
  coboLied?: boolean;
  /** GitHub is made to keep the probe in this scenario. */
  probeStays?: boolean;
}

/** How a run is to have succeeded. */
export interface Success extends Common {
  /** 130 or 143 for a run that finished its work although it was cancelled. */
  exit?: number;
}

/** How a run is to have failed. */
export interface Failure extends Common {
  /** Default 1. */
  exit?: number;
  /** The code that the debug log names. */
  code: string;
  /** What the error line says of the failure. */
  says: readonly (string | RegExp)[];
  /** What the error line tells the reader to do. */
  remedy: string | RegExp;
}

export function expectSuccess(stage: Stage, result: StepResult, wanted: Success): void {
  expect(
    result.annotations.filter(({ level }) => level === 'error'),
    'error annotations',
  ).toEqual([]);
  expect(result, result.log).toMatchObject({ exitCode: wanted.exit ?? 0, signal: null });
  expectCommon(stage, result, wanted);
}

export function expectFailure(stage: Stage, result: StepResult, wanted: Failure): void {
  expect(result, result.log).toMatchObject({ exitCode: wanted.exit ?? 1, signal: null });
  const errors = result.annotations.filter(({ level }) => level === 'error');
  expect(errors, 'error annotations').toHaveLength(1);
  const { title = '', message = '' } = errors[0] ?? {};
  expect(title, 'the title of the error').not.toBe('');
  for (const said of wanted.says) expect(message).toMatch(asPattern(said));
  expect(message).toMatch(asPattern(wanted.remedy));
  expect(message).toContain(`[token-state: ${wanted.state}]`);
  expect(result.debug).toContain(`error code: ${wanted.code}`);
  expect(result.rawSummary, 'the summary of a failure').toContain(`❌ ${title}`);
  expectCommon(stage, result, wanted);
}

/** For a run that ends before its first request: neither service may have heard of it. */
export function expectNothingSent(stage: Stage): void {
  expect(stage.cobo.requests, 'requests to Cobo').toEqual([]);
  expect(stage.github.requests, 'requests to GitHub').toEqual([]);
}

/** The rows of a table with their names in front, for a title of `%s`: any other way cuts them short. */
export function named<Row extends { name: string }>(rows: readonly Row[]): [name: string, row: Row][] {
  return rows.map((row) => [row.name, row]);
}

/** What Cobo was asked, as `POST /v2/oauth/token`. */
export function asked({ requests }: Stage['cobo'] | Stage['github']): string[] {
  return requests.map(({ method, path }) => `${method} ${path}`);
}

/** The warnings, as a user sees them. */
export function warnings(result: StepResult): string[] {
  return result.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message);
}

function expectCommon(stage: Stage, result: StepResult, wanted: Common): void {
  const { outputs } = result;
  expect(outputs['token-state']).toBe(wanted.state);
  expect(outputs['recovery-envelope'] !== undefined, 'an envelope').toBe(wanted.state === 'sealed');
  expect(outputs['refresh-token'] !== undefined, 'a refresh token').toBe(wanted.state === 'delivered');
  expectSummary(result, wanted.state);
  expectNoTrace(stage, result, wanted);
  if (wanted.coboLied !== true) expectTruth(stage, result, wanted);
}

/** What holds even of a process that was killed. */
export function expectNoTrace(stage: Stage, result: StepResult, wanted: Omit<Common, 'state'>): void {
  const secrets = [...stage.secrets(), ...(wanted.secrets ?? [])];
  expect(stage.leaks(result), 'leaks').toEqual([]);
  expect(findLeaks(result, secrets), 'leaks').toEqual([]);
  expectMaskedFirst(result, secrets);
  expect(result.violations, 'deprecated commands').toEqual([]);
  expect(stage.cobo.errors, "the Cobo emulator's own errors").toEqual([]);
  expect(stage.github.errors, "the GitHub emulator's own errors").toEqual([]);
  if (wanted.probeStays !== true) {
    for (const store of [STORE, ...(wanted.stores ?? [])]) {
      const probes = stage.github.secretNames(store).filter((name) => name.includes('PROBE'));
      expect(probes, `probes in ${store}`).toEqual([]);
    }
  }
}

function expectSummary({ rawSummary }: StepResult, state: State): void {
  expect(rawSummary).toContain(`**${state}**`);
  if (state !== 'sealed') expect(rawSummary).not.toMatch(/cobo-envelope-v1\.[\w-]/);
}

/** The runner masks from the registration on, so nothing else may be printed before it. */
function expectMaskedFirst({ rawLog }: StepResult, secrets: readonly string[]): void {
  const lines = rawLog.split('\n');
  const isMask = (line: string) => line.startsWith('::add-mask::');
  const said = lines.filter((line) => !isMask(line)).join('\n');
  secrets.forEach((secret, index) => {
    expect(said.includes(secret), `secret ${index + 1} in what the process printed`).toBe(false);
  });
  const first = lines.findIndex((line) => line !== '' && !isMask(line));
  const late = lines.slice(Math.max(first, 0)).filter(isMask).map(unescapeData);
  // After the first word only what Cobo has just issued may be registered, and what an envelope held.
  const given = secrets.slice(0, 2);
  expect(
    given.filter((secret) => late.includes(secret)),
    'secrets masked after something was printed',
  ).toEqual([]);
}

function unescapeData(line: string): string {
  return line
    .slice('::add-mask::'.length)
    .replaceAll('%0A', '\n')
    .replaceAll('%0D', '\r')
    .replaceAll('%25', '%');
}

/** Holds what the run says against what Cobo and GitHub know. */
function expectTruth(stage: Stage, { outputs }: StepResult, { state, stores, used }: Common): void {
  const { cobo, github } = stage;
  const before = used ?? stage.refreshToken;
  switch (state) {
    case 'stored':
      for (const store of stores ?? [STORE]) {
        const value = github.secretValue(store, 'COBO_REFRESH_TOKEN') ?? '';
        expect(cobo.state(value), `the token in ${store}`).toBe('living');
      }
      break;
    case 'delivered':
      expect(cobo.state(outputs['refresh-token'] ?? ''), 'the delivered token').toBe('living');
      break;
    case 'sealed': {
      const { appSecretHex, clientId } = cobo.client;
      const token = openByHand(outputs['recovery-envelope'] ?? '', appSecretHex, clientId);
      expect(cobo.state(token), 'the sealed token').toBe('living');
      break;
    }
    case 'kept':
    case 'unspent':
      // A dead token was dead before this run: nothing that this run did may have spent a living one.
      expect(
        cobo.history.filter(({ operation, spent }) => operation === 'refresh' && spent === before),
        'refreshes with a token said to be unspent',
      ).toEqual([]);
      break;
    default:
  }
}

function asPattern(text: string | RegExp): RegExp {
  return typeof text === 'string' ? new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : text;
}
