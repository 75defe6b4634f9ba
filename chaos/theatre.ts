import { type CoboClient, type CoboEmulator, createClient, startCobo } from '../emulators/cobo.ts';
import type { Moment } from '../emulators/faults.ts';
import { type GitHubEmulator, startGitHub } from '../emulators/github.ts';
import { type EmulatorServer, type RecordedRequest, UNDER_WAY } from '../emulators/server.ts';
import type { StoreFacts } from './act.ts';
import { opened } from './envelope.ts';
import {
  ACCESS_SECRET,
  aimedAt,
  around,
  EXPIRY_VARIABLE,
  faultOf,
  type Pace,
  REFRESH_SECRET,
  stalls,
} from './mishaps.ts';
import type { Mishap, Plan, PlannedMishap } from './plan.ts';
import { Random } from './random.ts';
import { allRights, readingOnly, revoke } from './rights.ts';
import { placeOf, type StorePlace } from './stores.ts';
import { Tokens } from './tokens.ts';

export const REPOSITORY = 'octo-org/octo-repo';
const OTHER = 'octo-org/other-repo';
const ORGANIZATION = 'octo-org';
/** What the action's probes are called after the target's name: a killed run leaves one behind. */
const PROBE_SUFFIX = '_COBO_REFRESH_PROBE';
const A_DAY = 24 * 3600_000;
const LONGEST_SETTLING_MS = 20_000;

/** What the run in progress wants to hear. */
export interface Listener {
  /** A request has arrived; gives what to call before and after it is processed. */
  onRequest?(method: string, path: string): Partial<Record<Moment, () => void>>;
  /** The client of this request will wait in vain. */
  onStall?(method: string, path: string): void;
}

/** One Cobo, one GitHub and the stores between them, for all the runs of one story. */
export class Theatre {
  readonly cobo: CoboEmulator;
  readonly github: GitHubEmulator;
  readonly plan: Plan;
  readonly client: CoboClient;
  readonly tokens: Tokens;
  readonly stores: StorePlace[];
  readonly writer: string;
  /** The refresh token that was in every store at the beginning. */
  readonly firstToken: string;
  /** What struck each request. */
  readonly struck = new Map<RecordedRequest, Mishap>();
  listener: Listener = {};
  readonly #pace: Pace;
  #mishaps: { planned: PlannedMishap; toSkip: number; left: number }[] = [];
  /** Requests that their clients have given up on, and that are still to be processed. */
  readonly #late = new Set<RecordedRequest>();

  private constructor(plan: Plan, pace: Pace, cobo: CoboEmulator, github: GitHubEmulator, tokens: Tokens) {
    this.plan = plan;
    this.#pace = pace;
    this.cobo = cobo;
    this.github = github;
    this.client = cobo.client;
    this.tokens = tokens;
    this.writer = `github_pat_11CHAOS${new Random(plan.seed ^ 0x3217e5).text(20)}`;
    this.stores = plan.stores.map((line) => placeOf(line, REPOSITORY));
    github.addRepository(REPOSITORY, { environments: ['cobo'] });
    github.addRepository(OTHER, { environments: ['prod / eu'] });
    github.addOrganization(ORGANIZATION);
    this.grantAll();
    this.#limitGrants();
    this.firstToken = cobo.issueRefreshToken();
    this.#fillStores();
    this.#ageToken();
    this.#listen(cobo, 'cobo');
    this.#listen(github, 'github');
  }

  /** Opens on free ports. `now` is the clock of both emulators, milliseconds since 1970. */
  static async open(plan: Plan, pace: Pace, now: () => number): Promise<Theatre> {
    const random = new Random(plan.seed ^ 0xc11e47);
    const tokens = new Tokens(plan.seed, plan.oddTokens);
    const hex = (length: number) => random.text(length, '0123456789abcdef');
    const client = createClient({
      clientId: random.text(32),
      appSecretHex: hex(64),
      orgId: `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
      implicitAllowed: plan.orgId === 'allowed',
    });
    const { revokeFamilyOnReplay } = plan;
    const [cobo, github] = await Promise.all([
      startCobo({
        clients: [client],
        tokenMaker: tokens.make,
        now,
        revokeFamilyOnReplay,
        nonceWindowMs: A_DAY,
      }),
      startGitHub({ now, clockSkewMs: plan.clockSkewMs }),
    ]);
    return new Theatre(plan, pace, cobo, github, tokens);
  }

  async close(): Promise<void> {
    await Promise.all([this.cobo.close(), this.github.close()]);
  }

  /** Plans mishaps in place of those before, and starts new logs. */
  begin(mishaps: readonly PlannedMishap[], listener: Listener): void {
    this.cobo.resetLog();
    this.github.resetLog();
    this.struck.clear();
    this.listener = listener;
    this.#mishaps = mishaps.map((planned) => {
      return { planned, toSkip: planned.skip, left: planned.times ?? Number.POSITIVE_INFINITY };
    });
  }

  /** Waits until requests that were delayed beyond their clients' patience have been processed. */
  async settle(atLeastMs: number): Promise<void> {
    this.listener = {};
    const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    await pause(atLeastMs);
    // Processed, or given up because the client was killed in the middle of it. However slow the machine is:
    // what is processed in the middle of the next run would be blamed on that run.
    const isUnderWay = ({ verdict }: RecordedRequest) => verdict === UNDER_WAY;
    const until = performance.now() + LONGEST_SETTLING_MS;
    while ([...this.#late].some(isUnderWay) && performance.now() < until) await pause(5);
    this.#late.clear();
  }

  /** Gives the writer token everything it could need. */
  grantAll(): void {
    this.github.addToken({
      token: this.writer,
      grants: allRights(REPOSITORY, OTHER, ORGANIZATION, this.plan.mayReadRun),
    });
  }

  /** What is in the stores now. */
  storeFacts(): StoreFacts[] {
    return this.stores.map(({ label, kind, secretsPath }) => ({
      label,
      kind,
      secretsPath,
      refreshToken: this.github.secretValue(label, REFRESH_SECRET),
      accessToken: this.github.secretValue(label, ACCESS_SECRET),
      expiresAt: this.github.variableValue(label, EXPIRY_VARIABLE),
      probes: this.github.secretNames(label).filter((name) => name.endsWith('_PROBE')),
    }));
  }

  get hasEnvironment(): boolean {
    return this.stores.some(({ kind }) => kind === 'environment');
  }

  /** The refresh token that a store holds: any, or the first of a kind. */
  stored(kind?: StoreFacts['kind']): string | undefined {
    const places = this.stores.filter((store) => kind === undefined || store.kind === kind);
    const place = places[this.plan.seed % Math.max(1, places.length)];
    return place === undefined ? undefined : this.github.secretValue(place.label, REFRESH_SECRET);
  }

  /** What an envelope holds. */
  open(envelope: string): string | undefined {
    return opened(envelope, this.client.appSecretHex, this.client.clientId);
  }

  #limitGrants(): void {
    const { readOnlyStore } = this.plan;
    const store = readOnlyStore === undefined ? undefined : this.stores[readOnlyStore];
    if (store !== undefined) this.github.setGrant(this.writer, readingOnly(store.owner));
  }

  /** Stored a day ago, long before any run of the story was queued. */
  #fillStores(): void {
    const at = this.github.clock - A_DAY;
    for (const { label } of this.stores) {
      this.github.setSecret(label, REFRESH_SECRET, this.firstToken, at);
      if (!this.plan.leftoverProbes) continue;
      const target = this.plan.refreshTokenSecret ? REFRESH_SECRET : ACCESS_SECRET;
      this.github.setSecret(label, `${target}${PROBE_SUFFIX}`, 'probe', at);
    }
  }

  #ageToken(): void {
    const { cobo, plan } = this;
    if (plan.token === 'revoked') cobo.revokeFamily(this.firstToken);
    if (plan.token === 'expired') cobo.expireToken(this.firstToken);
  }

  /** Every request passes here right after it was recorded: mishaps are chosen, and interruptions timed. */
  #listen(emulator: EmulatorServer, service: 'cobo' | 'github'): void {
    emulator.faults.take = (method, path) => {
      const record = emulator.requests.at(-1);
      const mishap = this.#next(service, method, path);
      const calls = this.listener.onRequest?.(method, path) ?? {};
      if (mishap === undefined || record === undefined) return around(calls, undefined);
      this.struck.set(record, mishap);
      const fault = faultOf(mishap, this.#pace, this.github.clock, (scope) =>
        revoke(this.github, this.writer, scope, path),
      );
      if (!stalls(mishap)) return around(calls, fault);
      const isLate = mishap.kind === 'late';
      if (isLate) this.#late.add(record);
      const { onStall } = this.listener;
      return around(
        {
          // What comes late is read in full before its client gives up.
          before: () => {
            calls.before?.();
            if (isLate) onStall?.(method, path);
          },
          after: () => {
            if (!isLate) onStall?.(method, path);
            calls.after?.();
          },
        },
        fault,
      );
    };
  }

  #next(service: 'cobo' | 'github', method: string, path: string): Mishap | undefined {
    for (const entry of this.#mishaps) {
      const { planned } = entry;
      if (planned.service !== service || entry.left <= 0 || !aimedAt(planned.target, method, path)) continue;
      if (entry.toSkip > 0) {
        entry.toSkip--;
        continue;
      }
      entry.left--;
      return planned.mishap;
    }
    return undefined;
  }
}
