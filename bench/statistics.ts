import type { Contender, Target } from './cases.ts';
import type { Row } from './measure.ts';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The median of the ratios, round by round: a machine that slows down slows both. */
export function ratio(ones: readonly number[], others: readonly number[]): number {
  return median(ones.map((one, round) => one / (others[round] ?? Number.NaN)));
}

/** What a target asks for, what was measured, and whether that is enough. */
export interface Verdict {
  text: string;
  measured: number;
  met: boolean;
}

const NAMES: Record<Contender | 'bare', string> = {
  action: 'this action',
  floor: 'the floor',
  hand: 'by hand',
  bare: 'bare Node',
};

export function verdictOn({ of, to, what, atMost, atLeast }: Target, row: Row): Verdict {
  const [one, other] = [of, to].map((who) => (who === 'bare' ? row.bare : row.by[who]));
  if (one === undefined || other === undefined) throw new Error(`${row.one.name} was not measured`);
  const memory = median(one.peakKb) / median(other.peakKb);
  const measured = what === 'memory' ? memory : ratio(one.ms, other.ms);
  const met = measured <= (atMost ?? Number.POSITIVE_INFINITY) && measured >= (atLeast ?? 0);
  const limit = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
  const subject = what === 'memory' ? 'memory' : NAMES[of];
  return { text: `${subject} ${limit} × ${NAMES[to]}`, measured, met };
}
