import { setTimeout as sleep } from 'node:timers/promises';
import type { StepResult } from '../emulators/runner/result.ts';

const COLOURS = process.stdout.isTTY && !process.env['NO_COLOR'];
const [BOLD, DIM, RED, GREEN, YELLOW, MAGENTA, CYAN] = [1, 2, 31, 32, 33, 35, 36];
const paint = (code: number, text: string) => (COLOURS ? `\u001b[${code}m${text}\u001b[0m` : text);

/** Who did or said something. */
export type Who = 'runner' | 'log' | 'Cobo' | 'GitHub';

/** Something that happened during a step. */
export interface Happening {
  /** Milliseconds since 1970. */
  at: number;
  who: Who;
  what: string;
}

const COLOUR_OF: Record<Who, number> = { runner: YELLOW, log: BOLD, Cobo: CYAN, GitHub: MAGENTA };

/** Prints what a newcomer wants to see, and counts what is not as it should be. */
export class Transcript {
  failures = 0;

  title(text: string): void {
    console.log(`\n${paint(BOLD, text)}\n`);
  }

  note(text: string): void {
    console.log(`  ${text}`);
  }

  gap(): void {
    console.log();
  }

  /** A fact that has to hold; one that does not makes the demo fail. */
  check(holds: boolean, fact: string): void {
    if (!holds) this.failures++;
    console.log(`  ${holds ? paint(GREEN, '✓') : paint(RED, '✗ NOT:')} ${fact}`);
  }

  /** What happened, in order of time. */
  story(happenings: readonly Happening[]): void {
    const began = happenings[0]?.at ?? 0;
    for (const { at, who, what } of happenings) {
      const time = `${Math.round(at - began)} ms`.padStart(8);
      console.log(`${paint(DIM, time)}  ${paint(COLOUR_OF[who], who.padEnd(6))}  ${logColour(what)}`);
    }
  }

  /** Outputs as a later step gets them; what the runner masks in logs is masked here. */
  outputs({ outputs, masks }: StepResult): void {
    const lines = Object.entries(outputs)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${name}: ${masks.includes(value) ? '***' : shortened(value)}`);
    this.#box('outputs for later steps', lines);
  }

  summary({ summary }: StepResult): void {
    this.#box('job summary', summary.trimEnd().split('\n').map(shortened));
  }

  #box(title: string, lines: readonly string[]): void {
    console.log(`\n  ${paint(DIM, title)}`);
    for (const line of lines) console.log(paint(DIM, `  │ ${line}`));
  }
}

/** The runner's own marks, as GitHub shows them. */
function logColour(line: string): string {
  const [, mark, text = ''] = /^##\[(\w+)\](.*)$/s.exec(line) ?? [];
  switch (mark) {
    case 'error':
      return paint(RED, `Error: ${text}`);
    case 'warning':
      return paint(YELLOW, `Warning: ${text}`);
    case 'group':
      return `▼ ${text}`;
    default:
      return line.startsWith('✓') ? paint(GREEN, line) : line;
  }
}

/** An envelope is long, and nobody reads it. */
export function shortened(text: string): string {
  return text.replace(/(cobo-envelope-v1\.[\w-]{12})[\w-]{40,}/g, '$1…');
}

/** Waits until the clock shows the next second: GitHub's moments are whole seconds. */
export async function nextSecond(): Promise<void> {
  await sleep(1000 - (Date.now() % 1000) + 5);
}
