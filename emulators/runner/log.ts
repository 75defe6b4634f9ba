import { type Command, isKnownCommand, parseCommand } from './command.ts';
import { Masker } from './masker.ts';
import type { StepResult } from './result.ts';

export type AnnotationLevel = 'error' | 'warning' | 'notice';

/** What `::error::` and its like leave on the run's page. */
export interface Annotation {
  level: AnnotationLevel;
  title: string;
  message: string;
}

export interface LogOptions {
  /** Shows debug messages in the log, as a run with step debug logging does. */
  debug?: boolean | undefined;
  /** What the runner hides from the start: the secrets of the job. */
  inheritMasks?: readonly string[] | undefined;
  /** Told of each line as the log shows it. */
  onLine?: ((maskedLine: string) => void) | undefined;
}

/**
 * The log of one step: takes the lines that the process writes, carries out the workflow commands among
 * them, and keeps what a user sees. A mask hides what comes after it; earlier lines stay as they are.
 */
export class StepLog {
  readonly masker = new Masker();
  /** What the process wrote, line by line. */
  readonly raw: string[] = [];
  /** What a user sees. */
  readonly shown: string[] = [];
  readonly annotations: Annotation[] = [];
  /** The annotations as the process meant them, unmasked. */
  readonly rawAnnotations: Annotation[] = [];
  readonly debug: string[] = [];
  /** Commands that the runner has deprecated or refuses, by name and key. */
  readonly violations: string[] = [];
  readonly #options: LogOptions;
  #echo: boolean;
  #stopToken: string | undefined;

  constructor(options: LogOptions = {}) {
    this.#options = options;
    this.#echo = options.debug ?? false;
    for (const value of options.inheritMasks ?? []) this.#addMask(value);
  }

  /** One line of stdout or stderr, without its line break. */
  write(line: string): void {
    this.raw.push(line);
    const command = parseCommand(line, this.#stopToken);
    if (command === undefined) this.#show(line);
    else if (this.#stopToken === undefined) this.#obey(command, line);
    else if (command.name === this.#stopToken.toLowerCase()) this.#stopToken = undefined;
    else this.#show(line);
  }

  /** An error that the runner itself adds to the step's log, masked like the rest. */
  complain(message: string): void {
    this.#show(`##[error]${message}`);
  }

  /** Everything that is kept, for the result of the step. */
  seen(): Pick<StepResult, 'log' | 'rawLog' | 'masks' | 'annotations' | 'rawAnnotations' | 'debug' | 'violations'> {
    const { annotations, rawAnnotations, debug, violations } = this;
    const log = this.shown.join('\n');
    const rawLog = this.raw.join('\n');
    return { log, rawLog, masks: this.masker.values, annotations, rawAnnotations, debug, violations };
  }

  #obey({ name, properties, data }: Command, line: string): void {
    switch (name) {
      case 'add-mask':
        if (this.#echo) this.#show('::add-mask::***');
        if (data.trim() === '') {
          this.#annotate('warning', '', "Can't add secret mask for empty string in ##[add-mask] command.");
        }
        this.#addMask(data);
        break;
      case 'error':
      case 'warning':
      case 'notice':
        this.#annotate(name, properties['title'] ?? '', data);
        break;
      case 'debug':
        this.debug.push(...this.masker.mask(data).split(/\r?\n/));
        if (this.#options.debug) this.#show(`##[debug]${data}`);
        break;
      case 'group':
        this.#show(`##[group]${data}`);
        break;
      case 'endgroup':
        this.#show('##[endgroup]');
        break;
      case 'echo':
        this.#echo = data.trim().toLowerCase() === 'on';
        break;
      case 'stop-commands':
        // The runner refuses a token that is a command of its own.
        if (data.trim() === '' || isKnownCommand(data)) this.violations.push(`stop-commands ${data}`);
        else this.#stopToken = data;
        break;
      case 'set-output':
      case 'save-state':
      case 'set-env':
      case 'add-path':
        this.violations.push(`${name} ${properties['name'] ?? ''}`.trim());
        if (this.#echo) this.#show(line);
        break;
      default:
        // Problem matchers change nothing that this emulation keeps.
        if (this.#echo) this.#show(line);
    }
  }

  #addMask(value: string): void {
    this.masker.add(value);
    for (const line of value.split(/[\r\n]+/)) if (line !== value) this.masker.add(line);
  }

  #annotate(level: AnnotationLevel, title: string, message: string): void {
    this.rawAnnotations.push({ level, title, message });
    this.annotations.push({ level, title: this.masker.mask(title), message: this.masker.mask(message) });
    this.#show(`##[${level}]${message}`);
  }

  /** A message of several lines is masked as one text, then shown line by line. */
  #show(text: string): void {
    for (const line of this.masker.mask(text).split(/\r\n|\n|\r/)) {
      this.shown.push(line);
      this.#options.onLine?.(line);
    }
  }
}
