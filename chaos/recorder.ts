import { readFileSync, writeFileSync } from 'node:fs';
import { StepLog } from '../emulators/runner/log.ts';
import type { Toolkit } from '../src/delivery.ts';
import type { Ending } from './act.ts';

const DATA: Record<string, string> = { '%': '%25', '\r': '%0D', '\n': '%0A' };

/**
 * Stands in for the toolkit within one process: what the action tells goes through the runner's own log,
 * so that masks work as they do there. After `freeze` nothing counts any more, as after a kill.
 */
export class Recorder {
  readonly #log = new StepLog();
  readonly #outputs: Record<string, string> = {};
  readonly #inputs: Readonly<Record<string, string>>;
  readonly #summaryFile: string;
  readonly #onCall: () => void;
  #frozen: Ending | undefined;

  /** @param onCall told before each call, for interruptions between two of them */
  constructor(inputs: Readonly<Record<string, string>>, summaryFile: string, onCall: () => void) {
    this.#inputs = inputs;
    this.#summaryFile = summaryFile;
    this.#onCall = onCall;
    writeFileSync(summaryFile, '');
  }

  get toolkit(): Toolkit {
    const toolkit = {
      getInput: (name, options) => {
        const value = this.#inputs[name] ?? '';
        return options?.trimWhitespace === false ? value : value.trim();
      },
      setSecret: (secret) => this.#command('add-mask', secret),
      setOutput: (name, value: unknown) => this.#tell(() => (this.#outputs[name] = String(value))),
      exportVariable: () => this.#tell(() => undefined),
      info: (line) => this.#tell(() => this.#lines(line)),
      debug: (line) => this.#command('debug', line),
      warning: (message) => this.#command('warning', String(message)),
      error: (message, properties) => this.#command('error', String(message), properties?.title),
      startGroup: (name: string) => this.#command('group', name),
      endGroup: () => this.#command('endgroup', ''),
    } satisfies Toolkit & Record<'startGroup' | 'endGroup', unknown>;
    return toolkit;
  }

  /** What there is to see now; from here on nothing is added. */
  freeze(exitCode: number | null, killedBy?: string): Ending {
    this.#frozen ??= {
      exitCode,
      killed: killedBy !== undefined,
      killedBy,
      outputs: { ...this.#outputs },
      log: this.#log.shown.join('\n'),
      annotations: [...this.#log.annotations],
      debug: [...this.#log.debug],
      rawSummary: readFileSync(this.#summaryFile, 'utf8'),
    };
    return this.#frozen;
  }

  #tell(write: () => unknown): void {
    this.#onCall();
    if (this.#frozen === undefined) write();
  }

  #lines(text: string): void {
    for (const line of text.split(/\r\n|\n|\r/)) this.#log.write(line);
  }

  #command(name: string, data: string, title?: string): void {
    const escaped = data.replace(/[%\r\n]/g, (char) => DATA[char] ?? char);
    this.#tell(() => this.#log.write(`::${name}${title === undefined ? '' : ` title=${title}`}::${escaped}`));
  }
}
