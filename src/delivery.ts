import { writeFileSync } from 'node:fs';
import type * as core from '@actions/core';
import { uptimeMs } from './clock.ts';
import { ActionError, ERROR_TITLES } from './errors.ts';
import { HANDOVER, type Handover } from './fate.ts';
import type { Inputs } from './inputs.ts';
import { errorLine, type Fact, type Result, summaryOf } from './summary.ts';
import { type Log, type Masks, utc, withoutCommands } from './text.ts';

/** The functions of the toolkit that are used. */
export type Toolkit = Pick<
  typeof core,
  | 'debug'
  | 'error'
  | 'exportVariable'
  | 'getInput'
  | 'getState'
  | 'info'
  | 'saveState'
  | 'setOutput'
  | 'setSecret'
  | 'warning'
>;

const LOG = 'The log of this step cannot be written.';
const FILES = "The runner's files for outputs and state cannot be written.";

/**
 * Tells everything that the workflow and its reader learn: log, outputs, state, environment variable, summary.
 *
 * Until `endure` is called, something that cannot be told ends the run. After that nothing that fails to be
 * told (a closed pipe, a full disk) ends or hinders anything: the successor of a refresh token has to be kept.
 */
export class Delivery implements Log {
  readonly #toolkit: Toolkit;
  readonly #masks: Masks;
  readonly #env: NodeJS.ProcessEnv;
  /** The post step has no outputs. */
  readonly isPost: boolean;
  #accessTokenEnv: string | undefined;
  readonly #facts: Fact[] = [];
  readonly #warnings: string[] = [];
  #enduring = false;
  #envelopeShown = false;
  /** Whether the summary tells of an envelope: then it has to tell what became of it, too. */
  #envelopeSummed = false;

  constructor(toolkit: Toolkit, masks: Masks, env: NodeJS.ProcessEnv, isPost: boolean) {
    this.#toolkit = toolkit;
    this.#masks = masks;
    this.#env = env;
    this.isPost = isPost;
  }

  /** From here on nothing that fails to be told ends the run. */
  endure(): void {
    this.#enduring = true;
  }

  /** @returns whether it was told @throws ActionError `runner-files`, unless the run endures */
  #tell(telling: () => void, problem = LOG): boolean {
    try {
      telling();
      return true;
    } catch (error) {
      if (!this.#enduring) throw noFiles(problem, error);
      return false;
    }
  }

  /** Registers a secret with the runner. */
  mask(secret: string): void {
    this.#tell(() => this.#toolkit.setSecret(secret));
  }

  info(line: string): void {
    this.#tell(() => this.#toolkit.info(this.#clean(line)));
  }

  debug(line: string): void {
    // The runner sets it when somebody wants to see debug lines; otherwise it would drop them.
    if (this.#env.RUNNER_DEBUG !== '1') return;
    this.#tell(() => this.#toolkit.debug(this.#clean(line)));
  }

  warning(line: string): void {
    const text = this.#clean(line);
    this.#warnings.push(text);
    this.#tell(() => this.#toolkit.warning(text));
  }

  /** Does a part of the work, and says in one line how it ended and how long it took. */
  async step<T>(work: () => Promise<T>, outcome: (result: T) => string): Promise<T> {
    const started = uptimeMs();
    const result = await work();
    this.info(`${outcome(result)} (${Math.round(uptimeMs() - started)} ms)`);
    return result;
  }

  /** What outputs and summary need of the inputs. Puts out the app key. */
  begin({ keys, accessTokenEnv, cobo }: Pick<Inputs, 'keys' | 'accessTokenEnv' | 'cobo'>): void {
    this.#accessTokenEnv = accessTokenEnv;
    this.#facts.push(['Cobo', cobo.isCustom ? 'custom URL' : cobo.environment]);
    if (!this.isPost) this.#output('app-key', keys.appKey);
  }

  /**
   * Writes down how things stand, for the reader of a process that is killed: outputs and state, and with an
   * envelope the summary too. Synchronous, so that no signal comes between.
   * @throws ActionError `runner-files`, unless the run endures
   */
  leave(handover: Handover): void {
    const { state, envelope } = handover;
    if (!this.isPost) {
      // The state first: a post step that knows less than the outputs would send a spent token again.
      this.#tell(() => this.#toolkit.saveState(HANDOVER, JSON.stringify(handover)), FILES);
      this.#outputs({ state, envelope });
    }
    this.#envelopeSummed ||= envelope !== null;
    if (this.#envelopeSummed) this.#summarize({ state, envelope }, undefined);
  }

  /** Prints the envelope, once. It is ciphertext and safe to show. */
  showEnvelope(envelope: string): void {
    if (this.#envelopeShown) return;
    this.#envelopeShown = true;
    this.info(`recovery-envelope: ${envelope}`);
  }

  /**
   * Hands out the successor.
   * @returns whether the output could be written
   */
  handOut(refreshToken: string): boolean {
    return this.#output('refresh-token', refreshToken);
  }

  /** Hands out everything that a run has won, and sums it up. @throws ActionError `runner-files` */
  succeeded(result: Result): void {
    this.endure();
    if (!this.#outputs(result))
      throw noFiles('The outputs or the environment variable of this step could not be written.');
    this.#summarize(result, undefined);
  }

  /** The one error line, and whatever the run has won all the same. */
  failed(error: ActionError, result: Result): void {
    this.endure();
    if (error.code === 'internal' || error.code === 'runner-files') this.debug(stackOf(error));
    if (typeof result.envelope === 'string') this.showEnvelope(result.envelope);
    this.#summarize(result, error);
    if (!this.#outputs(result) && error.code !== 'runner-files')
      this.warning('Some outputs of this step could not be written.');
    this.#tell(() => {
      const line = this.#clean(errorLine(error, result.state, this.#env));
      this.#toolkit.error(line, { title: ERROR_TITLES[error.code] });
    });
  }

  /** The last check before the log: no secret, and no command, wherever the text comes from. */
  #clean(line: string): string {
    return withoutCommands(this.#masks.redact(line));
  }

  #output(name: string, value: string): boolean {
    return this.#tell(() => this.#toolkit.setOutput(name, value), FILES);
  }

  /** @returns whether all could be written. The state first, the environment variable last. */
  #outputs({ state, access, envelope }: Result): boolean {
    if (this.isPost) return true;
    const outputs: [string, string][] = [
      ['token-state', state],
      ['recovery-envelope', envelope ?? ''],
    ];
    // `sealed` never stands without its envelope.
    if (envelope) outputs.reverse();
    if (access !== undefined) {
      outputs.push(
        ['access-token', access.accessToken],
        ['token-type', access.tokenType],
        ['scope', access.scope],
        ['expires-in', String(access.expiresIn)],
        ['expires-at', utc(access.expiresAt)],
      );
    }
    const told = outputs.map(([name, value]) => this.#output(name, value));
    const variable = this.#accessTokenEnv;
    if (access !== undefined && variable !== undefined) {
      told.push(this.#tell(() => this.#toolkit.exportVariable(variable, access.accessToken)));
    }
    return told.every(Boolean);
  }

  /** Written past the toolkit, which takes several turns of the event loop: this must not be interrupted. */
  #summarize(result: Result, error: ActionError | undefined): void {
    // Some runners have no summaries.
    const file = this.#env.GITHUB_STEP_SUMMARY;
    if (!file) return;
    const facts = [...this.#facts, ...(result.facts ?? [])];
    const circumstances = { error, warnings: this.#warnings, isPost: this.isPost };
    try {
      writeFileSync(file, this.#masks.redact(summaryOf({ ...result, facts }, circumstances)));
    } catch {
      // Outputs and log say the same.
      this.debug('the job summary could not be written');
    }
  }
}

function noFiles(problem: string, cause?: unknown): ActionError {
  const remedy = 'Check that the disk of the runner is not full, and re-run the job.';
  return new ActionError('runner-files', problem, remedy, { cause });
}

/** What the debug log says of a defect. */
function stackOf({ cause }: ActionError): string {
  return cause instanceof Error ? (cause.stack ?? cause.name) : typeof cause;
}
