import { Job } from './job.ts';
import type { JobOptions, MainOptions, ProcessOptions } from './options.ts';
import type { Outcome, StepResult } from './result.ts';

/** A job and all its steps; one that uses no action is told by its end alone. */
export interface JobPlan extends JobOptions {
  steps: readonly (MainOptions | Outcome)[];
  /** For the post steps. */
  post?: ProcessOptions | undefined;
  /** Called with the job before its first step, for faults that cancel or kill it. */
  onStart?: ((job: Job) => void) | undefined;
}

export interface JobResult {
  status: Outcome;
  /** Of the steps that use an action; undefined for one that was skipped. */
  mains: readonly (StepResult | undefined)[];
  /** Of the post steps, in the order they ran (the last main step's comes first); undefined if skipped. */
  posts: readonly (StepResult | undefined)[];
}

/** Runs a whole job: the steps until one fails, then the post steps. */
export async function runJob({ steps, post, onStart, ...options }: JobPlan): Promise<JobResult> {
  const job = await Job.start(options);
  try {
    onStart?.(job);
    const mains: (StepResult | undefined)[] = [];
    for (const step of steps) {
      if (typeof step === 'string') job.otherStep(step);
      else mains.push(job.status === 'success' ? await job.main(step) : undefined);
    }
    const posts: (StepResult | undefined)[] = [];
    while (job.postsLeft > 0) posts.push(await job.post(post));
    return { status: job.status, mains, posts };
  } finally {
    await job.close();
  }
}
