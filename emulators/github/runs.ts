import { createHash } from 'node:crypto';
import type { Answer } from '../server.ts';
import { isoSeconds, json, notFound, type Schemas } from './answers.ts';
import { type Base, minimalRepository, nodeId, numberOf, simpleUser } from './repositories.ts';
import type { Repository } from './stores.ts';

/** A workflow run; moments as ISO 8601 texts or milliseconds since 1970. */
export interface Run {
  id: number;
  created_at: string | number;
  /** Default: `created_at`. */
  run_started_at?: string | number;
  /** From 1. Default 1. */
  run_attempt?: number;
  /** Default `schedule`. */
  event?: string;
  /** Default `Refresh`. */
  name?: string;
}

/** `GET /repos/{owner}/{repo}/actions/runs/{run_id}` */
export function describeRun(run: Run | undefined, repository: Repository, base: Base): Answer {
  if (run === undefined) return notFound('there is no such run');
  const url = `${base.api}/repos/${repository.fullName}/actions`;
  const html = `https://github.com/${repository.fullName}/actions/runs/${run.id}`;
  const here = `${url}/runs/${run.id}`;
  const name = run.name ?? 'Refresh';
  const attempt = run.run_attempt ?? 1;
  const startedAt = moment(run.run_started_at ?? run.created_at);
  const workflow = numberOf(`${repository.id} ${name}`);
  const suite = run.id + 1;
  const tree = createHash('sha1').update(`tree ${run.id}`).digest('hex');
  const commit = createHash('sha1').update(`commit ${run.id}`).digest('hex');
  const person = { name: 'Mona Lisa', email: 'mona@example.com' };
  const actor = simpleUser('mona', base, 'User');
  const shown = minimalRepository(repository, base);
  const answer: Schemas['workflow-run'] = {
    id: run.id,
    name,
    node_id: nodeId(`011:WorkflowRun${run.id}`),
    head_branch: 'main',
    head_sha: commit,
    path: '.github/workflows/refresh.yml',
    display_title: name,
    run_number: 1,
    event: run.event ?? 'schedule',
    status: 'in_progress',
    conclusion: null,
    workflow_id: workflow,
    check_suite_id: suite,
    check_suite_node_id: nodeId(`010:CheckSuite${suite}`),
    url: here,
    html_url: html,
    pull_requests: [],
    created_at: moment(run.created_at),
    updated_at: startedAt,
    actor,
    run_attempt: attempt,
    referenced_workflows: [],
    run_started_at: startedAt,
    triggering_actor: actor,
    jobs_url: `${here}/jobs`,
    logs_url: `${here}/logs`,
    check_suite_url: `${base.api}/repos/${repository.fullName}/check-suites/${suite}`,
    artifacts_url: `${here}/artifacts`,
    cancel_url: `${here}/cancel`,
    rerun_url: `${here}/rerun`,
    previous_attempt_url: attempt > 1 ? `${here}/attempts/${attempt - 1}` : null,
    workflow_url: `${url}/workflows/${workflow}`,
    head_commit: {
      id: commit,
      tree_id: tree,
      message: 'Refresh the token every eight hours',
      timestamp: moment(run.created_at),
      author: person,
      committer: person,
    },
    repository: shown,
    head_repository: shown,
    head_repository_id: repository.id,
  };
  return json(200, answer, `run ${run.id} described`);
}

function moment(value: string | number): string {
  return isoSeconds(new Date(value).getTime());
}
