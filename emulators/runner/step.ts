import { Job } from './job.ts';
import type { JobOptions, MainOptions } from './options.ts';
import type { StepResult } from './result.ts';

export type { GitHubContext } from './environment.ts';
export type { Annotation } from './log.ts';
export type { StepResult } from './result.ts';

/** How a single step is run. */
export interface StepOptions extends JobOptions, MainOptions {}

/**
 * Runs one main step in a job of its own, without a post step: the action's script under Node 24, inputs
 * and files as variables of a clean environment, both outputs read as one log whose commands are obeyed.
 * @throws Error for an undeclared input, a timeout, or a file for the runner in the wrong format
 */
export async function runStep(options: StepOptions): Promise<StepResult> {
  const job = await Job.start(options);
  try {
    const result = await job.main(options);
    const [error] = result.fileErrors;
    if (error !== undefined) throw new Error(error);
    return result;
  } finally {
    await job.close();
  }
}
