import { Job } from '../../../emulators/runner/job.ts';
import type { JobOptions, MainOptions, ProcessOptions } from '../../../emulators/runner/options.ts';
import type { CancelManner } from '../../../emulators/runner/process.ts';
import type { Outcome, StepResult } from '../../../emulators/runner/result.ts';
import type { Stage } from '../../../emulators/stage.ts';
import { IdleFaults } from './idle-faults.ts';
import { LogWatch } from './log-watch.ts';
import type { Names } from './names.ts';
import { RequestLog } from './requests.ts';
import { brokenRules, type Rule } from './rules.ts';
import type { StepRecord } from './snapshot.ts';
import { recordsIn, storesOf, strayRecords } from './truth.ts';

/** How a job is run, beside its inputs. */
export interface RunOptions extends JobOptions, Omit<MainOptions, 'with'> {
  /** How a later step of the job ends; there is none by default. */
  laterStep?: Outcome;
  /** For the post step. */
  post?: ProcessOptions;
}

export interface RunResult {
  main: StepResult;
  /** Undefined when the post step did not run. */
  post: StepResult | undefined;
  status: Outcome;
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
export type Act = (action: ActionStep, options?: Omit<MainOptions, 'with'>) => Promise<StepResult>;

/** A job under way. */
interface Entry {
  job: Job;
  lost: boolean;
  step: StepRecord | undefined;
}

/** Runs the jobs of a scenario, and keeps what the snapshot and the rules need. */
export class Runner {
  readonly steps: StepRecord[] = [];
  readonly #stage: Stage;
  readonly #names: Names;
  readonly #requests: RequestLog;
  readonly #broken: [Rule, string][] = [];
  readonly #faults: IdleFaults;
  /** The jobs under way; a job that is started in a hook of another one comes last. */
  readonly #jobs: Entry[] = [];
  readonly #log = new LogWatch();
  #started = 0;

  constructor(stage: Stage, names: Names) {
    this.#stage = stage;
    this.#names = names;
    this.#requests = new RequestLog(stage);
    this.#faults = new IdleFaults(stage);
  }

  /** Every rule that was broken so far. */
  broken(): [Rule, string][] {
    const never = this.#faults.list().map((what): [Rule, string] => ['every fault strikes', what]);
    return [...this.#broken, ...never];
  }

  /** Begins another run. @returns what goes before the names of its steps */
  begin(): string {
    this.#started += 1;
    return this.#started === 1 ? '' : `run ${this.#started}, `;
  }

  async run(changes: Record<string, string | undefined> = {}, options: RunOptions = {}): Promise<RunResult> {
    const prefix = this.begin();
    const { laterStep, post: postOptions, ...own } = options;
    const action = { prefix, shown: changes, given: this.#stage.inputs(changes) };
    const { mains, posts, status } = await this.job(own, postOptions, async (act, job) => {
      await act(action, own);
      if (laterStep !== undefined) job.otherStep(laterStep);
    });
    const [main] = mains;
    if (main === undefined) throw new Error('a main step always runs');
    return { main, post: posts[0], status };
  }

  /** Runs a job with the steps of this action that `play` takes; then their post steps, the last one first. */
  async job(
    options: JobOptions,
    postOptions: ProcessOptions | undefined,
    play: (act: Act, job: Job) => Promise<void>,
  ): Promise<{ mains: StepResult[]; posts: (StepResult | undefined)[]; status: Outcome }> {
    const actionDir = process.env['ACTION_DIR'];
    const github = { ...this.#stage.queueRun(), ...options.github };
    const job = await Job.start({ ...options, github, onLine: (line) => this.#log.add(line) });
    const entry: Entry = { job, lost: false, step: undefined };
    const done: { action: ActionStep; before: Map<string, string[]>; main: StepResult }[] = [];
    const posts: (StepResult | undefined)[] = [];
    this.#jobs.push(entry);
    try {
      const act: Act = async (action, own = {}) => {
        const { given, prefix, shown } = action;
        const before = new Map(storesOf(given).map((store) => [store, recordsIn(this.#stage, store)]));
        const main = await this.#step({ title: `${prefix}main step`, inputs: shown }, 'main', given, () =>
          job.main({ ...(actionDir === undefined ? {} : { actionDir }), ...own, with: given }),
        );
        if (main === undefined) throw new Error('a main step always runs');
        done.push({ action, before, main });
        return main;
      };
      await play(act, job);
      for (const { action } of done.toReversed()) {
        if (job.postsLeft === 0) break;
        const title = `${action.prefix}post step`;
        posts.push(await this.#step({ title }, 'post', action.given, () => job.post(postOptions)));
      }
      const mains = done.map(({ main }) => main);
      const killed = [...mains, ...posts].some((step) => step?.signal === 'SIGKILL') || entry.lost;
      for (const { action, before, main } of done) {
        const about = { stage: this.#stage, given: action.given, before, killed };
        const strays = strayRecords({ ...about, state: main.outputs['token-state'] });
        this.#broken.push(...strays.map((what): [Rule, string] => ['records', what]));
      }
      return { mains, posts, status: job.status };
    } finally {
      this.#jobs.splice(this.#jobs.indexOf(entry), 1);
      await job.close();
    }
  }

  /** Shows in the snapshot what a step that is not of this action gets. */
  show(title: string, gets: Record<string, string>): void {
    this.steps.push({ title, gets, requests: [] });
  }

  cancel(manner?: CancelManner): void {
    this.#current().job.cancel(manner);
  }

  async kill(): Promise<void> {
    await this.#current().job.kill();
  }

  async loseMachine(): Promise<void> {
    this.#current().lost = true;
    await this.#current().job.loseMachine();
  }

  closeOutput(): void {
    this.#current().job.closeOutput();
  }

  shows(line: RegExp): Promise<void> {
    return this.#log.shows(line);
  }

  async #step(
    named: Pick<StepRecord, 'title' | 'inputs'>,
    kind: 'main' | 'post',
    given: Record<string, string>,
    play: () => Promise<StepResult | undefined>,
  ): Promise<StepResult | undefined> {
    const record: StepRecord = { ...named, requests: [] };
    const entry = this.#current();
    const historyBefore = this.#stage.cobo.history.length;
    this.#takeRequests();
    this.steps.push(record);
    entry.step = record;
    const result = await play();
    this.#takeRequests();
    entry.step = undefined;
    record.result = result;
    if (result !== undefined) {
      const about = { kind, stage: this.#stage, given, result, historyBefore };
      const judged = { ...about, secrets: this.#names.own, lost: entry.lost };
      this.#broken.push(...brokenRules(judged));
    }
    return result;
  }

  /** What was sent since the last call belongs to the step that runs now. */
  #takeRequests(): void {
    const step = this.#jobs.at(-1)?.step ?? this.#jobs.at(-2)?.step;
    const seen = this.#requests.take();
    step?.requests.push(...seen);
  }

  #current() {
    const entry = this.#jobs.at(-1);
    if (entry === undefined) throw new Error('no job is running');
    return entry;
  }
}
