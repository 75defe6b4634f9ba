import { describe, expect, it } from 'vitest';
import type { CancelManner } from '../../emulators/runner/process.ts';
import { fixtureAction, signal, startJob } from './fixture.ts';

const SOON = { intMs: 300, termMs: 200 };
const POST = `console.log('post')`;

/** Cancels a job once its step has printed "ready". */
async function cancelled(script: string, manner: CancelManner = SOON, postIf = 'cancelled()') {
  const ready = signal();
  const job = await startJob({ onLine: (line) => line === 'ready' && ready.fire() });
  const main = `${script}; setInterval(() => {}, 1000); console.log('ready');`;
  const actionDir = await fixtureAction(main, { post: POST, postIf });
  const signals = () => ready.promise.then(() => job.cancel(manner));
  const result = await job.main({ with: {}, actionDir, signals });
  return { job, result };
}

// Windows has no signals: there the first one ends the process at once.
describe.skipIf(process.platform === 'win32')('a cancelled job', () => {
  it('stops at SIGINT when that ends the process', async () => {
    const { job, result } = await cancelled('');
    expect(result).toMatchObject({
      sent: ['SIGINT'],
      exitCode: null,
      signal: 'SIGINT',
      outcome: 'cancelled',
    });
    expect(result.log).toBe('ready\n##[error]The operation was canceled.');
    expect(job.status).toBe('cancelled');
    expect((await job.post())?.log).toBe('post');
  });

  it('goes on to SIGTERM', async () => {
    const { result } = await cancelled(
      `process.on('SIGINT', () => console.log('int')); process.on('SIGTERM', () => process.exit(7))`,
    );
    expect(result).toMatchObject({ sent: ['SIGINT', 'SIGTERM'], exitCode: 7, signal: null });
    expect(result.log).toContain('ready\nint\n');
    expect(result.durationMs).toBeGreaterThan(300);
  });

  it('kills what holds out', async () => {
    const { result } = await cancelled(
      `process.on('SIGINT', () => console.log('int')); process.on('SIGTERM', () => console.log('term'))`,
    );
    expect(result).toMatchObject({ sent: ['SIGINT', 'SIGTERM', 'SIGKILL'], signal: 'SIGKILL' });
    expect(result.log).toContain('ready\nint\nterm\n');
  });

  it('is killed at once by nektos/act', async () => {
    const { result } = await cancelled(`process.on('SIGINT', () => console.log('int'))`, 'act');
    expect(result).toMatchObject({ sent: ['SIGKILL'], signal: 'SIGKILL', outcome: 'cancelled' });
    expect(result.log).not.toContain('int');
  });

  it('has ended as cancelled even when the step exits with 0', async () => {
    const { result } = await cancelled(`process.on('SIGINT', () => process.exit(0))`, SOON, 'failure()');
    expect(result).toMatchObject({ exitCode: 0, outcome: 'cancelled' });
  });

  it('lets a post step go on whose condition still holds', async () => {
    const ready = signal();
    const job = await startJob({ onLine: (line) => line === 'ready' && ready.fire() });
    const post = `process.on('SIGUSR2', () => process.exit(5)); console.log('ready'); setInterval(() => {}, 1000);`;
    const actionDir = await fixtureAction('process.exitCode = 1', {
      post,
      postIf: 'failure() || cancelled()',
    });
    await job.main({ with: {}, actionDir });
    const result = await job.post({
      signals: async (child) => {
        await ready.promise;
        job.cancel(SOON);
        child.kill('SIGUSR2');
      },
    });
    expect(result).toMatchObject({ exitCode: 5, sent: [], outcome: 'failure' });
  });
});

describe.skipIf(process.platform === 'win32')('a step that takes too long', () => {
  it('is cancelled, and has failed', async () => {
    const script = `process.on('SIGINT', () => process.exit(0)); setInterval(() => {}, 1000)`;
    const job = await startJob();
    const actionDir = await fixtureAction(script, { post: POST, postIf: 'failure()' });
    const limits = { timeoutMinutes: 0.01, timeoutManner: SOON };
    const result = await job.main({ with: {}, actionDir, ...limits });
    expect(result).toMatchObject({ sent: ['SIGINT'], exitCode: 0, outcome: 'failure' });
    expect(result.log).toBe('##[error]The action has timed out after 0.01 minutes.');
    expect((await job.post())?.log).toBe('post');
  });
});
