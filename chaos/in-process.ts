import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Ending } from './act.ts';
import { aimedAt, type Pace } from './mishaps.ts';
import { Mortal } from './mortal.ts';
import type { Instant, Interruption } from './plan.ts';
import { Random } from './random.ts';
import { Recorder } from './recorder.ts';
import { atInstant, type Performer } from './script.ts';
import { REPOSITORY } from './theatre.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The action's own functions, from src/ or from a copy of it. */
export interface Action {
  refresh: typeof import('../src/refresh.ts').refresh;
  httpClient: typeof import('../src/http.ts').httpClient;
}

/** Loads the action from a folder like src/. */
export async function loadAction(sourceDir: string): Promise<Action> {
  const load = async (file: string) => (await import(pathToFileURL(join(sourceDir, file)).href)) as object;
  // Loaded before the first run, so that no run takes longer than when it is repeated.
  await load('rotate.ts');
  return { ...(await load('refresh.ts')), ...(await load('http.ts')) } as Action;
}

/** Loopback answers within a millisecond or two; what the client gives up on is said, not measured. */
export const IN_PROCESS_PACE: Pace = { delayMs: 4, lateMs: 15 };

/** Calls of the toolkit in a usual run: `share` of an instant counts in them. */
const USUAL_CALLS = 24;
/** As the runner cancels: SIGINT, SIGTERM, the kill. */
const TERM_AFTER_MS = 7_500;
const KILL_AFTER_MS = 10_000;
/** Requests that come before anything can be spent. */
const PREPARING = ['key', 'about', 'run', 'variable', 'probe-write'] as const;

/** Runs `refresh` of the action within this process, on a clock whose waits take no time. */
export function inProcess(action: Action, clock: VirtualClock, folder: string): Performer {
  let count = 0;
  return async (theatre, script) => {
    count++;
    const summary = join(folder, `${process.pid}-${script.runId}-${theatre.plan.seed}-${count}.md`);
    let interrupted = false;
    let cancelledEarly = false;
    let calls = 0;
    let ended = false;
    const { interruption } = script;
    const reached = atInstant(interruption?.at);
    let died: (ending: Ending) => void = () => undefined;
    const death = new Promise<Ending>((resolve) => {
      died = resolve;
    });
    const recorder = new Recorder(script.inputs, summary, () => {
      if (interruption !== undefined && isCall(interruption.at, calls++)) interrupt(interruption, false);
    });
    const mortal = new Mortal((signal) => died(recorder.freeze(null, signal)));

    function interrupt({ kind }: Interruption, early: boolean): void {
      if (ended) return;
      interrupted = true;
      if (kind === 'SIGKILL') {
        mortal.kill('SIGKILL');
        return;
      }
      // A signal is heard between two turns of the event loop, never within one.
      const send = (signal: 'SIGINT' | 'SIGTERM') => !ended && mortal.send(signal);
      if (early) cancelledEarly = send(kind === 'SIGTERM' ? 'SIGTERM' : 'SIGINT');
      else setImmediate(() => send(kind === 'SIGTERM' ? 'SIGTERM' : 'SIGINT'));
      if (kind !== 'runner') return;
      clock.alarm(TERM_AFTER_MS, () => send('SIGTERM'));
      clock.alarm(KILL_AFTER_MS, () => mortal.kill('SIGKILL'));
    }

    theatre.begin(script.mishaps, {
      onRequest: (method, path) => {
        const when = reached(method, path);
        if (interruption === undefined || when === undefined) return {};
        const isPreparing = PREPARING.some((target) => aimedAt(target, method, path));
        const early = isPreparing && theatre.cobo.requests.length === 0;
        return { [when]: () => interrupt(interruption, early) };
      },
      onStall: (method, path) => mortal.giveUp(method, path),
    });
    const run = action.refresh({
      toolkit: recorder.toolkit,
      env: { GITHUB_STEP_SUMMARY: summary },
      facts: {
        repository: REPOSITORY,
        runId: script.runId,
        runAttempt: 1,
        jobStartedAt: script.jobStartedAt,
        apiUrl: theatre.github.url,
      },
      http: mortal.http(action.httpClient({}), (ms) => clock.skipTo(clock.now() + ms)),
      clock: mortal.clock(clock),
      signals: mortal.signals,
    });
    const ending = await Promise.race([run.then((exitCode) => recorder.freeze(exitCode)), death]);
    ended = true;
    clock.clear();
    await theatre.settle(ending.killed ? 5 : 0);
    rmSync(summary, { force: true });
    return { ending, interrupted, cancelledEarly, tooSlow: false };
  };
}

function isCall(at: Instant, call: number): boolean {
  return 'share' in at && Math.floor(at.share * USUAL_CALLS) === call;
}

/** A clock for one story; what the action draws by chance is drawn from the seed. */
export function clockFor(seed: number): VirtualClock {
  const random = new Random(seed ^ 0xc10c4);
  return new VirtualClock(() => random.next());
}

/** A folder for summaries, removed by the function that comes with it. */
export function scratchFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
