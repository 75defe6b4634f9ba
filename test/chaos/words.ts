import { FAULTS, type PlannedFault, TARGETS } from './faults.ts';
import { type At, BROKEN, type Plan, type RunPlan, SAVES, type Setting, STARTS, STOPS, type StepPlan } from './plan.ts';

/** A plan in plain words, a line for the world and one for each run. */
export function inWords({ setting, runs }: Plan): string[] {
  return [aboutWorld(setting), ...runs.map((run, index) => `run ${index + 1} ${aboutRun(run, index)}`)];
}

/** The notes that hold, in one line. */
function notes(...all: (string | false | undefined)[]): string {
  return all.filter(Boolean).join('; ');
}

function aboutWorld(setting: Setting): string {
  const { stores, saves, orgId, attempts, skewMs, paceMs } = setting;
  return notes(
    `stores: ${stores.join(', ')}`,
    SAVES[saves],
    `${attempts} attempts`,
    orgId !== 'none' && `org-id is given${orgId === 'refused' ? ', and Cobo refuses it' : ''}`,
    !setting.replayRevokes && 'Cobo forgives a replay',
    setting.implicitRevokes && 'org_implicit revokes older tokens',
    setting.omits && 'Cobo sends no new refresh token',
    skewMs !== 0 && `GitHub's clock is ${skewMs / 1000} s ahead`,
    paceMs !== 0 && `a request takes ${paceMs} ms`,
    setting.full && 'the first store is full',
    !setting.mayReadRun && 'github-token may not read runs',
  );
}

function aboutRun({ start, envelope, dryRun, main, post, laterFailure }: RunPlan, index: number): string {
  const how = STARTS[index === 0 ? 'fresh' : start];
  const after = aboutStep(post);
  return notes(
    `${how}${envelope ? ' with the latest envelope' : ''}${dryRun ? ' as a dry run' : ''}`,
    aboutStep(main),
    laterFailure && 'a later step of its job fails',
    after !== '' && `in its post step ${after}`,
  );
}

function aboutStep({ faults, stop, broken }: StepPlan): string {
  return notes(
    ...faults.map(aboutFault),
    stop && `${STOPS[stop.kind]} ${moment(stop.at)}`,
    broken && `${BROKEN[broken.what]} from the ${broken.from + 1}. thing told`,
  );
}

function aboutFault({ target, fault, skip, times }: PlannedFault): string {
  const often = { 1: '', Infinity: ' every time' }[times] ?? ` ${times} times`;
  return `${TARGETS[target][0]} ${FAULTS[fault][0]}${often}${skip === 0 ? '' : ` after ${skip} went well`}`;
}

function moment(at: At): string {
  if ('told' in at) return `before the ${at.told + 1}. thing told`;
  return `${at.when} the ${at.nth + 1}. request (${TARGETS[at.target][0]}) is processed`;
}
