import type { JobEnd } from './job.ts';
import { NO_USAGE, type Usage } from './usage.ts';

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

/** What was seen of some organizations. */
export interface Totals extends Usage {
  /** Days that were played. */
  days: number;
  rotations: number;
  /** Jobs that stored a new token, be it in the post step. */
  stored: number;
  /** Jobs of the schedule that were left out, because an earlier one was not over. */
  skipped: number;
  /** Milliseconds of each main step that stored. */
  tookMs: number[];
  /** Jobs that failed, by error code. */
  failed: Record<string, number>;
  persons: Record<Cause, number>;
  /** How often an organization had no living access token for more than a quarter of an hour. */
  gaps: number;
  /** Tokens that a later run replaced with `org-id`. */
  healed: number;
  /** Told in full: what should not have happened. */
  stories: string[];
}

/** Twelve hours that an access token lives, and a quarter of an hour: the next run may begin just then. */
const WITHOUT_MS = 12.25 * 3_600_000;
const MOST_STORIES = 5;

/** Of organizations together, none of which is in two of the parts. */
export function sumOf(parts: readonly Totals[]): Totals {
  const sum: Totals = nothing();
  const { peaks } = sum;
  for (const part of parts) {
    for (const name of COUNTS) sum[name] += part[name];
    sum.days = Math.max(sum.days, part.days);
    for (const ms of part.tookMs) sum.tookMs.push(ms);
    for (const [code, count] of Object.entries(part.failed)) sum.failed[code] = (sum.failed[code] ?? 0) + count;
    for (const cause of keysOf(sum.persons)) sum.persons[cause] += part.persons[cause];
    for (const name of keysOf(peaks)) peaks[name] = Math.max(peaks[name], part.peaks[name]);
    sum.stories.push(...part.stories.slice(0, MOST_STORIES - sum.stories.length));
  }
  return sum;
}

const COUNTS = ['rotations', 'stored', 'skipped', 'gaps', 'healed', 'requests', 'refused'] as const;

function keysOf<Key extends string>(record: Record<Key, unknown>): Key[] {
  return Object.keys(record) as Key[];
}

function nothing(): Totals {
  return {
    ...{ days: 0, rotations: 0, stored: 0, skipped: 0, gaps: 0, healed: 0, tookMs: [], failed: {}, stories: [] },
    persons: { envelope: 0, 'machine lost': 0, 'answer lost': 0, 'record left': 0, defect: 0 },
    ...structuredClone(NO_USAGE),
  };
}

/** Counts what becomes of one organization. */
export class Tally {
  readonly totals = nothing();
  readonly #who: string;

  constructor(who: string) {
    this.#who = who;
  }

  /** @returns whether the token was stored, be it by the post step */
  rotation({ main, post }: JobEnd): boolean {
    const { totals } = this;
    totals.rotations += 1;
    const byPost = post?.log.some((line) => line.includes('token-state: stored')) ?? false;
    const isStored = main.outputs['token-state'] === 'stored' || byPost;
    if (isStored) totals.stored += 1;
    if (main.status === 0) {
      totals.tookMs.push(main.tookMs);
      return isStored;
    }
    const code = main.error === '' ? String(main.status) : codeOf(main.error);
    totals.failed[code] = (totals.failed[code] ?? 0) + 1;
    return isStored;
  }

  /** Milliseconds from one stored token to the next. */
  gap(ms: number): void {
    if (ms > WITHOUT_MS) this.totals.gaps += 1;
  }

  /** A person has to do something about a token. */
  person(end: JobEnd, hasEnvelope: boolean): void {
    const cause = causeOf(end, hasEnvelope);
    this.totals.persons[cause] += 1;
    if (cause === 'defect' || cause === 'record left') this.#tell(`${cause}\n${storyOf(end)}`);
  }

  /** The envelope did not help. @param end of the last run with it */
  envelopeFailed(end: JobEnd): void {
    const cause = codeOf(end.main.error) === 'answer-lost' && !end.sawSuccessor ? 'answer lost' : 'defect';
    this.totals.persons[cause] += 1;
    if (cause === 'defect') this.#tell(`the envelope did not bring the token back\n${storyOf(end)}`);
  }

  #tell(story: string): void {
    this.totals.stories.push(`${this.#who}: ${story}`);
  }
}

function causeOf({ main, post, sawSuccessor }: JobEnd, hasEnvelope: boolean): Cause {
  if (hasEnvelope) return 'envelope';
  if (main.status === 'lost' || post?.status === 'lost') return 'machine lost';
  if (sawSuccessor) return 'defect';
  const state = main.outputs['token-state'];
  return state === 'unspent' ? 'record left' : 'answer lost';
}

/** The error code in an error line. */
export function codeOf(error: string): string {
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
