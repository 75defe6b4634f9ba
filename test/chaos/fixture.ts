import { createHash } from 'node:crypto';
import { createClient } from '../../emulators/cobo.ts';
import type { Moment } from '../../emulators/faults.ts';
import type { Grant } from '../../emulators/github.ts';
import { type EmulatorServer, type RecordedRequest, UNDER_WAY } from '../../emulators/server.ts';
import { REPOSITORY, SECRET, type Stage, startStage } from '../../emulators/stage.ts';
import { openByHand } from '../scenarios/support/crypto.ts';
import {
  ACCESS_SECRET,
  around,
  choose,
  EXPIRY_VARIABLE,
  type FaultInForce,
  type FaultName,
  faultKind,
  type PlannedFault,
} from './faults.ts';
import type { Setting } from './plan.ts';

/** The same app in all stories, so that a story that is repeated has the same names of records. */
const CLIENT = createClient({ appSecretHex: '5f'.repeat(32), clientId: 'c'.repeat(32) });
const DAY_MS = 24 * 3600_000;
const SETTLING_MS = 5_000;

/** A request as the rules see it, of all runs in the order in which they arrived. */
export interface Seen {
  seq: number;
  service: 'cobo' | 'github';
  record: RecordedRequest;
  run: number;
  isPost: boolean;
  fault: FaultName | undefined;
  /** How many changes GitHub's stores had seen before. */
  writes: number;
}

/** What one step wants to hear of its requests. */
export interface StepHooks {
  faults: readonly PlannedFault[];
  onRequest(method: string, path: string): Partial<Record<Moment, () => void>>;
}

interface LiveStep {
  isPost: boolean;
  hooks: StepHooks;
  faults: FaultInForce[];
}

/** The emulators of one story, what they have seen, and the faults that strike there. */
export class Fixture {
  readonly stage: Stage;
  readonly setting: Setting;
  readonly log: Seen[] = [];
  /** Called at each request: time passes. */
  onPace: () => void = () => undefined;
  readonly #steps = new Map<number, LiveStep>();
  /** Which run calls Cobo under which name of this machine: a request to Cobo names no run. */
  readonly #hosts = new Map<string, number>();

  private constructor(stage: Stage, setting: Setting) {
    this.stage = stage;
    this.setting = setting;
    this.#listen(stage.cobo, 'cobo');
    this.#listen(stage.github, 'github');
  }

  /** @param now the clock of both emulators */
  static async open(setting: Setting, now: () => number): Promise<Fixture> {
    const stage = await startStage({
      cobo: {
        now,
        clients: [{ ...CLIENT, implicitAllowed: setting.orgId === 'allowed' }],
        tokenMaker: (kind, n) => tokenName(kind, n),
        nonceWindowMs: DAY_MS,
        revokeFamilyOnReplay: setting.replayRevokes,
        implicitRevokesOthers: setting.implicitRevokes,
        omitRefreshToken: setting.omits,
      },
      github: { now, clockSkewMs: setting.skewMs },
      stores: setting.stores,
    });
    const fixture = new Fixture(stage, setting);
    const [first = ''] = stage.stores;
    const fillers = { repository: 99, environment: 99, organization: 999 };
    const kind = first.split(/[:@]/)[0] as keyof typeof fillers;
    for (let n = 0; setting.full && n < fillers[kind]; n++) stage.github.setSecret(first, `FILLER_${n}`, '-');
    return fixture;
  }

  get stores(): readonly string[] {
    return this.stage.stores;
  }

  /** The refresh token in each store, in their order. */
  values(): (string | undefined)[] {
    return this.stores.map((store) => this.stage.github.secretValue(store, SECRET));
  }

  isLiving(token: string | undefined): boolean {
    return token !== undefined && this.stage.cobo.state(token) === 'living';
  }

  /** Whether every store holds a refresh token that works. */
  get isAlive(): boolean {
    return this.values().every((value) => this.isLiving(value));
  }

  open(envelope: string): string | undefined {
    const { appSecretHex, clientId } = this.stage.cobo.client;
    return openByHand(envelope, appSecretHex, clientId);
  }

  /** A writer token of a run's own, so that its requests can be told from those of others. */
  writer(run: number): string {
    return `github_pat_11EXAMPLE0writer0of0run${run}0`;
  }

  /** The inputs of a run, and its entry at GitHub. */
  inputs(run: number, token: string | undefined, host: string): Record<string, string> {
    const { setting, stage } = this;
    const isWrittenBack = setting.saves === 'refresh' || setting.saves === 'all';
    const extras = setting.saves === 'all' || setting.saves === 'access';
    return stage.inputs({
      'refresh-token': token,
      'refresh-token-secret': isWrittenBack ? SECRET : undefined,
      'access-token-secret': extras ? ACCESS_SECRET : undefined,
      'expires-at-variable': extras ? EXPIRY_VARIABLE : undefined,
      'github-token': setting.saves === 'nothing' ? undefined : this.writer(run),
      'secret-stores': setting.saves === 'nothing' ? undefined : setting.stores.join('\n'),
      'org-id': setting.orgId === 'none' ? undefined : stage.cobo.client.orgId,
      'api-url': stage.cobo.url.replace('127.0.0.1', host),
      'github-api-url': stage.github.url,
      'max-attempts': String(setting.attempts),
    });
  }

  /** Queues a workflow run. @param queuedAt by GitHub's clock */
  queue(run: number, queuedAt: number): number {
    const { github } = this.stage;
    const { mayReadRun } = this.setting;
    github.addToken({ token: this.writer(run), grants: grantsFor(mayReadRun), account: `account ${run}` });
    github.addRun(REPOSITORY, { id: 7000 + run, created_at: queuedAt });
    return 7000 + run;
  }

  /** From here on the requests of this run belong to this step. */
  begin(run: number, isPost: boolean, host: string, hooks: StepHooks): void {
    this.#hosts.set(host, run);
    const inForce = (planned: PlannedFault) => {
      return { planned, toSkip: planned.skip, left: planned.times ?? Number.POSITIVE_INFINITY };
    };
    this.#steps.set(run, { isPost, hooks, faults: hooks.faults.map(inForce) });
  }

  /** Waits until everything that has arrived is processed: the process that sent it may be gone. */
  async settle(): Promise<void> {
    const until = performance.now() + SETTLING_MS;
    const isUnderWay = () => this.log.some(({ record }) => record.verdict === UNDER_WAY);
    do await new Promise((resolve) => setImmediate(resolve));
    while (isUnderWay() && performance.now() < until);
  }

  /** Every secret that came up so far. */
  secrets(): string[] {
    return [...this.stage.secrets(), ...new Set(this.log.map(({ run }) => this.writer(run)))];
  }

  readonly close = (): Promise<void> => this.stage.close();

  #listen(emulator: EmulatorServer, service: Seen['service']): void {
    // Every request passes here right after it was recorded: faults are chosen, and stops timed.
    emulator.faults.take = (method, path, isReused) => {
      const record = emulator.requests.at(-1);
      if (record === undefined) return undefined;
      this.onPace();
      const run = this.#runOf(service, record);
      const step = this.#steps.get(run);
      const fault = step === undefined ? undefined : choose(step.faults, method, path, isReused === true);
      const { writes } = this.stage.github;
      const seen = { seq: this.log.length, service, record, run, fault, writes: writes.length };
      this.log.push({ ...seen, isPost: step?.isPost === true });
      const calls = step?.hooks.onRequest(method, path) ?? {};
      return around(calls, fault === undefined ? undefined : faultKind(fault).fault);
    };
  }

  #runOf(service: Seen['service'], { headers }: RecordedRequest): number {
    if (service === 'cobo') return this.#hosts.get((headers['host'] ?? '').replace(/:\d+$/, '')) ?? -1;
    return Number(/run(\d+)0$/.exec(headers['authorization'] ?? '')?.[1] ?? -1);
  }
}

/** The text of a token: always the same, so that a story can be repeated. */
export function tokenName(kind: string, n: number): string {
  return `${kind}${n}${createHash('sha256').update(`${kind} ${n}`).digest('base64url').slice(0, 30)}`;
}

function grantsFor(mayReadRun: boolean): Grant[] {
  const secrets = { secrets: 'write', environments: 'write', dependabot_secrets: 'write' } as const;
  const repo = { ...secrets, variables: 'write' } as const;
  return [
    { repo: REPOSITORY, ...repo, ...(mayReadRun ? { actions: 'read' } : {}) },
    { repo: 'octo-org/other', ...repo },
    { org: 'octo-org', organization_secrets: 'write', organization_variables: 'write' },
  ];
}
