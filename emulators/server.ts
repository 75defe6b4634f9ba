import { setMaxListeners } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { describe, type Sealing, sealingUnder, strikesBefore } from './effects.ts';
import { type Fault, FaultBook, type PlainAnswer, planOf } from './faults.ts';
import { cut, drip, flood, readBody, send, sendHalf } from './wire.ts';

/** A request as its handler sees it; `path` and `query` exactly as sent (latin1), `body` the raw bytes. */
export interface EmulatedRequest {
  method: string;
  path: string;
  /** Without the question mark; empty when there is none. */
  query: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/** What a handler decides: the answer, and one short sentence for people. No token in the sentence. */
export interface Answer extends PlainAnswer {
  verdict: string;
}

/** The verdict on a request of which nothing has become yet. */
export const UNDER_WAY = 'under way';

/** One line of an emulator's log. */
export interface RecordedRequest {
  seq: number;
  /** Milliseconds since 1970. */
  at: number;
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: string;
  /** What the emulator made of it, for people; never a token in full. */
  verdict: string;
  /** The status answered, or `cut` when no whole answer was sent (also while it is under way). */
  status: number | 'cut';
  /** From the request's head to the answer's last byte handed to the system, in milliseconds. */
  ms: number;
  /** The kind of the fault that struck, if one did. */
  fault?: Fault['kind'];
}

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

  /** Headers that every answer carries, whatever its origin. */
  protected standingHeaders(): Record<string, string> {
    return {};
  }

  /** Replaces the key pair that the request is about; only GitHub has some. */
  protected rotateKeyBefore(_request: EmulatedRequest): void {}

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    this.#inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.#inFlight);
    response.once('close', () => {
      this.#inFlight -= 1;
    });
    response.on('error', () => undefined);
    const { record, request } = this.#record(message);
    const finish = (status: number | 'cut', verdict: string): void => {
      record.ms = performance.now() - started;
      record.status = status;
      record.verdict = verdict;
    };

    const taken = this.faults.take(record.method, record.path);
    const { before, after, fault } = planOf(taken);
    if (taken !== undefined) record.fault = fault?.kind ?? 'hook';
    if (fault?.kind === 'refuse') {
      for (const run of before) await run();
      finish('cut', 'connection reset at once, nothing processed');
      cut(message.socket);
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
    if (fault?.kind === 'cut' && fault.when !== 'during') {
      finish('cut', `${did}; connection reset, no byte answered`);
      return cut(message.socket);
    }
    if (response.destroyed) return finish('cut', `${did}; the client had left`);
    if (fault?.kind === 'flood') {
      finish(200, `${did}; ${fault.bytes} bytes of blanks answered`);
      return flood(response, fault.bytes);
    }
    if (fault?.kind === 'drip') {
      finish('cut', `${did}; one byte each ${fault.everyMs} ms answered`);
      return drip(response, fault.everyMs);
    }
    const answer = this.#answer(fault, processed);
    if (fault?.kind === 'cut') {
      finish('cut', `${did}; connection ended in the middle of the answer`);
      return sendHalf(response, answer);
    }
    finish(answer.status, describe(did, fault));
    send(response, answer);
  }

  #record(message: IncomingMessage): { record: RecordedRequest; request: EmulatedRequest } {
    const [path = '', ...rest] = (message.url ?? '').split('?');
    const query = rest.join('?');
    const method = message.method ?? '';
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(message.headers)) {
      if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
    }
    this.#seq += 1;
    const seen = { method, path, query, headers };
    const record: RecordedRequest = {
      ...{ seq: this.#seq, at: Date.now(), ...seen },
      ...{ body: '', verdict: UNDER_WAY, status: 'cut', ms: 0 },
    };
    this.requests.push(record);
    return { record, request: { ...seen, body: Buffer.alloc(0) } };
  }

  async #processed(request: EmulatedRequest, fault: Fault | undefined): Promise<Answer> {
    if (fault?.kind === 'rotate-key') this.rotateKeyBefore(request);
    return await this.process(request);
  }

  /** The answer that goes out, signed or spoiled as the fault wants. */
  #answer(fault: Fault | undefined, processed: Answer | undefined): PlainAnswer {
    const standing = this.standingHeaders();
    const complete = ({ status, headers, body }: PlainAnswer): PlainAnswer => {
      return { status, headers: { ...standing, ...lowerCase(headers) }, body };
    };
    if (fault?.kind === 'redirect') {
      const headers = { location: fault.location };
      return complete({ status: fault.status ?? 302, headers, body: '' });
    }
    if (fault?.kind === 'status') {
      const told = complete({ status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' });
      return this.seal(told, fault.signed === true ? 'right' : 'none');
    }
    if (processed === undefined) throw new Error('a fault left no answer');
    const real = complete(processed);
    if (fault?.kind === 'rewrite') {
      if (fault.resign === true) return this.seal(complete(fault.rewrite(real)), 'right');
      return fault.rewrite(this.seal(real, 'right'));
    }
    return this.seal(real, sealingUnder(fault));
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

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
