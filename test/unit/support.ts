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
import { type HttpRequest, httpClient } from '../../src/http.ts';
import { openEnvelope } from '../../src/recovery.ts';
import { refresh } from '../../src/refresh.ts';
import type { World } from '../../src/run.ts';
import { HeldClock, NOON } from '../support/clock.ts';
import { RecordingToolkit } from '../support/toolkit.ts';

export { REPOSITORY, SECRET, STORE };
export const RUNS = Number(process.env.FUZZ_RUNS ?? 50);
/** Any unit of UTF-16, for texts. The `binary` of fast-check takes seconds to set up. */
export const UNIT = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
export const ENVIRONMENT = `environment:cobo@${REPOSITORY}`;
export const BOTH = { stores: ['repository', 'environment:cobo'] };
export const EXTRAS = { 'access-token-secret': 'ACCESS', 'expires-at-variable': 'EXPIRES_AT' };
export const NO_TARGET = { 'refresh-token-secret': undefined };
export const ALWAYS = Number.POSITIVE_INFINITY;
/** How often one step asks. */
export const ATTEMPTS = 4;
const DAY_MS = 24 * 3_600_000;
export const time = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');

/** Which requests: as in a rule of a fault, or by asking. */
export type Match = FaultRule['match'] | ((request: HttpRequest) => boolean);
export type Changes = Record<string, string | undefined>;

/** Requests to GitHub and Cobo. */
export const CALL = {
  token: { method: 'PUT', path: new RegExp(`/${SECRET}$`) },
  record: { method: 'PUT', path: /_IN_FLIGHT_/ },
  secondRecord: { method: 'PUT', path: /environments.*_IN_FLIGHT_/ },
  undo: { method: 'DELETE', path: /_IN_FLIGHT_/ },
  access: { path: /\/ACCESS$/ },
  cobo: { path: /\/oauth\/token$/ },
};
export const CUT: Fault = { kind: 'cut', when: 'before' };
const never = () => new Promise<never>(() => undefined);
let days = 0;

/** Cobo, GitHub, and the runner of one test, all on one clock that stands still until somebody sleeps. */
export class Scene {
  private constructor(
    readonly clock: HeldClock,
    readonly stage: Stage,
  ) {}

  static async open(options: StageOptions = {}): Promise<Scene> {
    // Each scene has a day of its own: nonces grow in all runs of a process.
    days += 1;
    const clock = new HeldClock(NOON + days * DAY_MS);
    const { now } = clock;
    const { cobo, github } = options;
    const stage = await startStage({ ...options, cobo: { now, ...cobo }, github: { now, ...github } });
    onTestFinished(async () => {
      const errors = [...stage.cobo.errors, ...stage.github.errors];
      await stage.close();
      expect(errors).toEqual([]);
    });
    return new Scene(clock, stage);
  }

  /** Runs the main step. */
  async main(changes: Changes = {}, setting: Setting = {}): Promise<Step> {
    return new Step(this, changes, setting).run(refresh);
  }

  /** Runs the post step with what a main step has left, by default with its inputs. */
  async post(before: Pick<Step, 'state' | 'changes'>, setting: Setting = {}): Promise<Step> {
    return new Step(this, before.changes, setting, before.state).run(finish);
  }

  /** Runs the main step until its process is killed: a request goes out, or is answered, and nothing follows. */
  killed(match: Match, when: 'before' | 'after', changes: Changes = {}): Promise<Step> {
    return new Promise((resolve, reject) => {
      const plan = (step: Step) =>
        step.on(match, when, () => {
          step.isDead = true;
          resolve(step);
          return never();
        });
      new Step(this, changes, { plan })
        .run(refresh)
        .then(() => reject(new Error('the process was not killed')), reject);
    });
  }

  /** Lets GitHub answer otherwise. @param what a status, what happens meanwhile, or a fault */
  github(match: NonNullable<FaultRule['match']>, what: number | (() => void) | Fault, times = 1, skip = 0): void {
    this.stage.github.faults.add({ match, fault: faultOf(what), times, skip });
  }

  /** The same for Cobo. */
  cobo(what: number | (() => void) | Fault, times = 1): void {
    this.stage.cobo.faults.add({ fault: faultOf(what), times });
  }

  /** The input that gives the organization. */
  get org(): Changes {
    return { 'org-id': this.stage.cobo.client.orgId };
  }

  /** Puts a value into a store's secret, as somebody else does. */
  set(store: string, name = SECRET, at?: number): void {
    this.stage.github.setSecret(store, name, 'of another run', at);
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

  /** Whether every store holds it. */
  get isSafe(): boolean {
    return this.stage.stores.every((store) => this.stored(store) === this.living);
  }

  /** How often Cobo was asked. */
  get asked(): number {
    return this.stage.cobo.requests.length;
  }

  /** The refresh token in an envelope. */
  open(envelope: string): string {
    const { appSecretHex, clientId } = this.stage.cobo.client;
    return openEnvelope(envelope, Buffer.from(appSecretHex, 'hex'), clientId).refreshToken;
  }

  /** The inputs for a run with the envelope of an earlier one, whose token no store took, some seconds ago. */
  async envelope(): Promise<{ 'recovery-envelope': string }> {
    this.github(CALL.token, 500, ATTEMPTS * this.stage.stores.length);
    const { envelope } = await this.main();
    expect(this.open(envelope)).toBe(this.living);
    this.clock.skip(5_000);
    this.stage.cobo.resetLog();
    return { 'recovery-envelope': envelope };
  }
}

export interface Setting {
  env?: NodeJS.ProcessEnv;
  facts?: Partial<RunFacts>;
  /** Before the step begins: plans signals and failures. */
  plan?: (step: Step) => void;
}

/** One step, and all that it has told. */
export class Step extends RecordingToolkit {
  exit: number | undefined;
  /** Whether its process was killed: it gets no answer any more. */
  isDead = false;
  readonly signals = new EventEmitter();
  readonly #file: string;
  readonly #world: World;
  #acts: { match: Match; when: 'before' | 'after'; act: () => unknown }[] = [];

  constructor(
    { clock, stage }: Scene,
    readonly changes: Changes,
    setting: Setting,
    state: Record<string, string> = {},
  ) {
    super(stage.inputs(changes), state);
    const folder = mkdtempSync(join(tmpdir(), 'unit-'));
    this.#file = join(folder, 'summary');
    writeFileSync(this.#file, '');
    const http = httpClient({});
    onTestFinished(() => {
      http.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const send: typeof http.send = async (request, options) => {
      const acts = this.#acts.filter(({ match }) => fits(match, request));
      const act = async (moment: string) => {
        for (const one of acts) if (one.when === moment && !this.isDead) await one.act();
        if (this.isDead) await never();
      };
      await act('before');
      const answer = await http.send(request, options);
      await act('after');
      return answer;
    };
    const now = { repository: REPOSITORY, runId: 1658821493, runAttempt: 1, jobStartedAt: clock.now() };
    this.#world = {
      toolkit: this.toolkit,
      env: {
        GITHUB_REPOSITORY: REPOSITORY,
        GITHUB_API_URL: stage.github.url,
        GITHUB_STEP_SUMMARY: this.#file,
        ...setting.env,
      },
      facts: async () => ({ ...now, ...setting.facts }),
      http: { ...http, send },
      clock,
      signals: this.signals,
    };
    setting.plan?.(this);
  }

  async run(entry: typeof refresh): Promise<this> {
    this.exit = await entry(this.#world);
    expect(this.signals.eventNames()).toEqual([]);
    for (const { kind, text } of this.told) {
      if (!['output', 'state', 'mask'].includes(kind)) expect(text).not.toMatch(/^\s*::|##\[/);
    }
    return this;
  }

  /** Does something when a request is about to be sent, or as soon as it is answered, before the step can go on. */
  on(match: Match, when: 'before' | 'after', act: () => unknown): void {
    this.#acts.push({ match, when, act });
  }

  signal(name: CancelSignal = 'SIGINT'): void {
    this.signals.emit(name, name);
  }

  /** Lets nothing be told. */
  mute(which: (told: { kind: string; name: string }) => boolean = () => true): void {
    this.onTell = (told) => {
      if (which(told)) throw new Error('EPIPE');
    };
  }

  get summary(): string {
    return readFileSync(this.#file, 'utf8');
  }

  get handover(): Handover | undefined {
    return readHandover(this.state[HANDOVER] ?? '');
  }

  /** The name of its record. */
  get record(): string {
    return this.handover?.recording?.name ?? '';
  }

  get envelope(): string {
    return this.outputs['recovery-envelope'] ?? '';
  }

  /** The envelopes in its log. */
  get shown(): string[] {
    const title = 'recovery-envelope: ';
    return this.log.filter((line) => line.startsWith(title)).map((line) => line.slice(title.length));
  }

  /** Exit status, the state that was told last (by a post step only in the log), and the error code, if any. */
  get end(): (number | string | undefined)[] {
    const [error] = this.texts('error');
    const [, state, code] = /token-state: (\w+)(?:, error: ([\w-]+)\])?/.exec(error ?? this.log.at(-1) ?? '') ?? [];
    const output = this.outputs['token-state'];
    if (error !== undefined && output !== undefined) expect(state).toBe(output);
    return [this.exit, output ?? state, ...(code === undefined ? [] : [code])];
  }

  /** The lines of the log, without durations. */
  get log(): string[] {
    return this.texts('info').map((line) => line.replace(/\(\d+ ms\)$/, '(… ms)'));
  }

  /** The one error, without the link to its page. */
  get error(): string {
    const errors = this.texts('error');
    expect(errors).toHaveLength(1);
    return (errors[0] ?? '').replace(/ see docs\/errors\.md$/, '');
  }

  get warnings(): string[] {
    return this.texts('warning');
  }
}

function faultOf(what: number | (() => void) | Fault): Fault {
  if (typeof what === 'number') return { kind: 'status', status: what, when: 'before' };
  return typeof what === 'function' ? { kind: 'hook', when: 'before', run: what } : what;
}

function fits(match: Match, request: HttpRequest): boolean {
  if (typeof match === 'function') return match(request);
  const { method, url } = request;
  return (match?.method ?? method) === method && (match?.path ?? /^/).test(url.pathname);
}
