import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ProcessAnswer, ProcessCommand, ProcessOptions, ProcessReport } from '../emulators/process.ts';

/** Both emulators in a process of their own, so that their work is not measured. */
export class Emulation {
  readonly facts: ProcessAnswer;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, facts: ProcessAnswer) {
    this.#child = child;
    this.#lines = lines;
    this.facts = facts;
  }

  static async start(options: ProcessOptions): Promise<Emulation> {
    const script = fileURLToPath(new URL('../emulators/process.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const reader: Interface = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    return new Emulation(child, lines, JSON.parse(await next(lines)) as ProcessAnswer);
  }

  /** Sends a command; the report tells of the time before it. */
  async tell(command: ProcessCommand): Promise<ProcessReport> {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    return JSON.parse(await next(this.#lines)) as ProcessReport;
  }

  /** A refresh token of a new installation. */
  async freshToken(): Promise<string> {
    const { refreshToken } = await this.tell({ issue: true, reset: true });
    if (refreshToken === undefined) throw new Error('the emulators issued no refresh token');
    return refreshToken;
  }

  stop(): void {
    this.#child.stdin?.end();
  }
}

async function next(lines: AsyncIterator<string>): Promise<string> {
  const line = await lines.next();
  if (line.done) throw new Error('the emulators have ended');
  return line.value;
}
