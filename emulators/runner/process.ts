import { type ChildProcess, spawn } from 'node:child_process';
import { type CancelPace, cancelLikeRunner } from './cancel.ts';
import { Lines } from './lines.ts';
import type { StepLog } from './log.ts';
import type { StepResult } from './result.ts';

/** How a step is cancelled: at the runner's pace, or as nektos/act does it, by SIGKILL at once. */
export type CancelManner = CancelPace | 'act';

/** What to start. */
export interface Command {
  node: string;
  args: readonly string[];
  cwd: string;
  env: Record<string, string | undefined>;
}

export type Exit = Pick<StepResult, 'exitCode' | 'signal'>;

/** The process of a step: stdin closed, both outputs read into one log. */
export class StepProcess {
  readonly child: ChildProcess;
  /** Resolves when the process has exited and both outputs are closed. */
  readonly closed: Promise<Exit>;
  /** The signals sent so far to cancel the step. */
  readonly sent: NodeJS.Signals[] = [];
  #cancelling: Promise<void> | undefined;

  constructor({ node, args, cwd, env }: Command, log: StepLog) {
    const child = spawn(node, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    this.child = child;
    this.closed = new Promise<Exit>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode, signal) => resolve({ exitCode, signal }));
    });
    for (const stream of [child.stdout, child.stderr]) {
      const lines = new Lines((line) => log.write(line));
      stream.on('data', (chunk: Buffer) => lines.push(chunk));
      stream.on('close', () => lines.end());
    }
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Cancels the step, once; the step is not over before this is. */
  cancel(manner: CancelManner = {}): Promise<void> {
    this.#cancelling ??= this.#cancel(manner);
    return this.#cancelling;
  }

  /** Kills the process; resolves when it has exited. */
  async kill(): Promise<void> {
    if (this.hasExited) return;
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await exited;
  }

  /** Whoever reads the log goes away: what the process writes from now on fails with EPIPE. */
  closeOutput(): void {
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }

  async #cancel(manner: CancelManner): Promise<void> {
    if (manner !== 'act') {
      this.sent.push(...(await cancelLikeRunner(this.child, manner)));
    } else if (!this.hasExited) {
      this.sent.push('SIGKILL');
      await this.kill();
    }
  }
}
