import type { Act } from './act.ts';
import { envelopesIn } from './envelope.ts';
import { handedOver, inEveryStore, opensTo, sealedFor, writesBack } from './safety-facts.ts';

/**
 * The reason why the action exists: the living refresh token is in every store, or delivered, or opens
 * from the envelope, or was never spent; only an answer that was lost on the line, or a kill before the
 * token could be kept, may take it away.
 */
export function safety(act: Act): string[] {
  return [...keptToken(act), ...lostToken(act), ...untouchedStores(act), ...envelopes(act)];
}

function keptToken(act: Act): string[] {
  const token = handedOver(act)?.issued?.refreshToken;
  if (token === undefined) return [];
  const delivered = !writesBack(act) && act.ending.outputs['refresh-token'] === token;
  if (delivered || inEveryStore(act, token) || sealedFor(act, token)) return [];
  // A kill may fall between the answer and the envelope, but not later: the envelope precedes every write.
  const storing = act.gitHub.some(({ record }) => followsAnswer(act, record.method, record.path));
  if (act.ending.killed && !storing) return [];
  return ['LOST: Cobo handed the action a new refresh token, and it is neither stored, delivered nor sealed'];
}

/** Writes that nobody can send who has not read Cobo's answer. */
function followsAnswer({ setting }: Act, method: string, path: string): boolean {
  if (method === 'POST' || method === 'PATCH') return path.includes('/variables');
  const { refreshTokenSecret, accessTokenSecret } = setting;
  return (
    method === 'PUT' &&
    [refreshTokenSecret, accessTokenSecret].some((name) => path.endsWith(`/secrets/${name}`))
  );
}

/** Where Cobo has spent the token and no answer came through, nothing but `unknown` is honest. */
function lostToken(act: Act): string[] {
  const spent = act.exchanges.some(
    ({ operation, issued }) => operation === 'refresh' && issued?.refreshToken,
  );
  if (!spent || handedOver(act) !== undefined || act.ending.killed) return [];
  const state = act.ending.outputs['token-state'];
  return state === 'unknown'
    ? []
    : [`LOST: the answer with the new token was lost, and the state told is ${state}`];
}

/** A run that has no new token must not touch the old one. */
function untouchedStores(act: Act): string[] {
  const token = handedOver(act)?.issued?.refreshToken;
  return act.after.flatMap(({ label, refreshToken }, index) => {
    const was = act.before[index]?.refreshToken;
    const kept = act.input.envelope ? act.input.token : undefined;
    const isFine =
      refreshToken === was || refreshToken === token || (kept !== undefined && refreshToken === kept);
    return isFine ? [] : [`the store ${label} holds something that is neither its old token nor the new one`];
  });
}

/** Whatever envelope people find, also after a kill, has to open to the token in question. */
function envelopes(act: Act): string[] {
  const { outputs, log, rawSummary } = act.ending;
  const token = handedOver(act)?.issued?.refreshToken ?? act.input.token;
  const places: [string, string][] = [
    ['output', outputs['recovery-envelope'] ?? ''],
    ['log', log],
    ['summary', rawSummary],
  ];
  return places.flatMap(([place, text]) =>
    envelopesIn(text)
      .filter((envelope) => opensTo(act, envelope) !== token)
      .map(() => `the envelope in the ${place} does not open to the refresh token`),
  );
}
