import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { node24 } from '../../emulators/runner/node24.ts';
import { bundleWorker } from './bundle.ts';
import type { FleetPlan } from './fleet.ts';
import type { StoresPlan, StoresTotals } from './stores.ts';
import { sumOf, type Totals } from './tally.ts';
import type { Played, Told, Work } from './work.ts';

/** The code of Node is large, and most objects live for a moment: large pages and a large nursery save a fifth. */
const FLAGS = ['--use-largepages=silent', '--min-semi-space-size=32', '--max-semi-space-size=32'];

interface Turn {
  weight: number;
  begin: () => void;
}

/** Plays simulations in processes of their own, as many at once as there are processors, the longest first. */
export class Player {
  /** Processor time of all plays, milliseconds. */
  cpuMs = 0;
  readonly #worker: string;
  #free = availableParallelism();
  readonly #waiting: Turn[] = [];

  private constructor(worker: string) {
    this.#worker = worker;
  }

  /** @param full with real signatures and real encryption */
  static async make(full: boolean): Promise<Player> {
    return new Player(await bundleWorker(full));
  }

  /** Plays a fleet in so many parts. @returns the totals of each size */
  async fleet(plan: Omit<FleetPlan, 'only'>, parts: number): Promise<Totals[]> {
    const { organizations, sizes } = plan;
    const border = (index: number) => Math.round((organizations * index) / parts);
    const played = await Promise.all(
      Array.from({ length: parts }, async (_, index) => {
        const only = { from: border(index), to: border(index + 1) };
        // What fails is sent again: shared limits take time to play.
        const weight = (only.to - only.from) * (plan.writer === 'shared' ? 2 : 1);
        const played = await this.#play({ fleet: { ...plan, only } }, weight);
        if (!('fleet' in played)) throw new Error('the worker played something else');
        return played.fleet;
      }),
    );
    return sizes.map((_, index) => sumOf(played.flatMap((totals) => totals[index] ?? [])));
  }

  async stores(plan: StoresPlan): Promise<StoresTotals> {
    const played = await this.#play({ stores: plan }, 1);
    if (!('stores' in played)) throw new Error('the worker played something else');
    return played.stores;
  }

  async close(): Promise<void> {
    await rm(dirname(this.#worker), { recursive: true, force: true });
  }

  async #play(work: Work, weight: number): Promise<Played> {
    await this.#turn(weight);
    try {
      return await this.#inProcess(work);
    } finally {
      this.#free += 1;
      this.#next();
    }
  }

  #turn(weight: number): Promise<void> {
    return new Promise((begin) => {
      this.#waiting.push({ weight, begin });
      // Whoever else is about to ask may be heavier.
      setImmediate(() => this.#next());
    });
  }

  #next(): void {
    this.#waiting.sort((one, other) => other.weight - one.weight);
    for (; this.#free > 0; this.#free -= 1) {
      const turn = this.#waiting.shift();
      if (turn === undefined) return;
      turn.begin();
    }
  }

  async #inProcess(work: Work): Promise<Played> {
    const child = spawn(node24(), [...FLAGS, this.#worker, JSON.stringify(work)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const status = await new Promise((resolve) => child.once('close', resolve));
    if (status !== 0) throw new Error(`a simulation failed (${status}): ${JSON.stringify(work)}`);
    process.stderr.write('.');
    const told = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Told;
    this.cpuMs += told.cpuMs;
    return told;
  }
}
