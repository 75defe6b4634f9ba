import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { holds } from '../../emulators/runner/condition.ts';
import { readMetadata } from '../../emulators/runner/metadata.ts';
import type { Outcome } from '../../emulators/runner/result.ts';
import { REPOSITORY } from '../../emulators/stage.ts';
import { finish } from '../../src/finish.ts';
import { httpClient } from '../../src/http.ts';
import { refresh } from '../../src/refresh.ts';
import type { World as Outside } from '../../src/run.ts';
import { RecordingToolkit, type Told } from '../support/toolkit.ts';
import { StoryClock } from './clock.ts';
import { FakeProcess, isIdle, type Traffic } from './fake-process.ts';
import type { StepPlan, StopKind } from './plan.ts';
import type { Ending, JobSetup, Open, PlayedJob } from './player.ts';
import { World } from './world.ts';

// What the action loads when it needs it: loaded now, so that no run waits for a file.
await Promise.all([
  import('../../src/prepare.ts'),
  import('../../src/keep.ts'),
  import('../../src/github/sealed-box.ts'),
]);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** As the runner cancels. */
const TERM_AFTER_MS = 7_500;
const KILL_AFTER_MS = 10_000;

/** Changes what the action finds outside of itself. */
export type Change = (outside: Outside) => Partial<Outside>;

interface Parts {
  clock: StoryClock;
  world: World;
  traffic: Traffic;
  change: Change;
}

const IN_LOG = ['info', 'debug', 'warning', 'error'];

/** Steps that were played: each has a summary of its own. */
let steps = 0;

/** Plays steps within this process, on a clock whose waits take no time. @param sabotage made anew for each job */
export function inProcess(sabotage: () => Change = () => () => ({})): Open {
  return async (setting) => {
    const clock = new StoryClock();
    const world = await World.open(setting, clock.now);
    const traffic: Traffic = new Set();
    clock.isIdle = () => isIdle(traffic, world);
    world.onRequest = () => clock.skip(setting.paceMs);
    return {
      world,
      now: clock.now,
      pause: (ms) => clock.skip(ms),
      job: async (setup) => openJob({ clock, world, traffic, change: sabotage() }, setup),
      close: () => clock.close(),
    };
  };
}

function openJob(parts: Parts, setup: JobSetup): PlayedJob {
  let status: Outcome = 'success';
  let isLost = false;
  let state: Record<string, string> = {};
  return {
    async main(plan) {
      const ending = await playStep(parts, setup, plan, undefined);
      const { exitCode, stopped } = ending;
      status = exitCode === 0 && stopped !== 'timeout' ? 'success' : 'failure';
      if (stopped === 'cancel') status = 'cancelled';
      state = ending.state;
      isLost = stopped === 'lost';
      return isLost ? { ...ending, outputs: {}, state: {}, summary: '' } : ending;
    },
    async post(plan, laterFailure) {
      if (status === 'success' && laterFailure) status = 'failure';
      const runs = !isLost && holds(readMetadata(ROOT).postIf, status);
      return runs ? playStep(parts, setup, plan, state) : undefined;
    },
    close: async () => undefined,
  };
}

/** @param state what the main step has left; undefined for the main step itself */
async function playStep(
  { clock, world, traffic, change }: Parts,
  setup: JobSetup,
  plan: StepPlan,
  state: Record<string, string> | undefined,
): Promise<Ending> {
  const isPost = state !== undefined;
  const { inputs, runId, jobStartedAt } = setup;
  const summary = join(tmpdir(), `chaos-${process.pid}-${++steps}`);
  const recorder = new RecordingToolkit(inputs, state);
  const takeBack: (() => void)[] = [];
  let stopped: StopKind | undefined;
  const ending = (exitCode: number | null, signal?: string): Ending => ({
    ...{ exitCode, signal, stopped, askedAfterSignal: fake.askedAfterSignal },
    ...{ outputs: recorder.outputs, state: recorder.state },
    ...{ errors: recorder.texts('error'), masks: recorder.texts('mask') },
    log: recorder.told.flatMap(({ kind, text }) => (IN_LOG.includes(kind) ? text : [])).join('\n'),
    summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '',
  });
  const fake = new FakeProcess();
  const death = new Promise<Ending>((resolve) => {
    fake.onDeath = (signal) => resolve(ending(null, signal));
  });

  const stop = () => {
    if (fake.isGone || stopped !== undefined) return;
    stopped = plan.stop?.kind;
    if (stopped === 'kill' || stopped === 'lost') return fake.kill('SIGKILL');
    // A signal is heard between two turns of the event loop, never within one.
    const signal = stopped === 'term' ? 'SIGTERM' : 'SIGINT';
    setImmediate(() => fake.send(signal));
    if (stopped === 'term') return;
    takeBack.push(clock.after(TERM_AFTER_MS, () => fake.send('SIGTERM')));
    takeBack.push(clock.after(KILL_AFTER_MS, () => fake.kill('SIGKILL')));
  };
  recorder.onTell = tellHook(plan, stop);
  world.begin(setup, isPost, plan, stop);
  const client = httpClient({});
  const outside: Outside = {
    toolkit: recorder.toolkit,
    env: { GITHUB_STEP_SUMMARY: summary, GITHUB_REPOSITORY: REPOSITORY },
    facts: async () => ({ repository: REPOSITORY, runAttempt: 1, runId, jobStartedAt }),
    http: fake.http(client, clock, traffic),
    clock: fake.clock(clock),
    signals: fake.signals,
  };
  const run = (isPost ? finish : refresh)({ ...outside, ...change(outside) });
  const ended = await Promise.race([run.then((exitCode) => ending(exitCode)), death]);
  fake.exit();
  for (const back of takeBack) back();
  client.close();
  await world.settle();
  rmSync(summary, { force: true });
  return { ...ended, stopped };
}

/** Something that is told may stop the process, or fail to be told. */
function tellHook({ stop, broken }: StepPlan, onStop: () => void): (told: Told) => void {
  const at = stop !== undefined && 'told' in stop.at ? stop.at.told : -1;
  let count = 0;
  return ({ kind }) => {
    if (count++ === at) onStop();
    if (broken === undefined || count <= broken.from) return;
    const isLog = IN_LOG.includes(kind) || kind === 'mask';
    if (isLog === (broken.what === 'log')) throw new Error(`${kind} cannot be written`);
  };
}
