import type { Agent, IncomingMessage } from 'node:http';
import * as http from 'node:http';
import * as https from 'node:https';
import { uptimeMs } from './clock.ts';
import { ConnectionAhead, Connections } from './connections.ts';

export interface HttpRequest {
  method: string;
  url: URL;
  headers: Record<string, string>;
  /** Sent as UTF-8. */
  body?: string;
}

export interface HttpAnswer {
  status: number;
  /** Names in lower case; the values of a repeated header joined with `, `. */
  headers: Record<string, string>;
  /** As sent, not decoded. */
  body: Buffer;
}

/** A request that brought no whole answer. The message never holds an address or a secret. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /**
   * Whether any byte of it may have reached the other side: `false` only when no connection was established
   * (name not found, refused, TLS or proxy failure), so that nothing can have happened there.
   */
  readonly sent: boolean;
  readonly #partial: HttpAnswer | undefined;

  constructor(
    reason: string,
    sent: boolean,
    { cause, partial }: { cause?: unknown; partial?: HttpAnswer | undefined } = {},
  ) {
    super(reason, { cause });
    this.sent = sent;
    this.#partial = partial;
  }

  /** What had arrived of an answer when it broke off. Private, so that no debug output shows it. */
  get partial(): HttpAnswer | undefined {
    return this.#partial;
  }
}

export interface HttpOptions {
  /** Limit for the whole request, from the connection to the last byte of the answer. */
  timeoutMs: number;
  /** Most bytes of an answer's body that are read. */
  maxBytes: number;
  /** Ends the request at once. */
  signal?: AbortSignal;
  /** Ends the request as long as no byte of it has been sent. */
  unsentSignal?: AbortSignal;
  /** Uses a new connection (one that was opened ahead is new) instead of an idle one. */
  newConnection?: boolean;
  /** Told of each request that is over, with its duration: for the debug log. What it throws is ignored. */
  onDone?(request: HttpRequest, ms: number, outcome: HttpAnswer | TransportError): void;
}

export interface HttpClient {
  /**
   * Sends one request. Follows no redirect, decodes nothing.
   * @throws TransportError when no whole answer came, ActionError `proxy-invalid`
   */
  send(request: HttpRequest, options: HttpOptions): Promise<HttpAnswer>;
  /** Opens a connection for the first request to the same host within seconds. Fails silently. */
  connectAhead(url: URL): void;
  /** Closes all connections, so that the process can end. */
  close(): void;
}

/** What is enough to ask a service. */
export type Sender = Pick<HttpClient, 'send'>;

/**
 * A client that honours `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` of `env`, in either case, through
 * Node's own agents (Node 24.5 and later), and `NODE_EXTRA_CA_CERTS` as Node always does.
 */
export function httpClient(env: NodeJS.ProcessEnv): HttpClient {
  const connections = new Connections(env);
  return {
    async send(request, options) {
      const started = uptimeMs();
      const way = await connections.find(request.url, !options.newConnection);
      const outcome = await exchange(way, request, options);
      try {
        options.onDone?.(request, uptimeMs() - started, outcome);
      } catch {
        // An answer must not be lost because nobody reads the debug log any more.
      }
      if (outcome instanceof TransportError) throw outcome;
      return outcome;
    },
    connectAhead: (url) => connections.openAhead(url),
    close: () => connections.close(),
  };
}

/** @throws TypeError for a header that HTTP does not allow */
function exchange(
  way: Agent | ConnectionAhead,
  { method, url, headers, body }: HttpRequest,
  { timeoutMs, maxBytes, signal, unsentSignal }: HttpOptions,
): Promise<HttpAnswer | TransportError> {
  return new Promise((resolve) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method,
      ...(way instanceof ConnectionAhead ? { createConnection: () => way.socket } : { agent: way }),
      headers,
    });
    let sent = false;
    const over = new AbortController();
    let answer: IncomingMessage | undefined;
    const chunks: Buffer[] = [];
    let size = 0;

    const timer = setTimeout(() => finish(`timed out after ${timeoutMs / 1000} s`), timeoutMs);
    const cancel = () => finish('cancelled');
    const cancelUnsent = () => {
      if (!sent) cancel();
    };
    signal?.addEventListener('abort', cancel, { signal: over.signal });
    unsentSignal?.addEventListener('abort', cancelUnsent, { signal: over.signal });

    /** Ends the request: with its answer if that is whole, whatever else happened, otherwise for `reason`. */
    function finish(reason: string, cause?: unknown) {
      if (over.signal.aborted) return;
      over.abort();
      clearTimeout(timer);
      const arrived = answer && readAll(answer);
      if (arrived && answer?.complete && size <= maxBytes) return resolve(arrived);
      resolve(new TransportError(reason, sent, { cause, partial: arrived }));
      request.destroy();
    }

    function readAll(from: IncomingMessage): HttpAnswer {
      // Brings what was received but not yet handed over by `data` events.
      while (from.read() !== null);
      const body = Buffer.concat(chunks).subarray(0, maxBytes);
      return { status: Number(from.statusCode), headers: flatten(from.headers), body };
    }

    // From the moment a connection is established, a byte may be on its way: what fails later counts as sent.
    const onConnected = () => {
      sent = true;
    };
    request.once('socket', (socket) => {
      if (way instanceof ConnectionAhead) way.onEstablished(onConnected);
      else if (!socket.connecting) onConnected();
      else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', onConnected);
    });
    // Also tells of bytes after a whole answer that are no HTTP, which do not matter.
    request.on('error', (error) => {
      // What the parser could not read may hold a token.
      Reflect.deleteProperty(error, 'rawPacket');
      finish(describe(error), error);
    });
    request.on('upgrade', () => finish('the answer switches to another protocol'));
    request.on('response', (message: IncomingMessage) => {
      answer = message;
      message.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes) finish(`the answer is larger than ${maxBytes} bytes`);
      });
      message.on('error', (error) => finish(describe(error), error));
      message.on('end', () => finish('the connection was cut'));
    });
    if (signal?.aborted || unsentSignal?.aborted) cancel();
    // With the length of the body, which Node knows.
    request.end(body);
  });
}

function flatten(headers: IncomingMessage['headers']): Record<string, string> {
  const flat: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    flat[name] = [value].flat().join(', ');
  }
  return flat;
}

/** Node's error codes are stable and carry no secret; its messages may hold a proxy's credentials. */
function describe(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === undefined ? 'the connection failed' : (REASONS[code] ?? `the connection failed (${code})`);
}

const UNKNOWN_AUTHORITY = "the host's certificate comes from an unknown authority (NODE_EXTRA_CA_CERTS can name it)";

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'the host name was not found',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'the connection timed out',
  ERR_PROXY_TUNNEL: 'the proxy opened no tunnel',
  CERT_HAS_EXPIRED: "the host's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the host's certificate is signed by itself (NODE_EXTRA_CA_CERTS can name it)",
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
};
