import type { JobEnd } from './job.ts';
import type { Peaks, Usage } from './usage.ts';

/** Why a token needed a person. */
export type Cause =
  /** The envelope brought it back. */
  | 'envelope'
  /** The machine was lost while the token was in use: the app had to be installed again. */
  | 'machine lost'
  /** Cobo's answer never arrived: the app had to be installed again. */
  | 'answer lost'
  /** The record was left behind, but the token was not used. */
  | 'record left'
  /** A successor that the action had seen was nowhere: a defect. */
  | 'defect';

/** What was seen of a fleet. */
export interface Totals {
  rotations: number;
  /** Jobs that stored a new token, be it in the post step. */
  stored: number;
  /** Jobs of the schedule that were left out, because an earlier one was not over. */
  skipped: number;
  /** Milliseconds of the main steps that stored: half of them, 99 of a hundred, all. */
  tookMs: { half: number; most: number; all: number };
  /** Jobs that failed, by error code. */
  failed: Record<string, number>;
  persons: Record<Cause, number>;
  /** How often an organization had no living access token for more than a quarter of an hour. */
  gaps: number;
  /** Tokens that a later run replaced with `org-id`. */
  healed: number;
  peaks: Peaks;
  requests: number;
  refused: number;
  /** Told in full: what should not have happened. */
  stories: string[];
  simulatedMs: number;
}

/** Twelve hours that an access token lives, and a quarter of an hour: the next run may begin just then. */
const WITHOUT_MS = 12.25 * 3_600_000;
const MOST_STORIES = 5;

export class Tally {
  #rotations = 0;
  #stored = 0;
  #skipped = 0;
  #healed = 0;
  #gaps = 0;
  readonly #took: number[] = [];
  readonly #failed: Record<string, number> = {};
  readonly #persons: Record<Cause, number> = {
    envelope: 0,
    'machine lost': 0,
    'answer lost': 0,
    'record left': 0,
    defect: 0,
  };
  readonly #stories: string[] = [];

  /** @returns whether the token was stored, be it by the post step */
  rotation({ main, post }: JobEnd): boolean {
    this.#rotations += 1;
    const byPost = post?.log.some((line) => line.includes('token-state: stored')) ?? false;
    const isStored = main.outputs['token-state'] === 'stored' || byPost;
    if (isStored) this.#stored += 1;
    if (main.status === 0) {
      this.#took.push(main.tookMs);
      return isStored;
    }
    const code = main.error === '' ? String(main.status) : codeOf(main.error);
    this.#failed[code] = (this.#failed[code] ?? 0) + 1;
    return isStored;
  }

  /** Milliseconds from one stored token to the next. */
  gap(ms: number): void {
    if (ms > WITHOUT_MS) this.#gaps += 1;
  }

  skipped(): void {
    this.#skipped += 1;
  }

  heals(): void {
    this.#healed += 1;
  }

  person(who: string, end: JobEnd, hasEnvelope: boolean): void {
    const cause = causeOf(end, hasEnvelope);
    this.#persons[cause] += 1;
    if (cause === 'defect' || cause === 'record left') this.#tell(`${who}: ${cause}\n${storyOf(end)}`);
  }

  envelopeFailed(who: string, end: JobEnd): void {
    this.#persons.defect += 1;
    this.#tell(`${who}: the envelope did not bring the token back\n${storyOf(end)}`);
  }

  #tell(story: string): void {
    if (this.#stories.length < MOST_STORIES) this.#stories.push(story);
  }

  totals({ peaks, requests, refused }: Usage, simulatedMs: number): Totals {
    const sorted = this.#took.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      rotations: this.#rotations,
      stored: this.#stored,
      skipped: this.#skipped,
      tookMs: { half: at(0.5), most: at(0.99), all: at(1) },
      failed: this.#failed,
      persons: this.#persons,
      gaps: this.#gaps,
      healed: this.#healed,
      ...{ peaks, requests, refused, stories: this.#stories, simulatedMs },
    };
  }
}

function causeOf({ main, post, sawSuccessor }: JobEnd, hasEnvelope: boolean): Cause {
  if (hasEnvelope) return 'envelope';
  if (main.status === 'lost' || post?.status === 'lost') return 'machine lost';
  if (sawSuccessor) return 'defect';
  const state = main.outputs['token-state'];
  return state === 'unspent' ? 'record left' : 'answer lost';
}

function codeOf(error: string): string {
  return /error: ([a-z-]+)\]/.exec(error)?.[1] ?? 'unknown';
}

function storyOf({ main, post, sawSuccessor }: JobEnd): string {
  const told = (name: string, step: typeof main) => [
    `${name}: ended ${step.status} after ${step.tookMs} ms, ${JSON.stringify(step.outputs)}`,
    ...[...step.log, ...step.warnings].map((line) => `  ${line}`),
    `  left behind: ${step.state['handover']}`,
    `  ${step.error}`,
  ];
  const lines = [...told('main', main), ...(post === undefined ? [] : told('post', post))];
  return [`successor seen: ${sawSuccessor}`, ...lines].join('\n');
}
