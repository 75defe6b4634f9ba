import { ActionError } from '../errors.ts';
import { duration, list, timeField, utc } from '../text.ts';
import type { Call, GitHub } from './client.ts';
import { GitHubFailure } from './failure.ts';
import type { Store } from './grammar.ts';
import type { Doubt, Records } from './record.ts';
import type { PreparedStore } from './store.ts';

/** What the runner tells of the run and the job. */
export interface RunFacts {
  /** `owner/name` of the workflow's repository. */
  repository: string | undefined;
  runId: number;
  /** 1 for the first attempt. */
  runAttempt: number;
  /** Milliseconds since 1970 by the runner's own clock. */
  jobStartedAt: number | undefined;
}

/** When the runner read the secrets, milliseconds since 1970 by GitHub's clock, as far as that is known. */
export interface ReadTimes {
  /** Repository, organization and Dependabot secrets. */
  queuedAt: number | undefined;
  /** Environment secrets. */
  jobStartedAt: number | undefined;
}

const DAY_MS = 24 * 3_600_000;
/** A run that waited this long may have been overtaken by another. */
const LONG_QUEUE_MS = 60_000;
const TOKEN_EXPIRES_SOON_MS = 14 * DAY_MS;
/** A refresh token lives for 30 days. */
const TOKEN_IS_OLD_MS = 25 * DAY_MS;

/** Whether the secrets of a store are read when the run is queued, and not when its job starts. */
export function isReadAtQueueTime({ kind }: Pick<Store, 'kind'>): boolean {
  return kind !== 'environment';
}

/**
 * Asks GitHub when the run was queued: `created_at`, or `run_started_at` for a later attempt.
 * @returns `undefined` when the token may not read that
 * @throws GitHubFailure when anything else goes wrong: whoever took that for the same could use a spent token
 */
export async function queueTime(github: GitHub, run: RunFacts): Promise<number | undefined> {
  if (run.repository === undefined || !Number.isSafeInteger(run.runId)) return undefined;
  const call: Call = {
    method: 'GET',
    path: `/repos/${run.repository}/actions/runs/${run.runId}`,
    expect: [200],
    doing: 'Reading when this run was queued',
    permission: '"Actions: read"',
    manner: 'read',
  };
  const reply = await github.call(call).catch((error: unknown) => {
    const isRefused = error instanceof GitHubFailure && error.again === undefined;
    if (!isRefused || ![401, 403, 404].includes(error.status ?? 0)) throw error;
  });
  if (reply === undefined) return undefined;
  const time = timeField(reply.json, run.runAttempt > 1 ? 'run_started_at' : 'created_at');
  if (Number.isNaN(time)) throw new GitHubFailure(call, 'the answer is malformed or incomplete', { status: 200 });
  return time;
}

/**
 * Refuses a token whose secret was updated after the runner read it. An update in the same second is left to
 * the in-flight record.
 * @throws ActionError `token-stale`
 */
export function refuseStaleToken(stores: readonly PreparedStore[], secret: string, times: ReadTimes): void {
  const { queuedAt, jobStartedAt } = times;
  for (const store of stores) {
    const isQueued = isReadAtQueueTime(store.store);
    const updatedAt = store.facts(secret)?.updatedAt;
    const readAt = (isQueued ? queuedAt : undefined) ?? jobStartedAt;
    // GitHub tells of an update to the second, rounded down.
    if (updatedAt === undefined || readAt === undefined || updatedAt <= readAt) continue;
    const started = `when the job started${isQueued ? '; `github-token` may not read when the run was queued' : ''}`;
    const moment = isQueued && queuedAt !== undefined ? 'when the run was queued' : started;
    const advice = isQueued
      ? 'keep the token in an environment secret, which is read when the job starts.'
      : 'make this step the first of its job, and give all jobs that rotate the token one `concurrency` group.';
    throw new ActionError(
      'token-stale',
      `The secret ${secret} in the store \`${store.label}\` was updated at ${utc(updatedAt)}, after this run read it at ${utc(readAt)} (${moment}), so the token in hand has most likely been rotated.`,
      `Re-run the job: it reads the secret again. To avoid this, ${advice}`,
    );
  }
}

/** What the check for staleness was held against, for the log. */
export function readMoment(stores: readonly PreparedStore[], { queuedAt }: ReadTimes): string {
  const isFallback = queuedAt === undefined && stores.some(({ store }) => isReadAtQueueTime(store));
  const fallback = ", compared with the job's start, because `github-token` may not read when the run was queued";
  return `the refresh token is not stale${isFallback ? fallback : ''}`;
}

/**
 * The error for a token whose record another run has created. Where the secret was updated in the record's
 * second or later, the successor is in that store, and the token is stale; otherwise it is in doubt.
 * @param found at least one
 */
export function doubtError(found: readonly Doubt[], records: Records): ActionError {
  const holders = found.filter(holdsSuccessor);
  const doubtful = found.filter((one) => !holdsSuccessor(one));
  const names = (doubts: readonly Doubt[]) => list(doubts.map(({ store }) => `\`${store.label}\``));
  // A full store that is among them has no record.
  const recorded = found.filter(({ store }) => store.places > 0 || store.facts(records.name) !== undefined);
  const commands = list(recorded.map(({ store }) => `\`${records.command(store)}\``));
  const since = utc(Math.min(...(doubtful.length > 0 ? doubtful : holders).map(({ createdAt }) => createdAt)));
  const began = `Another run began to use this refresh token at ${since}`;
  if (!records.areOfToken) {
    const remedy = `Find that run. If it is still in progress, re-run this job after it, with the token that it hands out. If it shows a recovery envelope, start a run with it as the input \`recovery-envelope\`. If it has handed out a token, give \`refresh-token\` that one. If none of this, delete the in-flight record and re-run this job: ${commands}.`;
    return new ActionError('token-in-doubt', `${began}.`, remedy);
  }
  if (doubtful.length === 0) {
    return new ActionError(
      'token-stale',
      `${began}, and the secret was updated after that in ${names(holders)}, so it most likely holds the successor.`,
      `Re-run the job: it reads the secret again. If it ends like this again, check that \`refresh-token\` reads the secret that \`refresh-token-secret\` and \`secret-stores\` name. If the old token was stored again by hand, use the recovery envelope of that run; only if it shows none, delete the in-flight record: ${commands}.`,
    );
  }
  const others = holders.length > 0 ? ` Its successor is in ${names(holders)}.` : '';
  const rest =
    holders.length > 0
      ? `If neither, let the job read the secret of a store that holds the successor, set the secret again, or give \`org-id\`. Only if you know that the token in hand still works, delete its in-flight record: ${commands}.`
      : `If neither, nobody has a new token: delete the in-flight record and re-run this job: ${commands}. If Cobo then says that the token is not valid, set the secret again, with a token of a new installation, or give \`org-id\`.`;
  return new ActionError(
    'token-in-doubt',
    `${began}, and its successor is not in ${names(doubtful)}.${others}`,
    `Find that run; it may be an earlier attempt of this job. If it is still in progress, re-run this job after it. If it shows a recovery envelope, start a run with it as the input \`recovery-envelope\`. ${rest}`,
  );
}

/** Whether the successor of the token is in that store. */
export function holdsSuccessor({ createdAt, updatedAt }: Doubt): boolean {
  return updatedAt !== undefined && updatedAt >= createdAt;
}

/** What to look at before it becomes a failure: sentences for people. */
export function warningsOf(
  stores: readonly PreparedStore[],
  secret: string | undefined,
  { queuedAt = Number.NaN, jobStartedAt = Number.NaN }: ReadTimes,
  github: Pick<GitHub, 'now' | 'tokenExpiresAt'>,
): string[] {
  const now = github.now();
  const expiresAt = github.tokenExpiresAt ?? Number.POSITIVE_INFINITY;
  const updates = stores.flatMap((store) => store.facts(secret ?? '')?.updatedAt ?? []);
  const updatedAt = updates.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...updates);
  const waitedMs = jobStartedAt - queuedAt;
  const atRisk = stores.find(({ store }) => isReadAtQueueTime(store));
  const warnings: [boolean, string][] = [
    [
      expiresAt - now < TOKEN_EXPIRES_SOON_MS,
      `\`github-token\` expires at ${utc(expiresAt)}. Create a new one and store it before then.`,
    ],
    [
      now - updatedAt > TOKEN_IS_OLD_MS,
      `The secret ${secret} was last updated at ${utc(updatedAt)}. A refresh token expires after 30 days: rotate it on a schedule.`,
    ],
    [
      waitedMs >= LONG_QUEUE_MS && atRisk !== undefined,
      `This run waited ${duration(waitedMs)} in the queue after the secrets of \`${atRisk?.label}\` were read. Another run may rotate the token in that time. An environment secret is read when the job starts.`,
    ],
  ];
  return warnings.flatMap(([applies, text]) => (applies ? text : []));
}
