import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { holds } from '../../emulators/runner/condition.ts';
import { readMetadata } from '../../emulators/runner/metadata.ts';
import type { Outcome } from '../../emulators/runner/result.ts';
import { REPOSITORY } from '../../emulators/stage.ts';
import { RecordingToolkit, type Told } from '../support/toolkit.ts';
import { StoryClock } from './clock.ts';
import { Fixture } from './fixture.ts';
import { Killable, Traffic } from './killable.ts';
import type { StepPlan } from './plan.ts';
import { atRequest, type Ending, type JobSetup, type Open, type PlayedJob } from './player.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** As the runner cancels. */
const TERM_AFTER_MS = 7_500;
const KILL_AFTER_MS = 10_000;

/** Steps that were played: each has a summary of its own. */
let steps = 0;

/** The action's own functions, from src/ or from a copy of it. */
export interface Action {
  refresh: typeof import('../../src/refresh.ts').refresh;
  finish: typeof import('../../src/finish.ts').finish;
  httpClient: typeof import('../../src/http.ts').httpClient;
}

/** Loads the action from a folder like src/, all of it, so that no run waits for a file. */
export async function loadAction(folder = join(ROOT, 'src')): Promise<Action> {
  const load = async (file: string) =>
    (await import(/* @vite-ignore */ pathToFileURL(join(folder, file)).href)) as object;
  const parts = await Promise.all(['refresh.ts', 'finish.ts', 'http.ts'].map(load));
  const later = ['prepare', 'keep', 'github/sealed-box'];
  await Promise.all(later.map((name) => load(`${name}.ts`)));
  return Object.assign({}, ...parts) as Action;
}

/** Plays steps within this process, on a clock whose waits take no time. */
export function inProcess(action: Action): Open {
  return async ({ setting }) => {
    const clock = new StoryClock(() => 0.5);
    const fixture = await Fixture.open(setting, clock.now);
    const traffic = new Traffic(fixture);
    clock.isIdle = () => traffic.isIdle;
    fixture.onPace = () => clock.skip(setting.paceMs);
    const job = async (_fixture: Fixture, setup: JobSetup) => playedJob({ action, clock, fixture, traffic, setup });
    return {
      fixture,
      player: {
        job,
        now: clock.now,
        pause: async (ms) => clock.skip(ms),
        close: async () => clock.close(),
      },
    };
  };
}

interface Parts {
  action: Action;
  clock: StoryClock;
  fixture: Fixture;
  traffic: Traffic;
  setup: JobSetup;
}

function playedJob(parts: Parts): PlayedJob {
  let status: Outcome = 'success';
  let isLost = false;
  let state: Record<string, string> = {};
  return {
    async main(plan) {
      const ending = await step(parts, plan, undefined);
      const isCancelled = plan.stop?.kind === 'cancel' && ending.stopped;
      const isTimeout = plan.stop?.kind === 'timeout' && ending.stopped;
      status = isCancelled ? 'cancelled' : ending.exitCode === 0 && !isTimeout ? 'success' : 'failure';
      state = ending.state;
      if (plan.stop?.kind !== 'lost' || !ending.stopped) return ending;
      isLost = true;
      return { ...ending, outputs: {}, state: {}, summary: '', lost: true };
    },
    async post(plan, laterFailure) {
      if (status === 'success' && laterFailure) status = 'failure';
      return !isLost && holds(readMetadata(ROOT).postIf, status) ? step(parts, plan, state) : undefined;
    },
    close: async () => undefined,
  };
}

/** @param state what the main step has left; undefined for the main step itself */
async function step(parts: Parts, plan: StepPlan, state: Record<string, string> | undefined): Promise<Ending> {
  const { action, clock, fixture, setup, traffic } = parts;
  const isPost = state !== undefined;
  const summary = join(tmpdir(), `chaos-${process.pid}-${++steps}`);
  const recorder = new RecordingToolkit(setup.inputs, state);
  let die: (ending: Ending) => void = () => undefined;
  const death = new Promise<Ending>((resolve) => {
    die = resolve;
  });
  const takeBack: (() => void)[] = [];
  let stopped = false;

  const ending = (exitCode: number | null, signal: string | undefined): Ending => ({
    ...endingOf([...recorder.told], readText(summary)),
    ...{ exitCode, signal, stopped, lost: false, askedAfterSignal: killable.askedAfterSignal },
  });
  const killable = new Killable((signal) => die(ending(null, signal)));

  const stop = () => {
    if (killable.isGone || stopped || plan.stop === undefined) return;
    stopped = true;
    const { kind } = plan.stop;
    if (kind === 'kill' || kind === 'lost') return killable.kill('SIGKILL');
    // A signal is heard between two turns of the event loop, never within one.
    setImmediate(() => killable.send(kind === 'term' ? 'SIGTERM' : 'SIGINT'));
    if (kind === 'term') return;
    takeBack.push(clock.after(TERM_AFTER_MS, () => killable.send('SIGTERM')));
    takeBack.push(clock.after(KILL_AFTER_MS, () => killable.kill('SIGKILL')));
  };
  recorder.onTell = tellHook(plan, stop);
  fixture.begin(setup.run, isPost, setup.host, {
    faults: plan.faults,
    onRequest: atRequest(plan.stop?.at, stop),
  });
  const client = action.httpClient({});
  const world = {
    toolkit: recorder.toolkit,
    env: { GITHUB_STEP_SUMMARY: summary, GITHUB_REPOSITORY: REPOSITORY },
    facts: async () => {
      const { runId, jobStartedAt } = setup;
      return { repository: REPOSITORY, runId, runAttempt: 1, jobStartedAt };
    },
    http: killable.http(client, clock, traffic),
    clock: killable.clock(clock),
    signals: killable.signals,
  };
  const run = isPost ? action.finish(world) : action.refresh(world);
  const ended = await Promise.race([run.then((exitCode) => ending(exitCode, undefined)), death]);
  killable.exit();
  for (const back of takeBack) back();
  client.close();
  await fixture.settle();
  rmSync(summary, { force: true });
  return { ...ended, stopped };
}

const IN_LOG = ['info', 'debug', 'warning', 'error', 'mask'];

/** Something that is told may stop the process, or fail to be told. */
function tellHook({ stop, broken }: StepPlan, onStop: () => void): (told: Told) => void {
  let count = 0;
  const at = stop !== undefined && 'told' in stop.at ? stop.at.told : -1;
  return ({ kind }) => {
    if (count === at) onStop();
    count++;
    if (broken === undefined || count <= broken.from) return;
    const isLog = IN_LOG.includes(kind);
    if (isLog === (broken.what === 'log')) throw new Error(`${kind} cannot be written`);
  };
}

function endingOf(told: Told[], summary: string) {
  const texts = (kinds: string[]) => told.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text);
  const last = (wanted: string) =>
    Object.fromEntries(told.filter(({ kind }) => kind === wanted).map(({ name, text }) => [name, text]));
  return {
    outputs: last('output'),
    state: last('state'),
    log: texts(['info', 'debug', 'warning', 'error']).join('\n'),
    errors: texts(['error']),
    masks: texts(['mask']),
    summary,
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
