import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Masker } from '../../../emulators/runner/masker.ts';
import type { StepResult } from '../../../emulators/runner/step.ts';
import { REPOSITORY, type Stage } from '../../../emulators/stage.ts';
import { type Contexts, isWanted, resolve } from './expressions.ts';
import { readEnvironment, readSecrets, type Settings, WORKFLOW_TOKEN } from './settings.ts';
import { combinations, type Job, readWorkflow, type Step, type Workflow } from './workflow.ts';

const ROOT = new URL('../../../', import.meta.url);

/** What a person or an event gives when it starts a run. */
export interface Trigger {
  event?: 'push' | 'schedule' | 'pull_request' | 'workflow_dispatch';
  actor?: string;
  inputs?: Record<string, unknown>;
  /** The payload, as `github.event`. */
  payload?: Record<string, unknown>;
}

export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped';

/** One run of a workflow. */
export interface Run {
  id: number;
  attempt: number;
  workflow: Workflow;
  trigger: Trigger;
  /** What was read when the run was queued. */
  read: Settings;
  conclusion: Conclusion | undefined;
  /** The jobs that were started or skipped, each combination of a matrix by itself. */
  jobs: JobRecord[];
}

/** One job, or one combination of its matrix; those of a reusable workflow as `caller / job`. */
export interface JobRecord {
  name: string;
  matrix: Record<string, unknown>;
  conclusion: Conclusion | undefined;
  outputs: Record<string, string>;
  /** Outputs that the runner left out because they hold a secret. */
  droppedOutputs: string[];
  steps: StepRecord[];
}

export interface StepRecord {
  name: string;
  conclusion: Conclusion;
  /** Of a step that runs this action. */
  result?: StepResult;
}

/** What a step does that is no run of this action. */
export interface Play {
  /** For `run:` steps; what it throws makes the step fail. */
  run?: (step: {
    job: string;
    name: string;
    script: string;
    env: Record<string, string>;
  }) => Promise<void> | void;
  /** For `uses:` steps, by the name of the action without its version: gives the outputs. */
  actions?: Record<string, (given: Record<string, string>) => Record<string, string>>;
}

/** A job that can be started, with all that it depends on. */
interface Scope {
  run: Run;
  workflow: Workflow;
  inputs: Record<string, unknown>;
  /** What a reusable workflow was given; `undefined` in the run's own workflow and under `inherit`. */
  secrets: Record<string, string> | undefined;
  prefix: string;
  /** By the ID of the job. */
  progress: Map<string, Progress>;
}

interface Progress {
  conclusion: Conclusion | undefined;
  outputs: Record<string, string>;
  /** A called workflow that is under way. */
  called?: Scope;
  /** The combinations that have not been started. */
  waiting?: Record<string, unknown>[];
  records: JobRecord[];
}

interface Start {
  scope: Scope;
  job: Job;
  progress: Progress;
  matrix: Record<string, unknown>;
}

/** Time that passes between two things that happen, by GitHub's clock. Its times have whole seconds. */
const PACE_MS = 10_000;
/** How many jobs run at once: as many as this machine bears. */
const RUNNERS = 4;
const JOB_ID = 1_000;

/**
 * A small model of GitHub's workflow runner: of when it reads which secret, and of what passes from job to
 * job. It runs the steps that use this action through the bundle, on the emulators.
 *
 * - Secrets and variables of the repository and the organization, or Dependabot's secrets in a run that
 *   Dependabot starts, are read when the run is queued; those of an environment when a job that names it
 *   starts, and they go before the others.
 * - Of the runs (and jobs) with the same concurrency group one is under way. Of the runs that wait GitHub
 *   keeps the newest, or all with `queue: max`.
 * - An output of a job that holds a secret is left out.
 * - A workflow that is called with secrets by name sees these alone; the environment's go before them.
 *
 * Source: reference/github.md, "When secrets are read", and GitHub's page "Workflow syntax".
 */
export class RunnerModel {
  readonly #stage: Stage;
  readonly #play: Play;
  readonly #organizations: readonly string[];
  readonly #runs: Run[] = [];
  readonly #scopes = new Map<Run, Scope>();
  #busyGroups = new Set<string>();

  constructor(stage: Stage, play: Play = {}, organizations: readonly string[] = []) {
    this.#stage = stage;
    this.#play = play;
    this.#organizations = organizations;
  }

  /** Queues a run: its secrets are read now. Nothing is started before `work`. */
  queue(workflow: string, trigger: Trigger = {}): Run {
    const parsed = readWorkflow(workflow);
    const run: Run = {
      ...{ id: JOB_ID + this.#runs.length, attempt: 1, workflow: parsed, trigger, conclusion: undefined },
      ...{ read: readSecrets(this.#stage.github, trigger.actor, this.#organizations), jobs: [] },
    };
    this.#supersede(run);
    this.#runs.push(run);
    const { github } = this.#stage;
    github.addRun(REPOSITORY, { id: run.id, created_at: github.clock });
    this.#pass();
    return run;
  }

  /** Queues a run once more, as "Re-run all jobs" does: its secrets are read afresh. */
  queueAgain(run: Run): void {
    const { github } = this.#stage;
    run.attempt += 1;
    run.conclusion = undefined;
    run.jobs = [];
    run.read = readSecrets(github, run.trigger.actor, this.#organizations);
    const started = { run_started_at: github.clock, run_attempt: run.attempt };
    github.addRun(REPOSITORY, { id: run.id, created_at: github.clock - 24 * 3600_000, ...started });
    this.#scopes.delete(run);
    this.#pass();
  }

  /** Lets the runners work until nothing is left to do. */
  async work(): Promise<void> {
    for (;;) {
      const starts = this.#ready();
      if (starts.length === 0) break;
      this.#pass();
      const left = [...starts];
      const runner = async () => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) await this.#execute(next);
      };
      await Promise.all(Array.from({ length: RUNNERS }, runner));
      this.#busyGroups = new Set();
    }
    const stuck = this.#runs.find(({ conclusion }) => conclusion === undefined);
    if (stuck !== undefined) throw new Error(`the run of ${stuck.workflow.name} cannot go on`);
  }

  /** Time goes by at GitHub. The runner's own clock stays: the action learns of the difference. */
  #pass(): void {
    this.#stage.github.clockSkewMs += PACE_MS;
  }

  /** Cancels the run that waits already in the group of a new one. */
  #supersede(run: Run): void {
    const group = this.#groupOf(run);
    if (group === undefined || run.workflow.concurrency?.all === true) return;
    const unfinished = this.#runs.filter(
      (other) => other.conclusion === undefined && this.#groupOf(other) === group,
    );
    for (const waiting of unfinished.slice(1)) waiting.conclusion = 'cancelled';
  }

  #groupOf(run: Run): string | undefined {
    const group = run.workflow.concurrency?.group;
    return group === undefined ? undefined : String(resolve(group, this.#runContexts(run, inputsOf(run))));
  }

  /** All jobs that may start now, of all runs that may go on. */
  #ready(): Start[] {
    const taken = new Set<string>();
    return this.#runs.flatMap((run) => {
      if (run.conclusion !== undefined) return [];
      const group = this.#groupOf(run);
      if (group !== undefined && taken.has(group)) return [];
      if (group !== undefined) taken.add(group);
      const scope = this.#scopes.get(run) ?? newScope(run, run.workflow, inputsOf(run), undefined, '');
      this.#scopes.set(run, scope);
      const starts = this.#readyIn(scope);
      run.conclusion = conclusionOf([...scope.progress.values()]);
      // The next run of the group need not wait for a round in which nothing happens.
      if (run.conclusion !== undefined && group !== undefined) taken.delete(group);
      return starts;
    });
  }

  /** Looks again after each job that needs no runner: a skipped one lets the next ones begin. */
  #readyIn(scope: Scope): Start[] {
    const starts: Start[] = [];
    let changed = true;
    while (changed) {
      changed = false;
      for (const job of scope.workflow.jobs) {
        const progress = progressOf(scope, job.id);
        if (progress.conclusion !== undefined || starts.some((start) => start.job === job)) continue;
        const found = this.#advance(scope, job, progress);
        starts.push(...found);
        changed ||= isDone(progress);
      }
    }
    return starts;
  }

  #advance(scope: Scope, job: Job, progress: Progress): Start[] {
    if (progress.called !== undefined) {
      const starts = this.#readyIn(progress.called);
      progress.conclusion = conclusionOf([...progress.called.progress.values()]);
      return starts;
    }
    if (progress.waiting === undefined) {
      const needs = job.needs.map((id) => progressOf(scope, id));
      if (needs.some((need) => need.conclusion === undefined)) return [];
      const failed = needs.some(({ conclusion }) => conclusion !== 'success');
      const contexts = this.#jobContexts(scope, job, {});
      if (!isWanted(job.if, contexts, { failed, cancelled: false })) {
        progress.conclusion = 'skipped';
        scope.run.jobs.push(newRecord(scope.prefix + job.id, {}, 'skipped'));
        return [];
      }
      if (job.uses !== undefined) {
        progress.called = this.#call(scope, job, job.uses);
        return this.#advance(scope, job, progress);
      }
      progress.waiting = combinations(job.matrix, contexts);
    }
    const ready = progress.waiting.filter((matrix) => this.#enter(scope, job, matrix));
    progress.waiting = progress.waiting.filter((matrix) => !ready.includes(matrix));
    return ready.map((matrix) => ({ scope, job, progress, matrix }));
  }

  /** Takes a place in the job's concurrency group, if it has one and it is free. */
  #enter(scope: Scope, job: Job, matrix: Record<string, unknown>): boolean {
    if (job.concurrency === undefined) return true;
    const group = String(resolve(job.concurrency.group, this.#jobContexts(scope, job, matrix)));
    if (this.#busyGroups.has(group)) return false;
    this.#busyGroups.add(group);
    return true;
  }

  #call(scope: Scope, job: Job, uses: string): Scope {
    const path = /^(?:\.\/|org\/cobo-refresh-action\/)(\.github\/workflows\/[\w.-]+)(?:@v1)?$/.exec(
      uses,
    )?.[1];
    if (path === undefined) throw new Error(`this model cannot call ${uses}`);
    const called = readWorkflow(readFileSync(fileURLToPath(new URL(path, ROOT)), 'utf8'));
    const contexts = {
      ...this.#jobContexts(scope, job, {}),
      secrets: scope.secrets ?? scope.run.read.secrets,
    };
    const inputs = { ...called.inputs, ...(resolve(job.with, contexts) as Record<string, unknown>) };
    const unknown = Object.keys(inputs).filter((name) => !Object.hasOwn(called.inputs, name));
    if (unknown.length > 0) throw new Error(`${uses} has no input ${unknown.join(', ')}`);
    const given = job.secrets === 'inherit' ? undefined : strings(resolve(job.secrets, contexts));
    return newScope(scope.run, called, inputs, given, `${scope.prefix}${job.id} / `);
  }

  async #execute({ scope, job, progress, matrix }: Start): Promise<void> {
    const { github } = this.#stage;
    // The moment at which the job starts: the event file is written, the environment's secrets are read.
    const startedAt = new Date();
    const contexts = this.#jobContexts(scope, job, matrix);
    const environment = job.environment === undefined ? '' : String(resolve(job.environment, contexts));
    const own = environment === '' ? undefined : readEnvironment(github, environment);
    const secrets = secretsOf(scope, own);
    const vars = { ...scope.run.read.variables, ...own?.variables };
    const record = newRecord(scope.prefix + job.id, matrix);
    scope.run.jobs.push(record);
    progress.records.push(record);
    const context: JobContext = {
      ...{ scope, job, record, startedAt, masker: new Masker() },
      contexts: { ...contexts, secrets, vars, steps: {}, env: {} },
      env: strings(resolve({ ...scope.workflow.env, ...job.env }, { ...contexts, secrets, vars })),
    };
    for (const secret of Object.values(secrets)) context.masker.add(secret);
    for (const step of job.steps) await this.#step(step, context);
    record.conclusion = record.steps.some(({ conclusion }) => conclusion === 'failure')
      ? 'failure'
      : 'success';
    this.#handOn(context, progress);
    if (
      progress.waiting?.length === 0 &&
      progress.records.every(({ conclusion }) => conclusion !== undefined)
    ) {
      progress.conclusion = conclusionOf(progress.records);
    }
  }

  async #step(step: Step, context: JobContext): Promise<void> {
    const { record, contexts, scope } = context;
    const failed = record.steps.some(({ conclusion }) => conclusion === 'failure');
    const known = { ...contexts, env: context.env, job: {} };
    if (!isWanted(step.if, known, { failed, cancelled: false })) {
      record.steps.push({ name: step.name, conclusion: 'skipped' });
      return;
    }
    const name = String(resolve(step.name, known));
    const env = { ...context.env, ...strings(resolve(step.env, known)) };
    const given = strings(resolve(step.with, known));
    let outputs: Record<string, string> = {};
    let result: StepResult | undefined;
    let conclusion: Conclusion = 'success';
    const action = step.uses?.split('@')[0];
    if (action === './' || action === 'org/cobo-refresh-action') {
      result = await this.#act(given, env, context);
      ({ outputs } = result);
      for (const mask of result.masks) context.masker.add(mask);
      Object.assign(context.env, result.env);
      conclusion = result.exitCode === 0 ? 'success' : 'failure';
    } else if (action !== undefined) {
      outputs = this.#play.actions?.[action]?.(given) ?? {};
    } else {
      try {
        await this.#play.run?.({
          ...{ job: scope.prefix + context.job.id, name, env },
          script: String(resolve(step.run ?? '', known)),
        });
      } catch {
        conclusion = 'failure';
      }
    }
    const steps = contexts['steps'] as Record<string, unknown>;
    if (step.id !== undefined) steps[step.id] = { outputs, outcome: conclusion, conclusion };
    record.steps.push({ name, conclusion, ...(result === undefined ? {} : { result }) });
  }

  async #act(
    given: Record<string, string>,
    env: Record<string, string>,
    context: JobContext,
  ): Promise<StepResult> {
    const { cobo } = this.#stage;
    const { run } = context.scope;
    // What the runner leaves empty the action takes for not given.
    const wanted = Object.entries(given).filter(([, value]) => value !== '');
    // The usual inputs are for tests of a single step: here everything comes from the workflow.
    const none = Object.keys(this.#stage.inputs()).map((name): [string, undefined] => [name, undefined]);
    return await this.#stage.run(
      {
        ...Object.fromEntries(none),
        // The workflow is for the real Cobo; the emulator signs with a key of its own.
        ...{ 'api-url': cobo.url, 'response-public-key': cobo.responsePublicKeyHex },
        ...Object.fromEntries(wanted),
      },
      {
        env,
        eventPathMtime: context.startedAt,
        inheritMasks: context.masker.values,
        github: {
          run_id: String(run.id),
          run_attempt: String(run.attempt),
          event_name: eventOf(run),
          job: context.job.id,
        },
      },
    );
  }

  /** Hands the job's outputs on to those that need it, save what holds a secret. */
  #handOn({ job, record, contexts, masker }: JobContext, progress: Progress): void {
    for (const [name, value] of Object.entries(strings(resolve(job.outputs, contexts)))) {
      if (masker.mask(value) !== value) record.droppedOutputs.push(name);
      else record.outputs[name] = value;
    }
    Object.assign(progress.outputs, record.outputs);
  }

  #runContexts(run: Run, inputs: Record<string, unknown>): Contexts {
    const { trigger, workflow } = run;
    const github = {
      ...{ repository: REPOSITORY, run_id: String(run.id), run_attempt: String(run.attempt) },
      ...{ event_name: eventOf(run), actor: trigger.actor ?? 'octocat', ref: 'refs/heads/main' },
      ...{ api_url: this.#stage.github.url, workflow: workflow.name, token: WORKFLOW_TOKEN },
      event: trigger.payload ?? {},
    };
    return { github, inputs, vars: run.read.variables };
  }

  #jobContexts(scope: Scope, job: Job, matrix: Record<string, unknown>): Contexts {
    const needs = job.needs.map((id): [string, unknown] => {
      const { conclusion, outputs } = progressOf(scope, id);
      return [id, { result: conclusion ?? '', outputs }];
    });
    return { ...this.#runContexts(scope.run, scope.inputs), matrix, needs: Object.fromEntries(needs) };
  }
}

interface JobContext {
  scope: Scope;
  job: Job;
  record: JobRecord;
  startedAt: Date;
  masker: Masker;
  contexts: Contexts;
  env: Record<string, string>;
}

function newScope(
  run: Run,
  workflow: Workflow,
  inputs: Record<string, unknown>,
  secrets: Record<string, string> | undefined,
  prefix: string,
): Scope {
  return { run, workflow, inputs, secrets, prefix, progress: new Map() };
}

function newRecord(name: string, matrix: Record<string, unknown>, conclusion?: Conclusion): JobRecord {
  return { name, matrix, conclusion, outputs: {}, droppedOutputs: [], steps: [] };
}

function progressOf(scope: Scope, id: string): Progress {
  const known = scope.progress.get(id);
  if (known !== undefined) return known;
  if (!scope.workflow.jobs.some((job) => job.id === id)) throw new Error(`there is no job ${id}`);
  const progress: Progress = { conclusion: undefined, outputs: {}, records: [] };
  scope.progress.set(id, progress);
  return progress;
}

function isDone({ conclusion }: Progress): boolean {
  return conclusion !== undefined;
}

/** Of several jobs, once all have one. */
function conclusionOf(parts: readonly { conclusion: Conclusion | undefined }[]): Conclusion | undefined {
  const all = parts.map(({ conclusion }) => conclusion);
  if (all.length === 0 || all.includes(undefined)) return undefined;
  if (all.includes('failure')) return 'failure';
  return all.every((one) => one === 'skipped') ? 'skipped' : 'success';
}

function secretsOf(scope: Scope, environment: Settings | undefined): Record<string, string> {
  const given = scope.secrets;
  if (given === undefined) return { ...scope.run.read.secrets, ...environment?.secrets };
  const own = Object.entries(environment?.secrets ?? {}).filter(([name]) => Object.hasOwn(given, name));
  return { ...given, ...Object.fromEntries(own) };
}

function inputsOf({ workflow, trigger }: Run): Record<string, unknown> {
  return { ...workflow.inputs, ...trigger.inputs };
}

function eventOf({ trigger }: Run): string {
  return trigger.event ?? 'schedule';
}

/** What reaches a step is text. */
function strings(values: unknown): Record<string, string> {
  const entries = Object.entries((values ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, value]) => [name, value === null ? '' : String(value)]));
}
