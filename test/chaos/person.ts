import { SECRET } from '../../emulators/stage.ts';
import { errorCode, ghFlags, isUndecided, nameOf } from './facts.ts';
import { PLAIN } from './plan.ts';
import type { Choice, PlayedRun, Story } from './story.ts';

const MOST_RUNS = 9;
const USES_ENVELOPE = /^(token-in-doubt|token-dead|answer-lost|answer-untrusted|store-failed)$/;

/**
 * After the plan a person starts the job again, with nothing in its way, and does what its error says until it
 * goes well. Where a living token is held anywhere, or the organization can give one, the stores end alive.
 */
export async function followAdvice(story: Story): Promise<string[]> {
  const { world } = story;
  const { full, saves, orgId } = world.setting;
  // The only store was full, so no record tells the next run: the action has warned of that.
  const isWarned = full && world.stores.length === 1 && orgId !== 'allowed';
  if (!world.writesBack || isWarned || (full && saves === 'all')) return [];
  // Of two runs that began at once, one may have deleted the record of the other (facts.ts).
  if (story.runs.some((run) => isUndecided(story, run))) return [];
  const held = [...world.values(), ...story.envelopes.map((envelope) => world.open(envelope))];
  const hope = orgId === 'allowed' || held.some((token) => world.isLiving(token));
  const tried = new Set<string>();
  let last: PlayedRun | undefined;
  let choice: Omit<Choice, 'plan'> | undefined = {};
  for (let count = 0; count < MOST_RUNS && choice !== undefined; count++) {
    story.pause();
    last = await story.run({ plan: PLAIN, ...choice, withoutOrg: tried.has('no org-id') });
    if (last.main.ending.exitCode === 0 && world.values().every((value) => world.isLiving(value))) return [];
    choice = orgId === 'allowed' ? undefined : next(story, last, tried);
  }
  if (last === undefined || !hope) return [];
  const why = last.main.ending.errors.join() || 'no error';
  if (orgId === 'allowed') return [`the next run (${nameOf(last)}) did not heal the stores: ${why}`];
  return [`a living token was held, and whoever follows the errors does not get it into the stores: ${why}`];
}

/** What the error of a run tells to do next. */
function next(story: Story, run: PlayedRun, tried: Set<string>): Omit<Choice, 'plan'> | undefined {
  const { world } = story;
  const { ending } = run.main;
  const code = errorCode(ending) ?? '';
  const isNew = (way: string | undefined) => way !== undefined && !tried.has(way) && tried.add(way);
  if (ending.exitCode === 0 || ['token-stale', 'record-left', 'envelope-spent'].includes(code)) return {};
  // Cobo does not give this organization anything: the input has to go.
  if (code === 'cobo-refused' && world.setting.orgId === 'refused' && isNew('no org-id')) return {};
  if (!USES_ENVELOPE.test(code)) return undefined;
  const error = ending.errors.join();
  const envelope = story.envelopes.find((one) => !tried.has(one));
  if (envelope !== undefined && isNew(envelope)) return { envelope };
  const holder = /Its successor is in `([^`]+)`/.exec(error)?.[1];
  if (holder !== undefined && isNew(holder)) return { token: world.stage.github.secretValue(holder, SECRET) };
  if (!deleteRecords(story, error)) return undefined;
  return run.envelope === undefined ? {} : { envelope: run.envelope };
}

/** Runs the commands that an error line shows. */
function deleteRecords({ world, deleted }: Story, error: string): boolean {
  const commands = [...error.matchAll(/`gh secret delete (\S+) ([^`]+)`/g)];
  for (const [, name = '', flags] of commands) {
    const store = world.stores.find((one) => ghFlags(one) === flags);
    if (store === undefined) throw new Error(`no store is meant by ${flags}`);
    deleted.push(name);
    world.stage.github.removeSecret(store, name);
  }
  return commands.length > 0;
}
