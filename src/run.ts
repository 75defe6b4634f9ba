import type { Cancellation, SignalSource } from './cancellation.ts';
import type { Clock } from './clock.ts';
import type { Delivery, Toolkit } from './delivery.ts';
import type { ActionError } from './errors.ts';
import { Fate, type Handover, type Recording } from './fate.ts';
import type { RunFacts } from './github/staleness.ts';
import type { Stores } from './github/stores.ts';
import { type HttpAnswer, type HttpClient, type HttpRequest, TransportError } from './http.ts';
import type { Inputs } from './inputs.ts';
import { openEnvelope, type Sealed } from './recovery.ts';
import { type Masks, remoteText } from './text.ts';

/** Loads what talks to Cobo. The one place that does, so that the bundler makes one script of it. */
export const loadKeep = () => import('./keep.ts');

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
  /** The refresh token that the run was given, out of the envelope if there is one. */
  readonly held: Sealed | undefined;
  /** The stores, once they are read. */
  stores: Stores | undefined;
  /** The records, once they are to be written. */
  recording: Recording | undefined;
  /** Why the token in hand is not used, and a fresh pair is asked for. */
  doubt: ActionError | undefined;
}

/**
 * @param left in the post step, what the main step has left
 * @throws ActionError `envelope-invalid`
 */
export function startRun(
  parts: Pick<Run, 'world' | 'inputs' | 'masks' | 'delivery' | 'cancellation'>,
  left: Handover | undefined,
): Run {
  const { refreshToken, recoveryEnvelope, writeBack } = parts.inputs;
  const open = (envelope: string): Sealed => {
    const sealed = openEnvelope(envelope, parts.inputs.keys.appSecret, parts.inputs.clientId);
    parts.masks.add(sealed.refreshToken);
    return sealed;
  };
  const successor = left?.envelope ? open(left.envelope).refreshToken : undefined;
  const given = refreshToken === undefined ? undefined : { refreshToken, lookedAt: undefined };
  const locks = writeBack?.refreshTokenSecret !== undefined;
  const run: Run = {
    ...parts,
    fate: new Fate(locks, () => leaveBehind(run), left, successor),
    held: recoveryEnvelope === undefined ? given : open(recoveryEnvelope),
    stores: undefined,
    recording: left?.recording ?? undefined,
    doubt: undefined,
  };
  return run;
}

/**
 * Writes down how things stand, where a killed process leaves it: output, state and summary.
 * @throws ActionError `runner-files` before a refresh, when they cannot be written
 */
export function leaveBehind({ delivery, fate, recording }: Run): void {
  delivery.leave({ ...fate.left, recording: recording ?? null });
}

/** What calls of Cobo and of GitHub have in common. */
export function network({ world, inputs, delivery }: Run) {
  return {
    http: world.http,
    httpOptions: {
      timeoutMs: inputs.timeoutMs,
      onDone(request: HttpRequest, ms: number, outcome: HttpAnswer | TransportError) {
        delivery.debug(requestLine(request, ms, outcome));
      },
    },
    clock: world.clock,
    log: delivery,
    maxAttempts: inputs.maxAttempts,
  };
}

/** A request in the debug log: no query, no body, no header that could hold a secret. */
function requestLine({ method, url }: HttpRequest, ms: number, outcome: HttpAnswer | TransportError): string {
  const ended = outcome instanceof TransportError ? outcome.message : `HTTP ${outcome.status}${idOf(outcome)}`;
  return `${method} ${url.host}${url.pathname}: ${ended} (${Math.round(ms)} ms)`;
}

function idOf({ headers }: HttpAnswer): string {
  const id = remoteText(headers['x-github-request-id'] ?? headers['x-request-id'], 80);
  return id === '' ? '' : `, request ${id}`;
}

/**
 * Connects to Cobo, and signs and seals once for nothing, while something else is under way: a job pays for
 * loading and compiling only where it waits anyway.
 */
export async function rehearse(run: Run): Promise<void> {
  run.world.http.connectAhead(new URL(run.inputs.cobo.apiUrl));
  const keep = await loadKeep();
  keep.rehearse(run);
}
