import fc from 'fast-check';
import { expect, onTestFinished } from 'vitest';
import type { Fault, FaultRule } from '../../emulators/faults.ts';
import { REPOSITORY, SECRET, STORE, type Stage, type StageOptions, startStage } from '../../emulators/stage.ts';
import { finish } from '../../src/finish.ts';
import { openEnvelope } from '../../src/recovery.ts';
import { refresh } from '../../src/refresh.ts';
import { HeldClock, NOON } from '../support/clock.ts';
import { type Changes, type Match, type Setting, Step } from './step.ts';

export type { Changes, Match };
export { REPOSITORY, SECRET, STORE, Step };
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
export const DAY_MS = 24 * 3_600_000;
export const time = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');

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
      await stage.close();
      expect([...stage.cobo.errors, ...stage.github.errors]).toEqual([]);
    });
    return new Scene(clock, stage);
  }

  /** Runs the main step. */
  main(changes: Changes = {}, setting: Setting = {}): Promise<Step> {
    return new Step(this, changes, setting).run(refresh);
  }

  /** Runs the post step with what a main step has left, by default with its inputs. */
  post(before: Pick<Step, 'state' | 'changes'>, setting: Setting = {}): Promise<Step> {
    return new Step(this, before.changes, setting, before.state).run(finish);
  }

  /**
   * Runs the main step until its process is killed: a request goes out, or is answered, and nothing follows.
   * @param overtake what happens when it is about to write its record
   */
  killed(match: Match, when: 'before' | 'after', changes: Changes = {}, overtake?: () => unknown): Promise<Step> {
    return new Promise((resolve, reject) => {
      const step = new Step(this, changes);
      if (overtake) step.on(CALL.record, 'before', overtake);
      step.on(match, when, () => {
        step.isDead = true;
        resolve(step);
      });
      step.run(refresh).then(() => reject(new Error('the process was not killed')), reject);
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

  records(store: string = STORE): string[] {
    return this.stage.github.secretNames(store).filter((name) => name.includes('_IN_FLIGHT_'));
  }

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

  get asked(): number {
    return this.stage.cobo.requests.length;
  }

  open(envelope: string): string {
    const { appSecretHex, clientId } = this.stage.cobo.client;
    return openEnvelope(envelope, Buffer.from(appSecretHex, 'hex'), clientId).refreshToken;
  }

  /** Ends a main step as `sealed`: no store but the first `skip` takes the token. Some seconds pass. */
  async sealed(changes: Changes = {}, code = 500, skip = 0): Promise<Step> {
    const { cobo, github, stores } = this.stage;
    this.github(CALL.token, code, ATTEMPTS * stores.length, skip);
    const step = await this.main(changes);
    expect(step.end).toEqual([1, 'sealed', 'store-failed']);
    github.faults.clear();
    cobo.resetLog();
    this.clock.skip(5_000);
    return step;
  }

  /** The inputs for a run with the envelope of such a step. */
  async envelope(): Promise<{ 'recovery-envelope': string }> {
    return { 'recovery-envelope': (await this.sealed()).envelope };
  }
}

function faultOf(what: number | (() => void) | Fault): Fault {
  if (typeof what === 'number') return { kind: 'status', status: what, when: 'before' };
  return typeof what === 'function' ? { kind: 'hook', when: 'before', run: what } : what;
}
