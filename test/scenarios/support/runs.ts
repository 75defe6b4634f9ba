import { EventEmitter, once } from 'node:events';
import { Job } from '../../../emulators/runner/job.ts';
import type { JobOptions, MainOptions, ProcessOptions } from '../../../emulators/runner/options.ts';
import type { CancelManner } from '../../../emulators/runner/process.ts';
import type { Outcome, StepResult } from '../../../emulators/runner/result.ts';
import type { Stage } from '../../../emulators/stage.ts';
import type { Names } from './names.ts';
import { requestTaker } from './requests.ts';
import { brokenRules, type Rule } from './rules.ts';
import type { StepRecord } from './snapshot.ts';
import { readStores, type Stores } from './stores.ts';

/** How a job is run, beside its inputs. */
export interface RunOptions extends JobOptions, Omit<MainOptions, 'with'> {
  /** How a later step of the job ends; there is none by default. */
  laterStep?: Outcome;
  /** For the post step. */
  post?: ProcessOptions;
}

/** A step that uses this action. */
export interface ActionStep {
  /** Goes before the names of its steps in the snapshot. */
  prefix: string;
  /** The inputs as the snapshot shows them. */
  shown: Record<string, string | undefined>;
  given: Record<string, string>;
}

/** Runs the main step; the post step runs when the job is over. */
type Act = (action: ActionStep, options?: Omit<MainOptions, 'with'>) => Promise<StepResult>;

/** A job under way, and the step that runs. */
type Entry = { job: Job; lost: boolean; step?: StepRecord | undefined };

/** Runs the jobs of a scenario, and keeps what the snapshot and the rules need. */
export class Runner {
  readonly steps: StepRecord[] = [];
  /** Every rule that was broken so far. */
  readonly broken: [Rule, string][] = [];
  /** What was in the stores before the first step. */
  before: Stores = new Map();
  /** The jobs under way; a job that is started in a hook of another one comes last. */
  readonly #jobs: Entry[] = [];
  readonly #takeRequests: ReturnType<typeof requestTaker>;
  readonly #log: string[] = [];
  readonly #logged = new EventEmitter().setMaxListeners(0);
  #started = 0;

  constructor(
    private readonly stage: Stage,
    private readonly names: Names,
  ) {
    this.#takeRequests = requestTaker(stage);
  }

  /** Begins another run. @returns what goes before the names of its steps */
  begin(): string {
    this.#started += 1;
    return this.#started === 1 ? '' : `run ${this.#started}, `;
  }

  /**
   * Runs a job: the main step, and the post step if its `post-if` holds. Faults come before it, and what
   * happens in their hooks (see below) happens to this job.
   * @param changes inputs in place of the usual ones; an undefined one is left out
   * @returns what the main step left
   */
  readonly run = async (
    changes: Record<string, string | undefined> = {},
    { laterStep, ...options }: RunOptions = {},
  ): Promise<StepResult> => {
    const { played } = await this.job(options, async (act, job) => {
      const main = await act({ prefix: this.begin(), shown: changes, given: this.stage.inputs(changes) }, options);
      if (laterStep !== undefined) job.otherStep(laterStep);
      return main;
    });
    return played;
  };

  /** Cancels the job; at the runner's pace by default, or as nektos/act does. */
  readonly cancel = (manner?: CancelManner): void => this.#current().job.cancel(manner);

  /** Kills the process of the step; resolves when it has exited. */
  readonly kill = (): Promise<void> => this.#current().job.kill();

  /** Loses the machine: nothing of the step is read, and no post step runs. */
  readonly loseMachine = (): Promise<void> => {
    this.#current().lost = true;
    return this.#current().job.loseMachine();
  };

  /** Nobody reads the log any more: writing fails with EPIPE. */
  readonly closeOutput = (): void => this.#current().job.closeOutput();

  /** Resolves when the log of a job shows such a line. */
  readonly shows = async (line: RegExp): Promise<void> => {
    while (!this.#log.some((shown) => line.test(shown))) await once(this.#logged, 'line');
  };

  /** Runs a job with the steps of this action that `play` takes; then their post steps, the last one first. */
  async job<T>(
    { post, ...options }: JobOptions & Pick<RunOptions, 'post'>,
    play: (act: Act, job: Job) => Promise<T>,
  ): Promise<{ played: T; status: Outcome }> {
    const onLine = (line: string) => {
      this.#log.push(line);
      this.#logged.emit('line');
    };
    const job = await Job.start({ ...options, github: { ...this.stage.queueRun(), ...options.github }, onLine });
    const entry: Entry = { job, lost: false };
    const done: ActionStep[] = [];
    this.#jobs.push(entry);
    const actionDir = process.env['ACTION_DIR'];
    const act: Act = async (action, own) => {
      done.push(action);
      const main = { ...own, with: action.given, ...(actionDir === undefined ? {} : { actionDir }) };
      return await this.#step(entry, 'main', action, () => job.main(main));
    };
    try {
      const played = await play(act, job);
      for (const action of done.toReversed()) await this.#step(entry, 'post', action, () => job.post(post));
      return { played, status: job.status };
    } finally {
      this.#jobs.splice(this.#jobs.indexOf(entry), 1);
      await job.close();
    }
  }

  /** Shows in the snapshot what a step that is not of this action gets. */
  show(title: string, gets: Record<string, string>): void {
    this.steps.push({ title, gets, requests: [] });
  }

  async #step<T extends StepResult | undefined>(
    entry: Entry,
    kind: 'main' | 'post',
    { prefix, shown, given }: ActionStep,
    play: () => Promise<T>,
  ): Promise<T> {
    const { stage, names, steps } = this;
    const record: StepRecord = { title: `${prefix}${kind} step`, requests: [] };
    if (kind === 'main') record.inputs = shown;
    if (steps.length === 0) this.before = readStores(stage);
    const historyBefore = stage.cobo.history.length;
    this.#assignRequests();
    steps.push(record);
    entry.step = record;
    const result = await play();
    this.#assignRequests();
    entry.step = undefined;
    record.result = result;
    if (result !== undefined) {
      const judged = { kind, stage, given, result, historyBefore, secrets: [...names.own.keys()], lost: entry.lost };
      this.broken.push(...brokenRules(judged));
    } else if (entry.job.status === 'success') {
      // That a job which went well has no post step goes without saying.
      steps.splice(steps.indexOf(record), 1);
    }
    return result;
  }

  /** What was sent since the last call belongs to the step that runs now. */
  #assignRequests(): void {
    const step = this.#jobs.at(-1)?.step ?? this.#jobs.at(-2)?.step;
    const seen = this.#takeRequests();
    step?.requests.push(...seen);
  }

  #current(): Entry {
    const entry = this.#jobs.at(-1);
    if (entry === undefined) throw new Error('no job is running');
    return entry;
  }
}
