import { Job } from '../emulators/runner/job.ts';
import type { Outcome, StepResult } from '../emulators/runner/result.ts';
import type { RecordedRequest } from '../emulators/server.ts';
import { SECRET, type Stage } from '../emulators/stage.ts';
import { type Happening, shortened, type Who } from './transcript.ts';

/** A job as the demo plays it. */
export interface Play {
  /** In place of the usual inputs; an undefined one is left out. */
  inputs?: Record<string, string | undefined>;
  /** When the job started; now by default. */
  startedAt?: Date;
  /** Called with the job before its first step. */
  onStart?: (job: Job) => void;
  /** Called between the main step and the post step. */
  between?: () => void;
}

/** A step that is over, and what happened during it, in order of time. */
export interface Played {
  result: StepResult;
  happenings: readonly Happening[];
}

export interface PlayedJob {
  main: Played;
  /** Undefined when the runner did not start it. */
  post: Played | undefined;
  status: Outcome;
}

/** The first store: the environment that the README recommends. */
export function storeOf(stage: Stage): string {
  const [store] = stage.stores;
  if (store === undefined) throw new Error('this stage has no store');
  return store;
}

/** The value of the secret that holds the refresh token. */
export function storedToken(stage: Stage): string | undefined {
  return stage.github.secretValue(storeOf(stage), SECRET);
}

/** The in-flight records in the store, by name. */
export function recordsIn(stage: Stage): string[] {
  return stage.github.secretNames(storeOf(stage)).filter((name) => name.startsWith(`${SECRET}_IN_FLIGHT_`));
}

/** Runs the action in a job of its own, main step and post step, as the runner does. */
export async function play(stage: Stage, { inputs, startedAt, onStart, between }: Play = {}): Promise<PlayedJob> {
  const said: Happening[] = [];
  const job = await Job.start({
    github: stage.queueRun(),
    ...(startedAt === undefined ? {} : { jobStartedAt: startedAt }),
    onLine: (line) => said.push({ at: Date.now(), who: 'log', what: shortened(line) }),
  });
  const step = async (script: string, run: () => Promise<StepResult | undefined>): Promise<Played | undefined> => {
    const seen = { cobo: stage.cobo.requests.length, github: stage.github.requests.length };
    said.splice(0);
    const result = await run();
    const over = Date.now();
    if (result === undefined) return undefined;
    const ended = result.signal === null ? `exit status ${result.exitCode}` : `killed (${result.signal})`;
    const happenings: Happening[] = [
      ...said.filter(({ what }) => what !== '##[endgroup]'),
      ...stage.cobo.requests.slice(seen.cobo).map((request) => requestTo('Cobo', request)),
      ...stage.github.requests.slice(seen.github).map((request) => requestTo('GitHub', request)),
    ];
    return {
      result,
      happenings: [
        { at: over - result.durationMs, who: 'runner', what: `starts ${script} with Node 24` },
        ...happenings.sort((a, b) => a.at - b.at),
        { at: over, who: 'runner', what: ended },
      ],
    };
  };
  try {
    onStart?.(job);
    const given = stage.inputs({ 'refresh-token': storedToken(stage), ...inputs });
    const main = await step('dist/index.js', () => job.main({ with: given }));
    if (main === undefined) throw new Error('a main step always runs');
    between?.();
    const post = await step('dist/post.js', () => job.post());
    return { main, post, status: job.status };
  } finally {
    await job.close();
  }
}

function requestTo(who: Who, { at, method, path, status, verdict }: RecordedRequest): Happening {
  const answer = status === 'cut' ? 'no answer' : `${status}`;
  const place = path.replace(/^\/repos\/[^/]+\/[^/]+/, '…');
  return { at, who, what: `${method} ${place} → ${answer} (${verdict})` };
}
