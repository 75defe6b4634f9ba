import { SECRET } from '../../../emulators/stage.ts';
import { ENVELOPE } from '../../scenarios/support/crypto.ts';
import { errorCode, type Told } from '../facts.ts';
import type { Violation } from './all.ts';

const SUCCESS = ['stored', 'delivered', 'kept', 'reused'];
const IN_ORDER = ['unspent', 'unknown', 'kept', 'sealed', 'stored', 'delivered'];
const ROTATED = 'Cobo has rotated the token';

/** `token-state` says what is so. */
export function stateIsTrue(told: Told): Violation {
  const { name, ending, state, isBroken, allExchanges } = told;
  if (ending.stopped === 'lost') return undefined;
  if (state === undefined) {
    if (name === 'post' || isBroken) return undefined;
    if (ending.exitCode !== null) return 'told no token-state';
    return allExchanges.length > 0 && 'was killed while the token was in flight, and told no token-state';
  }
  // A file that can no longer be written keeps what was said before: it may say less than is so.
  if (isBroken && (state === 'unknown' || state === 'sealed')) return undefined;
  const rule = STATES[state];
  if (rule === undefined) return `told ${state}, which is no token-state`;
  const why = rule(told);
  return why && `says ${state}, but ${why}`;
}

/** What is not so when a step says this. */
const STATES: Record<string, ((told: Told) => string | false | undefined) | undefined> = {
  unspent: ({ allExchanges }) => allExchanges.some(({ issued, sent }) => issued && sent) && ROTATED,
  kept: ({ allExchanges }) => allExchanges.some(({ issued }) => issued) && ROTATED,
  stored(told) {
    const { world, run, name, allWrites } = told;
    if (!world.writesBack) return 'nothing is written back';
    const token = successor(told);
    const writes = allWrites.filter((one) => one.name === SECRET);
    const later = world.writes.slice(run.main.writesFrom).filter((one) => one.name === SECRET);
    const missing = world.stores.filter((store) => {
      const isTaken = name === 'post' && later.some((one) => one.store === store);
      return writes.findLast((one) => one.store === store)?.value !== token && !isTaken;
    });
    if (token !== undefined && missing.length > 0) return `${missing.join(', ')} did not get the new token`;
    return dead(told, token);
  },
  delivered(told) {
    const token = successor(told);
    if (told.run.main.ending.outputs['refresh-token'] !== token) return 'the output is not the new token';
    return dead(told, token);
  },
  sealed(told) {
    const { ending, world, name } = told;
    const shown = name === 'main' ? ending.outputs['recovery-envelope'] : ending.log;
    const token = successor(told);
    const opened = (shown?.match(ENVELOPE) ?? []).map((text) => world.open(text));
    return opened.includes(token) ? dead(told, token) : 'no envelope opens to the new token';
  },
  unknown({ allExchanges, ending, run, name }) {
    if (ending.exitCode === null) return undefined;
    const mainEnded = run.main.ending.exitCode !== null;
    const isClear = allExchanges.every(({ arrival }) => arrival === 'whole' || arrival === 'refused');
    if (isClear && mainEnded) return 'every answer of Cobo was clear';
    const own = allExchanges.filter(({ seen }) => seen.isPost === (name === 'post') || mainEnded);
    return own.some(({ arrival, issued }) => issued && arrival !== 'lost') && 'a new token has arrived';
  },
};

/** The new token that has arrived, trusted or not. */
function successor({ allExchanges, run, name }: Told): string | undefined {
  const arrived = allExchanges.findLast(({ issued, arrival }) => issued !== undefined && arrival !== 'lost');
  if (arrived !== undefined) return arrived.issued;
  // Out of an envelope comes a token that is in no store, even when Cobo lets it live.
  if (run.envelope !== undefined) return run.token;
  // Killed while an answer was on its way: the post step knows what the state says.
  return name === 'post' ? allExchanges.findLast(({ issued }) => issued)?.issued : undefined;
}

function dead({ world, run, allExchanges, step }: Told, token: string | undefined): string | false {
  if (token === undefined) return 'there is no new token';
  const issuedAt = allExchanges.find(({ issued }) => issued === token)?.seen.seq ?? 0;
  // Another run that called Cobo since may have revoked it.
  const others = world.log.filter((seen) => seen.run !== run.run && seen.service === 'cobo' && seen.seq > issuedAt);
  return !step.living.includes(token) && others.length === 0 && 'that token is dead';
}

/** A post step that knows less than the outputs say would send a spent token again. */
export function postStepKnows({ name, ending, state, isBroken, allExchanges }: Told): Violation {
  if (name === 'post' || ending.exitCode !== null || ending.stopped === 'lost' || isBroken) return undefined;
  // A run that has left nothing has nothing in flight.
  const left = /"state":"(\w+)"/.exec(ending.state['handover'] ?? '')?.[1] ?? 'unspent';
  // Cobo's refusal is in the state first, and then in the outputs.
  const isRefused = left === 'unspent' && state === 'unknown' && allExchanges.every(({ issued }) => !issued);
  const isLess = !isRefused && IN_ORDER.indexOf(left) < IN_ORDER.indexOf(state ?? '');
  return isLess && `was killed; its outputs say ${state}, and its post step is told ${left}`;
}

/** Exit status and error line agree with the state. */
export function endsRight({ name, run, ending, state, exchanges }: Told): Violation {
  const { exitCode, errors, signal, stopped } = ending;
  if (exitCode === null) {
    return exchanges.length > 0 && signal !== 'SIGKILL' && `was ended by ${signal} while the token was in flight`;
  }
  if (run.plan[name].broken !== undefined) return undefined;
  if (errorCode(ending) === 'internal') return 'met an unexpected error';
  const cancelled = exitCode === 130 || exitCode === 143;
  if (cancelled && stopped === undefined) return 'ended as cancelled, and nobody has cancelled it';
  const isSafe = SUCCESS.includes(state ?? '');
  const isFine = exitCode === 0 || (cancelled && isSafe);
  if (errors.length !== (isFine ? 0 : 1)) return `ended with ${exitCode} and ${errors.length} error lines`;
  if (errors.some((error) => !error.includes(`[token-state: ${state}, error: `))) {
    return `says ${state}, and its error line says something else`;
  }
  const isDryRun = run.plan.dryRun && state === 'unspent';
  return name === 'main' && exitCode === 0 && !isSafe && !isDryRun && `ended with 0 in the state ${state}`;
}
