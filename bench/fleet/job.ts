import type { CancelSignal } from '../../src/cancellation.ts';
import type { Toolkit } from '../../src/delivery.ts';
import { finish } from '../../src/finish.ts';
import { refresh } from '../../src/refresh.ts';
import type { World } from '../../src/run.ts';
import type { Chance } from './chance.ts';
import { Line, type Network } from './network.ts';

/** What happens to a job; milliseconds after its main step has begun. */
export interface Mishap {
  /** Somebody cancels the run. */
  cancelledAfter?: number;
  /** The machine is gone, with all that was on it. */
  lostAfter?: number;
}

/** One step of a job, as the runner has seen it. */
export interface StepEnd {
  /** `killed`: the runner had to; `lost`: with its machine. */
  status: number | 'killed' | 'lost';
  tookMs: number;
  /** The last values, as the runner takes them: also of a process that was killed. */
  outputs: Record<string, string>;
  state: Record<string, string>;
  /** The one error line, if there is one. */
  error: string;
  log: string[];
  warnings: string[];
}

export interface JobEnd {
  main: StepEnd;
  post: StepEnd | undefined;
  /** Whether a successor has reached a process of this job. */
  sawSuccessor: boolean;
}

const TERM_MS = 7_500;
const KILL_MS = 10_000;
/** What a cancelled job has for its post step. */
const POST_MS = 5 * 60_000;

/** The machine of a job, with the chance that is its own. */
export interface Machine {
  network: Network;
  chance: Chance;
}

/** Runs the action as a runner does: the main step, and the post step when it failed or the job was cancelled. */
export async function runJob(
  machine: Machine,
  inputs: Readonly<Record<string, string>>,
  mishap: Mishap,
): Promise<JobEnd> {
  let sawSuccessor = false;
  const seen = (): void => {
    sawSuccessor = true;
  };
  const main = await runStep(machine, inputs, {}, refresh, mishap, seen);
  const isLost = main.status === 'lost';
  if (isLost || main.status === 0) return { main, post: undefined, sawSuccessor };
  const cancelledAt = mishap.cancelledAfter ?? Number.POSITIVE_INFINITY;
  const limit = cancelledAt < main.tookMs ? POST_MS : Number.POSITIVE_INFINITY;
  const lostAfter = (mishap.lostAfter ?? Number.POSITIVE_INFINITY) - main.tookMs;
  const later: Mishap = {
    ...(lostAfter < Number.POSITIVE_INFINITY ? { lostAfter } : {}),
    cancelledAfter: limit,
  };
  const post = await runStep(machine, inputs, main.state, finish, later, seen);
  return { main, post, sawSuccessor };
}

function runStep(
  { network, chance }: Machine,
  inputs: Readonly<Record<string, string>>,
  state: Readonly<Record<string, string>>,
  step: (world: World) => Promise<number>,
  { cancelledAfter, lostAfter }: Mishap,
  sawSuccessor: () => void,
): Promise<StepEnd> {
  const { time } = network;
  const began = time.now();
  return new Promise((resolve) => {
    let alive = true;
    const listeners = new Map<CancelSignal, (signal: CancelSignal) => void>();
    const seen: Omit<StepEnd, 'status' | 'tookMs'> = { outputs: {}, state: {}, error: '', log: [], warnings: [] };
    const alarms: (() => void)[] = [];
    const end = (status: StepEnd['status']): void => {
      if (!alive) return;
      alive = false;
      for (const takeBack of alarms) takeBack();
      resolve({ status, tookMs: time.now() - began, ...seen });
    };
    const signal = (name: CancelSignal): void => {
      if (!alive) return;
      const listener = listeners.get(name);
      if (listener === undefined) end('killed');
      else listener(name);
    };
    const after = (ms: number | undefined, ring: () => void): void => {
      if (ms !== undefined && ms < Number.POSITIVE_INFINITY) alarms.push(time.after(ms, ring));
    };
    after(lostAfter, () => end('lost'));
    after(cancelledAfter, () => {
      after(TERM_MS, () => signal('SIGTERM'));
      after(KILL_MS, () => end('killed'));
      signal('SIGINT');
    });
    const world: World = {
      toolkit: toolkitOf(inputs, state, seen, () => alive),
      env: ENVIRONMENT,
      facts: async () => ({ repository: REPOSITORY, runId: 1, runAttempt: 1, jobStartedAt: began }),
      http: new Line(
        network,
        chance,
        () => alive,
        ({ url }, { status }) => {
          if (status === 200 && url.pathname === '/v2/oauth/token') sawSuccessor();
        },
      ),
      clock: {
        now: time.now,
        random: chance.next,
        sleep: (ms, stop) => time.sleep(ms, stop).then(() => (alive ? undefined : new Promise(() => undefined))),
      },
      signals: {
        on: (name, listener) => listeners.set(name, listener),
        off: (name) => listeners.delete(name),
      },
    };
    step(world).then(end, (error: unknown) => {
      if (alive) throw error;
    });
  });
}

/** Where the environments of the fleet are. */
export const REPOSITORY = 'octo/fleet';
const ENVIRONMENT = { GITHUB_REPOSITORY: REPOSITORY, GITHUB_API_URL: 'https://api.github.com' };

/** A toolkit that keeps what the runner would. @param saved what the main step has saved, for a post step */
function toolkitOf(
  inputs: Readonly<Record<string, string>>,
  saved: Readonly<Record<string, string>>,
  seen: Omit<StepEnd, 'status' | 'tookMs'>,
  isAlive: () => boolean,
): Toolkit {
  const tell = (telling: () => void): void => {
    // Thrown into a process that no longer exists.
    if (!isAlive()) throw new Error('killed');
    telling();
  };
  return {
    getInput: (name, options) => {
      const value = inputs[name] ?? '';
      return options?.trimWhitespace === false ? value : value.trim();
    },
    getState: (name) => saved[name] ?? '',
    setSecret: () => tell(() => undefined),
    setOutput: (name, value) => tell(() => (seen.outputs[name] = String(value))),
    saveState: (name, value) => tell(() => (seen.state[name] = String(value))),
    exportVariable: () => tell(() => undefined),
    info: (line) => tell(() => seen.log.push(line)),
    debug: () => tell(() => undefined),
    warning: (line) => tell(() => seen.warnings.push(String(line))),
    error: (line) =>
      tell(() => {
        if (seen.error === '') seen.error = String(line);
      }),
  };
}
