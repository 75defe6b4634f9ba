import type { Cancellation, SignalSource } from './cancellation.ts';
import type { Clock } from './clock.ts';
import type { Delivery, HandedOut, Toolkit } from './delivery.ts';
import type { TokenState } from './errors.ts';
import type { RunFacts } from './github/staleness.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts';
import { TransportError } from './http.ts';
import type { Inputs } from './inputs.ts';
import type { Masks } from './masks.ts';
import { sealEnvelope } from './recovery.ts';
import { remoteText } from './text.ts';

/** Everything outside the action, handed in by main.ts, or by a test. */
export interface World {
  toolkit: Toolkit;
  env: NodeJS.ProcessEnv;
  facts: RunFacts & { apiUrl: string };
  http: HttpClient;
  clock: Clock;
  signals: SignalSource;
}

/** One run of the action, once its inputs are read. */
export interface Run {
  world: World;
  inputs: Inputs;
  masks: Masks;
  delivery: Delivery;
  cancellation: Cancellation;
  fate: Fate;
}

/** What has become of the refresh token so far. */
export interface Fate {
  state: TokenState;
  /** The rotated refresh token, from the moment it is known. */
  successor?: string;
  /** What else the run has won, to be handed out even if it fails. */
  won?: HandedOut;
}

/** Enough to find an envelope that no mask strikes, however unlucky. */
const MOST_SEALS = 100;

/**
 * The envelope for a refresh token. A mask of a few characters may strike in the middle of one, by chance,
 * and would make it worthless wherever it is shown; then it is sealed again, with another nonce.
 */
export function seal({ inputs, masks }: Run, refreshToken: string): string {
  let envelope = '';
  for (let seals = 0; seals < MOST_SEALS; seals++) {
    envelope = sealEnvelope(refreshToken, inputs.keys.appSecret, inputs.clientId);
    if (masks.redact(envelope) === envelope) break;
  }
  return envelope;
}

/** A line of the debug log for each request: no query, no body, no header that could hold a secret. */
export function debugRequests(run: Run) {
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
