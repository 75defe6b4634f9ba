import type { Outcome } from './result.ts';

const FUNCTIONS: Record<string, (job: Outcome) => boolean> = {
  'always()': () => true,
  'success()': (job) => job === 'success',
  'failure()': (job) => job === 'failure',
  'cancelled()': (job) => job === 'cancelled',
};

/**
 * Evaluates `post-if` against the state of the job: status functions, joined by `||`.
 * @throws Error for any other expression
 */
export function holds(condition: string, job: Outcome): boolean {
  return condition.split('||').some((part) => {
    const test = FUNCTIONS[part.trim().toLowerCase()];
    if (test === undefined) throw new Error(`This emulation does not evaluate ${condition}`);
    return test(job);
  });
}
