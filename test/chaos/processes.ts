import type { ChildProcess } from 'node:child_process';
import { Job } from '../../emulators/runner/job.ts';
import { REPOSITORY } from '../../emulators/stage.ts';
import type { StepPlan, StopKind } from './plan.ts';
import type { Ending, JobSetup, Open, PlayedJob } from './player.ts';
import { World } from './world.ts';

/** GitHub's times are whole seconds: between two runs both services skip some, and nobody waits. */
const PAUSE_MS = 10_000;
const running = new Set<ChildProcess>();

/** Kills the processes that still run. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Plays steps as processes of dist/, as the runner starts them, in real time. */
export function processes(): Open {
  return async (setting) => {
    let skipped = 0;
    const now = () => Date.now() + skipped;
    const world = await World.open(setting, now);
    return {
      world,
      now,
      pause: () => {
        skipped += PAUSE_MS;
      },
      // A job is told of its start by this machine's clock.
      job: (setup) => openJob(world, { ...setup, jobStartedAt: setup.jobStartedAt - skipped }),
      close: () => undefined,
    };
  };
}

async function openJob(world: World, setup: JobSetup): Promise<PlayedJob> {
  const { inputs, runId, jobStartedAt } = setup;
  const github = { repository: REPOSITORY, run_id: String(runId) };
  const job = await Job.start({ github, jobStartedAt: new Date(jobStartedAt) });

  async function play(plan: StepPlan, isPost: boolean): Promise<Ending | undefined> {
    let child: ChildProcess | undefined;
    let stopped: StopKind | undefined;
    world.begin(setup, isPost, plan, () => {
      if (stopped !== undefined || child === undefined || child.exitCode !== null) return;
      stopped = plan.stop?.kind;
      if (stopped === 'kill') void job.kill();
      else if (stopped === 'lost') void job.loseMachine();
      else if (stopped === 'term') child.kill('SIGTERM');
      else job.cancel();
    });
    const onSpawn = (spawned: ChildProcess) => {
      child = spawned;
      running.add(spawned);
      spawned.once('exit', () => running.delete(spawned));
    };
    const result = await (isPost ? job.post({ onSpawn }) : job.main({ onSpawn, with: inputs }));
    await world.settle();
    if (result === undefined) return undefined;
    const { exitCode, signal, outputs, state, rawLog, rawAnnotations, rawSummary: summary, masks } = result;
    return {
      ...{ exitCode, signal: signal ?? undefined, outputs, state, masks, summary, stopped, askedAfterSignal: 0 },
      // A mask is told in the clear, and shown to nobody.
      log: rawLog.replace(/^::add-mask::.*$/gm, ''),
      errors: rawAnnotations.filter(({ level }) => level === 'error').map(({ message }) => message),
    };
  }

  return {
    main: (plan) => play(plan, false),
    post(plan, laterFailure) {
      if (laterFailure) job.otherStep('failure');
      return play(plan, true);
    },
    close: () => job.close(),
  };
}
