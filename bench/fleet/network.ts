import type { EmulatedRequest } from '../../emulators/server.ts';
import {
  type HttpAnswer,
  type HttpClient,
  type HttpOptions,
  type HttpRequest,
  TransportError,
} from '../../src/http.ts';
import type { Chance } from './chance.ts';
import type { Service } from './services.ts';
import type { Time } from './time.ts';

/** How a service fails while it is down. */
export type Failing = 'refuses' | 'errors' | 'is silent';

/** A time in which a service does not work. Milliseconds since 1970. */
export interface Outage {
  host: string;
  from: number;
  to: number;
  failing: Failing;
}

/** How likely it is that the answer to a request gets lost, although the request was processed. */
const LOST_ANSWER = 1 / 20_000;
/** The same for a request that never arrives. */
const LOST_REQUEST = 1 / 20_000;
const HANDSHAKE_MS = 60;
/** What the quickest answers take, in milliseconds. */
const QUICKEST_MS: Record<string, number> = { GET: 60, DELETE: 90, PUT: 110, POST: 120, PATCH: 110 };

/** The way from all machines to the services, with its delays and its faults. */
export class Network {
  readonly time: Time;
  readonly chance: Chance;
  readonly #services: ReadonlyMap<string, Service>;
  readonly #outages: readonly Outage[];

  constructor(time: Time, chance: Chance, services: ReadonlyMap<string, Service>, outages: readonly Outage[]) {
    this.time = time;
    this.chance = chance;
    this.#services = services;
    this.#outages = outages;
  }

  #failing(host: string): Failing | undefined {
    const now = this.time.now();
    return this.#outages.find((one) => one.host === host && one.from <= now && now < one.to)?.failing;
  }

  /**
   * Sends a request.
   * @param isOver whether the sender has given up, before the connection is there
   * @param settle called once with the answer, or the reason why there is none
   * @returns a function that tells whether any byte may have been sent
   */
  send(
    { method, url, headers, body }: HttpRequest,
    isNew: boolean,
    isOver: () => boolean,
    settle: (outcome: HttpAnswer | TransportError) => void,
  ): () => boolean {
    const { chance, time } = this;
    const service = this.#services.get(url.host);
    if (service === undefined) throw new Error(`nobody serves ${url.host}`);
    let sent = !isNew;
    const whole = chance.latency(QUICKEST_MS[method] ?? 60);
    time.after(isNew ? HANDSHAKE_MS : 0, () => {
      if (isOver()) return;
      const failing = this.#failing(url.host);
      if (failing === 'refuses') return settle(new TransportError('the connection was refused', false));
      sent = true;
      if (failing === 'is silent' || chance.happens(LOST_REQUEST)) return;
      time.after(whole / 2, () => {
        if (failing === 'errors') {
          const page: HttpAnswer = { status: 503, headers: {}, body: Buffer.from('<html>') };
          time.after(whole / 2, () => settle(page));
          return;
        }
        const request: EmulatedRequest = {
          method,
          path: url.pathname,
          query: url.search.slice(1),
          headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
          body: Buffer.from(body ?? ''),
        };
        const { answer, end } = service.take(request);
        const isLost = chance.happens(LOST_ANSWER);
        time.after(whole / 2, () => {
          end();
          // An outage that began meanwhile takes the answer with it.
          const cut = isLost || this.#failing(url.host) !== undefined;
          settle(cut ? new TransportError('the connection was cut', true) : answer);
        });
      });
    });
    return () => sent;
  }
}

/** The network as one process sees it: nothing reaches a process that is dead. */
export class Line implements HttpClient {
  readonly #network: Network;
  readonly #isAlive: () => boolean;
  readonly #seen: (request: HttpRequest, answer: HttpAnswer) => void;
  readonly #known = new Set<string>();

  /** @param seen told of each answer that has reached the process */
  constructor(network: Network, isAlive: () => boolean, seen: (request: HttpRequest, answer: HttpAnswer) => void) {
    this.#network = network;
    this.#isAlive = isAlive;
    this.#seen = seen;
  }

  send(request: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
    const { timeoutMs, signal, unsentSignal, newConnection } = options;
    return new Promise((resolve, reject) => {
      // A dead process sends nothing more.
      if (!this.#isAlive()) return;
      const { host } = request.url;
      const isNew = newConnection === true || !this.#known.has(host);
      this.#known.add(host);
      let over = false;
      const settle = (outcome: HttpAnswer | TransportError): void => {
        if (over) return;
        over = true;
        stopTimer();
        signal?.removeEventListener('abort', onAbort);
        unsentSignal?.removeEventListener('abort', onUnsentAbort);
        if (!this.#isAlive()) return;
        if (outcome instanceof TransportError) reject(outcome);
        else {
          this.#seen(request, outcome);
          resolve(outcome);
        }
      };
      const isSent = this.#network.send(request, isNew, () => over || !this.#isAlive(), settle);
      const onAbort = (): void => settle(new TransportError('cancelled', isSent()));
      const onUnsentAbort = (): void => {
        if (!isSent()) onAbort();
      };
      const stopTimer = this.#network.time.after(timeoutMs, () =>
        settle(new TransportError(`timed out after ${timeoutMs / 1000} s`, isSent())),
      );
      signal?.addEventListener('abort', onAbort);
      unsentSignal?.addEventListener('abort', onUnsentAbort);
      if (signal?.aborted || unsentSignal?.aborted) onAbort();
    });
  }

  connectAhead(): void {}

  close(): void {}
}
