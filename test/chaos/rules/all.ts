import { nameOf, type Told, toldOf } from '../facts.ts';
import { followAdvice } from '../person.ts';
import type { Story } from '../story.ts';
import { endsRight, postStepKnows, stateIsTrue } from './honesty.ts';
import { leaks, load, masks, needless } from './manners.ts';
import { foreignRecords, leftRecords, missingRecords, recordedFirst, storedFirst, trusted, uncalled } from './order.ts';
import { exclusiveness, overwrites, persists, plainRunSucceeds, postStepHeals } from './safety.ts';

/** What is wrong, in words that follow the name of a run; nothing when all is well. */
export type Violation = string | false | undefined | string[];

const OF_STEPS: ((told: Told) => Violation)[] = [
  ...[plainRunSucceeds, postStepHeals, persists, overwrites],
  ...[stateIsTrue, postStepKnows, endsRight],
  ...[recordedFirst, storedFirst, trusted, uncalled, foreignRecords, missingRecords, leftRecords],
  ...[leaks, masks, needless],
];
const OF_STORIES: ((story: Story) => string[])[] = [exclusiveness, load];

/** Plays what a person does after the plan, and gives all that is wrong with the story. */
export async function judge(story: Story): Promise<string[]> {
  const lost = await followAdvice(story);
  const steps = toldOf(story).flatMap((told) => {
    const found = OF_STEPS.flatMap((rule) => rule(told) || []);
    return found.map((why) => `${nameOf(told.run, told.name)}: ${why}`);
  });
  return [...lost, ...OF_STORIES.flatMap((rule) => rule(story)), ...steps];
}
