import type { Fixture, Seen } from './fixture.ts';
import { PLAIN, type Plan, type RunPlan } from './plan.ts';
import type { Ending, Player } from './player.ts';

const ENVELOPE = /cobo-envelope-v1\.[A-Za-z0-9_-]+/g;
const BETWEEN_RUNS_MS = 90_000;

/** A step that is over, with what was true before and after it. */
export interface Step {
  ending: Ending;
  /** Numbers in `Fixture.log`: its own first and last moment. */
  from: number;
  to: number;
  /** Numbers in the log of GitHub's writes. */
  writesFrom: number;
  writesTo: number;
  /** The tokens that lived when it was over. */
  living: readonly string[];
  valuesBefore: readonly (string | undefined)[];
  values: readonly (string | undefined)[];
}

/** A job that is over. */
export interface PlayedRun {
  run: number;
  plan: RunPlan;
  /** The refresh token in hand: from the store, or out of the envelope. */
  token: string | undefined;
  envelope: string | undefined;
  tokenWasLiving: boolean;
  /** Another run was going on at the same time. */
  overlapped: boolean;
  main: Step;
  post: Step | undefined;
}

/** A story that is over, and all that the rules may know of it. */
export interface Story {
  plan: Plan;
  fixture: Fixture;
  runs: PlayedRun[];
  /** Records that a person deleted, with the number of requests seen until then. */
  deleted: string[];
}

/** How a run gets its token. */
export interface Choice {
  plan: RunPlan;
  envelope?: string | undefined;
  token?: string | undefined;
  queuedAt?: number | undefined;
  startedAt?: number | undefined;
  host?: string;
  overlapped?: boolean;
  withoutOrg?: boolean;
}

export class Teller implements Story {
  readonly plan: Plan;
  readonly fixture: Fixture;
  readonly runs: PlayedRun[] = [];
  readonly deleted: string[] = [];
  readonly #player: Player;
  #count = 0;

  constructor(plan: Plan, fixture: Fixture, player: Player) {
    this.plan = plan;
    this.fixture = fixture;
    this.#player = player;
  }

  /** Plays the runs of the plan. */
  async play(): Promise<void> {
    const { runs } = this.plan;
    const first = this.#early('queued');
    for (let at = 0; at < runs.length; at++) {
      const plan = runs[at] ?? PLAIN;
      const next = runs[at + 1];
      await this.pause();
      if (next?.start !== 'twin' && next?.start !== 'between') {
        // What it may have read before the run that came first is drawn here, when it is still there.
        const early = this.#early(next?.start);
        await this.run({ plan, ...(plan.start === 'early' ? first : this.#kept) });
        this.#kept = early;
        continue;
      }
      at++;
      const one = { plan, overlapped: true, ...(plan.start === 'early' ? first : this.#kept) };
      this.#kept = undefined;
      const other = { plan: next, overlapped: true };
      if (next.start === 'between') await this.run(one, () => this.pause().then(() => this.run(other)));
      else await Promise.all([this.run(one), this.run({ ...other, host: 'localhost' })]);
    }
  }

  /** What the next run has read already. */
  #kept: Partial<Choice> | undefined;

  #early(start: RunPlan['start'] | undefined): Partial<Choice> | undefined {
    if (start !== 'queued' && start !== 'waiting') return undefined;
    const isEnvironment = this.fixture.stores[0]?.startsWith('environment:');
    const queuedAt = this.fixture.stage.github.clock;
    if (start === 'waiting') return { token: this.home, queuedAt, startedAt: this.#player.now() };
    // An environment secret is read when the job starts, however long the run waits in the queue.
    return { queuedAt, ...(isEnvironment ? {} : { token: this.home }) };
  }

  /** The refresh token in the store from which the workflow reads. */
  get home(): string | undefined {
    return this.fixture.values()[0];
  }

  pause(): Promise<void> {
    return this.#player.pause(BETWEEN_RUNS_MS);
  }

  /** The envelopes that a person can still read, the latest first. */
  get envelopes(): string[] {
    const texts = this.runs.flatMap(({ main, post }) =>
      [main.ending, ...(post === undefined ? [] : [post.ending])].map(({ outputs, state, summary, log }) =>
        [outputs['recovery-envelope'], ...Object.values(state), summary, log].join('\n'),
      ),
    );
    const found = texts.flatMap((text) => text.match(ENVELOPE) ?? []);
    return [...new Set(found.reverse())];
  }

  /** Runs a job: main step, `meanwhile`, post step. */
  async run(choice: Choice, meanwhile: () => Promise<unknown> = async () => undefined): Promise<PlayedRun> {
    const { fixture } = this;
    const { plan, overlapped = false, host = '127.0.0.1' } = choice;
    const run = this.#count++;
    const envelope = choice.envelope ?? (plan.envelope ? this.envelopes[0] : undefined);
    const inHand = choice.token ?? this.home;
    const inputs = {
      ...fixture.inputs(run, inHand, host),
      ...(plan.dryRun ? { 'dry-run': 'true' } : {}),
      ...(envelope === undefined ? {} : { 'recovery-envelope': envelope }),
      ...(choice.withoutOrg === true ? { 'org-id': '' } : {}),
    };
    const runId = fixture.queue(run, choice.queuedAt ?? fixture.stage.github.clock);
    const jobStartedAt = choice.startedAt ?? this.#player.now();
    const token = envelope === undefined ? inHand : fixture.open(envelope);
    const tokenWasLiving = fixture.isLiving(token);
    const job = await this.#player.job(fixture, { run, inputs, host, runId, jobStartedAt });
    try {
      const main = await this.#step(async () => job.main(plan.main));
      const played: PlayedRun = {
        ...{ run, plan, token, envelope, tokenWasLiving, overlapped },
        ...{ main: main ?? unreachable(), post: undefined },
      };
      this.runs.push(played);
      await meanwhile();
      played.post = await this.#step(() => job.post(plan.post, plan.laterFailure));
      this.#takeDelivered(played);
      return played;
    } finally {
      await job.close();
    }
  }

  /** Without write-back a person puts the new token into the secret by hand. */
  #takeDelivered({ main }: PlayedRun): void {
    const { stage, stores } = this.fixture;
    const delivered = main.ending.outputs['refresh-token'];
    if (delivered === undefined) return;
    for (const store of stores) stage.github.setSecret(store, 'COBO_REFRESH_TOKEN', delivered);
  }

  async #step(play: () => Promise<Ending | undefined>): Promise<Step | undefined> {
    const { fixture } = this;
    const { cobo, github } = fixture.stage;
    const before = {
      from: fixture.log.length,
      writesFrom: github.writes.length,
      valuesBefore: fixture.values(),
    };
    const ending = await play();
    if (ending === undefined) return undefined;
    const after = { to: fixture.log.length, writesTo: github.writes.length, values: fixture.values() };
    return { ending, living: cobo.livingRefreshTokens(), ...before, ...after };
  }
}

function unreachable(): never {
  throw new Error('a main step always runs');
}

/** The requests of a run in one of its steps, or in both. */
export function requestsOf({ fixture }: Story, { run }: PlayedRun, step?: 'main' | 'post'): Seen[] {
  return fixture.log.filter((seen) => seen.run === run && (step === undefined || seen.isPost === (step === 'post')));
}
