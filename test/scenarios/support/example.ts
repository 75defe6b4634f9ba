import type { GitHubEmulator } from '../../../emulators/github.ts';
import type { Outcome } from '../../../emulators/runner/result.ts';
import { REPOSITORY, type Stage } from '../../../emulators/stage.ts';
import type { Runner } from './runs.ts';
import { type Contexts, combinations, isWanted, readExample, resolve, type WorkflowJob } from './workflow.ts';

/** What starts a run, and what the steps do in it that are not of this action. */
export interface Trigger {
  event?: 'push' | 'schedule' | 'pull_request' | 'workflow_dispatch';
  actor?: string;
  inputs?: Record<string, unknown>;
  /** `github.event` */
  payload?: Record<string, unknown>;
  /** The outputs of such steps, by their ID. */
  outputs?: Record<string, Record<string, string>>;
  /** In the place of the job's `env`; an undefined one is left out. */
  env?: Record<string, string | undefined>;
}

/** Puts what the examples read into an environment: the app, the writer token, client and organization ID. */
export function furnish({ cobo, github, writer }: Pick<Stage, 'cobo' | 'github' | 'writer'>, name = 'cobo'): void {
  const store = `environment:${name}@${REPOSITORY}`;
  github.setSecret(store, 'COBO_APP_SECRET', cobo.client.appSecretHex);
  github.setSecret(store, 'SECRETS_WRITER_TOKEN', writer);
  github.setVariable(store, 'COBO_CLIENT_ID', cobo.client.clientId);
  github.setVariable(store, 'COBO_ORG_ID', cobo.client.orgId);
}

/**
 * Runs an example: its jobs in the order of the file, the steps of this action in each, with the inputs as
 * they stand there. Of other steps only what they get is shown. Secrets of the repository (or Dependabot's,
 * in its runs) are read when the run is queued, those of an environment when a job starts that names it.
 */
export async function playExample(stage: Stage, runner: Runner, name: string, trigger: Trigger = {}): Promise<void> {
  const { event: event_name = 'schedule', actor = 'octocat', payload: event = {} } = trigger;
  const { on, jobs } = readExample(name);
  const defaults = Object.entries(on.workflow_dispatch?.inputs ?? {}).map(([key, input]) => [key, input.default ?? '']);
  const place = { repository: REPOSITORY, server_url: 'https://github.com', run_id: '1', token: 'a token' };
  const contexts: Contexts = {
    github: { ...place, event_name, actor, event },
    runner: { temp: '/runner/temp' },
    inputs: { ...Object.fromEntries(defaults), ...trigger.inputs },
    vars: variablesOf(stage.github, `repository@${REPOSITORY}`),
    secrets: secretsOf(stage.github, `${actor === 'dependabot[bot]' ? 'dependabot' : 'repository'}@${REPOSITORY}`),
  };
  const run = runner.begin();
  const done: Record<string, { result: Outcome | 'skipped'; outputs: Record<string, string> }> = {};
  for (const [id, job] of Object.entries(jobs)) {
    const needs = Object.fromEntries([job.needs ?? []].flat().map((needed) => [needed, done[needed]]));
    const went = Object.values(needs).every((one) => one?.result === 'success') ? 'success' : 'failure';
    const known = { ...contexts, needs };
    if (isWanted(job.if, known, went)) {
      for (const matrix of combinations(resolve(job.strategy?.matrix, known))) {
        const title = [`${run}job ${id}`, ...Object.values(matrix).map((value) => `(${value})`)].join(' ');
        done[id] = await playJob(stage, runner, { id, title, ...job }, { ...known, matrix }, trigger);
      }
    } else {
      done[id] = { result: 'skipped', outputs: {} };
      runner.show(`${run}job ${id}: skipped`, {});
    }
  }
}

async function playJob(
  { cobo, github }: Stage,
  runner: Runner,
  job: WorkflowJob & { id: string; title: string },
  queued: Contexts,
  trigger: Trigger,
): Promise<{ result: Outcome; outputs: Record<string, string> }> {
  const known = { ...queued };
  if (job.environment !== undefined) {
    const store = `environment:${String(resolve(job.environment, known))}@${REPOSITORY}`;
    known['secrets'] = { ...strings(known['secrets']), ...secretsOf(github, store) };
    known['vars'] = { ...strings(known['vars']), ...variablesOf(github, store) };
  }
  const env = { ...strings(resolve(job.env, known)), ...trigger.env };
  const steps: Record<string, unknown> = {};
  const options = { github: { job: job.id }, inheritMasks: Object.values(strings(known['secrets'])) };
  const { status } = await runner.job(options, async (act, running) => {
    for (const step of job.steps) {
      const now = { ...known, steps, env };
      const title = `${job.title}, ${step.name ?? step.uses?.split('@')[0] ?? step.run}`;
      let outputs = trigger.outputs?.[step.id ?? ''] ?? {};
      if (!isWanted(step.if, now, running.status)) runner.show(`${title}: skipped`, {});
      else if (step.uses?.startsWith('org/cobo-refresh-action@')) {
        const prefix = step.name === undefined ? `${job.title}, ` : `${title}, `;
        const shown = strings(resolve(step.with, now));
        // The examples are for the real Cobo; the emulated one signs with a key of its own.
        const given = { ...shown, 'api-url': cobo.url, 'response-public-key': cobo.responsePublicKeyHex };
        ({ outputs } = await act({ prefix, shown, given }, { env }));
      } else if (step.env !== undefined) runner.show(title, strings(resolve(step.env, now)));
      if (step.id !== undefined) steps[step.id] = { outputs };
    }
  });
  return { result: status, outputs: strings(resolve(job.outputs, { ...known, steps })) };
}

function secretsOf(github: GitHubEmulator, store: string): Record<string, string> {
  return Object.fromEntries(github.secretNames(store).map((name) => [name, github.secretValue(store, name) ?? '']));
}

function variablesOf(github: GitHubEmulator, store: string): Record<string, string> {
  return Object.fromEntries(github.variableNames(store).map((name) => [name, github.variableValue(store, name) ?? '']));
}

/** What reaches a step is text. */
function strings(values: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, String(value ?? '')]));
}
