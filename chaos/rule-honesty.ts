import type { Act, Exchange } from './act.ts';
import { envelopesIn } from './envelope.ts';
import { handedOver, inEveryStore, opensTo, struckLate, writesBack } from './safety-facts.ts';

/** Whether `token-state` says what is so. A process that was killed may say nothing. */
export function honesty(act: Act): string[] {
  const state = act.ending.outputs['token-state'];
  if (state === undefined) return act.ending.killed ? [] : ['no token-state was told'];
  const rule = STATES[state];
  if (rule === undefined) return [`the token-state ${state} is none of the contract`];
  return rule(act).map((why) => `token-state ${state} is not honest: ${why}`);
}

const STATES: Record<string, ((act: Act) => string[]) | undefined> = {
  unspent,
  stored,
  delivered,
  kept,
  sealed,
  unknown,
  reused: ({ exchanges }) => (exchanges.length > 0 ? ['Cobo was asked'] : []),
};

function unspent(act: Act): string[] {
  if (act.exchanges.some(({ operation, issued }) => operation === 'refresh' && issued !== undefined)) {
    return ['Cobo has taken the token'];
  }
  const { token, living } = act.input;
  if (token === undefined || !living || act.living.includes(token)) return [];
  return ['the token is dead now'];
}

function stored(act: Act): string[] {
  const token = handedOver(act)?.issued?.refreshToken ?? (act.input.envelope ? act.input.token : undefined);
  if (token === undefined) return ['Cobo handed out no new token'];
  if (!inEveryStore(act, token)) return ['not every store holds the new token'];
  return dead(act, token);
}

function delivered(act: Act): string[] {
  const token = handedOver(act)?.issued?.refreshToken;
  if (token === undefined) return ['Cobo handed out no new token'];
  if (writesBack(act)) return ['it was to be stored'];
  if (act.ending.outputs['refresh-token'] !== token) return ['the output is not the new token'];
  return dead(act, token);
}

function kept(act: Act): string[] {
  const { token } = act.input;
  if (token === undefined || handedOver(act) !== undefined) return ['Cobo handed out a new token'];
  if (!act.exchanges.some(({ arrival, issued }) => arrival === 'whole' && issued))
    return ['Cobo granted nothing'];
  return dead(act, token);
}

function sealed(act: Act): string[] {
  const envelope = act.ending.outputs['recovery-envelope'];
  const token = handedOver(act)?.issued?.refreshToken ?? (act.input.envelope ? act.input.token : undefined);
  if (envelope === undefined) return ['the output recovery-envelope is missing'];
  if (token === undefined || opensTo(act, envelope) !== token)
    return ['the envelope does not open to the new token'];
  const elsewhere = [act.ending.log, act.ending.rawSummary];
  return elsewhere.every((text) => envelopesIn(text).some((found) => opensTo(act, found) === token))
    ? dead(act, token)
    : ['the envelope is missing from the log or the summary'];
}

function unknown(act: Act): string[] {
  // Of org_implicit only an answer that cannot be read counts: others say nothing about the token.
  const doubtful = ({ operation, ambiguous, status, arrival }: Exchange) =>
    ambiguous && (operation === 'refresh' || (status === 200 && arrival === 'lost'));
  if (!act.exchanges.some(doubtful)) return ['every answer of Cobo was clear'];
  if (handedOver(act) !== undefined) return ['the new token has arrived'];
  return unhealed(act);
}

/**
 * With `org-id` a lost answer, or a dead token, ends in a fresh pair, unless that fails as well. A refusal
 * that is final, or a signature that is wrong, is no lost answer: nothing may paper over it.
 */
function unhealed({ setting, exchanges, ending }: Act): string[] {
  if (setting.orgId !== 'allowed' || ending.killed) return [];
  const last = exchanges.findLast(({ operation }) => operation === 'refresh');
  const healing = exchanges.filter(({ operation }) => operation === 'implicit');
  if (healing.some(({ arrival }) => arrival === 'whole')) return ['a fresh pair has arrived'];
  const isDead = last?.ambiguous === false && last.record.verdict.includes('invalid_grant');
  const isCalledFor = last?.retryable === true || isDead;
  return isCalledFor && healing.length === 0 ? ['org_implicit was not even tried'] : [];
}

function dead(act: Act, token: string): string[] {
  return act.living.includes(token) || struckLate(act) ? [] : ['that token is dead'];
}
