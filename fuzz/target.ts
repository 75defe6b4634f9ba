import fc from 'fast-check';

/** Something that is fed with cases that chance and a seed make up. */
export interface Target {
  name: string;
  /** Cases of a whole run of `npm run fuzz`. */
  cases: number;
  /** Throws when an invariant breaks, with the smallest case that breaks it. */
  run(cases: number, seed: number): Promise<void>;
}

/** A target that checks `property` for what `arbitrary` gives. */
export function target<T>(
  name: string,
  cases: number,
  arbitrary: fc.Arbitrary<T>,
  property: (given: T) => Promise<void>,
): Target {
  return {
    name,
    cases,
    run: async (numRuns, seed) => {
      await fc.assert(fc.asyncProperty(arbitrary, property), { numRuns, seed, endOnFailure: false });
    },
  };
}
