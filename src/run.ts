import type { Cancellation, SignalSource } from './cancellation.ts';
import type { Clock } from './clock.ts';
import type { Delivery, HandedOut, Toolkit } from './delivery.ts';
import type { TokenState } from './errors.ts';
import type { RunFacts } from './github/staleness.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts';
import { TransportError } from './http.ts';
import type { Inputs } from './inputs.ts';
import type { Masks } from './masks.ts';
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
