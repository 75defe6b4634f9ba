import type { Clock } from '../clock.ts';
import type { HttpOptions } from '../http.ts';

/**
 * How much a call matters.
 *
 * - `read`: ends when the run stops.
 * - `record`: a request under way gets some seconds when the run stops. Cut off, it could still be done, after
 *   the record was deleted.
 * - `keep`: stores a refresh token. Nothing stops it, no pause for another request holds it back, and every
 *   refusal is tried again.
 * - `extra`: stores what comes with it. A request under way is not stopped, but waits are.
 * - `tidy`: deletes a record of this run. A request under way gets some seconds when the run is cancelled; one
 *   that begins later has one attempt, and no pause holds it back.
 * - `sweep`: deletes what an older run has left. It has one attempt of some seconds, and none in a pause.
 */
export type Manner = 'read' | 'record' | 'keep' | 'extra' | 'tidy' | 'sweep';

/** What a cancelled run still has time for, before the runner sends SIGTERM. */
const LINGER_MS = 3_000;

/** Whether there is time for one attempt only, and only for some seconds. */
export function isHurried(manner: Manner, stop: AbortSignal): boolean {
  return manner === 'sweep' || (manner === 'tidy' && stop.reason === 'cancelled');
}

/** Whether a pause that GitHub asked for on account of another request holds a call back. */
export function heedsPauses(manner: Manner, stop: AbortSignal): boolean {
  return manner !== 'keep' && !(manner === 'tidy' && isHurried(manner, stop));
}

/** Whether an attempt must not begin any more once the run has stopped. */
export function endsWithTheRun(manner: Manner): boolean {
  return manner === 'read' || manner === 'record' || manner === 'sweep';
}

/** What may end an attempt that begins now, and what to call when it is over. */
export function limitsOf(
  manner: Manner,
  stop: AbortSignal,
  clock: Clock,
  timeoutMs: number,
): { options: Pick<HttpOptions, 'signal' | 'timeoutMs'>; done: () => void } {
  const done = () => undefined;
  if (manner === 'keep' || manner === 'extra') return { options: { timeoutMs }, done };
  if (manner === 'read') return { options: { timeoutMs, signal: stop }, done };
  if (isHurried(manner, stop)) {
    const short = Math.min(LINGER_MS, timeoutMs);
    return { options: { timeoutMs: short, ...(manner === 'sweep' ? { signal: stop } : {}) }, done };
  }
  const late = new AbortController();
  const over = new AbortController();
  const linger = () =>
    void clock.sleep(LINGER_MS, over.signal).then(
      () => late.abort(),
      () => undefined,
    );
  stop.addEventListener('abort', linger, { once: true, signal: over.signal });
  return { options: { timeoutMs, signal: late.signal }, done: () => over.abort() };
}
