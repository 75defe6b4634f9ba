import type { TokenMaker } from '../emulators/cobo.ts';
import { Random } from './random.ts';

/**
 * Makes every token of a run from its seed, and remembers which is which: the emulator names tokens by
 * their number.
 */
export class Tokens {
  readonly #random: Random;
  readonly #odd: boolean;
  readonly #values = new Map<string, string>();

  constructor(seed: number, odd: boolean) {
    this.#random = new Random(seed ^ 0x70cec0de);
    this.#odd = odd;
  }

  readonly make: TokenMaker = (kind, n) => {
    const value = this.#odd ? this.#oddText() : this.#random.text(64);
    this.#values.set(`${kind} ${n}`, value);
    return value;
  };

  /** The refresh token of that number, counted from 1. */
  refreshToken(n: number): string | undefined {
    return this.#values.get(`refresh ${n}`);
  }

  get all(): string[] {
    return [...this.#values.values()];
  }

  /**
   * Characters that files and logs of the runner treat specially. No line break at an end, for inputs are
   * trimmed; no carriage return, for the runner's files do not carry one; lines long enough to be told
   * from chance.
   */
  #oddText(): string {
    const odd = [
      '"',
      "'",
      '%',
      '%0A',
      '\\',
      '\\n',
      '<<EOF',
      '&',
      '<',
      '|',
      '$',
      '`',
      '::error::',
      ' ',
      'é',
      '漢',
      '🔑',
    ];
    const parts = Array.from({ length: this.#random.int(3, 6) }, () => {
      const mark = odd[this.#random.int(0, odd.length - 1)] ?? '"';
      const lineBreak = this.#random.chance(0.2) ? '\n' : '';
      return `${mark}${this.#random.text(12)}${lineBreak}`;
    });
    return `${this.#random.text(10)}${parts.join('')}${this.#random.text(10)}`;
  }
}
