import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { StepResult } from '../../emulators/runner/step.ts';
import { SECRET, STORE, type Stage } from '../../emulators/stage.ts';
import { envelopeIn, openByHand } from './support/envelope.ts';
import { expectNoTrace, it, warnings } from './support/scenario.ts';

/** Runs the action with a file for outputs that is gone from the moment when Cobo is asked. */
async function withoutOutputs(
  stage: Stage,
  changes: Record<string, string | undefined>,
): Promise<StepResult> {
  const folder = await mkdtemp(join(tmpdir(), 'outputs-'));
  const file = join(folder, 'set_output');
  await writeFile(file, '');
  stage.cobo.faults.add({ fault: { kind: 'hook', when: 'before', run: () => rm(file) } });
  try {
    return await stage.run(changes, { env: { GITHUB_OUTPUT: file } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The outputs are lost, so that log and summary alone have to tell. */
function expectTold(stage: Stage, result: StepResult, state: string): void {
  expect(result).toMatchObject({ exitCode: 1, signal: null, outputs: {} });
  const errors = result.annotations.filter(({ level }) => level === 'error');
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toContain('Something failed that the action did not expect (Error).');
  expect(errors[0]?.message).toContain(`[token-state: ${state}]`);
  expect(result.rawSummary).toContain(`**${state}**`);
  expect(warnings(result)).toContain('The outputs could not be written.');
  expect(result.debug).toContain('error code: internal');
  expectNoTrace(stage, result, {});
}

describe('when the outputs cannot be written', () => {
  it.concurrent('the refresh token that was to be one of them is sealed [recovery: internal]', async ({
    open,
  }) => {
    const stage = await open();
    const result = await withoutOutputs(stage, { 'refresh-token-secret': undefined });
    expectTold(stage, result, 'sealed');
    const { appSecretHex, clientId } = stage.cobo.client;
    for (const text of [result.log, result.rawSummary]) {
      const token = openByHand(envelopeIn(text), appSecretHex, clientId);
      expect([token]).toEqual(stage.cobo.livingRefreshTokens());
    }
  });

  it.concurrent('the refresh token that was stored is said to be stored', async ({ open }) => {
    const stage = await open();
    expectTold(stage, await withoutOutputs(stage, {}), 'stored');
    expect(stage.cobo.livingRefreshTokens()).toEqual([stage.github.secretValue(STORE, SECRET)]);
  });

  it.concurrent('from the start, nothing is spent', async ({ open }) => {
    const stage = await open();
    const result = await stage.run({}, { env: { GITHUB_OUTPUT: '/nowhere/set_output' } });
    expectTold(stage, result, 'unspent');
    expect(stage.cobo.requests).toEqual([]);
  });
});

describe('when the summary cannot be written', () => {
  it.concurrent('that is a warning, for the token is stored', async ({ open }) => {
    const stage = await open();
    const result = await stage.run({}, { env: { GITHUB_STEP_SUMMARY: '/nowhere/step_summary' } });
    expect(result.exitCode, result.log).toBe(0);
    expect(result.outputs['token-state']).toBe('stored');
    expect(warnings(result)).toContain('The job summary could not be written.');
    expectNoTrace(stage, result, {});
  });
});
