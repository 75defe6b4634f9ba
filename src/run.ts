import type { Cancellation, SignalSource } from './cancellation.ts';
import type { Clock } from './clock.ts';
import type { Delivery, Toolkit } from './delivery.ts';
import type { ActionError } from './errors.ts';
import { Fate } from './fate.ts';
import type { RunFacts } from './github/staleness.ts';
import type { Stores } from './github/stores.ts';
import { emptyHandover, type Handover } from './handover.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts';
import { TransportError } from './http.ts';
import type { Inputs } from './inputs.ts';
import { openEnvelope, type Sealed, sealEnvelope } from './recovery.ts';
import type { Masks } from './text.ts';
import { remoteText } from './text.ts';

/** Loads what talks to Cobo. The one place that does, so that the bundler makes one script of it. */
export const loadSpending = () => import('./spend.ts');

/** Everything outside the action, handed in by main.ts, or by a test. */
export interface World {
  toolkit: Toolkit;
  env: NodeJS.ProcessEnv;
  /** What the runner tells of the run; asked for only when it matters. */
  facts(): Promise<RunFacts>;
  http: HttpClient;
  clock: Clock;
  signals: SignalSource;
}

/** One run of a step, once its inputs are read. */
export interface Run {
  readonly world: World;
  readonly inputs: Inputs;
  readonly masks: Masks;
  readonly delivery: Delivery;
  readonly cancellation: Cancellation;
  readonly fate: Fate;
  readonly handover: Handover;
  /** The stores, once they are open. */
  stores: Stores | undefined;
  /** Why the token in hand is not used, and a fresh pair is asked for. */
  doubt: ActionError | undefined;
}

/**
 * @param handover in the post step, what the main step has left
 * @param successor the refresh token in its envelope
 */
export function startRun(
  parts: Pick<Run, 'world' | 'inputs' | 'masks' | 'delivery' | 'cancellation'>,
  handover: Handover = emptyHandover(),
  successor?: string,
): Run {
  const isGood = handover.state === 'sealed' && !handover.keepsRecord;
  const fate = new Fate(handover.state, () => leaveBehind(run), successor, isGood);
  const run: Run = { ...parts, fate, handover, stores: undefined, doubt: undefined };
  return run;
}

/**
 * Writes down how things stand, where a killed process leaves it: output, state and summary.
 * @throws ActionError `runner-files` before a refresh, when they cannot be written
 */
export function leaveBehind(run: Run): void {
  const { inputs, masks, delivery, fate, handover, stores } = run;
  const { state, successor, trusted } = fate;
  handover.state = state;
  handover.trusted = trusted;
  handover.keepsRecord = !mayRemoveRecords(run);
  if (state === 'sealed' && successor !== undefined) {
    const lookedAt = stores === undefined ? undefined : stores.lookedAt;
    handover.envelope ??= seal({ refreshToken: successor, lookedAt }, inputs, masks);
  } else if (state !== 'sealed') handover.envelope = null;
  delivery.leave(handover);
}

/** Whether the records may go. Without a secret for the refresh token, they only prove that writing works. */
export function mayRemoveRecords({ fate, stores }: Run): boolean {
  return !fate.keepsRecord || stores?.targets.refreshTokenSecret === undefined;
}

/**
 * The refresh token that the run was given, out of the envelope if there is one; `undefined` when there is none.
 * @throws ActionError `envelope-invalid`
 */
export function tokenInHand({ inputs, masks }: Run): Sealed | undefined {
  const { keys, clientId, recoveryEnvelope, refreshToken } = inputs;
  if (recoveryEnvelope === undefined) {
    return refreshToken === undefined ? undefined : { refreshToken, lookedAt: undefined };
  }
  const sealed = openEnvelope(recoveryEnvelope, keys.appSecret, clientId);
  masks.add(sealed.refreshToken);
  return sealed;
}

/** Enough to find an envelope in which no mask occurs. */
const MOST_SEALS = 100;

/**
 * The envelope for a refresh token. By chance a mask may occur in it, which would make it worthless wherever it
 * is shown; then it is sealed again, with another nonce.
 */
export function seal(sealed: Sealed, { keys, clientId }: Inputs, masks: Masks): string {
  let envelope = '';
  for (let seals = 0; seals < MOST_SEALS; seals++) {
    envelope = sealEnvelope(sealed, keys.appSecret, clientId);
    if (masks.redact(envelope) === envelope) break;
  }
  return envelope;
}

/** A line of the debug log for each request: no query, no body, no header that could hold a secret. */
export function debugRequests(run: Pick<Run, 'delivery'>) {
  return ({ method, url }: HttpRequest, ms: number, outcome: HttpAnswer | TransportError): void => {
    const ended =
      outcome instanceof TransportError ? outcome.message : `HTTP ${outcome.status}${idOf(outcome)}`;
    run.delivery.debug(`${method} ${url.host}${url.pathname}: ${ended} (${Math.round(ms)} ms)`);
  };
}

function idOf({ headers }: HttpAnswer): string {
  const id = remoteText(headers['x-github-request-id'] ?? headers['x-request-id'], 80);
  return id === '' ? '' : `, request ${id}`;
}
