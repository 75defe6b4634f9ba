import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished } from 'vitest';
import type { Fault, FaultRule } from '../../emulators/faults.ts';
import { REPOSITORY, SECRET, STORE, type Stage, type StageOptions, startStage } from '../../emulators/stage.ts';
import type { CancelSignal } from '../../src/cancellation.ts';
import { HANDOVER, type Handover, readHandover } from '../../src/fate.ts';
import { finish } from '../../src/finish.ts';
import type { RunFacts } from '../../src/github/staleness.ts';
import { type HttpClient, type HttpRequest, httpClient } from '../../src/http.ts';
import { openEnvelope } from '../../src/recovery.ts';
import { refresh } from '../../src/refresh.ts';
import type { World } from '../../src/run.ts';
import { HeldClock, NOON } from '../support/clock.ts';
import { RecordingToolkit } from '../support/toolkit.ts';

export { REPOSITORY, SECRET, STORE };
export const ALWAYS = Number.POSITIVE_INFINITY;
export const RUNS = Number(process.env.FUZZ_RUNS ?? 50);
/** Any unit of UTF-16, for texts. The `binary` of fast-check takes seconds to set up. */
export const UNIT = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const DAY_MS = 24 * 3_600_000;
const RUN_ID = 1658821493;

/** Which requests: as in a rule of a fault, or by asking. */
export type Match = FaultRule['match'] | ((request: HttpRequest) => boolean);

export type Changes = Record<string, string | undefined>;

/** Requests to GitHub and Cobo, for faults and for the network of a killed process. */
export const TOKEN = { method: 'PUT', path: new RegExp(`/${SECRET}$`) };
export const RECORD = { method: 'PUT', path: /_IN_FLIGHT_/ };
export const UNDO = { method: 'DELETE', path: /_IN_FLIGHT_/ };
export const COBO = { path: /\/oauth\/token$/ };
export const status = (code: number, headers: Record<string, string> = {}): Fault => ({
  kind: 'status',
  status: code,
  headers,
  when: 'before',
});
export const hook = (run: () => void, when: 'before' | 'after' = 'before'): Fault => ({
  kind: 'hook',
  when,
  run,
});

/** The n-th request of a step, counted from 0. */
export function nth(n: number): Match {
  let count = -1;
  return () => {
    count += 1;
    return count === n;
  };
}

let days = 0;

/** Cobo, GitHub, and the runner of one test, all on one clock that stands still until somebody sleeps. */
export class Scene {
  readonly clock: HeldClock;
  readonly stage: Stage;

  private constructor(clock: HeldClock, stage: Stage) {
    this.clock = clock;
    this.stage = stage;
  }

  static async open(options: StageOptions = {}): Promise<Scene> {
    // Each scene has a day of its own: nonces grow in all runs of a process.
    days += 1;
    const clock = new HeldClock(NOON + days * DAY_MS);
    const { now } = clock;
    const stage = await startStage({
      ...options,
      cobo: { now, ...options.cobo },
      github: { now, ...options.github },
    });
    onTestFinished(async () => {
      const { errors } = stage.cobo;
      await stage.close();
      expect([...errors, ...stage.github.errors]).toEqual([]);
    });
    return new Scene(clock, stage);
  }

  /** Runs the main step. */
  main(setting: Setting = {}): Promise<Step> {
    return this.#step(refresh, setting, {});
  }

  /** Runs the post step with what a main step has left, by default with its inputs. */
  post(before: Pick<Step, 'state' | 'changes'>, setting: Setting = {}): Promise<Step> {
    return this.#step(finish, { changes: before.changes, ...setting }, before.state);
  }

  /** Runs the main step until its process is killed: a request goes out, or is answered, and nothing follows. */
  killed(match: Match, when: 'before' | 'after', setting: Setting = {}): Promise<Step> {
    return new Promise((resolve, reject) => {
      const http = (real: HttpClient): HttpClient => {
        let isDead = false;
        const never = () => new Promise<never>(() => undefined);
        return {
          ...real,
          async send(request, options) {
            if (isDead) return never();
            const isLast = fits(match, request);
            const answer = isLast && when === 'before' ? undefined : await real.send(request, options);
            if (!isLast && answer !== undefined && !isDead) return answer;
            isDead = true;
            resolve(step);
            return never();
          },
        };
      };
      const step = new Step(this, { ...setting, http }, {});
      step.run(refresh).then(() => reject(new Error('the process was not killed')), reject);
    });
  }

  async #step(entry: typeof refresh, setting: Setting, state: Record<string, string>): Promise<Step> {
    const step = new Step(this, setting, state);
    await step.run(entry);
    return step;
  }

  /** The names of a store's records. */
  records(store: string = STORE): string[] {
    return this.stage.github.secretNames(store).filter((name) => name.includes('_IN_FLIGHT_'));
  }

  /** The refresh token in a store. */
  stored(store: string = STORE): string | undefined {
    return this.stage.github.secretValue(store, SECRET);
  }

  /** The one refresh token that works. */
  get living(): string | undefined {
    return this.stage.cobo.livingRefreshTokens().at(-1);
  }

  /** How often Cobo was asked. */
  get asked(): number {
    return this.stage.cobo.requests.length;
  }

  /** The refresh token in an envelope. */
  open(envelope: string | null | undefined): string {
    const { appSecretHex, clientId } = this.stage.cobo.client;
    return openEnvelope(envelope ?? '', Buffer.from(appSecretHex, 'hex'), clientId).refreshToken;
  }
}

export interface Setting {
  changes?: Changes;
  env?: NodeJS.ProcessEnv;
  facts?: Partial<RunFacts>;
  http?: (real: HttpClient) => HttpClient;
  /** Before the step begins: plans signals and failures. */
  plan?: (step: Step) => void;
}

/** One step, and all that it has told. */
export class Step {
  exit: number | undefined;
  readonly changes: Changes;
  readonly told: RecordingToolkit;
  readonly signals = new EventEmitter();
  readonly #file: string;
  readonly #world: World;
  #meant: Match = { path: /^$/ };
  #before = () => {};
  #after = () => {};

  constructor({ clock, stage }: Scene, setting: Setting, state: Record<string, string>) {
    const folder = mkdtempSync(join(tmpdir(), 'unit-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    this.#file = join(folder, 'summary');
    writeFileSync(this.#file, '');
    this.changes = setting.changes ?? {};
    this.told = new RecordingToolkit(stage.inputs(this.changes), state);
    const client = httpClient({});
    onTestFinished(() => client.close());
    const real: HttpClient = {
      ...client,
      send: async (request, options) => {
        const isMeant = fits(this.#meant, request);
        if (isMeant) this.#before();
        const answer = await client.send(request, options);
        if (isMeant) this.#after();
        return answer;
      },
    };
    this.#world = {
      toolkit: this.told.toolkit,
      env: {
        GITHUB_REPOSITORY: REPOSITORY,
        GITHUB_API_URL: stage.github.url,
        GITHUB_STEP_SUMMARY: this.#file,
        ...setting.env,
      },
      facts: async () => ({
        repository: REPOSITORY,
        runId: RUN_ID,
        runAttempt: 1,
        jobStartedAt: clock.now(),
        ...setting.facts,
      }),
      http: setting.http?.(real) ?? real,
      clock,
      signals: this.signals,
    };
    setting.plan?.(this);
  }

  async run(entry: typeof refresh): Promise<void> {
    this.exit = await entry(this.#world);
    expect(this.signals.eventNames()).toEqual([]);
    for (const { kind, text } of this.told.told) {
      if (kind === 'output' || kind === 'state' || kind === 'mask') continue;
      expect(text).not.toMatch(/^\s*::|##\[/);
    }
  }

  get summary(): string {
    return readFileSync(this.#file, 'utf8');
  }

  /** What a post step gets. */
  get state(): Record<string, string> {
    return this.told.state;
  }

  get handover(): Handover | undefined {
    return readHandover(this.state[HANDOVER] ?? '');
  }

  get outputs(): Record<string, string> {
    return this.told.outputs;
  }

  get envelope(): string {
    return this.outputs['recovery-envelope'] ?? '';
  }

  /** The lines of the log, without durations and ports. */
  get log(): string[] {
    return this.told.texts('info').map((line) => line.replace(/\(\d+ ms\)$/, '(… ms)'));
  }

  /** The one error, without the link to its page. */
  get error(): string {
    const errors = this.told.texts('error');
    expect(errors).toHaveLength(1);
    return (errors[0] ?? '').replace(/ see docs\/errors\.md$/, '');
  }

  get warnings(): string[] {
    return this.told.texts('warning');
  }

  /** Does something when a request is about to be sent. */
  beforehand(match: Match, run: () => void): void {
    this.#meant = match;
    this.#before = run;
  }

  /** Does something as soon as a request is answered, before the step can go on. */
  afterwards(match: Match, run: () => void): void {
    this.#meant = match;
    this.#after = run;
  }

  signal(name: CancelSignal = 'SIGINT'): void {
    this.signals.emit(name, name);
  }
}

function fits(match: Match, request: HttpRequest): boolean {
  if (typeof match === 'function') return match(request);
  const { method, url } = request;
  return (match?.method ?? method) === method && (match?.path ?? /^/).test(url.pathname);
}
