import { EventEmitter } from 'node:events';
import { UNDER_WAY } from '../../emulators/server.ts';
import type { SignalSource } from '../../src/cancellation.ts';
import type { Clock } from '../../src/clock.ts';
import type { HttpClient } from '../../src/http.ts';
import type { StoryClock } from './clock.ts';
import type { Fixture } from './fixture.ts';

const never = new Promise<never>(() => undefined);
const ID = 'x-chaos-id';

/** The requests of all processes of a story that have no answer yet. */
export class Traffic {
  readonly #fixture: Fixture;
  readonly #open = new Set<string>();
  #count = 0;

  constructor(fixture: Fixture) {
    this.#fixture = fixture;
  }

  begin(): string {
    const id = String(++this.#count);
    this.#open.add(id);
    return id;
  }

  end(id: string): void {
    this.#open.delete(id);
  }

  /** Whether nothing more will come unless time passes. */
  get isIdle(): boolean {
    return [...this.#open].every((id) => {
      const seen = this.#fixture.log.findLast(({ record }) => record.headers[ID] === id);
      return (
        seen !== undefined && seen.record.verdict !== UNDER_WAY && /not answered|swallowed/.test(seen.record.verdict)
      );
    });
  }
}

/**
 * A process within this process, as far as the action can tell: signals reach it or end it, and once it is gone
 * nothing that it waits for ever comes.
 */
export class Killable {
  /** Requests to Cobo that began after a signal. */
  askedAfterSignal = 0;
  signalled = false;
  readonly #signals = new EventEmitter();
  readonly #end = new AbortController();
  readonly #onDeath: (signal: string) => void;

  /** @param onDeath told at the instant of the kill */
  constructor(onDeath: (signal: string) => void) {
    this.#onDeath = onDeath;
  }

  get signals(): SignalSource {
    return this.#signals;
  }

  get isGone(): boolean {
    return this.#end.signal.aborted;
  }

  /** A signal that nobody listens to kills. */
  send(signal: 'SIGINT' | 'SIGTERM'): void {
    if (this.isGone) return;
    this.signalled = true;
    if (!this.#signals.emit(signal, signal)) this.kill(signal);
  }

  kill(signal: string): void {
    if (this.isGone) return;
    this.#onDeath(signal);
    this.#end.abort();
  }

  /** The process has ended by itself. */
  exit(): void {
    this.#end.abort();
  }

  clock(clock: StoryClock): Clock {
    return {
      now: clock.now,
      random: clock.random,
      sleep: async (ms, signal) => {
        if (this.isGone) await never;
        try {
          await clock.sleep(ms, signal);
        } finally {
          if (this.isGone) await never;
        }
      },
    };
  }

  /** A client that times out by the story's clock. */
  http(client: HttpClient, clock: StoryClock, traffic: Traffic): HttpClient {
    return {
      connectAhead: (url) => this.isGone || client.connectAhead(url),
      close: () => client.close(),
      send: async (request, { timeoutMs, ...options }) => {
        if (this.isGone) await never;
        if (this.signalled && request.url.pathname.endsWith('/oauth/token')) this.askedAfterSignal++;
        const id = traffic.begin();
        const timeout = new AbortController();
        const takeBack = clock.after(timeoutMs, () => timeout.abort());
        const ends = [timeout.signal, this.#end.signal, ...(options.signal ? [options.signal] : [])];
        try {
          const headers = { ...request.headers, [ID]: id };
          const limits = { ...options, timeoutMs: 120_000, signal: AbortSignal.any(ends) };
          return await client.send({ ...request, headers }, limits);
        } finally {
          takeBack();
          traffic.end(id);
          if (this.isGone) await never;
        }
      },
    };
  }
}
