import { redact } from './text.ts';

/**
 * What is shorter is no secret, but a placeholder such as `-`: as a mask it would strike words of the log
 * and characters of an envelope.
 */
export const SHORTEST_SECRET = 8;

/**
 * The secrets of this run. Each is registered with the runner before anything else can print it, whole and
 * line by line: the runner masks line by line, and actions that registered multi-line secrets whole have
 * leaked them (CVE-2021-32074).
 */
export class Masks {
  readonly #register: (secret: string) => void;
  readonly #known = new Set<string>();

  /** @param register tells the runner, such as `core.setSecret` */
  constructor(register: (secret: string) => void) {
    this.#register = register;
  }

  /** Masks `secret`, its lines, and the pieces between literal `\n`. */
  add(secret: string): void {
    const lines = secret.split(/\r\n|\r|\n|\\r\\n|\\n/);
    for (const piece of [secret, secret.trim(), ...lines.map((line) => line.trim())]) {
      if (piece.trim().length < SHORTEST_SECRET || this.#known.has(piece)) continue;
      this.#known.add(piece);
      this.#register(piece);
    }
  }

  /** `text` with every known secret replaced: for what goes where the runner does not mask. */
  redact(text: string): string {
    // Longest first, so that a piece does not break up the whole.
    return redact(
      text,
      [...this.#known].sort((a, b) => b.length - a.length),
    );
  }
}
