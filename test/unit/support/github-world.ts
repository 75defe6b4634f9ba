import type { Clock } from '../../../src/clock.ts';
import type { GitHubAccess } from '../../../src/github/client.ts';
import type { Sender } from '../../../src/http.ts';
import type { Log } from '../../../src/log.ts';

/** 2026-03-01T12:00:00Z: what every held clock shows first. */
export const NOON = Date.UTC(2026, 2, 1, 12, 0, 0);

/** A clock that stands still. Sleeping moves it on at once, and is recorded. */
export class HeldClock implements Clock {
  readonly waits: number[] = [];
  time: number;
  /** What happens elsewhere while somebody sleeps. */
  meanwhile: () => void | Promise<void> = () => {};

  constructor(time = NOON) {
    this.time = time;
  }

  now(): number {
    return this.time;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits.push(ms);
    await this.meanwhile();
    signal?.throwIfAborted();
    this.time += ms;
  }

  random(): number {
    return 0.5;
  }
}

/** A log that keeps its lines. */
export class KeptLog implements Log {
  readonly lines: string[] = [];
  readonly warnings: string[] = [];

  info(line: string): void {
    this.lines.push(line);
  }

  debug(line: string): void {
    this.lines.push(line);
  }

  warning(line: string): void {
    this.warnings.push(line);
  }
}

export const TOKEN = 'github_pat_of_the_tests';
export const API_URL = 'https://api.github.test';

type Chosen = Partial<Pick<GitHubAccess, 'maxAttempts' | 'apiUrl' | 'signal' | 'httpOptions'>>;

/** Access to `http` with a held clock and a kept log. */
export function accessTo(http: Sender, chosen: Chosen = {}) {
  const clock = new HeldClock();
  const log = new KeptLog();
  const access: GitHubAccess = {
    http,
    httpOptions: { timeoutMs: 30_000 },
    clock,
    log,
    maxAttempts: 4,
    apiUrl: API_URL,
    token: TOKEN,
    impatience: new AbortController().signal,
    signal: new AbortController().signal,
    ...chosen,
  };
  return { access, clock, log };
}

/** Lets everything happen that can happen without a timer or a request. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a promise throws; a promise that throws nothing fails the test. */
export async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
