import { Job } from '../../emulators/runner/job.ts';
import type { StepResult } from '../../emulators/runner/result.ts';
import { REPOSITORY } from '../../emulators/stage.ts';
import { Fixture } from './fixture.ts';
import type { StepPlan } from './plan.ts';
import { atRequest, type Ending, type JobSetup, type Open, type PlayedJob } from './player.ts';

/** GitHub's times are whole seconds: between two runs both services skip some, and nobody waits. */
const PAUSE_MS = 10_000;
const running = new Set<number>();

/** Kills the processes that still run. */
export function endAll(): void {
  for (const pid of running) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** Plays steps as processes of dist/, as the runner starts them, in real time. */
export function processes(): Open {
  return async ({ setting }) => {
    let skipped = 0;
    const now = () => Date.now() + skipped;
    const fixture = await Fixture.open(setting, now);
    return {
      fixture,
      player: {
        now,
        pause: async () => {
          skipped += PAUSE_MS;
        },
        // A job is told of its start by this machine's clock.
        job: (_fixture, setup) => openJob(fixture, { ...setup, jobStartedAt: setup.jobStartedAt - skipped }),
        close: async () => undefined,
      },
    };
  };
}

async function openJob(fixture: Fixture, setup: JobSetup): Promise<PlayedJob> {
  const { run, host, inputs, runId, jobStartedAt } = setup;
  const job = await Job.start({
    github: { repository: REPOSITORY, run_id: String(runId) },
    jobStartedAt: new Date(jobStartedAt),
  });

  async function play(plan: StepPlan, isPost: boolean): Promise<Ending | undefined> {
    const { stop: planned } = plan;
    let child: Parameters<NonNullable<Parameters<Job['post']>[0]>['onSpawn'] & object>[0] | undefined;
    let stopped = false;
    const stop = () => {
      if (stopped || planned === undefined || child === undefined || child.exitCode !== null) return;
      stopped = true;
      if (planned.kind === 'kill') void job.kill();
      else if (planned.kind === 'lost') void job.loseMachine();
      else if (planned.kind === 'term') child.kill('SIGTERM');
      else job.cancel();
    };
    fixture.begin(run, isPost, host, { faults: plan.faults, onRequest: atRequest(planned?.at, stop) });
    const options = {
      onSpawn(spawned: NonNullable<typeof child>) {
        child = spawned;
        const { pid } = spawned;
        if (pid === undefined) return;
        running.add(pid);
        spawned.once('exit', () => running.delete(pid));
      },
    };
    const result = await (isPost ? job.post(options) : job.main({ ...options, with: inputs }));
    await fixture.settle();
    if (result === undefined) return undefined;
    return { ...endingOf(result), stopped, lost: stopped && planned?.kind === 'lost' };
  }

  return {
    async main(plan) {
      const ending = await play(plan, false);
      if (ending === undefined) throw new Error('the main step has not run');
      return ending;
    },
    post(plan, laterFailure) {
      if (laterFailure) job.otherStep('failure');
      return play(plan, true);
    },
    close: () => job.close(),
  };
}

function endingOf(result: StepResult): Omit<Ending, 'stopped' | 'lost'> {
  const { exitCode, signal, outputs, state, rawLog, rawAnnotations, rawSummary, masks } = result;
  return {
    ...{ exitCode, signal: signal ?? undefined, outputs, state, masks, summary: rawSummary },
    // A mask is told in the clear, and shown to nobody.
    log: rawLog.replace(/^::add-mask::.*$/gm, ''),
    errors: rawAnnotations.filter(({ level }) => level === 'error').map(({ message }) => message),
    askedAfterSignal: 0,
  };
}
