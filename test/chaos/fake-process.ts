import { EventEmitter } from 'node:events';
import { UNDER_WAY } from '../../emulators/server.ts';
import type { Clock } from '../../src/clock.ts';
import type { HttpClient } from '../../src/http.ts';
import type { StoryClock } from './clock.ts';
import type { World } from './world.ts';

const ID = 'x-chaos-id';
/** The real time limit of a request. */
const MOST_MS = 120_000;

/** The requests of all processes of a story that have no answer yet. */
export class Traffic {
  readonly #open = new Set<string>();
  #count = 0;

  constructor(private readonly world: World) {}

  /** Sends a request under a number of its own. */
  async carry<T>(send: (headers: Record<string, string>) => Promise<T>): Promise<T> {
    const id = String(++this.#count);
    this.#open.add(id);
    return send({ [ID]: id }).finally(() => this.#open.delete(id));
  }

  /** Whether nothing more will come unless time passes. */
  readonly isIdle = (): boolean =>
    [...this.#open].every((id) => {
      const record = this.world.log.findLast((seen) => seen.record.headers[ID] === id)?.record;
      return record !== undefined && record.verdict !== UNDER_WAY && /not answered|swallowed/.test(record.verdict);
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

  /** @param onDeath told at the instant of the kill */
  constructor(private readonly onDeath: (signal: string) => void) {}

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
        this.#wait(() => {
          if (this.#isSignalled && request.url.pathname.endsWith('/oauth/token')) this.askedAfterSignal++;
          const timeout = new AbortController();
          const takeBack = clock.after(timeoutMs, () => timeout.abort());
          const ends = AbortSignal.any([timeout.signal, this.#end.signal, ...(signal ? [signal] : [])]);
          return traffic
            .carry((headers) =>
              client.send(
                { ...request, headers: { ...request.headers, ...headers } },
                { ...options, timeoutMs: MOST_MS, signal: ends },
              ),
            )
            .finally(takeBack);
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
