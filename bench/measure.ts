import { certificate } from '../test/support/certificate.ts';
import { ALL_ENVIRONMENTS, type Case, type Contender, cases, type Place } from './cases.ts';
import { Desk } from './desk.ts';
import { Services } from './services.ts';

/** What was measured of one contender in one case, round by round. */
export interface Sample {
  ms: number[];
  /** In a few rounds of their own. */
  peakKb: number[];
}

export interface Row {
  one: Case;
  /** Bare Node, just before each round of this case. */
  bare: Sample;
  by: Partial<Record<Contender, Sample>>;
}

/** All that was measured in one place. */
export interface Sheet {
  place: Place;
  /** Milliseconds of each direction. */
  delayMs: number;
  rows: Row[];
}

export interface Measuring {
  rounds: number;
  /** The folder of the action, when it is another one. */
  action: string | undefined;
}

const WARM_UP = 2;
const MOST_MEMORY_ROUNDS = 5;

/** Opens a place to measure in, and closes it when `work` is done. */
export async function inPlace<T>(
  place: Place,
  delayMs: number,
  action: string | undefined,
  work: (desk: Desk, all: Case[], services: Services) => Promise<T>,
): Promise<T> {
  const tls = place === 'wire' ? certificate() : undefined;
  const services = await Services.start(tls === undefined ? { delayMs: 0 } : { delayMs, tls }, ALL_ENVIRONMENTS);
  const desk = new Desk(action, tls?.cert);
  try {
    return await work(desk, cases(desk, services, tls?.cert, place), services);
  } finally {
    desk.close();
    services.stop();
  }
}

/** Measures every case by everybody, in turn with bare Node, so that a machine that drifts does not matter. */
export async function measure(place: Place, delayMs: number, { rounds, action }: Measuring): Promise<Sheet> {
  return await inPlace(place, delayMs, action, async (desk, all, services) => {
    const rows = all.map((one): Row => ({ one, bare: { ms: [], peakKb: [] }, by: {} }));
    const step = async (sample: Sample, round: number, run: () => ReturnType<Desk['bareNode']>) => {
      const { ms } = await run();
      if (round >= 0) sample.ms.push(ms);
      if (round < 0 || round >= MOST_MEMORY_ROUNDS) return;
      desk.measuresPeak = true;
      sample.peakKb.push((await run()).peakKb);
      desk.measuresPeak = false;
    };
    for (let round = -WARM_UP; round < rounds; round++) {
      for (const { one, bare, by } of rows) {
        await step(bare, round, () => desk.bareNode());
        const seen: Partial<Record<Contender, string>> = {};
        for (const [who, run] of Object.entries(one.by) as [Contender, () => ReturnType<Desk['bareNode']>][]) {
          by[who] ??= { ms: [], peakKb: [] };
          await step(by[who], round, run);
          // The first warm-up finds empty stores: there is no older record to delete.
          if (round === -1) seen[who] = requestsOf(await services.requests());
        }
        if (round === -1 && seen.floor !== seen.action) {
          throw new Error(
            `the floor of "${one.name}" sends other requests:\n${seen.floor}\nthe action:\n${seen.action}`,
          );
        }
      }
      process.stderr.write('.');
    }
    process.stderr.write('\n');
    return { place, delayMs, rows };
  });
}

/** The requests of a run in alphabetical order, without what differs from run to run. */
function requestsOf(lines: string[]): string {
  const plain = lines.map((line) =>
    line.replace(/environments\/\w+-/, 'environments/*-').replace(/_IN_FLIGHT_\w+/, '_IN_FLIGHT_*'),
  );
  return plain.toSorted().join('\n');
}
