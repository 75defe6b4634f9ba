import type { FaultRule } from '../../../emulators/faults.ts';
import { Job } from '../../../emulators/runner/job.ts';
import type { JobOptions, MainOptions, ProcessOptions } from '../../../emulators/runner/options.ts';
import type { CancelManner } from '../../../emulators/runner/process.ts';
import type { Outcome, StepResult } from '../../../emulators/runner/result.ts';
import type { Stage } from '../../../emulators/stage.ts';
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

interface Waiting {
  line: RegExp;
  go: () => void;
}

/** Runs the jobs of a scenario, and keeps what the snapshot and the rules need. */
export class Runner {
  readonly steps: StepRecord[] = [];
  readonly #stage: Stage;
  readonly #names: Names;
  readonly #requests: RequestLog;
  readonly #broken: [Rule, string][] = [];
  readonly #faults: { rule: FaultRule; planned: { readonly fired: number } }[] = [];
  /** The jobs under way; a job that is started in a hook of another one comes last. */
  readonly #jobs: { job: Job; lost: boolean; step: StepRecord | undefined }[] = [];
  readonly #seen: string[] = [];
  #waiting: Waiting[] = [];
  #started = 0;

  constructor(stage: Stage, names: Names) {
    this.#stage = stage;
    this.#names = names;
    this.#requests = new RequestLog(stage);
    for (const { faults } of [stage.cobo, stage.github]) {
      const add = faults.add.bind(faults);
      faults.add = (rule) => {
        const planned = add(rule);
        this.#faults.push({ rule, planned });
        return planned;
      };
    }
  }

  /** Every rule that was broken so far. */
  broken(): [Rule, string][] {
    const idle = this.#faults.filter(({ planned }) => planned.fired === 0);
    const never = idle.map(({ rule: { match, fault } }): [Rule, string] => [
      'every fault strikes',
      `this one did not: ${match?.method ?? ''} ${match?.path ?? ''} ${fault.kind}`,
    ]);
    return [...this.#broken, ...never];
  }

  async run(changes: Record<string, string | undefined> = {}, options: RunOptions = {}): Promise<RunResult> {
    this.#started += 1;
    const number = this.#started;
    const title = (step: string) => (number === 1 ? step : `run ${number}, ${step}`);
    const { laterStep, post: postOptions = {}, ...own } = options;
    const actionDir = process.env['ACTION_DIR'];
    const given = this.#stage.inputs(changes);
    const before = new Map(storesOf(given).map((store) => [store, this.#recordsIn(store)]));
    const github = { ...this.#stage.queueRun(), ...options.github };
    const job = await Job.start({ ...own, github, onLine: (line) => this.#line(line) });
    const entry = { job, lost: false, step: undefined };
    this.#jobs.push(entry);
    try {
      const main = await this.#step({ title: title('main step'), inputs: changes }, 'main', given, () =>
        job.main({ ...(actionDir === undefined ? {} : { actionDir }), ...own, with: given }),
      );
      if (main === undefined) throw new Error('a main step always runs');
      if (laterStep !== undefined) job.otherStep(laterStep);
      const hasPost = job.postsLeft > 0;
      const post = hasPost
        ? await this.#step({ title: title('post step') }, 'post', given, () => job.post(postOptions))
        : undefined;
      const killed = [main, post].some((step) => step?.signal === 'SIGKILL') || entry.lost;
      const state = main.outputs['token-state'];
      const strays = strayRecords({ stage: this.#stage, given, state, before, killed });
      this.#broken.push(...strays.map((what): [Rule, string] => ['records', what]));
      return { main, post, status: job.status };
    } finally {
      this.#jobs.splice(this.#jobs.indexOf(entry), 1);
      await job.close();
    }
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
    if (this.#seen.some((seen) => line.test(seen))) return Promise.resolve();
    return new Promise((go) => this.#waiting.push({ line, go }));
  }

  #line(text: string): void {
    this.#seen.push(text);
    for (const { go } of this.#waiting.filter(({ line }) => line.test(text))) go();
    this.#waiting = this.#waiting.filter(({ line }) => !line.test(text));
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

  #recordsIn(store: string): string[] {
    return recordsIn(this.#stage, store);
  }
}
