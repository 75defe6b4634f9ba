import { SECRET } from '../../emulators/stage.ts';
import { fingerprint } from '../scenarios/support/crypto.ts';
import { ACCESS_SECRET } from './faults.ts';
import type { Ending } from './player.ts';
import type { PlayedRun, Step, Story } from './story.ts';
import { type Seen, tokenName, type World, type Write } from './world.ts';

/** The steps of all runs, each with all that the rules ask about it. */
export function toldOf(story: Story): Told[] {
  return story.runs.flatMap((run) => {
    const { main, post } = run;
    return [tell(story, run, 'main', main), ...(post === undefined ? [] : [tell(story, run, 'post', post)])];
  });
}

export type Told = ReturnType<typeof tell>;

function tell(story: Story, run: PlayedRun, name: 'main' | 'post', step: Step) {
  const { world } = story;
  const { ending } = step;
  const isPost = name === 'post';
  const all = world.log.filter((seen) => seen.run === run.run);
  const requests = all.filter((seen) => seen.isPost === isPost);
  const allExchanges = exchangesOf(isPost ? all : requests);
  const state = stateTold(name, step);
  const canTell = run.plan[name].broken === undefined;
  return {
    ...{ story, world, run, name, step, ending },
    /** What the step said of the token, and what the run said last. */
    ...{ state, lastState: state ?? stateTold('main', run.main), isLast: isPost || run.post === undefined },
    ...{ requests, exchanges: allExchanges.filter(({ seen }) => seen.isPost === isPost) },
    /** Of the run up to the end of this step. */
    ...{ allExchanges, allWrites: writesOf(world, run, step) },
    /** Something could not be told, here or before. */
    isBroken: !canTell || run.plan.main.broken !== undefined,
    isUndisturbed: canTell && ending.stopped === undefined && requests.every(({ fault }) => fault === undefined),
  };
}

/** What a run has changed in the stores up to the end of a step, in order. */
function writesOf(world: World, { run, main }: PlayedRun, { writesTo }: Step): Write[] {
  return world.writes.slice(main.writesFrom, writesTo).filter(({ token }) => token === world.writer(run));
}

/** The calls of Cobo, with what really became of each. */
function exchangesOf(log: Seen[]) {
  return log.flatMap((seen) => {
    const { verdict, body } = seen.record;
    const number = /rotated to (\d+)/.exec(verdict) ?? /refresh token (\d+) issued by org_implicit/.exec(verdict);
    const issued = number === null ? undefined : tokenName('refresh', Number(number[1]));
    const sent = /"refresh_token":"([^"]*)"/.exec(body)?.[1];
    return seen.service === 'cobo' ? [{ seen, issued, sent, arrival: arrivalOf(seen, issued !== undefined) }] : [];
  });
}

/**
 * What the action can make of an answer. `whole`: rightly signed. `untrusted`: not, or of a whole answer only the
 * token arrived. `lost`: nothing, or nothing that says anything.
 */
function arrivalOf({ fault: struck, record }: Seen, issued: boolean): 'whole' | 'untrusted' | 'lost' | 'refused' {
  const fault: string = struck ?? '';
  if (['unsigned', 'bad-signature', 'cut-after-token'].includes(fault)) return 'untrusted';
  // Of an answer without any token nothing can be relied on.
  const isEmpty = fault === 'malformed' && !issued && record.status === 200;
  if (isEmpty || /^(cut|hang|refuse|50|redirect)/.test(fault) || record.status === 'cut') return 'lost';
  return record.status === 200 ? 'whole' : 'refused';
}

/** What a step said of the token: in its outputs, or (the post step, which has none) in its last line. */
function stateTold(name: 'main' | 'post', { ending }: Step): string | undefined {
  if (name === 'main') return ending.outputs['token-state'];
  const said = ending.log.split('\n').findLast((line) => /✓ token-state|\[token-state/.test(line));
  return /token-state: (\w+)/.exec(said ?? '')?.[1];
}

/** The target after which records are named. */
export function firstTarget(world: World): string {
  return world.writesBack ? SECRET : ACCESS_SECRET;
}

/** The name of the record of a token; of none: that of a run that asks for a fresh pair. */
export function recordOf(world: World, token: string | undefined): string {
  const mark = token === undefined ? 'ORG' : fingerprint(token, world.stage.cobo.client.appSecretHex);
  return `${firstTarget(world)}_IN_FLIGHT_${mark}`;
}

/** The code of the one error line. */
export function errorCode({ errors }: Ending): string | undefined {
  return /error: ([\w-]+)\]/.exec(errors[0] ?? '')?.[1];
}

/** What a person calls a run. */
export function nameOf({ run }: PlayedRun, step?: string): string {
  return `run ${run + 1}${step === 'post' ? ' (post step)' : ''}`;
}

/**
 * Another run went on at the same time, and this one does not know whether a record is its own: GitHub's answer
 * was lost, or the process ended before it came. A record that is young counts as its own then.
 */
export function isUndecided({ world: { log } }: Story, { run, overlapped, main, plan }: PlayedRun): boolean {
  const own = log.filter((seen) => seen.run === run);
  const isLost = own.some(({ record, fault }) => /_IN_FLIGHT_/.test(record.path) && fault !== undefined);
  const endedEarly = main.ending.exitCode === null || plan.main.broken !== undefined;
  return overlapped && (isLost || (endedEarly && !own.some(({ service, isPost }) => service === 'cobo' && !isPost)));
}

function partsOf(store: string): { kind: string; name: string; owner: string } {
  const [, kind = '', name = '', owner = ''] = /^(\w+):?([^@]*)@?(.*)$/.exec(store) ?? [];
  return { kind, name, owner };
}

/** The path of a store's secrets at GitHub. */
export function pathOf(store: string): string {
  const { kind, name, owner } = partsOf(store);
  if (kind === 'organization') return `/orgs/${name}/actions/secrets`;
  if (kind === 'environment') return `/repos/${owner}/environments/${encodeURIComponent(name)}/secrets`;
  return `/repos/${owner}/${kind === 'dependabot' ? 'dependabot' : 'actions'}/secrets`;
}

/** How `gh` is told of a store. */
export function ghFlags(store: string): string {
  const { kind, name, owner } = partsOf(store);
  if (kind === 'organization') return `--org ${name}`;
  const more = { dependabot: ' --app dependabot', environment: ` --env '${name}'` }[kind] ?? '';
  return `--repo ${owner}${more}`;
}
