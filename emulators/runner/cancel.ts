import type { ChildProcess } from 'node:child_process';

/** How long the runner waits after SIGINT, and then after SIGTERM, before it goes on. Milliseconds. */
export interface CancelPace {
  intMs?: number | undefined;
  termMs?: number | undefined;
}

/**
 * Cancels a step as the runner does: SIGINT, SIGTERM after 7.5 s, SIGKILL 2.5 s later, each only when the
 * process is still there. Windows knows none of these: the first one ends the process there.
 * @returns the signals that were sent, once the process has exited
 */
export async function cancelLikeRunner(
  child: ChildProcess,
  { intMs = 7500, termMs = 2500 }: CancelPace = {},
): Promise<NodeJS.Signals[]> {
  const sent: NodeJS.Signals[] = [];
  const waits: [NodeJS.Signals, number | undefined][] = [
    ['SIGINT', intMs],
    ['SIGTERM', termMs],
    ['SIGKILL', undefined],
  ];
  for (const [signal, ms] of waits) {
    if (hasExited(child)) break;
    child.kill(signal);
    sent.push(signal);
    await exited(child, ms);
  }
  return sent;
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Resolves when the process exits, or after `ms` when it does not; without `ms` it waits for the exit. */
function exited(child: ChildProcess, ms: number | undefined): Promise<void> {
  if (hasExited(child)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      child.off('exit', done);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(done, ms);
    child.on('exit', done);
  });
}
