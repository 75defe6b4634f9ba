import type { GitHubEmulator } from '../../../emulators/github.ts';
import type { Outcome } from '../../../emulators/runner/result.ts';
import { REPOSITORY, type Stage } from '../../../emulators/stage.ts';
import { type Contexts, isWanted, resolve } from './expressions.ts';
import type { ActionStep, Runner } from './runs.ts';
import { combinations, readExample, type WorkflowJob, type WorkflowStep } from './workflow.ts';

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

const DEPENDABOT = 'dependabot[bot]';

interface Settings {
  secrets: Record<string, string>;
  vars: Record<string, string>;
}

interface Play {
  stage: Stage;
  runner: Runner;
  trigger: Trigger;
  /** Goes before the names of its jobs. */
  run: string;
  /** What was read when the run was queued. */
  queued: Settings;
}

type Done = Record<string, { result: Outcome | 'skipped'; outputs: Record<string, string> }>;

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
  const queued = settingsOf(stage.github, `repository@${REPOSITORY}`);
  if (actor === DEPENDABOT) queued.secrets = settingsOf(stage.github, `dependabot@${REPOSITORY}`).secrets;
  const play: Play = { stage, runner, trigger, queued, run: runner.begin() };
  const { inputs, jobs } = readExample(name);
  const place = { repository: REPOSITORY, server_url: 'https://github.com', run_id: '1', token: 'a token' };
  const done: Done = {};
  for (const job of jobs) {
    const contexts: Contexts = {
      github: { ...place, event_name, actor, event },
      runner: { temp: '/runner/temp' },
      inputs: { ...inputs, ...trigger.inputs },
      vars: queued.vars,
      needs: Object.fromEntries(job.needs.map((id) => [id, done[id]])),
    };
    const failed = job.needs.some((id) => done[id]?.result !== 'success');
    if (!isWanted(job.if, contexts, { failed, cancelled: false })) {
      done[job.id] = { result: 'skipped', outputs: {} };
      runner.show(`${play.run}job ${job.id}: skipped`, {});
      continue;
    }
    for (const matrix of combinations(job.matrix, contexts)) {
      done[job.id] = await playJob(play, job, { ...contexts, matrix });
    }
  }
}

async function playJob(play: Play, job: WorkflowJob, contexts: Contexts): Promise<Done[string]> {
  const { stage, runner, trigger, queued } = play;
  const environment = `environment:${String(resolve(job.environment, contexts))}@${REPOSITORY}`;
  const own = job.environment === undefined ? undefined : settingsOf(stage.github, environment);
  const secrets = { ...queued.secrets, ...own?.secrets };
  const known = { ...contexts, secrets, vars: { ...queued.vars, ...own?.vars } };
  const env = { ...strings(resolve(job.env, known)), ...trigger.env };
  const steps: Record<string, unknown> = {};
  const of = Object.values((contexts['matrix'] ?? {}) as Record<string, unknown>).join(', ');
  const label = `${play.run}job ${job.id}${of === '' ? '' : ` (${of})`}`;
  const options = { github: { job: job.id }, inheritMasks: Object.values(secrets) };
  const { status } = await runner.job(options, undefined, async (act, running) => {
    for (const step of job.steps) {
      const now = { failed: running.status === 'failure', cancelled: running.status === 'cancelled' };
      const title = `${label}, ${step.name}`;
      const withSteps = { ...known, steps, env };
      let outputs = trigger.outputs?.[step.id ?? ''] ?? {};
      if (!isWanted(step.if, withSteps, now)) runner.show(`${title}: skipped`, {});
      else if (isOurs(step)) ({ outputs } = await act(actionStep(stage, label, step, withSteps), { env }));
      else if (Object.keys(step.env).length > 0) runner.show(title, strings(resolve(step.env, withSteps)));
      if (step.id !== undefined) steps[step.id] = { outputs };
    }
  });
  return { result: status, outputs: strings(resolve(job.outputs, { ...known, steps })) };
}

function isOurs({ uses }: WorkflowStep): boolean {
  return uses?.startsWith('org/cobo-refresh-action@') ?? false;
}

function actionStep({ cobo }: Stage, job: string, step: WorkflowStep, contexts: Contexts): ActionStep {
  const shown = strings(resolve(step.with, contexts));
  // The examples are for the real Cobo; the emulated one signs with a key of its own.
  const given = { ...shown, 'api-url': cobo.url, 'response-public-key': cobo.responsePublicKeyHex };
  const name = isOurs({ ...step, uses: `${step.name}@` }) ? '' : `${step.name}, `;
  return { prefix: `${job}, ${name}`, shown, given };
}

function settingsOf(github: GitHubEmulator, store: string): Settings {
  const values = (names: readonly string[], value: (name: string) => string | undefined) =>
    Object.fromEntries(names.map((name) => [name, value(name) ?? '']));
  return {
    secrets: values(github.secretNames(store), (name) => github.secretValue(store, name)),
    vars: values(github.variableNames(store), (name) => github.variableValue(store, name)),
  };
}

/** What reaches a step is text. */
function strings(values: unknown): Record<string, string> {
  const entries = Object.entries((values ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, value]) => [name, value === null ? '' : String(value)]));
}
