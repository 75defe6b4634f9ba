import type { CancelSignal } from '../../src/cancellation.ts';
import { finish } from '../../src/finish.ts';
import { refresh } from '../../src/refresh.ts';
import type { World } from '../../src/run.ts';
import { RecordingToolkit } from '../../test/support/toolkit.ts';
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

/** Runs the action as a runner does: the main step, and the post step when it failed or the job was cancelled. */
export async function runJob(
  network: Network,
  inputs: Readonly<Record<string, string>>,
  mishap: Mishap,
): Promise<JobEnd> {
  let sawSuccessor = false;
  const seen = (): void => {
    sawSuccessor = true;
  };
  const main = await runStep(network, inputs, {}, refresh, mishap, seen);
  const isLost = main.status === 'lost';
  if (isLost || main.status === 0) return { main, post: undefined, sawSuccessor };
  const cancelledAt = mishap.cancelledAfter ?? Number.POSITIVE_INFINITY;
  const limit = cancelledAt < main.tookMs ? POST_MS : Number.POSITIVE_INFINITY;
  const lostAfter = (mishap.lostAfter ?? Number.POSITIVE_INFINITY) - main.tookMs;
  const later: Mishap = {
    ...(lostAfter < Number.POSITIVE_INFINITY ? { lostAfter } : {}),
    cancelledAfter: limit,
  };
  const post = await runStep(network, inputs, main.state, finish, later, seen);
  return { main, post, sawSuccessor };
}

function runStep(
  network: Network,
  inputs: Readonly<Record<string, string>>,
  state: Readonly<Record<string, string>>,
  step: (world: World) => Promise<number>,
  { cancelledAfter, lostAfter }: Mishap,
  sawSuccessor: () => void,
): Promise<StepEnd> {
  const { time, chance } = network;
  const began = time.now();
  return new Promise((resolve) => {
    let alive = true;
    const listeners = new Map<CancelSignal, (signal: CancelSignal) => void>();
    const recorder = new RecordingToolkit(inputs, state);
    recorder.onTell = () => {
      // Thrown into a process that no longer exists.
      if (!alive) throw new Error('killed');
    };
    const alarms: (() => void)[] = [];
    const end = (status: StepEnd['status']): void => {
      if (!alive) return;
      alive = false;
      for (const takeBack of alarms) takeBack();
      const [error = ''] = recorder.texts('error');
      const { outputs, state: left } = recorder;
      resolve({
        status,
        tookMs: time.now() - began,
        outputs,
        state: left,
        error,
        log: recorder.texts('info'),
        warnings: recorder.texts('warning'),
      });
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
      toolkit: recorder.toolkit,
      env: { GITHUB_REPOSITORY: REPOSITORY, GITHUB_API_URL: 'https://api.github.com' },
      facts: async () => ({ repository: REPOSITORY, runId: 1, runAttempt: 1, jobStartedAt: began }),
      http: new Line(
        network,
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
