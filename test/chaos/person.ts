import { SECRET } from '../../emulators/stage.ts';
import { errorCode, nameOf, writesBack } from './facts.ts';
import { PLAIN } from './plan.ts';
import type { Choice, PlayedRun, Teller } from './story.ts';

const MOST_RUNS = 9;
const USES_ENVELOPE = [
  'token-in-doubt',
  'token-dead',
  'answer-lost',
  'answer-untrusted',
  'store-failed',
  'envelope-spent',
];

/**
 * After the plan a person starts the job again, with nothing in its way, and does what its error says until it
 * goes well. Where a living token is held anywhere, or the organization can give one, the stores end alive.
 */
export async function followAdvice(teller: Teller): Promise<string[]> {
  const { fixture } = teller;
  const { setting } = fixture;
  // The only store was full, so no record tells the next run: the action has warned of that.
  const isWarned = setting.full && fixture.stores.length === 1 && setting.orgId !== 'allowed';
  if (!writesBack(setting) || isWarned || (setting.full && setting.saves === 'all')) return [];
  const held = [...fixture.values(), ...teller.envelopes.map((envelope) => fixture.open(envelope))];
  const hope = held.some((token) => fixture.isLiving(token));
  const tried = new Set<string>();
  let choice: Omit<Choice, 'plan'> | undefined = {};
  let last: PlayedRun | undefined;
  for (let count = 0; count < MOST_RUNS && choice !== undefined; count++) {
    await teller.pause();
    last = await teller.run({ plan: PLAIN, ...choice, withoutOrg: tried.has('no org-id') });
    if (fixture.isAlive && last.main.ending.exitCode === 0) return [];
    if (setting.orgId === 'allowed') break;
    choice = next(teller, last, tried);
  }
  if (last === undefined || !(hope || setting.orgId === 'allowed')) return [];
  const why = last.main.ending.errors.join() || 'no error';
  if (setting.orgId === 'allowed') return [`the next run (${nameOf(last)}) did not heal the stores: ${why}`];
  return [`a living token was held, and whoever follows the errors does not get it into the stores: ${why}`];
}

/** What the error of a run tells to do next. */
function next(teller: Teller, run: PlayedRun, tried: Set<string>): Omit<Choice, 'plan'> | undefined {
  const code = errorCode(run.main) ?? '';
  if (code === 'token-stale' || code === 'record-left' || run.main.ending.exitCode === 0) return {};
  // Cobo does not give this organization anything: the input has to go.
  if (code === 'cobo-refused' && teller.fixture.setting.orgId === 'refused' && !tried.has('no org-id')) {
    tried.add('no org-id');
    return {};
  }
  if (!USES_ENVELOPE.includes(code)) return undefined;
  const error = run.main.ending.errors.join();
  const envelope = teller.envelopes.find((one) => !tried.has(one));
  if (envelope !== undefined && code !== 'envelope-spent') {
    tried.add(envelope);
    return { envelope };
  }
  if (code === 'envelope-spent') return {};
  const holder = /Its successor is in `([^`]+)`/.exec(error)?.[1];
  if (holder !== undefined && !tried.has(holder)) {
    tried.add(holder);
    return { token: teller.fixture.stage.github.secretValue(holder, SECRET) };
  }
  return deleteRecords(teller, error) ? {} : undefined;
}

/** Runs the commands that an error line shows. */
function deleteRecords({ fixture, deleted }: Teller, error: string): boolean {
  const commands = [...error.matchAll(/`gh secret delete (\S+) ([^`]+)`/g)];
  for (const [, name = '', flags = ''] of commands) {
    deleted.push(name);
    const store = fixture.stores.find((one) => ghFlags(one) === flags);
    if (store === undefined) throw new Error(`no store is meant by ${flags}`);
    fixture.stage.github.removeSecret(store, name);
  }
  return commands.length > 0;
}

function ghFlags(store: string): string {
  const [, kind = '', name = '', owner = ''] = /^(\w+):?([^@]*)@?(.*)$/.exec(store) ?? [];
  if (kind === 'organization') return `--org ${name}`;
  const more = { dependabot: ' --app dependabot', environment: ` --env '${name}'` }[kind] ?? '';
  return `--repo ${owner}${more}`;
}
