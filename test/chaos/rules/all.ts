import { followAdvice } from '../person.ts';
import type { Teller } from '../story.ts';
import { exclusiveness } from './exclusive.ts';
import { honesty } from './honesty.ts';
import { manners } from './manners.ts';
import { order, records } from './order.ts';
import { safety } from './safety.ts';

/** Plays what a person does after the plan, and gives all that is wrong with the story. */
export async function judge(teller: Teller): Promise<string[]> {
  const lost = await followAdvice(teller);
  const rules = [safety, exclusiveness, honesty, order, records, manners];
  return [...lost, ...rules.flatMap((rule) => rule(teller))];
}
