import { createHash } from 'node:crypto';
import { createClient } from '../../emulators/cobo.ts';
import type { Fault } from '../../emulators/faults.ts';
import type { Grant, WriteEntry } from '../../emulators/github.ts';
import { type EmulatorServer, type RecordedRequest, UNDER_WAY } from '../../emulators/server.ts';
import { REPOSITORY, SECRET, type Stage, startStage } from '../../emulators/stage.ts';
import { openByHand } from '../scenarios/support/crypto.ts';
import { ACCESS_SECRET, choose, EXPIRY_VARIABLE, FAULTS, type FaultName, isTarget } from './faults.ts';
import type { Setting, StepPlan } from './plan.ts';

/** The same app in all stories, so that a story that is repeated has the same names of records. */
const CLIENT = createClient({ appSecretHex: '5f'.repeat(32), clientId: 'c'.repeat(32) });
const DAY_MS = 24 * 3600_000;
const SETTLING_MS = 5_000;
const FULL = { repository: 100, environment: 100, organization: 1000 };

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

/** A change of a store, with its number among all. */
export interface Write extends WriteEntry {
  number: number;
}

/** The emulators of one story, what they have seen, and the faults that strike there. */
export class World {
  readonly log: Seen[] = [];
  /** Called at each request: time passes. */
  onRequest: () => void = () => undefined;
  readonly #steps = new Map<number, { isPost: boolean; plan: StepPlan; onStop: () => void }>();
  /** Which run calls Cobo under which name of this machine: a request to Cobo names no run. */
  readonly #hosts = new Map<string, number>();

  private constructor(
    readonly stage: Stage,
    readonly setting: Setting,
  ) {
    this.#listen(stage.cobo, 'cobo');
    this.#listen(stage.github, 'github');
  }

  /** @param now the clock of both emulators */
  static async open(setting: Setting, now: () => number): Promise<World> {
    const stage = await startStage({
      cobo: {
        now,
        clients: [{ ...CLIENT, implicitAllowed: setting.orgId === 'allowed' }],
        tokenMaker: tokenName,
        nonceWindowMs: DAY_MS,
        revokeFamilyOnReplay: setting.replayRevokes,
        implicitRevokesOthers: setting.implicitRevokes,
        omitRefreshToken: setting.omits,
      },
      github: { now, clockSkewMs: setting.skewMs },
      stores: setting.stores,
    });
    const [first = ''] = stage.stores;
    const most = FULL[first.split(/[:@]/)[0] as keyof typeof FULL];
    for (let n = 1; setting.full && n < most; n++) stage.github.setSecret(first, `FILLER_${n}`, '-');
    return new World(stage, setting);
  }

  get stores(): readonly string[] {
    return this.stage.stores;
  }

  get writes(): Write[] {
    return this.stage.github.writes.map((write, number) => ({ ...write, number }));
  }

  /** The refresh token in each store, in their order. */
  values(): (string | undefined)[] {
    return this.stores.map((store) => this.stage.github.secretValue(store, SECRET));
  }

  isLiving(token: string | undefined): boolean {
    return token !== undefined && this.stage.cobo.state(token) === 'living';
  }

  open(envelope: string): string | undefined {
    const { appSecretHex, clientId } = this.stage.cobo.client;
    return openByHand(envelope, appSecretHex, clientId);
  }

  /** A writer token of a run's own, so that its requests can be told from those of others. */
  writer(run: number): string {
    return `github_pat_11EXAMPLE0writer0of0run${run}0`;
  }

  get writesBack(): boolean {
    return this.setting.saves === 'refresh' || this.setting.saves === 'all';
  }

  inputs(run: number, token: string | undefined, host: string): Record<string, string> {
    const { setting, stage, writesBack } = this;
    const extras = setting.saves === 'all' || setting.saves === 'access';
    const saves = setting.saves !== 'nothing';
    return stage.inputs({
      'refresh-token': token,
      'refresh-token-secret': writesBack ? SECRET : undefined,
      'access-token-secret': extras ? ACCESS_SECRET : undefined,
      'expires-at-variable': extras ? EXPIRY_VARIABLE : undefined,
      'github-token': saves ? this.writer(run) : undefined,
      'secret-stores': saves ? setting.stores.join('\n') : undefined,
      'org-id': setting.orgId === 'none' ? undefined : stage.cobo.client.orgId,
      'api-url': stage.cobo.url.replace('127.0.0.1', host),
      'github-api-url': stage.github.url,
      'max-attempts': String(setting.attempts),
    });
  }

  /** Queues a workflow run. @param queuedAt by GitHub's clock @returns its number at GitHub */
  queue(run: number, queuedAt: number): number {
    const { github } = this.stage;
    github.addToken({ token: this.writer(run), grants: grantsFor(this.setting), account: `account ${run}` });
    github.addRun(REPOSITORY, { id: 7000 + run, created_at: queuedAt });
    return 7000 + run;
  }

  /** From here on the requests of this run belong to this step. @param onStop called at the request of the plan's stop */
  begin({ run, host }: { run: number; host: string }, isPost: boolean, plan: StepPlan, onStop: () => void): void {
    this.#hosts.set(host, run);
    // What is counted down there belongs to this step.
    this.#steps.set(run, { isPost, plan: structuredClone(plan), onStop });
  }

  /** Waits until everything that has arrived is processed: the process that sent it may be gone. */
  async settle(): Promise<void> {
    const until = performance.now() + SETTLING_MS;
    // What a process that is gone has sent is read within some turns of the event loop.
    do for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    while (this.log.some(({ record }) => record.verdict === UNDER_WAY) && performance.now() < until);
  }

  /** Every secret that came up so far. */
  secrets(): string[] {
    return [...this.stage.secrets(), ...new Set(this.log.map(({ run }) => this.writer(run)))];
  }

  #listen(emulator: EmulatorServer, service: Seen['service']): void {
    // Every request passes here right after it was recorded: faults are chosen, and stops timed.
    emulator.faults.take = (_method, _path, isReused) => {
      const record = emulator.requests.at(-1);
      if (record === undefined) return undefined;
      this.onRequest();
      const run = this.#runOf(service, record);
      const step = this.#steps.get(run);
      const fault = step && choose(step.plan.faults, record, isReused === true);
      const writes = this.stage.github.writes.length;
      this.log.push({ seq: this.log.length, service, record, run, isPost: step?.isPost === true, fault, writes });
      const planned: Fault | undefined = fault && FAULTS[fault][1];
      const at = step?.plan.stop?.at;
      if (at === undefined || 'told' in at || !isTarget(at.target, record) || at.nth-- !== 0) return planned;
      return { kind: 'hook', when: at.when, run: () => step?.onStop(), ...(planned && { next: planned }) };
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

function grantsFor({ mayReadRun }: Setting): Grant[] {
  const all = { secrets: 'write', environments: 'write', dependabot_secrets: 'write', variables: 'write' } as const;
  return [
    { repo: REPOSITORY, ...all, ...(mayReadRun ? { actions: 'read' } : {}) },
    { repo: 'octo-org/other', ...all },
    { org: 'octo-org', organization_secrets: 'write', organization_variables: 'write' },
  ];
}
