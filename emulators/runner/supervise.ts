import type { StepLog } from './log.ts';
import type { ProcessOptions } from './options.ts';
import type { Exit, StepProcess } from './process.ts';

const MINUTE = 60_000;

/**
 * Waits for the end of a step, and cancels it when its time is up.
 * @throws Error when it outlasts `timeoutMs`, which is a test's guard and no part of the runner
 */
export async function superviseStep(
  process: StepProcess,
  options: ProcessOptions,
  log: StepLog,
): Promise<Exit & { timedOut: boolean; durationMs: number }> {
  const started = performance.now();
  const { timeoutMs = MINUTE, timeoutMinutes } = options;
  let timedOut = false;
  let outlasted = false;
  const guard = setTimeout(() => {
    outlasted = true;
    process.child.kill('SIGKILL');
    // A grandchild may hold the pipes open: without this `closed` would wait for it.
    process.closeOutput();
  }, timeoutMs);
  const limit =
    timeoutMinutes === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          process.cancel(options.timeoutManner).catch(() => undefined);
        }, timeoutMinutes * MINUTE);
  const callbacks = async () => {
    options.onSpawn?.(process.child);
    await options.signals?.(process.child);
  };
  try {
    const [exit] = await Promise.all([process.closed, callbacks()]);
    if (outlasted) {
      throw new Error(`The step was still running after ${timeoutMs} ms. Its log:\n${log.shown.join('\n')}`);
    }
    if (timedOut) log.complain(`The action has timed out after ${timeoutMinutes} minutes.`);
    return { ...exit, timedOut, durationMs: performance.now() - started };
  } finally {
    clearTimeout(guard);
    clearTimeout(limit);
    if (!process.hasExited) process.child.kill('SIGKILL');
  }
}
