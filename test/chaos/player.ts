import { isTarget } from './faults.ts';
import type { Fixture } from './fixture.ts';
import type { At, StepPlan } from './plan.ts';

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
  /** A stop of the plan was carried out. */
  stopped: boolean;
  /** Requests to Cobo that began after a signal. */
  askedAfterSignal: number;
  /** The machine was lost with its files. */
  lost: boolean;
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
  main(plan: StepPlan): Promise<Ending>;
  /** @returns undefined where the runner starts no post step */
  post(plan: StepPlan, laterFailure: boolean): Promise<Ending | undefined>;
  close(): Promise<void>;
}

/** What plays the steps: within this process, or as processes of their own. */
export interface Player {
  /** Milliseconds since 1970, by the runner's clock. */
  now(): number;
  /** Time passes between two runs. */
  pause(ms: number): Promise<void>;
  job(fixture: Fixture, setup: JobSetup): Promise<PlayedJob>;
  close(): Promise<void>;
}

/** Opens the world of one story. */
export type Open = (plan: { setting: Fixture['setting'] }) => Promise<{ player: Player; fixture: Fixture }>;

/** Counts requests until the moment of a stop has come. */
export function atRequest(at: At | undefined, stop: () => void) {
  let left = at !== undefined && 'nth' in at ? at.nth : -1;
  return (method: string, path: string): { before?: () => void; after?: () => void } => {
    if (at === undefined || !('nth' in at) || left < 0 || !isTarget(at.target, method, path)) return {};
    return left-- === 0 ? { [at.when]: stop } : {};
  };
}
