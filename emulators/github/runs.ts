import type { Answer } from '../server.ts';
import { isoSeconds, json, notFound, type Schemas } from './answers.ts';

/** A workflow run; moments as ISO 8601 texts or milliseconds since 1970. */
export interface Run {
  id: number;
  created_at: string | number;
  /** Default: `created_at`. */
  run_started_at?: string | number;
  /** From 1. Default 1. */
  run_attempt?: number;
}

type RunAnswer = Pick<
  Schemas['workflow-run'],
  'id' | 'created_at' | 'updated_at' | 'run_started_at' | 'run_attempt' | 'status' | 'conclusion' | 'event'
>;

/** `GET /repos/{owner}/{repo}/actions/runs/{run_id}` */
export function describeRun(run: Run | undefined): Answer {
  if (run === undefined) return notFound('there is no such run');
  const createdAt = moment(run.created_at);
  const startedAt = moment(run.run_started_at ?? run.created_at);
  const answer: RunAnswer = {
    id: run.id,
    created_at: createdAt,
    updated_at: startedAt,
    run_started_at: startedAt,
    run_attempt: run.run_attempt ?? 1,
    status: 'in_progress',
    conclusion: null,
    event: 'schedule',
  };
  return json(200, answer, `run ${run.id} described`);
}

function moment(value: string | number): string {
  return isoSeconds(new Date(value).getTime());
}
