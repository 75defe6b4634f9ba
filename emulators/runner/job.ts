import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collect, NOTHING } from './collect.ts';
import { holds } from './condition.ts';
import { cleanEnvironment, DEFAULT_GITHUB, type GitHubContext, runnerVariables } from './environment.ts';
import { JobFolder } from './folder.ts';
import { StepLog } from './log.ts';
import { type ActionMetadata, inputVariables, readMetadata } from './metadata.ts';
import { node24 } from './node24.ts';
import type { JobOptions, MainOptions, ProcessOptions } from './options.ts';
import { type CancelManner, StepProcess } from './process.ts';
import type { Outcome, StepResult } from './result.ts';
import { superviseStep } from './supervise.ts';

/** A post step that is still to come. */
interface Registered {
  script: string;
  condition: string;
  main: MainOptions;
  inputs: Record<string, string>;
  state: Record<string, string>;
}

/** The step that runs now. */
interface Running {
  process: StepProcess;
  /** When this no longer holds, a cancelled job ends the step. */
  condition: string;
  cancelled: boolean;
}

/** One job on one machine: its folder, its masks, its state, and the steps that use actions. */
export class Job {
  readonly #options: JobOptions;
  readonly #folder: JobFolder;
  readonly #github: GitHubContext;
  readonly #masks: string[];
  /** What steps wrote to GITHUB_ENV. */
  readonly #env: Record<string, string> = {};
  readonly #posts: Registered[] = [];
  #status: Outcome = 'success';
  #running: Running | undefined;
  #isLost = false;

  private constructor(options: JobOptions, folder: JobFolder) {
    this.#options = options;
    this.#folder = folder;
    this.#github = { ...DEFAULT_GITHUB, ...options.github };
    this.#masks = [...(options.inheritMasks ?? [])];
  }

  static async start(options: JobOptions = {}): Promise<Job> {
    return new Job(options, await JobFolder.make());
  }

  /** The state of the job, as `success()`, `failure()` and `cancelled()` see it. */
  get status(): Outcome {
    return this.#status;
  }

  /**
   * Runs the main step of an action, and registers its post step.
   * @throws Error for an undeclared input, and when the step outlasts `timeoutMs`
   */
  async main(options: MainOptions): Promise<StepResult> {
    const actionDir = resolve(options.actionDir ?? fileURLToPath(new URL('../../', import.meta.url)));
    const metadata = readMetadata(actionDir);
    const inputs = inputVariables(metadata, options.with, this.#github);
    const registered = this.#register(actionDir, metadata, options, inputs);
    const result = await this.#step(join(actionDir, metadata.main), 'success()', inputs, options);
    if (registered) registered.state = result.state;
    return result;
  }

  /**
   * Runs the post step of the latest main step that has not had it, if `post-if` holds. It gets the inputs
   * of the main step, and what that wrote to GITHUB_STATE.
   * @param options in place of those of the main step, of which only `env`, `node` and `nodeOptions` stay
   * @returns undefined when it does not run
   */
  async post(options: ProcessOptions = {}): Promise<StepResult | undefined> {
    const post = this.#posts.pop();
    if (post === undefined || this.#isLost || !holds(post.condition, this.#status)) return undefined;
    const { env, node, nodeOptions } = post.main;
    const state = Object.entries(post.state).map(([name, value]) => [`STATE_${name}`, value]);
    const variables = { ...post.inputs, ...Object.fromEntries(state) };
    const all = { env, node, nodeOptions, ...options };
    const result = await this.#step(post.script, post.condition, variables, all);
    return { ...result, outputs: {} };
  }

  /** How many post steps are still to come. */
  get postsLeft(): number {
    return this.#posts.length;
  }

  /** Another step of the job, of which only the end matters. */
  otherStep(conclusion: Outcome): void {
    if (this.#status === 'success' || conclusion === 'cancelled') this.#status = conclusion;
  }

  /**
   * Cancels the job. The step that runs is cancelled, unless its condition still holds: a post step with
   * `cancelled()` in its `post-if` goes on. (The runner gives it five minutes.)
   */
  cancel(manner?: CancelManner): void {
    this.#status = 'cancelled';
    const running = this.#running;
    if (running === undefined || holds(running.condition, this.#status)) return;
    running.cancelled = true;
    running.process.cancel(manner).catch(() => undefined);
  }

  /** Kills the process of the step, as a machine short of memory does; resolves when there is none. */
  async kill(): Promise<void> {
    await this.#running?.process.kill();
  }

  /** Whoever reads the log of the step goes away. */
  closeOutput(): void {
    this.#running?.process.closeOutput();
  }

  /** The machine is lost: the step ends, its files are read by nobody, and no post step runs. */
  async loseMachine(): Promise<void> {
    this.#isLost = true;
    this.#status = 'failure';
    await this.#running?.process.kill();
  }

  async close(): Promise<void> {
    await this.#running?.process.kill();
    await this.#folder.remove();
  }

  #register(dir: string, { post, postIf }: ActionMetadata, main: MainOptions, inputs: Record<string, string>) {
    if (post === undefined) return undefined;
    const registered: Registered = { script: join(dir, post), condition: postIf, main, inputs, state: {} };
    this.#posts.push(registered);
    return registered;
  }

  async #step(
    script: string,
    condition: string,
    variables: Record<string, string>,
    options: ProcessOptions & Pick<MainOptions, 'continueOnError'>,
  ): Promise<StepResult> {
    const { eventText, event, jobStartedAt, debug } = this.#options;
    const folder = this.#folder;
    await folder.writeEvent(eventText ?? JSON.stringify(event ?? {}), jobStartedAt, options.stepStartedAt);
    const files = await folder.stepFiles(options.files);
    const log = new StepLog({ ...this.#options, inheritMasks: this.#masks });
    const process = new StepProcess(
      {
        node: options.node ?? node24(),
        args: [...(options.nodeOptions ?? []), script],
        cwd: folder.workspace,
        env: {
          ...cleanEnvironment(folder),
          ...this.#env,
          ...runnerVariables(this.#github, folder, files, debug ?? false),
          ...variables,
          ...options.env,
        },
      },
      log,
    );
    const running: Running = { process, condition, cancelled: false };
    this.#running = running;
    try {
      const ended = await superviseStep(process, options, log);
      if (running.cancelled) log.complain('The operation was canceled.');
      const collected = this.#isLost ? NOTHING : await collect(files, log);
      const failed = ended.exitCode !== 0 || ended.timedOut || collected.fileErrors.length > 0;
      const outcome = running.cancelled ? 'cancelled' : failed ? 'failure' : 'success';
      const conclusion = outcome === 'failure' && options.continueOnError ? 'success' : outcome;
      if (conclusion !== 'success') this.otherStep(conclusion);
      this.#masks.splice(0, this.#masks.length, ...log.masker.values);
      Object.assign(this.#env, collected.env);
      const { exitCode, signal, durationMs } = ended;
      const seen = { ...log.seen(), ...collected };
      return { exitCode, signal, durationMs, outcome, conclusion, sent: process.sent, ...seen };
    } finally {
      this.#running = undefined;
    }
  }
}
