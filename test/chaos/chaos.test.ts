import { describe, expect, test } from 'vitest';
import { SECRET } from '../../emulators/stage.ts';
import { explore, report, told } from './explore.ts';
import { recordOf } from './facts.ts';
import type { PlannedFault } from './faults.ts';
import { inProcess, loadAction } from './in-process.ts';
import { PLAIN, type Plan, type RunPlan, SIMPLE } from './plan.ts';
import { processes } from './processes.ts';
import { judge } from './rules/all.ts';
import { occurrences, SABOTAGES } from './sabotages.ts';
import type { PlayedRun, Teller } from './story.ts';

const action = await loadAction();

test.each([
  { what: '40 plans within this process', open: inProcess(action), runs: 40, isQuick: false },
  { what: 'three plans on whole processes', open: processes(), runs: 3, isQuick: true },
])('$what break no rule', async ({ open, runs, isQuick }) => {
  const found = await explore({ open, runs, isQuick, seed: 12, shrinks: isQuick ? 20 : 200 });
  expect(found && report(found, isQuick)).toBeUndefined();
});

test.each(SABOTAGES)('the protection that $name takes out is in src/', (sabotage) => {
  expect(occurrences(sabotage)).toBe(1);
});

function plan(runs: Partial<RunPlan>[], setting: Partial<Plan['setting']> = {}): Plan {
  return { setting: { ...SIMPLE, ...setting }, runs: runs.map((run) => ({ ...PLAIN, ...run })) };
}

function struck(target: PlannedFault['target'], fault: PlannedFault['fault']): Partial<RunPlan> {
  const faults = [{ target, fault, skip: 0, times: null }];
  return { main: { ...PLAIN.main, faults } };
}

/** Changes what is known of a story. @param run its last one */
type Change = (story: Teller, run: PlayedRun) => void;

/** Adds a change of a store before those of `run`, or of its post step. */
function add({ fixture }: Teller, run: PlayedRun, name: string, by: number, step = run.main) {
  const { writes } = fixture.stage.github;
  const [example] = writes;
  if (example === undefined) throw new Error('nothing was written');
  const operation = name === SECRET ? ('update' as const) : ('delete' as const);
  writes.splice(step.writesFrom, 0, { ...example, name, operation, token: fixture.writer(by) });
  if (step === run.post) step.writesFrom += 1;
  step.writesTo += 1;
}

function set<Thing extends object>(thing: Thing | undefined, change: Partial<Thing>): void {
  if (thing === undefined) throw new Error('the story has no such thing');
  Object.assign(thing, change);
}

const refresh = ({ fixture }: Teller) => fixture.log.find(({ service }) => service === 'cobo');

describe('every rule bites: a sound story in which one thing is changed', () => {
  const cases: [violation: RegExp, plan: Plan, change: Change][] = [
    [/nothing stood against it, and it failed/, plan([{}]), (_, { main }) => set(main.ending, { exitCode: 1 })],
    [
      /the stores hold no living token/,
      plan([struck('refresh', 'cut-before')]),
      (_, { post }) => set(post, { living: [] }),
    ],
    [
      /was given up after 2 of 3 attempts/,
      plan([struck('store', '500-before')]),
      ({ fixture }) => set(fixture.setting, { attempts: 3 }),
    ],
    [
      /replaced in .* what another run had stored since/,
      plan([struck('store', '500-before')]),
      (story, run) => add(story, run, SECRET, 9, run.post),
    ],
    [
      /run 1 and run 2 both sent the same refresh token/,
      plan([{}, {}]),
      (story, { run, main }) => {
        const seen = refresh(story);
        if (seen) story.fixture.log.push({ ...seen, run, seq: main.to });
      },
    ],
    [
      /says kept, but Cobo has rotated/,
      plan([{}]),
      (_, { main }) => set(main.ending.outputs, { 'token-state': 'kept' }),
    ],
    [/ended with 0 and 1 error lines/, plan([{}]), (_, { main }) => main.ending.errors.push('an error')],
    [/Cobo was called before .* had a record of its own/, plan([{}]), (story) => set(refresh(story), { writes: 0 })],
    [
      /PUT COBO_ACCESS_TOKEN came before the refresh token/,
      plan([{}], { saves: 'all' }),
      ({ fixture }) => {
        const access = fixture.log.findLast(({ record }) => record.path.endsWith('/COBO_ACCESS_TOKEN'));
        const store = fixture.log.findLast(({ record }) => record.path.endsWith(`/${SECRET}`));
        if (access && store) fixture.log.push({ ...store, seq: access.seq + 1 });
      },
    ],
    [/called Cobo after a signal/, plan([{}]), (_, { main }) => set(main.ending, { askedAfterSignal: 1 })],
    [
      /a refresh token without a good signature was stored/,
      plan([{}]),
      (story) => set(refresh(story), { fault: 'unsigned' }),
    ],
    [/a dry run called Cobo/, plan([{}]), (_, run) => set(run, { plan: { ...run.plan, dryRun: true } })],
    [
      /deleted .* which is another run's/,
      plan([{}, {}]),
      (story, run) => add(story, run, recordOf(story, story.runs[0]?.token), run.run),
    ],
    [
      /has stored a successor, and its record is gone/,
      plan([{}]),
      (story, run) => {
        const { writes } = story.fixture.stage.github;
        add(story, { ...run, main: { ...run.main, writesFrom: writes.length } }, recordOf(story, run.token), 0);
        run.main.writesTo = writes.length;
      },
    ],
    [
      /ended unspent and left .* without a word/,
      plan([{}]),
      (_, { main }) => set(main.ending.outputs, { 'token-state': 'unspent' }),
    ],
    [/leaked: /, plan([{}]), (_, { main, token }) => set(main.ending, { log: token ?? '' })],
    [/did not mask the output access-token/, plan([{}]), (_, { main }) => set(main.ending, { masks: [] })],
    [
      /all was well, and the post step did something/,
      plan([{ laterFailure: true }]),
      (_, { post }) => set(post?.ending, { log: 'something' }),
    ],
  ];

  test.each(cases)('%s', async (violation, sound, change) => {
    const { before, after } = await told(sound, inProcess(action), async (story) => {
      const last = story.runs.at(-1);
      if (last === undefined) throw new Error('nothing was played');
      const violations = await judge(story);
      change(story, last);
      return { before: violations, after: await judge(story) };
    });
    expect(before).toEqual([]);
    expect(after).toContainEqual(expect.stringMatching(violation));
  });

  test('whoever follows the errors gets nowhere', async () => {
    const idle = inProcess({ ...action, refresh: async () => 1 });
    const violations = await told(plan([{}]), idle, judge);
    expect(violations).toContainEqual(expect.stringMatching(/^a living token was held/));
  });
});
