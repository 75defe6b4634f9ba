import type { GitHubEmulator } from '../../../emulators/github.ts';

/**
 * Counts how many rounds of requests a run takes, with no look at any clock: requests are held until a
 * round is full, or until all that the phase can bring are there, and then let go together. A client that
 * sends fewer at a time than it could never fills a round, and hangs; one that sends more is seen by
 * `maxInFlight`.
 */
export class Rounds {
  /** The rounds of each phase that has begun. */
  readonly counts: number[] = [];
  readonly #width: number;
  readonly #phases: number[];
  #left = 0;
  #held: (() => void)[] = [];

  /** @param phases how many requests each phase brings, in order */
  constructor(github: GitHubEmulator, width: number, phases: readonly number[]) {
    this.#width = width;
    this.#phases = [...phases];
    const fault = { kind: 'hook', when: 'before', run: () => this.#arrive() } as const;
    github.faults.add({ fault, times: Number.POSITIVE_INFINITY });
  }

  #arrive(): Promise<void> {
    if (this.#left === 0) {
      this.#left = this.#phases.shift() ?? 1;
      this.counts.push(0);
    }
    this.#left -= 1;
    return new Promise((resolve) => {
      this.#held.push(resolve);
      if (this.#held.length === this.#width || this.#left === 0) this.#letGo();
    });
  }

  #letGo(): void {
    this.counts.push((this.counts.pop() ?? 0) + 1);
    for (const go of this.#held.splice(0)) go();
  }
}
