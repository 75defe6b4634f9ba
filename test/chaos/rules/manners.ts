import { findLeaks } from '../../../emulators/runner/leaks.ts';
import { nameOf, stateTold, stepsOf } from '../facts.ts';
import { type PlayedRun, requestsOf, type Story } from '../story.ts';

const MOST_IN_FLIGHT = 10;

/** Leaks, masks, load, and silence where there is nothing to say. */
export function manners(story: Story): string[] {
  const { cobo, github } = story.fixture.stage;
  const atOnce = story.runs.some(({ overlapped }) => overlapped) ? 2 : 1;
  return [
    ...story.runs.flatMap((run) => [...leaks(story, run), ...needless(story, run)]),
    ...(github.maxInFlight > atOnce * MOST_IN_FLIGHT ? [`${github.maxInFlight} requests to GitHub at once`] : []),
    ...[...cobo.errors, ...github.errors].map((error) => `an emulator broke: ${error}`),
  ];
}

function leaks(story: Story, run: PlayedRun): string[] {
  const secrets = story.fixture.secrets();
  return stepsOf(run).flatMap(([name, { ending }]) => {
    const { log, state, summary, outputs, masks } = ending;
    const debug = [JSON.stringify(state)];
    const found = findLeaks({ log, debug, annotations: [], rawSummary: summary }, secrets);
    const unmasked = ['access-token', 'refresh-token'].filter((output) => {
      const value = outputs[output];
      return value !== undefined && run.plan[name].broken === undefined && !masks.includes(value);
    });
    return [
      ...found.map((leak) => `${nameOf(run, name)} leaked: ${leak}`),
      ...unmasked.map((output) => `${nameOf(run, name)} did not mask the output ${output}`),
    ];
  });
}

/** A post step that has nothing to do says nothing and sends nothing. */
function needless(story: Story, run: PlayedRun): string[] {
  const { main, post } = run;
  const state = stateTold('main', main) ?? '';
  if (post === undefined || !['stored', 'delivered', 'reused'].includes(state) || run.plan.main.broken) return [];
  if (main.ending.exitCode !== 0 || story.fixture.setting.saves === 'access') return [];
  if (post.ending.log === '' && requestsOf(story, run, 'post').length === 0) return [];
  return [`${nameOf(run)}: all was well, and the post step did something`];
}
