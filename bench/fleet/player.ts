import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { node24 } from '../../emulators/runner/node24.ts';
import { limiter } from '../../src/retry.ts';
import type { FleetPlan } from './fleet.ts';
import type { StoresPlan, StoresTotals } from './stores.ts';
import type { Totals } from './tally.ts';
import type { Played, Work } from './work.ts';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** Plays simulations in processes of their own, as many at once as there are processors. */
export class Player {
  readonly #full: boolean;
  readonly #turns = limiter(availableParallelism());

  /** @param full with real signatures and real encryption */
  constructor(full: boolean) {
    this.#full = full;
  }

  async fleet(plan: FleetPlan): Promise<Totals> {
    const played = await this.#play({ fleet: plan });
    if (!('fleet' in played)) throw new Error('the worker played something else');
    return played.fleet;
  }

  async stores(plan: StoresPlan): Promise<StoresTotals> {
    const played = await this.#play({ stores: plan });
    if (!('stores' in played)) throw new Error('the worker played something else');
    return played.stores;
  }

  #play(work: Work): Promise<Played> {
    return this.#turns(async () => {
      // Node itself reads TypeScript; a loader would make each `import()` of the action a wait in real time.
      const flags = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning'];
      const args = [...flags, WORKER, JSON.stringify(work), ...(this.#full ? ['--full'] : [])];
      const child = spawn(node24(), args, { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
      });
      const status = await new Promise((resolve) => child.once('close', resolve));
      if (status !== 0) throw new Error(`a simulation failed (${status}): ${JSON.stringify(work)}`);
      process.stderr.write('.');
      return JSON.parse(text) as Played;
    });
  }
}
