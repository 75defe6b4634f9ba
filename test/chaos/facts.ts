import { SECRET } from '../../emulators/stage.ts';
import { fingerprint } from '../scenarios/support/crypto.ts';
import { ACCESS_SECRET, type FaultName } from './faults.ts';
import { type Seen, tokenName } from './fixture.ts';
import type { Setting } from './plan.ts';
import { type PlayedRun, requestsOf, type Step, type Story } from './story.ts';

/** A call of Cobo, with what really became of it. */
export interface Exchange {
  seen: Seen;
  /** The refresh token that was sent. */
  sent: string | undefined;
  /** The refresh token that Cobo issued for it. */
  issued: string | undefined;
  /**
   * What the action can make of the answer. `whole`: rightly signed. `untrusted`: not. `cut`: of a whole answer
   * only the token arrived. `lost`: nothing, or nothing that says anything.
   */
  arrival: 'whole' | 'untrusted' | 'cut' | 'lost' | 'refused';
}

const LOST: readonly (FaultName | undefined)[] = [
  ...(['cut-before', 'cut-after', 'cut-during', 'hang-before', 'hang-after', 'refuse'] as const),
  ...(['500-before', '502-after', '500-signed', 'redirect'] as const),
];

export function exchangesOf(story: Story, run: PlayedRun, step?: 'main' | 'post'): Exchange[] {
  return requestsOf(story, run, step)
    .filter(({ service }) => service === 'cobo')
    .map((seen) => {
      const { record } = seen;
      const issued = /rotated to (\d+)|refresh token (\d+) issued by org_implicit/.exec(record.verdict);
      const number = issued?.[1] ?? issued?.[2];
      const token = number === undefined ? undefined : tokenName('refresh', Number(number));
      return {
        seen,
        issued: token,
        sent: sentIn(record.body),
        arrival: arrivalOf(seen, token !== undefined),
      };
    });
}

function sentIn(body: string): string | undefined {
  return /"refresh_token":"([^"]*)"/.exec(body)?.[1];
}

function arrivalOf({ fault, record }: Seen, issued: boolean): Exchange['arrival'] {
  if (fault === 'unsigned' || fault === 'bad-signature') return 'untrusted';
  if (fault === 'cut-after-token') return 'cut';
  // Of an answer without any token nothing can be relied on.
  if (fault === 'malformed' && !issued) return record.status === 200 ? 'lost' : 'refused';
  if (LOST.includes(fault) || record.status === 'cut') return 'lost';
  return record.status === 200 ? 'whole' : 'refused';
}

/** Whether the refresh token is written back. */
export function writesBack({ saves }: Setting): boolean {
  return saves === 'refresh' || saves === 'all';
}

/** The first target, after which records are named. */
export function firstTarget({ fixture }: Story): string {
  return writesBack(fixture.setting) ? SECRET : ACCESS_SECRET;
}

/** The name of the record of a token; of none: that of a run that asks for a fresh pair. */
export function recordOf(story: Story, token: string | undefined): string {
  const { appSecretHex } = story.fixture.stage.cobo.client;
  const mark = token === undefined ? 'ORG' : fingerprint(token, appSecretHex);
  return `${firstTarget(story)}_IN_FLIGHT_${mark}`;
}

/** What a run has changed in the stores, in order, each with its number among all changes. */
export function writesOf(
  { fixture }: Story,
  { run }: PlayedRun,
  { writesFrom, writesTo }: Pick<Step, 'writesFrom' | 'writesTo'>,
) {
  return fixture.stage.github.writes
    .map((write, number) => ({ ...write, number }))
    .slice(writesFrom, writesTo)
    .filter(({ token }) => token === fixture.writer(run));
}

/** From the beginning of a job to its end. */
export function whole({ main, post }: PlayedRun): Pick<Step, 'writesFrom' | 'writesTo'> & { to: number } {
  const last = post ?? main;
  return { writesFrom: main.writesFrom, writesTo: last.writesTo, to: last.to };
}

/** The steps of a run, with their names. */
export function stepsOf({ main, post }: PlayedRun): [name: 'main' | 'post', step: Step][] {
  return [['main', main], ...(post === undefined ? [] : [['post', post] as ['post', Step]])];
}

/** What a step said of the token: in its outputs, or (the post step, which has none) in its last line. */
export function stateTold(name: 'main' | 'post', { ending }: Step): string | undefined {
  if (name === 'main') return ending.outputs['token-state'];
  return /token-state: (\w+)/.exec(
    ending.log.split('\n').findLast((line) => /✓ token-state|\[token-state/.test(line)) ?? '',
  )?.[1];
}

/** The code of the one error line. */
export function errorCode({ ending }: Step): string | undefined {
  return /error: ([\w-]+)\]/.exec(ending.errors[0] ?? '')?.[1];
}

/** Whether no plan stood against this step: no fault has struck, nobody stopped it, everything could be told. */
export function isUndisturbed(story: Story, run: PlayedRun, name: 'main' | 'post'): boolean {
  const step = name === 'main' ? run.main : run.post;
  if (step === undefined || step.ending.stopped || run.plan[name].broken !== undefined) return false;
  return requestsOf(story, run, name).every(({ fault }) => fault === undefined);
}

/** Whether another run called Cobo after a moment, so that a token may be dead for its sake. */
export function othersAsked({ fixture }: Story, { run }: PlayedRun, since: number): boolean {
  return fixture.log.some(({ seq, service, run: other }) => seq > since && service === 'cobo' && other !== run);
}

/** What a person calls a run. */
export function nameOf({ run }: PlayedRun, step?: string): string {
  return `run ${run + 1}${step === 'post' ? ' (post step)' : ''}`;
}

/**
 * Another run went on at the same time, and this one does not know whether a record is its own: GitHub's answer
 * was lost, or the process ended before it came. A record that is young counts as its own then.
 */
export function isUndecided(story: Story, run: PlayedRun): boolean {
  if (!run.overlapped) return false;
  const { main, plan } = run;
  const isLost = requestsOf(story, run).some(
    ({ record, fault }) => /_IN_FLIGHT_/.test(record.path) && fault !== undefined,
  );
  const endedEarly = main.ending.exitCode === null || plan.main.broken !== undefined;
  return isLost || (endedEarly && exchangesOf(story, run, 'main').length === 0);
}
