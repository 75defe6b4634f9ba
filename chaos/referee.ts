import type { Act } from './act.ts';
import { honesty } from './rule-honesty.ts';
import { manners } from './rule-manners.ts';
import { order } from './rule-order.ts';
import { persistence } from './rule-persistence.ts';
import { safety } from './rule-safety.ts';

/**
 * Judges one run of the action against what Cobo and GitHub know.
 * @returns one line for each violation; empty when all is well
 */
export function judge(act: Act): string[] {
  const rules = [safety, honesty, order, persistence, manners];
  const violations = rules.flatMap((rule) => rule(act));
  return violations.map((violation) => `${act.role} run: ${violation}`);
}
