/** Chance that repeats itself: the same seed gives the same numbers (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** The chance of one of many, which has nothing to do with that of the others. */
  static of(seed: number, index: number): Chance {
    const mixed = Math.imul(seed ^ 0x2c1b3c6d, 0x297a2d39) ^ Math.imul(index + 1, 0x9e3779b1);
    return new Chance(mixed ^ (mixed >>> 15));
  }

  /** A number in [0, 1). */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  between(least: number, most: number): number {
    return least + (most - least) * this.next();
  }

  /** Mostly near `least`, seldom far: the longer half of the answers takes up to ten times as long. */
  latency(least: number): number {
    return least * (1 + this.next() ** 4 * 9);
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }
}
