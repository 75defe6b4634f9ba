import type { Setting, StepPlan, StopKind } from './plan.ts';
import type { World } from './world.ts';

/** What a step leaves behind, for whoever looks at it. */
export interface Ending {
  /** null: the process was killed. */
  exitCode: number | null;
  /** The signal that killed it. */
  signal: string | undefined;
  outputs: Record<string, string>;
  state: Record<string, string>;
  /** Everything in the log, warnings and errors included. */
  log: string;
  errors: string[];
  summary: string;
  masks: readonly string[];
  /** The stop of the plan that was carried out. */
  stopped: StopKind | undefined;
  /** Requests to Cobo that began after a signal. */
  askedAfterSignal: number;
}

export interface JobSetup {
  run: number;
  inputs: Record<string, string>;
  /** How this job calls this machine, so that its requests to Cobo can be told from those of others. */
  host: string;
  runId: number;
  /** By the runner's clock. */
  jobStartedAt: number;
}

/** One job: the runner around a main step and its post step. */
export interface PlayedJob {
  main(plan: StepPlan): Promise<Ending | undefined>;
  /** Gives nothing where the runner starts no post step. */
  post(plan: StepPlan, laterFailure: boolean): Promise<Ending | undefined>;
  close(): Promise<void>;
}

/** What plays the steps of one story: within this process, or as processes of their own. */
export interface Player {
  world: World;
  /** Milliseconds since 1970, by the runner's clock. */
  now(): number;
  /** Time passes between two runs. */
  pause(ms: number): void;
  job(setup: JobSetup): Promise<PlayedJob>;
  close(): void;
}

/** Opens the world of one story. */
export type Open = (setting: Setting) => Promise<Player>;
