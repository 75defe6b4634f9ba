import { EventEmitter } from 'node:events';
import type { SignalSource } from '../src/cancellation.ts';
import type { Clock } from '../src/clock.ts';
import type { HttpClient } from '../src/http.ts';

/**
 * A process within this process, as far as the action can tell: signals reach it or end it, and once it is
 * dead nothing that it waits for ever comes.
 */
export class Mortal {
  readonly #signals = new EventEmitter();
  readonly #death = new AbortController();
  readonly #waiting = new Set<{ method: string; path: string; giveUp: () => void }>();
  readonly #onDeath: (signal: string) => void;

  /** @param onDeath told at the instant of the kill */
  constructor(onDeath: (signal: string) => void) {
    this.#onDeath = onDeath;
  }

  get signals(): SignalSource {
    return this.#signals;
  }

  get isDead(): boolean {
    return this.#death.signal.aborted;
  }

  /** Gives whether somebody listened; a signal that nobody listens to kills. */
  send(signal: 'SIGINT' | 'SIGTERM'): boolean {
    if (this.#signals.emit(signal, signal)) return true;
    this.kill(signal);
    return false;
  }

  kill(signal: string): void {
    if (this.isDead) return;
    this.#onDeath(signal);
    this.#death.abort();
  }

  /** The time for this request is up. */
  giveUp(method: string, path: string): void {
    for (const entry of this.#waiting) {
      if (entry.method !== method || entry.path !== path) continue;
      this.#waiting.delete(entry);
      setImmediate(entry.giveUp);
      return;
    }
  }

  clock(clock: Clock): Clock {
    return {
      now: clock.now,
      random: clock.random,
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        await this.#ifAlive();
      },
    };
  }

  /** @param onTimeout told of each request whose time is up, with its limit */
  http(client: HttpClient, onTimeout: (ms: number) => void): HttpClient {
    return {
      send: async (request, options) => {
        await this.#ifAlive();
        const timeout = new AbortController();
        const giveUp = () => {
          onTimeout(options.timeoutMs);
          timeout.abort();
        };
        const entry = { method: request.method, path: request.url.pathname, giveUp };
        this.#waiting.add(entry);
        const ends = [timeout.signal, this.#death.signal, ...(options.signal ? [options.signal] : [])];
        try {
          // Time is up when the emulator says so: a slow machine must not look like a lost answer.
          return await client.send(request, { ...options, timeoutMs: 60_000, signal: AbortSignal.any(ends) });
        } finally {
          this.#waiting.delete(entry);
          await this.#ifAlive();
        }
      },
      connectAhead: (url) => client.connectAhead(url),
      close: () => client.close(),
    };
  }

  async #ifAlive(): Promise<void> {
    if (this.isDead) await new Promise(() => undefined);
  }
}
