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
 * - `tidy`: deletes a record of this run. A request under way gets some seconds when the run stops, and so does
 *   one that begins later. No pause holds back the latter.
 * - `sweep`: what a run can do without. It has one attempt of some seconds, and none in a pause.
 */
export type Manner = keyof typeof MANNERS;

/** Whether an attempt may begin after the run has stopped, and what becomes of one that is under way then. */
export const MANNERS = {
  read: { beginsLate: false, underWay: 'ends' },
  record: { beginsLate: false, underWay: 'lingers' },
  keep: { beginsLate: true, underWay: 'goes on' },
  extra: { beginsLate: true, underWay: 'goes on' },
  tidy: { beginsLate: true, underWay: 'lingers' },
  sweep: { beginsLate: false, underWay: 'ends' },
} as const;

/** What a cancelled run still has time for, before the runner sends SIGTERM. */
const LINGER_MS = 3_000;

/**
 * What may end an attempt that begins now.
 * @param over aborts when it is over
 */
export function limitsOf(
  manner: Manner,
  stop: AbortSignal,
  over: AbortSignal,
  clock: Clock,
  timeoutMs: number,
): Pick<HttpOptions, 'signal' | 'timeoutMs'> {
  const { underWay } = MANNERS[manner];
  if (underWay === 'goes on') return { timeoutMs };
  const shortMs = Math.min(LINGER_MS, timeoutMs);
  if (manner === 'sweep') return { timeoutMs: shortMs, signal: stop };
  if (underWay === 'ends') return { timeoutMs, signal: stop };
  if (stop.aborted) return { timeoutMs: shortMs };
  const late = new AbortController();
  const linger = () =>
    void clock.sleep(LINGER_MS, over).then(
      () => late.abort(),
      () => undefined,
    );
  stop.addEventListener('abort', linger, { signal: over });
  return { timeoutMs, signal: late.signal };
}
