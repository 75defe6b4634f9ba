import type { ChildProcess } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cancelLikeRunner } from '../emulators/runner/cancel.ts';
import { runStep, type StepResult } from '../emulators/runner/step.ts';
import type { Ending } from './act.ts';
import { type Pace, stalls } from './mishaps.ts';
import type { Interruption } from './plan.ts';
import { atInstant, type Performance, type Performer } from './script.ts';
import { REPOSITORY, type Theatre } from './theatre.ts';

/** The client waits for one second. */
export const PROCESS_PACE: Pace = { delayMs: 60, lateMs: 1_400 };

/** How long after the start of the process an instant with `share` 1 falls. */
const RATHER_LATE_MS = 900;
/** Shorter breaths than the runner takes, in the same order. */
const CANCEL_PACE = { intMs: 500, termMs: 400 };

/** Runs the bundle in a process of its own, as the runner does. */
export function processPerformer(actionDir: string): Performer {
  return async (theatre, script) => {
    const { interruption } = script;
    const reached = atInstant(interruption?.at);
    const interference: Promise<unknown>[] = [];
    let child: ChildProcess | undefined;
    let interrupted = false;
    const interrupt = ({ kind }: Interruption) => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      interrupted = true;
      if (kind === 'runner') interference.push(cancelLikeRunner(child, CANCEL_PACE));
      else child.kill(kind);
    };
    let timer: NodeJS.Timeout | undefined;
    theatre.begin(script.mishaps, {
      onRequest: (method, path) => {
        const when = reached(method, path);
        return interruption === undefined || when === undefined
          ? {}
          : { [when]: () => interrupt(interruption) };
      },
    });
    const result = await runStep({
      with: script.inputs,
      actionDir,
      github: { repository: REPOSITORY, run_id: String(script.runId), api_url: theatre.github.url },
      eventPathMtime: new Date(script.jobStartedAt),
      onSpawn: (started) => {
        child = started;
        const at = interruption?.at;
        if (interruption !== undefined && at !== undefined && 'share' in at) {
          timer = setTimeout(() => interrupt(interruption), at.share * RATHER_LATE_MS);
        }
      },
    });
    clearTimeout(timer);
    await Promise.all(interference);
    await theatre.settle(result.signal === null ? 0 : 40);
    return performanceOf(theatre, result, interrupted);
  };
}

function performanceOf(theatre: Theatre, result: StepResult, interrupted: boolean): Performance {
  const { exitCode, signal, outputs, log, annotations, debug, rawSummary } = result;
  const ending: Ending = {
    exitCode,
    killed: signal !== null,
    killedBy: signal ?? undefined,
    outputs,
    log,
    annotations,
    debug,
    rawSummary,
  };
  const expected = [...theatre.struck.values()].filter(stalls).length;
  const timeouts = debug.filter((line) => line.includes(': no answer within ')).length;
  return { ending, interrupted, cancelledEarly: false, tooSlow: timeouts > expected };
}

/** A copy of what the runner needs of the action: a build beside a long run must not disturb it. */
export async function copyAction(actionDir: string): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'chaos-action-'));
  await cp(join(actionDir, 'action.yml'), join(dir, 'action.yml'));
  await cp(join(actionDir, 'dist'), join(dir, 'dist'), { recursive: true });
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}
