import type { Toolkit } from '../../src/delivery.ts';
import type { Log } from '../../src/text.ts';

/** Something that the toolkit was asked to tell. */
export interface Told {
  kind: 'mask' | 'output' | 'state' | 'env' | 'info' | 'debug' | 'warning' | 'error';
  /** The name of an output, a state or a variable; the title of an error. */
  name: string;
  text: string;
}

/** A toolkit that keeps what it is told, and fails on demand. */
export class RecordingToolkit {
  readonly told: Told[] = [];
  /** Throws for what cannot be told, such as a line to a closed pipe. Called before each entry is kept. */
  onTell: (told: Told) => void = () => undefined;

  /**
   * @param inputs by name, as in `with:`
   * @param saved what the main step has saved, for a post step
   */
  constructor(
    private readonly inputs: Readonly<Record<string, string | undefined>> = {},
    private readonly saved: Readonly<Record<string, string>> = {},
  ) {}

  readonly toolkit: Toolkit = {
    getInput: (name, options) => {
      const value = this.inputs[name] ?? '';
      return options?.trimWhitespace === false ? value : value.trim();
    },
    getState: (name) => this.saved[name] ?? '',
    setSecret: (secret) => this.#tell('mask', '', secret),
    setOutput: (name, value) => this.#tell('output', name, String(value)),
    saveState: (name, value) => this.#tell('state', name, String(value)),
    exportVariable: (name, value) => this.#tell('env', name, String(value)),
    info: (line) => this.#tell('info', '', line),
    debug: (line) => this.#tell('debug', '', line),
    warning: (line) => this.#tell('warning', '', String(line)),
    error: (line, properties) => this.#tell('error', properties?.title ?? '', String(line)),
  };

  #tell(kind: Told['kind'], name: string, text: string): void {
    const told = { kind, name, text };
    this.onTell(told);
    this.told.push(told);
  }

  /** All texts of one kind, in order. */
  texts(kind: Told['kind']): string[] {
    return this.told.filter((one) => one.kind === kind).map(({ text }) => text);
  }

  /** The last value of each output, as the runner takes it. */
  get outputs() {
    return this.#last('output');
  }

  /** What a post step gets. */
  get state() {
    return this.#last('state');
  }

  get env() {
    return this.#last('env');
  }

  #last(kind: Told['kind']): Record<string, string> {
    const entries = this.told.filter((one) => one.kind === kind);
    return Object.fromEntries(entries.map(({ name, text }) => [name, text]));
  }
}

/** A log that keeps its lines. */
export class KeptLog implements Log {
  readonly lines: string[] = [];
  readonly warnings: string[] = [];

  readonly info = (line: string): number => this.lines.push(line);
  readonly debug = this.info;
  readonly warning = (line: string): number => this.warnings.push(line);
}
