import { writeFileSync } from 'node:fs';
import type * as core from '@actions/core';
import { uptimeMs } from './clock.ts';
import type { AppKeyPair } from './cobo/app-key.ts';
import type { AccessToken } from './cobo/grant.ts';
import { type ActionError, ERROR_TITLES, type TokenState } from './errors.ts';
import type { Inputs } from './inputs.ts';
import type { Log } from './log.ts';
import type { Masks } from './masks.ts';
import { summaryOf } from './summary.ts';
import { utc, withoutCommands } from './text.ts';

/** What of the toolkit is used to tell results. */
export type Toolkit = Pick<
  typeof core,
  | 'getInput'
  | 'setSecret'
  | 'setOutput'
  | 'exportVariable'
  | 'info'
  | 'debug'
  | 'warning'
  | 'error'
  | 'startGroup'
  | 'endGroup'
>;

/** An access token that is handed out. */
export interface HandedOut extends AccessToken {
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** How a run ended, for outputs and summary. */
export interface Result {
  state: TokenState;
  access?: HandedOut | undefined;
  /** The rotated refresh token, when it is handed out instead of stored. */
  refreshToken?: string | undefined;
  /** The envelope that holds the rotated refresh token, when it could not be stored. */
  envelope?: string | undefined;
  /** Rows of the summary beside those that follow from the inputs and the rest. */
  facts?: [name: string, value: string][];
}

/** What each state means for the refresh token, as the error line says it. */
const STATE_SENTENCES: Record<TokenState, string> = {
  unspent: 'The refresh token is unspent: this run did not use it up.',
  stored: 'The rotated refresh token is safe in every store.',
  delivered: 'The rotated refresh token is in the output `refresh-token`.',
  kept: 'Cobo sent no new refresh token, so the one in use stays valid.',
  reused: 'The refresh token was not used.',
  sealed:
    'The rotated refresh token is sealed in the recovery envelope: start the next run with it as the input `recovery-envelope`.',
  unknown: 'The refresh token may be spent, and nobody holds its successor.',
};

/** Tells everything that the workflow and its reader learn: log, outputs, environment variable, summary. */
export class Delivery implements Log {
  readonly #toolkit: Toolkit;
  readonly #masks: Masks;
  readonly #env: NodeJS.ProcessEnv;
  #keys: AppKeyPair | undefined;
  #accessTokenEnv: string | undefined;
  /** Rows that every summary begins with. */
  readonly #facts: [name: string, value: string][] = [];
  #envelopeShown = false;
  #group: { title: string; open: boolean } | undefined;
  /** Milliseconds since the process began. */
  #phaseBegan = 0;

  constructor(toolkit: Toolkit, masks: Masks, env: NodeJS.ProcessEnv) {
    this.#toolkit = toolkit;
    this.#masks = masks;
    this.#env = env;
  }

  info(line: string): void {
    this.#openGroup();
    this.#toolkit.info(this.#clean(line));
  }

  debug(line: string): void {
    // So the runner tells that somebody wants to see it; otherwise it would drop the line.
    if (this.#env.RUNNER_DEBUG !== '1') return;
    this.#openGroup();
    this.#toolkit.debug(this.#clean(line));
  }

  warning(line: string): void {
    this.#toolkit.warning(this.#clean(line));
  }

  /** Ends a phase of the run, and tells its share of the time in the debug log. */
  phase(name: string, now = uptimeMs()): void {
    this.debug(`time ${name.padEnd(8)} ${(now - this.#phaseBegan).toFixed(1)} ms`);
    this.#phaseBegan = now;
  }

  /**
   * Runs one step of the story. What it tells meanwhile goes into a group of the log, which is opened by the
   * first such line, and one line below it says what came of the step and how long it took.
   */
  async step<T>(title: string, work: () => Promise<T>, outcome: (result: T) => string): Promise<T> {
    const started = uptimeMs();
    this.#group = { title, open: false };
    let result: T;
    try {
      result = await work();
    } finally {
      if (this.#group.open) this.#toolkit.endGroup();
      this.#group = undefined;
    }
    this.info(`${outcome(result)} (${Math.round(uptimeMs() - started)} ms)`);
    return result;
  }

  #openGroup(): void {
    if (this.#group === undefined || this.#group.open) return;
    this.#group.open = true;
    this.#toolkit.startGroup(this.#group.title);
  }

  /** What outputs and summary need of the inputs. */
  begin({ keys, accessTokenEnv, cobo }: Pick<Inputs, 'keys' | 'accessTokenEnv' | 'cobo'>): void {
    this.#keys = keys;
    this.#accessTokenEnv = accessTokenEnv;
    this.#facts.push(['Cobo', `${cobo.environment}, ${new URL(cobo.apiUrl).host}`]);
  }

  /** Puts out the app key, once; at the latest with the other outputs. */
  tellAppKey(): void {
    if (this.#keys !== undefined) this.#toolkit.setOutput('app-key', this.#keys.appKey);
    this.#keys = undefined;
  }

  /**
   * Puts the envelope into the summary before storing begins. A process that is killed in that moment
   * leaves it there; the summary of a run that went well replaces it.
   */
  insure(envelope: string): void {
    this.#summarize({ state: 'sealed', envelope }, undefined);
  }

  /** Prints the envelope: ciphertext, which is safe to show. */
  showEnvelope(envelope: string): void {
    if (this.#envelopeShown) return;
    this.#envelopeShown = true;
    this.info(`recovery-envelope: ${envelope}`);
  }

  /** Hands out everything that a run has won. Synchronous, so that no signal comes between. */
  succeeded(result: Result): void {
    this.#outputs(result);
    this.#summarize(result, undefined);
  }

  /**
   * The one error line, and whatever the run has won nevertheless. The envelope is in log and summary before
   * the outputs tell of it: whoever kills the process in between leaves nothing untrue behind.
   */
  failed(error: ActionError, result: Result): void {
    error.tokenState = result.state;
    if (error.code === 'internal') this.debug(stackOf(error.cause));
    if (result.envelope !== undefined) this.showEnvelope(result.envelope);
    this.#summarize(result, error);
    try {
      this.#outputs(result);
    } catch {
      // A full disk, for instance. The error line must come all the same, and says the state.
      this.warning('The outputs could not be written.');
    }
    this.#toolkit.error(this.#clean(this.#explain(error, result.state)), {
      title: ERROR_TITLES[error.code],
    });
    // Past the gate: whoever reads a raw log should find it, in docs/errors.md too.
    this.#toolkit.debug(`error code: ${error.code}`);
  }

  /** The last gate before the log: no secret, and no command, whoever the text comes from. */
  #clean(line: string): string {
    return withoutCommands(this.#masks.redact(line));
  }

  #explain(error: ActionError, state: TokenState): string {
    return [error.message, STATE_SENTENCES[state], error.remedy, `[token-state: ${state}]`]
      .filter(Boolean)
      .join(' ');
  }

  #outputs({ state, access, refreshToken, envelope }: Result): void {
    this.tellAppKey();
    if (access !== undefined) {
      this.#toolkit.setOutput('access-token', access.accessToken);
      this.#toolkit.setOutput('token-type', access.tokenType);
      this.#toolkit.setOutput('scope', access.scope);
      this.#toolkit.setOutput('expires-in', String(access.expiresIn));
      this.#toolkit.setOutput('expires-at', utc(access.expiresAt));
      if (this.#accessTokenEnv !== undefined)
        this.#toolkit.exportVariable(this.#accessTokenEnv, access.accessToken);
    }
    if (refreshToken !== undefined) this.#toolkit.setOutput('refresh-token', refreshToken);
    if (envelope !== undefined) this.#toolkit.setOutput('recovery-envelope', envelope);
    this.#toolkit.setOutput('token-state', state);
  }

  /** Written past the toolkit, whose way takes several turns of the event loop: this must not be torn apart. */
  #summarize(result: Result, error: ActionError | undefined): void {
    // Runners that know no summaries leave the variable out.
    const file = this.#env.GITHUB_STEP_SUMMARY;
    if (!file) return;
    const text = this.#masks.redact(
      summaryOf(
        { ...result, facts: [...this.#facts, ...(result.facts ?? [])] },
        error,
        STATE_SENTENCES[result.state],
      ),
    );
    try {
      writeFileSync(file, text);
    } catch {
      // The outputs and the log say the same; a full disk must not turn a stored token into a failure.
      this.warning('The job summary could not be written.');
    }
  }
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.name) : typeof thrown;
}
