import { setMaxListeners } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { Connections, type Greeting } from './connections.ts';
import { answerUnder, describe, type Sealing, strikesBefore } from './effects.ts';
import { type Fault, FaultBook, type PlainAnswer, planOf, type WireAnswer } from './faults.ts';
import { type Answer, type EmulatedRequest, type RecordedRequest, recordOf } from './record.ts';
import { cut, readBody, send, sendPart, sendWithTrailing } from './wire.ts';

export type { Greeting } from './connections.ts';
export { TIMEOUT_GREETING } from './connections.ts';
export { type Answer, type EmulatedRequest, type RecordedRequest, UNDER_WAY } from './record.ts';

/** PEM texts; with them the emulator speaks HTTPS. */
export interface TlsOptions {
  key: string;
  cert: string;
}

/** An HTTP server on 127.0.0.1 that records every request, and misbehaves on demand. */
export abstract class EmulatorServer {
  readonly requests: RecordedRequest[] = [];
  readonly faults = new FaultBook();
  /** What broke inside the emulator itself; a test may demand that it is empty. */
  readonly errors: unknown[] = [];
  /** Milliseconds added before every answer. */
  latencyMs = 0;
  /** Peak of requests in hand at once. */
  maxInFlight = 0;
  #inFlight = 0;
  #seq = 0;
  #origin = '';
  readonly #connections = new Connections();
  readonly #server: http.Server;
  readonly #closing = new AbortController();

  constructor(tls?: TlsOptions) {
    const listener = (message: IncomingMessage, response: ServerResponse): void => {
      this.#serve(message, response).catch((error: unknown) => {
        if (!this.#closing.signal.aborted) this.errors.push(error);
        response.destroy();
      });
    };
    this.#server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
    const connected = tls === undefined ? 'connection' : 'secureConnection';
    this.#server.on(connected, (socket: Socket) => this.#connections.open(socket));
    // Longer than any test pauses: a connection that dies while idle would be a fault nobody asked for.
    this.#server.keepAliveTimeout = 120_000;
    setMaxListeners(0, this.#closing.signal);
  }

  /** Listens on a free port of 127.0.0.1. */
  async listen(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const scheme = this.#server instanceof https.Server ? 'https' : 'http';
    this.#origin = `${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  /** Scheme, host and port; no slash at the end. */
  get origin(): string {
    return this.#origin;
  }

  /** The base URL that a client is configured with; no slash at the end. */
  get url(): string {
    return this.#origin;
  }

  /** What new connections are told before they have asked anything; undefined for nothing. */
  get greeting(): Greeting | undefined {
    return this.#connections.greeting;
  }

  set greeting(greeting: Greeting | undefined) {
    this.#connections.greeting = greeting;
  }

  /** How many connections were opened, and how many of them were greeted. */
  get connections(): { opened: number; greeted: number } {
    const { opened, greeted } = this.#connections;
    return { opened, greeted };
  }

  /** The network forgets every connection that is idle now: later requests on it are swallowed. */
  forgetIdleConnections(): void {
    this.#connections.forget();
  }

  /** Forgets the log and the peak; state and faults stay. */
  resetLog(): void {
    this.requests.length = 0;
    this.errors.length = 0;
    this.maxInFlight = this.#inFlight;
  }

  /** Drops every connection, also the hanging ones, and stops listening. */
  async close(): Promise<void> {
    this.#closing.abort();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Processes a request: checks it, changes the state, says what to answer. */
  protected abstract process(request: EmulatedRequest): Answer | Promise<Answer>;

  /** Adds (or spoils) the signature of an answer; only Cobo signs. */
  protected seal(answer: PlainAnswer, _sealing: Sealing): PlainAnswer {
    return answer;
  }

  /** The bytes of an answer that the emulated service itself has made. */
  protected encode(answer: PlainAnswer): WireAnswer {
    return { ...answer, body: Buffer.from(answer.body, 'utf8') };
  }

  /** Headers that every answer carries, whatever its origin. */
  protected standingHeaders(_request: EmulatedRequest): Record<string, string> {
    return {};
  }

  /** A request has come in; called once. Gives what to call when its answer is out, or lost. */
  protected admit(_request: EmulatedRequest): () => void {
    return () => undefined;
  }

  /** Replaces the key pair that the request is about; only GitHub has some. */
  protected rotateKeyBefore(_request: EmulatedRequest): void {}

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    response.on('error', () => undefined);
    this.#seq += 1;
    const { record, request } = recordOf(message, this.#seq);
    this.requests.push(record);
    const finish = (status: number | 'cut', verdict: string): void => {
      record.ms = performance.now() - started;
      record.status = status;
      record.verdict = verdict;
    };
    const { socket } = message;
    const isForgotten = this.#connections.isForgotten(socket);
    const taken = isForgotten
      ? ({ kind: 'forget' } as const)
      : this.faults.take(record.method, record.path, this.#connections.isReused(socket));
    const { before, after, fault } = planOf(taken);
    if (taken !== undefined) record.fault = fault?.kind ?? 'hook';
    if (fault?.kind === 'forget') {
      for (const run of before) await run();
      this.#connections.forget(socket);
      message.resume();
      return finish('cut', 'swallowed: the network has forgotten the connection, nothing processed');
    }
    this.#enter(request, response, socket);
    if (fault?.kind === 'refuse') {
      for (const run of before) await run();
      finish('cut', 'connection reset at once, nothing processed');
      cut(socket);
      return;
    }

    const body = await readBody(message);
    if (body === undefined) {
      finish('cut', 'the client left before its body was complete');
      return;
    }
    request.body = body;
    record.body = body.toString('utf8');
    for (const run of before) await run();
    if (fault?.kind === 'delay' && fault.when === 'before') await this.#pause(fault.ms);

    const processed = strikesBefore(fault) ? undefined : await this.#processed(request, fault);
    const did = processed?.verdict ?? 'nothing processed';
    record.verdict = did;
    for (const run of after) await run();
    if (fault?.kind === 'delay' && fault.when === 'after') await this.#pause(fault.ms);
    if (this.latencyMs > 0) await this.#travel(this.latencyMs);

    if (fault?.kind === 'hang') return finish('cut', `${did}; not answered`);
    if (fault?.kind === 'cut' && (fault.when === 'before' || fault.when === 'after')) {
      finish('cut', `${did}; connection reset, no byte answered`);
      return cut(socket);
    }
    if (response.destroyed) return finish('cut', `${did}; the client had left`);
    const answer = answerUnder(fault, processed, {
      standing: this.standingHeaders(request),
      seal: (plain, sealing) => this.seal(plain, sealing),
      encode: (plain) => this.encode(plain),
    });
    if (fault?.kind === 'cut') {
      finish('cut', `${did}; connection ended in the middle of the answer`);
      return sendPart(response, answer, fault);
    }
    finish(answer.status, describe(did, fault));
    if (fault?.kind === 'trailing') return sendWithTrailing(response, answer, fault);
    send(response, answer);
  }

  /** Counts a request that has reached the service, until its answer is out or its connection is gone. */
  #enter(request: EmulatedRequest, response: ServerResponse, socket: Socket): void {
    this.#inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.#inFlight);
    const ends = [this.#connections.begin(socket), this.admit(request)];
    response.once('close', () => {
      this.#inFlight -= 1;
      for (const end of ends) end();
    });
  }

  async #processed(request: EmulatedRequest, fault: Fault | undefined): Promise<Answer> {
    if (fault?.kind === 'rotate-key') this.rotateKeyBefore(request);
    return await this.process(request);
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#closing.signal });
  }

  /** A pause to a fraction of a millisecond: a timer alone is late by one or two, in each answer of a run. */
  async #travel(ms: number): Promise<void> {
    const due = performance.now() + ms;
    await this.#pause(Math.max(0, ms - 2));
    while (performance.now() < due) await setImmediate();
  }
}
