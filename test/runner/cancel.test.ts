import type { ChildProcess } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { cancelLikeRunner } from '../../emulators/runner/cancel.ts';
import { runStep } from '../../emulators/runner/step.ts';
import { fixtureAction } from './fixture.ts';

/** Cancels a step once it has printed "ready", and tells what was sent and how the step ended. */
async function cancelled(script: string) {
  let ready = () => {};
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  let sent: NodeJS.Signals[] = [];
  const signals = async (child: ChildProcess) => {
    await isReady;
    sent = await cancelLikeRunner(child, { intMs: 300, termMs: 200 });
  };
  const actionDir = await fixtureAction(`${script}; setInterval(() => {}, 1000); console.log('ready');`);
  const result = await runStep({
    with: {},
    actionDir,
    signals,
    onLine: (line) => line === 'ready' && ready(),
  });
  return { sent, result };
}

// Windows has no signals: there the first one ends the process at once.
describe.skipIf(process.platform === 'win32')('cancelLikeRunner', () => {
  it('stops at SIGINT when that ends the process', async () => {
    const { sent, result } = await cancelled('');
    expect(sent).toEqual(['SIGINT']);
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGINT' });
  });

  it('goes on to SIGTERM', async () => {
    const { sent, result } = await cancelled(
      `process.on('SIGINT', () => console.log('int')); process.on('SIGTERM', () => process.exit(7))`,
    );
    expect(sent).toEqual(['SIGINT', 'SIGTERM']);
    expect(result).toMatchObject({ exitCode: 7, signal: null, log: 'ready\nint' });
    expect(result.durationMs).toBeGreaterThan(300);
  });

  it('kills what holds out', async () => {
    const { sent, result } = await cancelled(
      `process.on('SIGINT', () => console.log('int')); process.on('SIGTERM', () => console.log('term'))`,
    );
    expect(sent).toEqual(['SIGINT', 'SIGTERM', 'SIGKILL']);
    expect(result).toMatchObject({ signal: 'SIGKILL', log: 'ready\nint\nterm' });
  });
});
