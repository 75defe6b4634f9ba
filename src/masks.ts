import { redact } from './text.ts';

/** Shorter pieces would blot out half of the log, and protect nothing. */
const SHORTEST_PIECE = 4;

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
    this.#addPiece(secret);
    this.#addPiece(secret.trim());
    for (const line of secret.split(/\r\n|\r|\n|\\r\\n|\\n/)) {
      const piece = line.trim();
      if (piece.length >= SHORTEST_PIECE) this.#addPiece(piece);
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

  #addPiece(piece: string): void {
    // Blanks alone would blot out every blank of the log.
    if (piece.trim() === '' || this.#known.has(piece)) return;
    this.#known.add(piece);
    this.#register(piece);
  }
}
