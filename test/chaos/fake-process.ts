import { EventEmitter } from 'node:events';
import type { Clock } from '../../src/clock.ts';
import type { HttpClient } from '../../src/http.ts';
import type { StoryClock } from './clock.ts';
import type { World } from './world.ts';

const ID = 'x-chaos-id';
/** The real time limit of a request. */
const MOST_MS = 120_000;

/** The requests that have no answer yet, of all processes of a story. */
export type Traffic = Set<string>;
let requests = 0;

/** Whether nothing more will come unless time passes. */
export function isIdle(traffic: Traffic, { log }: World): boolean {
  return [...traffic].every((id) => {
    const verdict = log.findLast(({ record }) => record.headers[ID] === id)?.record.verdict;
    return verdict !== undefined && /not answered|swallowed/.test(verdict);
  });
}

/**
 * A process within this process, as far as the action can tell: signals reach it or end it, and once it is gone
 * nothing that it waits for ever comes.
 */
export class FakeProcess {
  readonly signals = new EventEmitter();
  /** Requests to Cobo that began after a signal. */
  askedAfterSignal = 0;
  #isSignalled = false;
  readonly #end = new AbortController();

  /** Told at the instant of the kill. */
  onDeath: (signal: string) => void = () => undefined;

  get isGone(): boolean {
    return this.#end.signal.aborted;
  }

  /** A signal that nobody listens to kills. */
  send(signal: 'SIGINT' | 'SIGTERM'): void {
    if (this.isGone) return;
    this.#isSignalled = true;
    if (!this.signals.emit(signal, signal)) this.kill(signal);
  }

  kill(signal: string): void {
    if (this.isGone) return;
    this.onDeath(signal);
    this.exit();
  }

  exit(): void {
    this.#end.abort();
  }

  clock(clock: StoryClock): Clock {
    const { now, random } = clock;
    return { now, random, sleep: (ms, signal) => this.#wait(() => clock.sleep(ms, signal)) };
  }

  /** A client that times out by the story's clock. */
  http(client: HttpClient, clock: StoryClock, traffic: Traffic): HttpClient {
    return {
      connectAhead: (url) => this.isGone || client.connectAhead(url),
      close: () => client.close(),
      send: (request, { timeoutMs, signal, ...options }) =>
        this.#wait(async () => {
          if (this.#isSignalled && request.url.pathname.endsWith('/oauth/token')) this.askedAfterSignal++;
          const id = String(++requests);
          const timeout = new AbortController();
          const takeBack = clock.after(timeoutMs, () => timeout.abort());
          const ends = AbortSignal.any([timeout.signal, this.#end.signal, ...(signal ? [signal] : [])]);
          const headers = { ...request.headers, [ID]: id };
          traffic.add(id);
          try {
            return await client.send({ ...request, headers }, { ...options, timeoutMs: MOST_MS, signal: ends });
          } finally {
            traffic.delete(id);
            takeBack();
          }
        }),
    };
  }

  /** Gives what the process waits for, unless it is gone by then. */
  async #wait<T>(work: () => Promise<T>): Promise<T> {
    const never = () => new Promise<never>(() => undefined);
    if (this.isGone) await never();
    try {
      return await work();
    } finally {
      if (this.isGone) await never();
    }
  }
}
