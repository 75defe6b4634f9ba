import type { Annotation } from './log.ts';

/** How a step or a job ended. */
export type Outcome = 'success' | 'failure' | 'cancelled';

/** What a step leaves behind. */
export interface StepResult {
  /** null when a signal ended the process. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  outcome: Outcome;
  /** The outcome as the job sees it: with `continue-on-error` a failure counts as success. */
  conclusion: Outcome;
  /** The signals that the runner sent to cancel the step. */
  sent: readonly NodeJS.Signals[];
  /** The log as a user sees it, masked. */
  log: string;
  /** What the process wrote to stdout and stderr, workflow commands included. */
  rawLog: string;
  /** The values that were masked, in order; those inherited from the job come first. */
  masks: readonly string[];
  annotations: readonly Annotation[];
  /** The annotations before masking. */
  rawAnnotations: readonly Annotation[];
  /** Debug lines, masked; in the log as well when step debug logging is on. */
  debug: readonly string[];
  /** Deprecated or refused workflow commands that the process used. */
  violations: readonly string[];
  /** What the runner could not read in the files below; it fails the step for that. */
  fileErrors: readonly string[];
  /** From GITHUB_OUTPUT. Empty for a post step, which can set none. */
  outputs: Record<string, string>;
  /** From GITHUB_ENV. */
  env: Record<string, string>;
  /** From GITHUB_STATE. */
  state: Record<string, string>;
  /** From GITHUB_PATH, one entry a line. */
  paths: readonly string[];
  /** The job summary as it is uploaded: masked line by line, and empty when it is over 1 MiB. */
  summary: string;
  rawSummary: string;
  durationMs: number;
}
