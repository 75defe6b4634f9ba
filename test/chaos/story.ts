import { SECRET } from '../../emulators/stage.ts';
import { ENVELOPE } from '../scenarios/support/crypto.ts';
import { PLAIN, type Plan, type RunPlan } from './plan.ts';
import type { Ending, Player } from './player.ts';
import type { World } from './world.ts';

const BETWEEN_RUNS_MS = 90_000;

/** A step that is over, with what was true before and after it. */
export interface Step {
  ending: Ending;
  /** Its last moment, a number in the log of the world; its first and last one among the changes of stores. */
  to: number;
  writesFrom: number;
  writesTo: number;
  /** The tokens that lived when it was over. */
  living: readonly string[];
  /** What the stores held when it was over. */
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

/** How a run gets its token. */
export interface Choice {
  plan: RunPlan;
  envelope?: string;
  token?: string | undefined;
  queuedAt?: number;
  startedAt?: number;
  host?: string;
  overlapped?: boolean;
  withoutOrg?: boolean;
}

/** Plays the runs of a plan, and keeps all that the rules may know of them. */
export class Story {
  readonly runs: PlayedRun[] = [];
  /** Records that a person deleted. */
  readonly deleted: string[] = [];
  #count = 0;

  constructor(
    readonly plan: Plan,
    private readonly player: Player,
  ) {}

  get world(): World {
    return this.player.world;
  }

  async play(): Promise<void> {
    const { runs } = this.plan;
    const first = this.#early('queued');
    /** What the next run has read already. */
    let kept: Partial<Choice> | undefined;
    for (let at = 0; at < runs.length; at++) {
      const plan = runs[at] ?? PLAIN;
      const next = runs[at + 1];
      this.pause();
      const one = { plan, ...(plan.start === 'early' ? first : kept) };
      // Drawn here: what it holds may be replaced by the run that came first.
      kept = this.#early(next?.start);
      if (next?.start !== 'twin' && next?.start !== 'between') {
        await this.run(one);
        continue;
      }
      at++;
      const other = { plan: next, overlapped: true };
      if (next.start === 'twin') {
        await Promise.all([this.run({ ...one, overlapped: true }), this.run({ ...other, host: 'localhost' })]);
      } else {
        await this.run({ ...one, overlapped: true }, () => {
          this.pause();
          return this.run(other);
        });
      }
    }
  }

  #early(start: RunPlan['start'] | undefined): Partial<Choice> | undefined {
    if (start !== 'queued' && start !== 'waiting') return undefined;
    const queuedAt = this.world.stage.github.clock;
    if (start === 'waiting') return { token: this.home, queuedAt, startedAt: this.player.now() };
    // An environment secret is read when the job starts, however long the run waits in the queue.
    const isEnvironment = this.world.stores[0]?.startsWith('environment:');
    return { queuedAt, ...(isEnvironment ? {} : { token: this.home }) };
  }

  /** The refresh token in the store from which the workflow reads. */
  get home(): string | undefined {
    return this.world.values()[0];
  }

  pause(): void {
    this.player.pause(BETWEEN_RUNS_MS);
  }

  /** The envelopes that a person can still read, the latest first. */
  get envelopes(): string[] {
    const endings = this.runs.flatMap(({ main, post }) => [main.ending, ...(post ? [post.ending] : [])]);
    const texts = endings.map(({ outputs, state, summary, log }) =>
      [outputs['recovery-envelope'], ...Object.values(state), summary, log].join('\n'),
    );
    return [...new Set(texts.flatMap((text) => text.match(ENVELOPE) ?? []).reverse())];
  }

  /** Runs a job: main step, `meanwhile`, post step. */
  async run(choice: Choice, meanwhile?: () => Promise<unknown>): Promise<PlayedRun> {
    const { player, world } = this;
    const { plan, overlapped = false, host = '127.0.0.1' } = choice;
    const run = this.#count++;
    const envelope = choice.envelope ?? (plan.envelope ? this.envelopes[0] : undefined);
    const inHand = choice.token ?? this.home;
    const inputs = {
      ...world.inputs(run, inHand, host),
      ...(plan.dryRun && { 'dry-run': 'true' }),
      ...(envelope !== undefined && { 'recovery-envelope': envelope }),
      ...(choice.withoutOrg && { 'org-id': '' }),
    };
    const runId = world.queue(run, choice.queuedAt ?? world.stage.github.clock);
    const jobStartedAt = choice.startedAt ?? player.now();
    const token = envelope === undefined ? inHand : world.open(envelope);
    const tokenWasLiving = world.isLiving(token);
    const job = await player.job({ run, inputs, host, runId, jobStartedAt });
    try {
      const main = await this.#step(() => job.main(plan.main));
      if (main === undefined) throw new Error('the main step has not run');
      const played: PlayedRun = { run, plan, token, envelope, tokenWasLiving, overlapped, main, post: undefined };
      this.runs.push(played);
      await meanwhile?.();
      played.post = await this.#step(() => job.post(plan.post, plan.laterFailure));
      // Without write-back a person puts the new token into the secret by hand.
      const delivered = main.ending.outputs['refresh-token'];
      for (const store of delivered === undefined ? [] : world.stores) {
        world.stage.github.setSecret(store, SECRET, delivered ?? '');
      }
      return played;
    } finally {
      await job.close();
    }
  }

  async #step(play: () => Promise<Ending | undefined>): Promise<Step | undefined> {
    const { log, stage } = this.world;
    const writesFrom = stage.github.writes.length;
    const ending = await play();
    if (ending === undefined) return undefined;
    const after = { to: log.length, writesTo: stage.github.writes.length, values: this.world.values() };
    return { ending, living: stage.cobo.livingRefreshTokens(), writesFrom, ...after };
  }
}
