import { writeFileSync } from 'node:fs';
import type * as core from '@actions/core';
import { uptimeMs } from './clock.ts';
import { ActionError, ERROR_TITLES } from './errors.ts';
import { HANDOVER, type Handover } from './fate.ts';
import type { Inputs } from './inputs.ts';
import { errorLine, type Fact, type Result, summaryOf } from './summary.ts';
import { type Log, type Masks, utc, withoutCommands } from './text.ts';

/** The functions of the toolkit that are used. */
export type Toolkit = Pick<typeof core, Reading | Logging | Writing>;
type Reading = 'getInput' | 'getState';
type Logging = 'debug' | 'error' | 'info' | 'setSecret' | 'warning';
type Writing = 'exportVariable' | 'saveState' | 'setOutput';

/**
 * Tells everything that the workflow and its reader learn: log, outputs, state, environment variable, summary.
 * What cannot be told (a closed pipe, a full disk) ends the run with `runner-files`, but not once it endures: then
 * the successor of a refresh token has to be kept.
 */
export class Delivery implements Log {
  #accessTokenEnv: string | undefined;
  readonly #facts: Fact[] = [];
  readonly #warnings: string[] = [];
  #isEnduring = false;
  #isEnvelopeShown = false;
  /** Whether the summary tells of an envelope: then it has to tell what became of it, too. */
  #isEnvelopeSummed = false;
  /** From then on the summary tells of the failure, and nothing replaces it. */
  #failure: [Result, ActionError] | undefined;

  constructor(
    private readonly toolkit: Toolkit,
    private readonly masks: Masks,
    private readonly env: NodeJS.ProcessEnv,
    readonly isPost: boolean,
  ) {}

  /** From here on nothing that fails to be told ends the run. */
  endure(): void {
    this.#isEnduring = true;
  }

  /** Registers a secret with the runner. */
  mask(secret: string): void {
    this.#tell(() => this.toolkit.setSecret(secret));
  }

  info(line: string): void {
    this.#tell(() => this.toolkit.info(this.#clean(line)));
  }

  debug(line: string): void {
    // Otherwise the runner would drop the line.
    if (this.env.RUNNER_DEBUG === '1') this.#tell(() => this.toolkit.debug(this.#clean(line)));
  }

  warning(line: string): void {
    const text = this.#clean(line);
    // A store tells that it is full each time a record is written.
    if (this.#warnings.includes(text)) return;
    this.#warnings.push(text);
    this.#tell(() => this.toolkit.warning(text));
    if (this.#failure !== undefined) this.#summarize(...this.#failure);
  }

  /** Does a part of the work, and says in one line how it ended, if that is worth a line, and how long it took. */
  async step<T>(work: () => Promise<T>, outcome: (result: T) => string | undefined): Promise<T> {
    const started = uptimeMs();
    const result = await work();
    const line = outcome(result);
    if (line !== undefined) this.info(`${line} (${Math.round(uptimeMs() - started)} ms)`);
    return result;
  }

  /** What outputs and summary need of the inputs. Puts out the app key. */
  begin({ keys, accessTokenEnv, cobo }: Pick<Inputs, 'keys' | 'accessTokenEnv' | 'cobo'>): void {
    this.#accessTokenEnv = accessTokenEnv;
    this.#facts.push(['Cobo', cobo.isCustom ? 'custom URL' : cobo.environment]);
    this.#write('setOutput', 'app-key', keys.appKey);
  }

  /**
   * Writes down how things stand, for the reader of a process that is killed: state and outputs, and with an
   * envelope the summary too. Synchronous, so that no signal comes between.
   */
  leave(handover: Handover): void {
    const { state, envelope } = handover;
    // The state first: a post step that knows less than the outputs would send a spent token again.
    this.#write('saveState', HANDOVER, JSON.stringify(handover));
    this.#putOut({ state, envelope });
    this.#isEnvelopeSummed ||= envelope !== null;
    if (this.#isEnvelopeSummed && this.#failure === undefined) this.#summarize({ state, envelope });
  }

  /** Prints the envelope, once. It is ciphertext and safe to show. */
  showEnvelope(envelope: string): void {
    if (!this.#isEnvelopeShown) this.info(`recovery-envelope: ${envelope}`);
    this.#isEnvelopeShown = true;
  }

  /** Hands out the successor. @returns whether the output could be written */
  handOut(refreshToken: string): boolean {
    return this.#write('setOutput', 'refresh-token', refreshToken);
  }

  /** Hands out everything that a run has won, and sums it up. @throws ActionError `runner-files` */
  succeeded(result: Result): void {
    this.endure();
    if (!this.#putOut(result)) {
      throw noFiles('The outputs or the environment variable of this step could not be written.');
    }
    this.#summarize(result);
  }

  /** The one error line, and whatever the run has won all the same. */
  failed(error: ActionError, result: Result): void {
    this.endure();
    const { code, cause } = error;
    const hidesCause = code === 'internal' || code === 'runner-files';
    if (hidesCause) this.debug(cause instanceof Error ? `${cause.stack}` : typeof cause);
    if (typeof result.envelope === 'string') this.showEnvelope(result.envelope);
    this.#summarize(result, error);
    const isPutOut = this.#putOut(result);
    if (!isPutOut && code !== 'runner-files') this.warning('Some outputs of this step could not be written.');
    const line = this.#clean(errorLine(error, result.state, this.env));
    this.#tell(() => this.toolkit.error(line, { title: ERROR_TITLES[code] }));
    this.#failure = [result, error];
  }

  /** The last check before the log: no secret, and no command, wherever the text comes from. */
  #clean(line: string): string {
    return withoutCommands(this.masks.redact(line));
  }

  /** @returns whether it was told */
  #tell(telling: () => void, problem = 'The log of this step cannot be written.'): boolean {
    try {
      telling();
      return true;
    } catch (error) {
      if (!this.#isEnduring) throw noFiles(problem, error);
      return false;
    }
  }

  /** Writes into a file of the runner; the post step has none. @returns whether it was written */
  #write(how: Writing, name: string, value: string): boolean {
    const problem = "The runner's files for outputs and state cannot be written.";
    return this.isPost || this.#tell(() => this.toolkit[how](name, value), problem);
  }

  /** Writes the outputs, and the environment variable last. @returns whether all could be written */
  #putOut({ state, access, envelope }: Result): boolean {
    const outputs = {
      // With an envelope, `sealed` comes after it: it never stands without one.
      ...(envelope ? { 'recovery-envelope': envelope } : {}),
      'token-state': state,
      'recovery-envelope': envelope ?? '',
      ...(access && {
        'access-token': access.accessToken,
        'token-type': access.tokenType,
        scope: access.scope,
        'expires-in': String(access.expiresIn),
        'expires-at': utc(access.expiresAt),
      }),
    };
    const told = Object.entries(outputs).map(([name, value]) => this.#write('setOutput', name, value));
    if (access !== undefined && this.#accessTokenEnv !== undefined) {
      told.push(this.#write('exportVariable', this.#accessTokenEnv, access.accessToken));
    }
    return told.every(Boolean);
  }

  /** Written past the toolkit, which takes several turns of the event loop: this must not be interrupted. */
  #summarize(result: Result, error?: ActionError): void {
    // Some runners have no summaries.
    const file = this.env.GITHUB_STEP_SUMMARY;
    if (!file) return;
    const facts = [...this.#facts, ...(result.facts ?? [])];
    // Before they are escaped: no mask would find a secret with `&` or `<` in it after that.
    const clean = (text: string) => this.masks.redact(text);
    const told = error && new ActionError(error.code, clean(error.message), clean(error.remedy));
    const story = { ...result, facts, error: told, warnings: this.#warnings, isPost: this.isPost };
    try {
      writeFileSync(file, this.masks.redact(summaryOf(story)));
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
