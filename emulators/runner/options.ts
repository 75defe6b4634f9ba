import type { ChildProcess } from 'node:child_process';
import type { GitHubContext } from './environment.ts';
import type { FileName, FileTrouble } from './folder.ts';
import type { LogOptions } from './log.ts';
import type { CancelManner } from './process.ts';

/** What is the same for all steps of a job. */
export interface JobOptions extends LogOptions {
  github?: Partial<GitHubContext> | undefined;
  /** When the job started: the modification time of the event file's folder; now by default. */
  jobStartedAt?: Date | undefined;
  /** The payload of the event. */
  event?: unknown;
  /** What the event file holds in place of the payload's JSON, for example nothing. */
  eventText?: string | undefined;
}

/** What may be set for a main step and for its post step alike. */
export interface ProcessOptions {
  /** Added to the clean environment; an undefined value removes a variable. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The Node to run; `node24()` by default. */
  node?: string | undefined;
  /** Flags for Node itself, before the script. */
  nodeOptions?: readonly string[] | undefined;
  /** When the step started: the modification time of the event file; now by default. */
  stepStartedAt?: Date | undefined;
  /** What is wrong with the files for the runner. */
  files?: Partial<Record<FileName, FileTrouble>> | undefined;
  /** After so many minutes the runner cancels the step, and counts it as failed. */
  timeoutMinutes?: number | undefined;
  /** How a step that takes longer than that is cancelled. */
  timeoutManner?: CancelManner | undefined;
  /** Called with the process as soon as it is there. */
  onSpawn?: ((child: ChildProcess) => void) | undefined;
  /** Sends the process signals; the step waits for what this returns, and fails as it fails. */
  signals?: ((child: ChildProcess) => unknown) | undefined;
  /** A guard for tests: kills the process and rejects after this long; 60 000 by default. */
  timeoutMs?: number | undefined;
}

/** A step that uses an action. */
export interface MainOptions extends ProcessOptions {
  /** The step's `with:`. */
  with: Readonly<Record<string, string>>;
  /** The folder that holds action.yml; the root of this repository by default. */
  actionDir?: string | undefined;
  /** `continue-on-error`: when the step fails, the job goes on as if it had not. */
  continueOnError?: boolean | undefined;
}
