import type { StepResult } from '../emulators/runner/step.ts';
import type { RecordedRequest } from '../emulators/server.ts';

const COLOURS = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: number, text: string) => (COLOURS ? `\u001b[${code}m${text}\u001b[0m` : text);

/** Prints what a newcomer wants to see, and counts what is off. */
export class Transcript {
  failures = 0;

  title(text: string): void {
    console.log(`\n${paint(1, text)}`);
  }

  note(text: string): void {
    console.log(`  ${text}`);
  }

  /** A fact that has to hold; one that does not makes the demo fail. */
  check(holds: boolean, fact: string): void {
    if (!holds) this.failures++;
    console.log(`  ${holds ? paint(32, 'ok ') : paint(31, 'NOT')} ${fact}`);
  }

  /** The step's log as the runner writes it: GitHub folds `##[group]`, and shows `##[error]` in red. */
  log(result: StepResult): void {
    console.log(paint(2, '  the log of the step:'));
    for (const line of result.log.trimEnd().split('\n')) console.log(paint(2, `  │ ${line}`));
  }

  /** Every request that an emulator saw, with what it made of it. */
  requests(name: string, requests: readonly RecordedRequest[]): void {
    for (const { method, path, status, verdict, ms } of requests) {
      console.log(`  ${name.padEnd(6)} ${method.padEnd(6)} ${path}`);
      console.log(`         ${paint(2, `→ ${status}, ${verdict} (${Math.round(ms)} ms)`)}`);
    }
  }

  /** Outputs as a later step gets them; the tokens are shown as the masked log would show them. */
  outputs(result: StepResult): void {
    console.log(paint(2, '  the outputs that later steps get:'));
    for (const [name, value] of Object.entries(result.outputs)) {
      const shown = result.masks.includes(value) ? `*** (${value.length} characters, masked)` : value;
      console.log(paint(2, `  │ ${name} = ${shown}`));
    }
  }

  summary(result: StepResult): void {
    console.log(paint(2, '  the job summary:'));
    for (const line of result.summary.trimEnd().split('\n')) console.log(paint(2, `  │ ${line}`));
  }
}
