import { SECRET } from '../../../emulators/stage.ts';
import {
  type Exchange,
  errorCode,
  exchangesOf,
  nameOf,
  othersAsked,
  stateTold,
  stepsOf,
  whole,
  writesBack,
  writesOf,
} from '../facts.ts';
import type { PlayedRun, Step, Story } from '../story.ts';

const SUCCESS = ['stored', 'delivered', 'kept', 'reused'];

interface Told {
  story: Story;
  run: PlayedRun;
  name: 'main' | 'post';
  step: Step;
  exchanges: Exchange[];
}

/** Whether `token-state` says what is so, and exit status and error line agree with it. */
export function honesty(story: Story): string[] {
  return story.runs.flatMap((run) =>
    stepsOf(run).flatMap(([name, step]) => {
      const all = exchangesOf(story, run);
      const exchanges = name === 'main' ? exchangesOf(story, run, 'main') : all;
      const told = { story, run, name, step, exchanges };
      return [...stateIsTrue(told), ...postStepKnows(told), ...endsRight(told)].map(
        (why) => `${nameOf(run, name)} ${why}`,
      );
    }),
  );
}

function stateIsTrue(told: Told): string[] {
  const { name, run, step, exchanges } = told;
  const { ending } = step;
  if (ending.lost) return [];
  const state = stateTold(name, step);
  const isBroken = (run.plan.main.broken ?? run.plan[name].broken) !== undefined;
  if (state === undefined) {
    if (name === 'post' || isBroken) return [];
    if (ending.exitCode !== null) return ['told no token-state'];
    return exchanges.length > 0 ? ['was killed while the token was in flight, and told no token-state'] : [];
  }
  // A file that can no longer be written keeps what was said before: it may say less than is so.
  if (isBroken && (state === 'unknown' || state === 'sealed')) return [];
  const rule = STATES[state];
  if (rule === undefined) return [`told ${state}, which is no token-state`];
  return rule(told).map((why) => `says ${state}, but ${why}`);
}

const IN_ORDER = ['unspent', 'unknown', 'kept', 'sealed', 'stored', 'delivered'];

/** A post step that knows less than the outputs say would send a spent token again. */
function postStepKnows({ name, run, step }: Told): string[] {
  const { state, exitCode, lost } = step.ending;
  const said = stateTold(name, step) ?? '';
  if (name === 'post' || exitCode !== null || lost || run.plan.main.broken !== undefined) return [];
  // A run that has left nothing has nothing in flight.
  const left = /"state":"(\w+)"/.exec(state['handover'] ?? '')?.[1] ?? 'unspent';
  if (IN_ORDER.indexOf(left) >= IN_ORDER.indexOf(said)) return [];
  return [`was killed; its outputs say ${said}, and its post step is told ${left}`];
}

const STATES: Record<string, ((told: Told) => string[]) | undefined> = {
  unspent({ exchanges }) {
    return exchanges.some(({ issued, sent }) => issued && sent) ? ['Cobo has rotated the token'] : [];
  },
  stored(told) {
    const { story, run, name } = told;
    if (!writesBack(story.fixture.setting)) return ['nothing is written back'];
    const token = successor(told);
    if (token === undefined) return ['there is no new token'];
    const writes = writesOf(story, run, whole(run)).filter((one) => one.name === SECRET);
    const holds = (store: string) => writes.findLast((one) => one.store === store)?.value === token;
    const taken = (store: string) =>
      name === 'post' &&
      story.fixture.stage.github.writes
        .slice(run.main.writesFrom)
        .some((one) => one.store === store && one.name === SECRET);
    const missing = story.fixture.stores.filter((store) => !holds(store) && !taken(store));
    if (missing.length > 0) return [`${missing.join(', ')} did not get the new token`];
    return dead(told, token);
  },
  delivered(told) {
    const token = successor(told);
    if (token === undefined) return ['there is no new token'];
    if (told.run.main.ending.outputs['refresh-token'] !== token) return ['the output is not the new token'];
    return dead(told, token);
  },
  kept({ exchanges }) {
    return exchanges.some(({ issued }) => issued) ? ['Cobo has rotated the token'] : [];
  },
  sealed(told) {
    const { step, story, name } = told;
    const texts =
      name === 'main'
        ? [step.ending.outputs['recovery-envelope'] ?? '']
        : step.ending.log.match(/cobo-envelope-v1\.[\w-]+/g);
    const token = successor(told);
    const opened = (texts ?? []).map((text) => story.fixture.open(text));
    if (token === undefined || !opened.includes(token)) return ['no envelope opens to the new token'];
    return dead(told, token);
  },
  unknown({ exchanges, step, run }) {
    if (step.ending.exitCode === null) return [];
    if (
      exchanges.every(({ arrival }) => arrival === 'whole' || arrival === 'refused') &&
      run.main.ending.exitCode !== null
    ) {
      return ['every answer of Cobo was clear'];
    }
    const own = exchanges.filter(
      ({ seen }) => seen.isPost === (step === run.post) || run.main.ending.exitCode !== null,
    );
    if (own.some(({ arrival, issued }) => issued && arrival !== 'lost')) return ['a new token has arrived'];
    return [];
  },
};

/** The new token that has arrived, trusted or not. */
function successor({ exchanges, run, step }: Told): string | undefined {
  const arrived = exchanges.findLast(({ issued, arrival }) => issued !== undefined && arrival !== 'lost');
  if (arrived !== undefined) return arrived.issued;
  // Out of an envelope comes a token that is in no store, even when Cobo lets it live.
  if (run.envelope !== undefined) return run.token;
  // Killed while an answer was on its way: the post step knows what the state says.
  return step === run.post ? exchanges.findLast(({ issued }) => issued)?.issued : undefined;
}

function dead({ story, run, exchanges, step }: Told, token: string): string[] {
  if (step.living.includes(token)) return [];
  const issuedAt = exchanges.find(({ issued }) => issued === token)?.seen.seq ?? 0;
  return othersAsked(story, run, issuedAt) ? [] : ['that token is dead'];
}

function endsRight({ name, run, step, story }: Told): string[] {
  const { exitCode, errors, signal } = step.ending;
  const state = stateTold(name, step) ?? '';
  if (exitCode === null) {
    const sent = exchangesOf(story, run, name).length > 0;
    return sent && signal !== 'SIGKILL' ? [`was ended by ${signal} while the token was in flight`] : [];
  }
  if (run.plan[name].broken !== undefined) return [];
  const code = errorCode(step);
  if (code === 'internal') return ['met an unexpected error'];
  const cancelled = exitCode === 130 || exitCode === 143;
  if (cancelled && !step.ending.stopped) return ['ended as cancelled, and nobody has cancelled it'];
  const isFine = exitCode === 0 || (cancelled && SUCCESS.includes(state));
  if (errors.length !== (isFine ? 0 : 1)) return [`ended with ${exitCode} and ${errors.length} error lines`];
  if (errors.length === 1 && !errors[0]?.includes(`[token-state: ${state}, error: `)) {
    return [`says ${state}, and its error line says something else`];
  }
  if (name === 'post' || exitCode !== 0) return [];
  return SUCCESS.includes(state) || (run.plan.dryRun && state === 'unspent')
    ? []
    : [`ended with 0 in the state ${state}`];
}
