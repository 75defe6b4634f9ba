import { ActionError } from '../errors.ts';
import type { Log } from '../log.ts';
import { duration, timeField, utc } from '../text.ts';
import type { GitHub } from './client.ts';
import { GitHubFailure } from './failure.ts';
import type { PreparedStore } from './prepared-store.ts';
import type { Store } from './stores.ts';

/** What the runner tells of the run and the job. */
export interface RunFacts {
  /** `owner/name` of the workflow's repository. */
  repository: string | undefined;
  runId: number;
  /** 1 for the first attempt. */
  runAttempt: number;
  /** When the runner wrote the event file, milliseconds since 1970 by the runner's own clock. */
  jobStartedAt: number | undefined;
}

/** When the runner read the secrets, milliseconds since 1970 by GitHub's clock. */
export interface ReadTimes {
  /** Repository, organization and Dependabot secrets; `undefined` when GitHub does not say. */
  queuedAt: number | undefined;
  /** Environment secrets. */
  jobStartedAt: number | undefined;
}

/** A run that waited this long may have been overtaken by another. */
const LONG_QUEUE_MS = 60_000;

/**
 * Asks GitHub when the run was queued: `created_at`, or `run_started_at` for a later attempt. A token that
 * may not read that leaves it open.
 * @throws ActionError `github-unavailable`
 */
export async function queueTime(github: GitHub, run: RunFacts): Promise<number | undefined> {
  if (run.repository === undefined || !Number.isSafeInteger(run.runId)) return undefined;
  try {
    const json = await github.call('GET', `/repos/${run.repository}/actions/runs/${run.runId}`);
    const time = timeField(json, run.runAttempt > 1 ? 'run_started_at' : 'created_at');
    return Number.isNaN(time) ? undefined : time;
  } catch (error) {
    if (!(error instanceof GitHubFailure)) throw error;
    if (error.status !== undefined && error.status < 500 && error.status !== 429) return undefined;
    throw new ActionError(
      'github-unavailable',
      `Reading when this run was queued failed: ${error.message}.`,
      'Run the job again; nothing was spent.',
      { cause: error },
    );
  }
}

/**
 * Refuses to go on when a secret that is to receive the rotated refresh token was updated after the runner
 * read it: then another run has rotated it, and the token in hand is spent.
 * @throws ActionError `token-stale`
 */
export function refuseStaleToken(stores: readonly PreparedStore[], secret: string, times: ReadTimes): void {
  for (const prepared of stores) {
    const updatedAt = prepared.updatedAt(secret);
    const { readAt, moment } = readTime(prepared.store, times);
    if (updatedAt === undefined || readAt === undefined || updatedAt <= readAt) continue;
    throw new ActionError(
      'token-stale',
      `The secret ${secret} in the store \`${prepared.store.label}\` was updated at ${utc(updatedAt)}, after this run read it at ${utc(readAt)} (${moment}): another run has rotated the token, and the one in hand is most likely spent.`,
      'Run the job again: a re-run reads the secret afresh. To be safe from it, keep the token in an environment secret, which is read only when the job starts.',
    );
  }
}

/** Warns, once, when a run that writes to secrets that are read at queue time has waited for long. */
export function warnOfLongQueue(stores: readonly PreparedStore[], times: ReadTimes, log: Log): void {
  const { queuedAt, jobStartedAt } = times;
  if (queuedAt === undefined || jobStartedAt === undefined) return;
  const waited = jobStartedAt - queuedAt;
  const atRisk = stores.find(({ store }) => store.kind === 'repository' || store.kind === 'organization');
  if (waited < LONG_QUEUE_MS || atRisk === undefined) return;
  log.warning(
    `This run waited ${duration(waited)} between reading the secrets of ${atRisk.store.label} and starting. Another run may rotate the token in such a time; an environment secret is read only when the job starts.`,
  );
}

function readTime(store: Store, times: ReadTimes): { readAt: number | undefined; moment: string } {
  if (store.kind !== 'environment' && times.queuedAt !== undefined) {
    return { readAt: times.queuedAt, moment: 'when the run was queued' };
  }
  return { readAt: times.jobStartedAt, moment: 'when the job started' };
}
