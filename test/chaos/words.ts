import { FAULTS, type PlannedFault, TARGETS } from './faults.ts';
import type { At, Plan, RunPlan, Setting, StepPlan } from './plan.ts';

/** A plan in plain words, a line for the world and one for each run. */
export function inWords({ setting, runs }: Plan): string[] {
  return [world(setting), ...runs.map((run, index) => `run ${index + 1} ${aboutRun(run, index)}`)];
}

const SAVES: Record<Setting['saves'], string> = {
  refresh: 'the refresh token is written back',
  all: 'both tokens and the expiry are written back',
  access: 'only the access token and its expiry are written back',
  nothing: 'nothing is written back',
};

function world(setting: Setting): string {
  const { stores, orgId, attempts, skewMs, paceMs } = setting;
  const notes = [
    `stores: ${stores.join(', ')}`,
    SAVES[setting.saves],
    `${attempts} attempts`,
    ...(orgId === 'none' ? [] : [`org-id is given${orgId === 'refused' ? ', and Cobo refuses it' : ''}`]),
    ...(setting.replayRevokes ? [] : ['Cobo forgives a replay']),
    ...(setting.implicitRevokes ? ['org_implicit revokes older tokens'] : []),
    ...(setting.omits ? ['Cobo sends no new refresh token'] : []),
    ...(skewMs === 0 ? [] : [`GitHub's clock is ${skewMs / 1000} s ahead`]),
    ...(paceMs === 0 ? [] : [`a request takes ${paceMs} ms`]),
    ...(setting.full ? ['the first store is full'] : []),
    ...(setting.mayReadRun ? [] : ['github-token may not read runs']),
  ];
  return notes.join('; ');
}

const STARTS: Record<RunPlan['start'], string> = {
  fresh: 'starts',
  queued: 'was queued before the run before it began, and starts',
  waiting: 'has read its token before the run before it began, and starts',
  early: 'was queued before the first run began, and starts',
  twin: 'starts in the same instant',
  between: 'starts between the main and the post step of the run before it',
};

function aboutRun({ start, envelope, dryRun, main, post, laterFailure }: RunPlan, index: number): string {
  const usual = index === 0 ? 'fresh' : start;
  const how = `${STARTS[usual]}${envelope ? ' with the latest envelope' : ''}${dryRun ? ' as a dry run' : ''}`;
  const notes = [how, ...aboutStep(main), ...(laterFailure ? ['a later step of its job fails'] : [])];
  const after = aboutStep(post);
  return [...notes, ...(after.length > 0 ? [`in its post step ${after.join('; ')}`] : [])].join('; ');
}

function aboutStep({ faults, stop, broken }: StepPlan): string[] {
  const stops = {
    kill: 'it is killed',
    cancel: 'the job is cancelled',
    timeout: 'the step reaches its time limit',
    term: 'it gets SIGTERM',
    lost: 'the machine is lost',
  };
  const files = { log: 'nobody reads the log any more', files: "the runner's files cannot be written" };
  return [
    ...faults.map(aboutFault),
    ...(stop === undefined ? [] : [`${stops[stop.kind]} ${moment(stop.at)}`]),
    ...(broken === undefined ? [] : [`${files[broken.what]} from the ${nth(broken.from)} thing told`]),
  ];
}

function aboutFault({ target, fault, skip, times }: PlannedFault): string {
  const after = skip === 0 ? '' : ` after ${skip} went well`;
  const often = times === null ? ' every time' : times === 1 ? '' : ` ${times} times`;
  return `${TARGETS[target][0]} ${FAULTS[fault].words}${often}${after}`;
}

function moment(at: At): string {
  if ('told' in at) return `before the ${nth(at.told)} thing told`;
  const what = at.target === 'any' ? 'request' : `request for ${TARGETS[at.target][0]}`;
  return `${at.when} the ${nth(at.nth)} ${what} is processed`;
}

function nth(count: number): string {
  return `${count + 1}.`;
}
