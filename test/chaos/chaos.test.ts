import { describe, expect, test } from 'vitest';
import { explore, told } from './explore.ts';
import type { FaultName, Target } from './faults.ts';
import { inProcess } from './in-process.ts';
import { PLAIN, type Plan, type RunPlan, type Setting, SIMPLE, type StepPlan } from './plan.ts';
import { processes } from './processes.ts';
import { judge } from './rules/all.ts';
import { SABOTAGES } from './sabotages.ts';

test.each([
  { what: '40 plans within this process', open: inProcess(), runs: 40, isQuick: false },
  { what: 'three plans on whole processes', open: processes(), runs: 3, isQuick: true },
])('$what break no rule', async ({ open, runs, isQuick }) => {
  const found = await explore({ open, runs, isQuick, seed: 12, shrinks: isQuick ? 20 : 200 });
  expect(found?.report).toBeUndefined();
});

function plan(runs: Partial<RunPlan>[], setting: Partial<Setting> = {}): Plan {
  return { setting: { ...SIMPLE, ...setting }, runs: runs.map((run) => ({ ...PLAIN, ...run })) };
}

function struck(target: Target, fault: FaultName, times = Infinity, skip = 0): StepPlan {
  return { ...PLAIN.main, faults: [{ target, fault, skip, times }] };
}

function stopped(kind: 'kill' | 'cancel', target: Target, when: 'before' | 'after' = 'before'): StepPlan {
  return { ...PLAIN.main, stop: { kind, at: { target, nth: 0, when } } };
}

const TWO = { stores: ['repository', 'dependabot'] };

describe('every rule notices the sabotage that it is made for, and nothing else', () => {
  const cases: [name: string, violation: RegExp, plan: Plan][] = [
    ['fails-for-nothing', /nothing stood against it, and it failed/, plan([{}])],
    ['no-post-step', /holds no living token/, plan([{ main: struck('store', '403') }])],
    ['stores-once', /was given up after 1 of 2 attempts/, plan([{ main: struck('store', '500-before') }])],
    ['gives-up-when-refused', /was given up after 1 of 2/, plan([{ main: struck('store', '403') }])],
    ['keeps-an-old-key', /was not read again after a 422/, plan([{ main: struck('store', 'rotate-key', 1) }])],
    [
      'post-step-does-not-look',
      /replaced in .* what another run had stored since/,
      plan([{ main: struck('store', '403') }, { start: 'between', envelope: true }]),
    ],
    [
      'no-lock',
      /run 1 and run 2 both sent the same refresh token/,
      plan(['fresh' as const, 'twin' as const].map((start) => ({ start, main: struck('key', '429', 1) }))),
    ],
    ['no-staleness', /run 1 and run 3 both sent the same refresh token/, plan([{}, {}, { start: 'early' }])],
    ['says-kept', /says kept, but Cobo has rotated/, plan([{}])],
    [
      'a-lost-answer-is-unspent',
      /says unspent, but Cobo has rotated/,
      plan([{ main: struck('refresh', 'cut-after') }]),
    ],
    ['no-envelope', /says sealed, but no envelope opens/, plan([{ main: struck('store', '403') }])],
    ['tells-no-error', /ended with 1 and 0 error lines/, plan([{ main: struck('store', '403') }])],
    [
      'state-lags-behind',
      /its outputs say unknown, and its post step is told unspent/,
      plan([{ main: stopped('kill', 'refresh') }]),
    ],
    ['ends-on-a-signal', /was ended by SIGINT while/, plan([{ main: stopped('cancel', 'refresh', 'after') }])],
    ['ignores-signals', /called Cobo after a signal/, plan([{ main: stopped('cancel', 'record') }])],
    ['no-record', /Cobo was called before .* had a record of its own/, plan([{}])],
    ['record-deleted-after-storing', /has stored a successor, and its record is gone/, plan([{}])],
    [
      'younger-records-swept',
      /which is another run's/,
      plan([{ main: struck('store', '500-before', Infinity, 1) }, { start: 'between' }], TWO),
    ],
    ['leaves-records', /ended unspent and left .* without a word/, plan([{ dryRun: true }])],
    ['access-token-first', /PUT COBO_ACCESS_TOKEN came before the refresh token/, plan([{}], TWO)],
    ['no-verification', /without a good signature was stored/, plan([{ main: struck('refresh', 'unsigned') }])],
    ['post-step-trusts', /without a good signature was stored/, plan([{ main: struck('refresh', 'unsigned') }])],
    ['forgets-the-dry-run', /a dry run called Cobo/, plan([{ dryRun: true }])],
    ['never-heals', /did not heal the stores/, plan([{ main: struck('refresh', 'cut-after') }], { orgId: 'allowed' })],
    ['prints-the-token', /leaked: /, plan([{}])],
    ['masks-nothing', /did not mask the output access-token/, plan([{}])],
    ['chatty-post-step', /all was well, and the post step did something/, plan([{ laterFailure: true }])],
  ];

  test.each(cases)('%s', async (name, violation, sound) => {
    expect(await told(sound, inProcess(), judge)).toEqual([]);
    expect(await told(sound, inProcess(SABOTAGES[name]), judge)).toContainEqual(expect.stringMatching(violation));
  });

  test('none is left out', () => {
    expect(cases.map(([name]) => name).sort()).toEqual(Object.keys(SABOTAGES).sort());
  });
});
