import { Cancellation, type SignalSource } from './cancellation.ts';
import type { Clock } from './clock.ts';
import { Delivery, type Toolkit } from './delivery.ts';
import { ActionError, asActionError, type TokenState } from './errors.ts';
import { Fate, type Handover, type Recording } from './fate.ts';
import { deletion, readStores } from './github/grammar.ts';
import type { RunFacts } from './github/staleness.ts';
import type { Stores } from './github/stores.ts';
import { type HttpAnswer, type HttpClient, type HttpOptions, TransportError } from './http.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { openEnvelope, type Sealed } from './recovery.ts';
import type { Network } from './retry.ts';
import type { Result } from './summary.ts';
import { list, Masks, remoteText } from './text.ts';

/** Loads what talks to Cobo. The one place that does, so that the bundler makes one script of it. */
export const loadKeep = () => import('./keep.ts');

/** What to do with an envelope, after `start` in either case. */
export const A_RUN_WITH_IT = 'a run with the envelope as the input `recovery-envelope` (docs/recovery.md).';

/** The runner evaluates the inputs anew for the post step: one of these has changed. */
export function changedInput(...names: string[]): ActionError {
  const named = names.map((name) => `\`${name}\``).join(' or ');
  const message = `The input ${named} is not what it was in the main step, so nothing was sent.`;
  return new ActionError(
    'input-invalid',
    message,
    'Give it a value that stays the same until the job ends. Then re-run the job.',
  );
}

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
export class Run {
  readonly fate: Fate;
  /** The refresh token that the run was given, out of the envelope if there is one. */
  readonly held: Sealed | undefined;
  /** The stores, once they are read. */
  stores: Stores | undefined;
  /** Why the token in hand is not used, and a fresh pair is asked for. */
  doubt: ActionError | undefined;

  /** @throws ActionError `envelope-invalid` */
  constructor(
    readonly world: World,
    readonly inputs: Inputs,
    readonly masks: Masks,
    readonly delivery: Delivery,
    readonly cancellation: Cancellation,
    left?: Handover,
  ) {
    const { refreshToken, recoveryEnvelope, keys, clientId, writeBack } = inputs;
    const open = (envelope: string): Sealed => {
      const sealed = openEnvelope(envelope, keys.appSecret, clientId);
      masks.add(sealed.refreshToken);
      return sealed;
    };
    const reopen = (envelope: string) => {
      try {
        return open(envelope).refreshToken;
      } catch {
        throw changedInput('private-key', 'client-id');
      }
    };
    const successor = left?.envelope ? reopen(left.envelope) : undefined;
    const locks = writeBack?.refreshTokenSecret !== undefined;
    this.fate = new Fate(locks, (handover) => delivery.leave(handover), left, successor);
    if (recoveryEnvelope !== undefined) this.held = open(recoveryEnvelope);
    else if (refreshToken !== undefined) this.held = { refreshToken, lookedAt: undefined };
  }

  get network(): Network {
    const { delivery, world } = this;
    const { timeoutMs, maxAttempts } = this.inputs;
    const onDone: HttpOptions['onDone'] = ({ method, url }, ms, outcome) =>
      // No query, no body, no header that could hold a secret.
      delivery.debug(`${method} ${url.host}${url.pathname}: ${outcomeOf(outcome)} (${Math.round(ms)} ms)`);
    return { http: world.http, httpOptions: { timeoutMs, onDone }, clock: world.clock, log: delivery, maxAttempts };
  }

  /**
   * Connects to Cobo, and signs and seals once for nothing, while something else is under way: a job pays for
   * loading and compiling only where it waits anyway.
   */
  async rehearse(): Promise<void> {
    this.world.http.connectAhead(new URL(this.inputs.cobo.apiUrl));
    (await loadKeep()).rehearse(this.inputs);
  }

  /** Deletes the records of this run. @throws ActionError `record-left`; the post step tries again */
  async removeRecords(): Promise<void> {
    const { delivery, fate, stores } = this;
    const { recording } = fate.left;
    if (recording === null) return;
    const failed = (await stores?.records.remove()) ?? [];
    // A post step may not be able to read a store, or have other inputs.
    const mayHold = recording.records.filter((label) => !stores?.prepared.some((store) => store.label === label));
    const labels = [...failed.map(({ label }) => label), ...mayHold];
    // The step has written its last record.
    fate.note({ ...recording, recordedAt: recording.recordedAt ?? stores?.time ?? null, records: labels });
    if (labels.length === 0) return;
    const post = delivery.isPost ? '' : 'The post step of this job tries again. ';
    const named = list(labels.map((label) => `\`${label}\``));
    throw new ActionError(
      'record-left',
      `The in-flight record could not be deleted from ${named}: ${failed[0]?.reason ?? 'the post step could not look at every store'}.`,
      post + howToDelete(recording, labels),
    );
  }
}

/** @param labels of the stores that hold the record: each is a line of `secret-stores` */
function howToDelete({ name, kind }: Recording, labels: readonly string[]): string {
  const stores = readStores(labels.join('\n'), undefined);
  const commands = stores.map((store) => `\`${deletion(store, kind, name)}\``).join(', ');
  return `If the next run says that the token is in doubt, delete the record: ${commands}.`;
}

function outcomeOf(outcome: HttpAnswer | TransportError): string {
  if (outcome instanceof TransportError) return outcome.message;
  const { status, headers } = outcome;
  const id = remoteText(headers['x-github-request-id'] ?? headers['x-request-id'], 80);
  return `HTTP ${status}${id === '' ? '' : `, request ${id}`}`;
}

/**
 * Runs a step: reads the inputs, tells its story, and says what a failure means.
 * @param story gives the exit status
 * @param left what the main step has left, in the post step
 * @returns the exit status: 1 for every failure, 128 and the signal's number for a cancelled run
 */
export async function runStep(world: World, story: (run: Run) => Promise<number>, left?: Handover): Promise<number> {
  const masks: Masks = new Masks((secret) => delivery.mask(secret));
  const delivery = new Delivery(world.toolkit, masks, world.env, left !== undefined);
  // In the post step a token is at stake already: nobody has to read the log.
  if (left !== undefined) delivery.endure();
  const cancellation = new Cancellation(world.signals);
  let run: Run | undefined;
  try {
    const inputs = readInputs(world.toolkit, masks, world.env);
    // Not before the inputs are read: nothing may be printed while a secret is not masked.
    delivery.begin(inputs);
    run = new Run(world, inputs, masks, delivery, cancellation, left);
    return await story(run);
  } catch (thrown) {
    if (run !== undefined) return await fail(run, asActionError(thrown));
    const before: Partial<Handover> & Result = left ?? { state: 'unspent' };
    delivery.failed(withSuccessor(before.state, asActionError(thrown), delivery), before);
    const { recording, keepsRecord } = before;
    if (recording && !keepsRecord && recording.records.length > 0) {
      delivery.warning(`The in-flight record was not deleted. ${howToDelete(recording, recording.records)}`);
    }
    return 1;
  } finally {
    cancellation.close();
  }
}

/** Tells a failure, with everything that the run has won, and then cleans up. @returns the exit status */
async function fail(run: Run, error: ActionError): Promise<number> {
  const { cancellation, delivery, fate } = run;
  const { code } = error;
  // Whether it may have failed only because a signal has stopped the run.
  const isStopped = code === 'internal' || code === 'cancelled' || ('stopped' in error && error.stopped === true);
  const isCancelled = isStopped && cancellation.received !== undefined && fate.state === 'unspent';
  const told = isCancelled
    ? new ActionError('cancelled', 'The run was cancelled before the refresh token was used.', 'Re-run the job.')
    : withSuccessor(fate.state, error, delivery);
  delivery.failed(told, { ...fate.left, access: fate.access });
  // What could not be deleted is left to the post step, and what another run may count on to people.
  if (!fate.left.keepsRecord && code !== 'record-left' && code !== 'overtaken') {
    // After the error line, which must not wait for it.
    await run.removeRecords().catch((left: unknown) => {
      const { message, remedy } = asActionError(left);
      delivery.warning(`${message} ${remedy}`);
    });
  }
  return isCancelled ? cancellation.exitStatus : 1;
}

/** A failure that leaves the successor in the envelope, or in an output, says what to do with it. */
function withSuccessor(state: TokenState, error: ActionError, { isPost }: Delivery): ActionError {
  const { code, message, remedy, cause } = error;
  // After the job, no step can store it.
  if (state === 'delivered' && !isPost) {
    const first = 'Store that output first, in a step with `if: always()`: the token is nowhere else.';
    return new ActionError(code, message, `${first} ${remedy}`, { cause });
  }
  if (state !== 'sealed' || remedy.includes('envelope')) return error;
  // Without the envelope, the job run again would find the old token.
  const next = /re-run the job/i.test(remedy) ? `Start ${A_RUN_WITH_IT}` : `${remedy} Then start ${A_RUN_WITH_IT}`;
  return new ActionError(code, message, next, { cause });
}
