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
const NOTHING = Buffer.alloc(0);

/** A request as its sender follows it. */
interface Sending {
  request: HttpRequest;
  /** Whether it opens a connection. */
  isNew: boolean;
  /** Whether any byte may have been sent. */
  sent: boolean;
  /** Whether the sender has given up. */
  isOver(): boolean;
  /** Takes the answer, or the reason why there is none; the first counts. */
  settle(outcome: HttpAnswer | TransportError): void;
}

/** The way from all machines to the services, with its delays and its faults. */
export class Network {
  readonly time: Time;
  readonly #services: ReadonlyMap<string, Service>;
  readonly #outages: ReadonlyMap<string, readonly Outage[]>;

  constructor(time: Time, services: ReadonlyMap<string, Service>, outages: readonly Outage[]) {
    this.time = time;
    this.#services = services;
    this.#outages = new Map([...services.keys()].map((host) => [host, outages.filter((one) => one.host === host)]));
  }

  #failing(host: string): Failing | undefined {
    const outages = this.#outages.get(host);
    if (outages === undefined) return undefined;
    const now = this.time.now();
    for (const { from, to, failing } of outages) if (from <= now && now < to) return failing;
    return undefined;
  }

  /** Sends a request. @param chance the sender's own */
  send(sending: Sending, chance: Chance): void {
    const { request, isNew } = sending;
    const { host } = request.url;
    const service = this.#services.get(host);
    if (service === undefined) throw new Error(`nobody serves ${host}`);
    const halfMs = chance.latency(QUICKEST_MS[request.method] ?? 60) / 2;
    const connected = (): void => {
      if (sending.isOver()) return;
      const failing = this.#failing(host);
      if (failing === 'refuses') {
        sending.settle(new TransportError('the connection was refused', false));
        return;
      }
      sending.sent = true;
      if (failing === 'is silent' || chance.happens(LOST_REQUEST)) return;
      if (failing === 'errors') {
        this.time.after(2 * halfMs, () => sending.settle(brokenPage()));
        return;
      }
      this.time.quietly(halfMs, () => {
        const { answer, end } = service.take(asTaken(request));
        const isLost = chance.happens(LOST_ANSWER);
        this.time.after(halfMs, () => {
          end();
          // An outage that began meanwhile takes the answer with it.
          const cut = isLost || this.#failing(host) !== undefined;
          sending.settle(cut ? new TransportError('the connection was cut', true) : answer);
        });
      });
    };
    if (isNew) this.time.after(HANDSHAKE_MS, connected);
    else connected();
  }
}

function brokenPage(): HttpAnswer {
  return { status: 503, headers: {}, body: Buffer.from('<html>') };
}

const lowerNames = new Map<string, string>();

function lowerCase(name: string): string {
  let lower = lowerNames.get(name);
  if (lower === undefined) {
    lower = name.toLowerCase();
    lowerNames.set(name, lower);
  }
  return lower;
}

function asTaken({ method, url, headers, body }: HttpRequest): EmulatedRequest {
  const taken: Record<string, string> = {};
  for (const name in headers) {
    taken[lowerCase(name)] = headers[name] ?? '';
  }
  const { pathname, search } = url;
  return {
    method,
    path: pathname,
    query: search === '' ? '' : search.slice(1),
    headers: taken,
    body: body === undefined ? NOTHING : Buffer.from(body),
  };
}

/** The network as one process sees it: nothing reaches a process that is dead. */
export class Line implements HttpClient {
  readonly #network: Network;
  readonly #chance: Chance;
  readonly #isAlive: () => boolean;
  readonly #seen: (request: HttpRequest, answer: HttpAnswer) => void;
  readonly #known = new Set<string>();

  /** @param seen told of each answer that has reached the process */
  constructor(
    network: Network,
    chance: Chance,
    isAlive: () => boolean,
    seen: (request: HttpRequest, answer: HttpAnswer) => void,
  ) {
    this.#network = network;
    this.#chance = chance;
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
      const sending: Sending = {
        request,
        isNew,
        sent: !isNew,
        isOver: () => over || !this.#isAlive(),
        settle: (outcome) => {
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
        },
      };
      const onAbort = (): void => sending.settle(new TransportError('cancelled', sending.sent));
      const onUnsentAbort = (): void => {
        if (!sending.sent) onAbort();
      };
      const stopTimer = this.#network.time.after(timeoutMs, () =>
        sending.settle(new TransportError(`timed out after ${timeoutMs / 1000} s`, sending.sent)),
      );
      signal?.addEventListener('abort', onAbort);
      unsentSignal?.addEventListener('abort', onUnsentAbort);
      if (signal?.aborted || unsentSignal?.aborted) onAbort();
      else this.#network.send(sending, this.#chance);
    });
  }

  connectAhead(): void {}

  close(): void {}
}
