import { readFileSync, writeFileSync } from 'node:fs';
import { parseCommand } from '../emulators/runner/command.ts';
import { findLeaks } from '../emulators/runner/leaks.ts';
import { StepLog } from '../emulators/runner/log.ts';
import type { Toolkit } from '../src/delivery.ts';
import { inputOf } from './parsers.ts';
import { LONG_SECRETS, SECRETS } from './secrets.ts';

const DATA: Record<string, string> = { '%': '%25', '\r': '%0D', '\n': '%0A' };
const PROPERTY: Record<string, string> = { ...DATA, ':': '%3A', ',': '%2C' };
/** GitHub shows no summary that is longer. */
const LONGEST_SUMMARY = 1024 * 1024;

/**
 * Stands in for the toolkit, and has all that it is told go through the runner's own log: what the action
 * writes as a line has to stay one, and a command has to arrive as the command that was meant.
 */
export class Witness {
  readonly breaches: string[] = [];
  readonly outputs: Record<string, string> = {};
  readonly errors: string[] = [];
  readonly #log = new StepLog();
  readonly #inputs: Record<string, string>;
  readonly #summary: string;
  readonly #secrets: readonly string[];
  #open = 0;

  /** @param summary the file of the job summary */
  constructor(inputs: Record<string, string>, summary: string) {
    this.#inputs = inputs;
    this.#summary = summary;
    // A short token that this run was not given is no secret to it.
    const { refreshToken } = SECRETS;
    this.#secrets = inputs['refresh-token'] === refreshToken ? [...LONG_SECRETS, refreshToken] : LONG_SECRETS;
    writeFileSync(summary, '');
  }

  get toolkit(): Toolkit {
    return {
      getInput: inputOf(this.#inputs),
      setSecret: (secret) => this.#command('add-mask', {}, secret),
      setOutput: (name, value: unknown) => {
        this.outputs[name] = String(value);
      },
      exportVariable: () => undefined,
      info: (line) => this.#line(line),
      debug: (line) => this.#command('debug', {}, line),
      warning: (message) => this.#command('warning', {}, String(message)),
      error: (message, properties) => {
        this.errors.push(String(message));
        this.#command('error', { title: properties?.title ?? '' }, String(message));
      },
      startGroup: (name) => {
        this.#open++;
        this.#command('group', {}, name);
      },
      endGroup: () => {
        this.#open--;
        this.#command('endgroup', {}, '');
      },
    };
  }

  /** Everything that is wrong with what the run has left behind. */
  breachesOf(): string[] {
    const rawSummary = readFileSync(this.#summary, 'utf8');
    const { shown, debug, annotations, violations } = this.#log;
    const leaks = findLeaks({ log: shown.join('\n'), debug, annotations, rawSummary }, this.#secrets);
    const found = [...this.breaches, ...leaks, ...violations];
    if (this.#open !== 0) found.push(`${this.#open} groups stay open`);
    if (rawSummary.length > LONGEST_SUMMARY) found.push(`a summary of ${rawSummary.length} characters`);
    if (rawSummary.includes('<')) found.push('HTML in the summary');
    return found;
  }

  /** The runner hides secrets, too; the action is not to rely on it. */
  #bare(text: string): void {
    for (const [index, secret] of this.#secrets.entries()) {
      if (text.includes(secret)) this.breaches.push(`secret ${index + 1} is handed to the runner`);
    }
  }

  #line(text: string): void {
    this.#bare(text);
    // An envelope is as long as what it holds, and has no blanks in it.
    const isLong = text.length > 4_000 && !text.startsWith('recovery-envelope: ');
    if (isLong) this.breaches.push(`a line of ${text.length} characters`);
    if (/[\p{C}\p{Zl}\p{Zp}]/u.test(text)) this.breaches.push(`control characters: ${JSON.stringify(text)}`);
    for (const line of text.split(/\r\n|\n|\r/)) {
      if (line.trimStart().startsWith('::') || line.includes('##[') || parseCommand(line) !== undefined) {
        this.breaches.push(`a command in the line ${JSON.stringify(line)}`);
      }
      this.#log.write(line);
    }
  }

  #command(name: string, properties: Record<string, string>, data: string): void {
    if (name !== 'add-mask' && name !== 'group') this.#bare(data);
    const told = Object.entries(properties).map(([key, value]) => ` ${key}=${escaped(value, PROPERTY)}`);
    const line = `::${name}${told.join(',')}::${escaped(data, DATA)}`;
    const meant = parseCommand(line);
    if (meant?.name !== name || meant.data !== data)
      this.breaches.push(`another command: ${JSON.stringify(line)}`);
    if (name !== 'add-mask' && data.includes('##['))
      this.breaches.push(`an old command: ${JSON.stringify(line)}`);
    if (name !== 'add-mask' && name !== 'debug' && /[\p{C}\p{Zl}\p{Zp}]/u.test(data)) {
      this.breaches.push(`control characters: ${JSON.stringify(line)}`);
    }
    if (/[\r\n]/.test(line)) this.breaches.push(`a command of several lines: ${JSON.stringify(line)}`);
    this.#log.write(line);
  }
}

function escaped(text: string, codes: Record<string, string>): string {
  return text.replace(/[%\r\n:,]/g, (char) => codes[char] ?? char);
}
