import { exchangesOf, isUndecided, nameOf, recordOf, stateTold, whole, writesBack, writesOf } from '../facts.ts';
import type { PlayedRun, Story } from '../story.ts';

/** No record has to stay: the token is still good, or nobody can have its successor. */
const GIVES_BACK = ['unspent', 'kept', 'unknown'];

/** No refresh token is sent by two runs, unless the first one was over and had given it back. */
export function exclusiveness(story: Story): string[] {
  if (!writesBack(story.fixture.setting) || story.fixture.setting.full) return [];
  const senders = new Map<string, { run: PlayedRun; first: number }[]>();
  for (const run of story.runs) {
    for (const { sent, seen } of exchangesOf(story, run)) {
      if (sent === undefined) continue;
      const others = senders.get(sent) ?? [];
      if (!others.some((other) => other.run === run)) others.push({ run, first: seen.seq });
      senders.set(sent, others);
    }
  }
  return [...senders].flatMap(([token, runs]) => {
    const inOrder = runs.sort((a, b) => a.first - b.first);
    return inOrder.slice(1).flatMap(({ run, first }, index) => {
      const before = inOrder[index]?.run;
      if (
        before === undefined ||
        isUndecided(story, before) ||
        isUndecided(story, run) ||
        isBlind(story, run) ||
        gaveBack(story, before, token, first)
      )
        return [];
      return [`${nameOf(before)} and ${nameOf(run)} both sent the same refresh token to Cobo`];
    });
  });
}

/** When it was queued is kept from it, and it says so: what was stored since may be older than its job. */
function isBlind({ fixture }: Story, { plan }: PlayedRun): boolean {
  return plan.start === 'early' && !fixture.setting.mayReadRun;
}

function gaveBack(story: Story, run: PlayedRun, token: string, moment: number): boolean {
  const record = recordOf(story, token);
  if (story.deleted.includes(record)) return true;
  const { post, main } = run;
  // Of a machine that was lost nothing is left but what it did.
  if (main.ending.lost) {
    const own = writesOf(story, run, main).filter(({ name }) => name === record);
    return own.at(-1)?.operation === 'delete';
  }
  // A main step that is over may have given it back, whatever the post step does later.
  const mainIsOver = main.to <= moment;
  const isOver = whole(run).to <= moment;
  const state =
    isOver && post !== undefined ? (stateTold('post', post) ?? stateTold('main', main)) : stateTold('main', main);
  return mainIsOver && state !== undefined && GIVES_BACK.includes(state);
}
