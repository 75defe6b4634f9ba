import type * as http from 'node:http';
import type * as net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { uptimeMs } from './clock.ts';
import { proxyFor, proxyVariable } from './proxy.ts';

/** What has been idle for longer may be about to be closed by the other side, or forgotten by the network. */
const FRESH_MS = 5_000;
/** Four times what Node allows by default. */
const MAX_HEADER_BYTES = 64 * 1024;

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
  readonly #partial: HttpAnswer | undefined;
  readonly #unread: string;

  /** @param sent whether a byte of it may have reached the other side: `false` only when no connection was established */
  constructor(
    reason: string,
    readonly sent: boolean,
    { cause, partial, unread = '' }: { cause?: unknown; partial?: HttpAnswer | undefined; unread?: string } = {},
  ) {
    super(reason, { cause });
    this.#partial = partial;
    this.#unread = unread;
  }

  /** What had arrived of an answer when it broke off. Private, so that no debug output shows it. */
  get partial(): HttpAnswer | undefined {
    return this.#partial;
  }

  /** The last piece that had arrived, if anything in it is no HTTP. Its beginning may be in `partial` too. */
  get unread(): string {
    return this.#unread;
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

export type HttpClient = ReturnType<typeof httpClient>;
/** What is enough to ask a service. */
export type Sender = Pick<HttpClient, 'send'>;

/**
 * A client that honours `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` of `env`, in either case, through Node's own agents
 * (Node 24.5 and later), and `NODE_EXTRA_CA_CERTS` as Node always does.
 */
export function httpClient(env: NodeJS.ProcessEnv) {
  const agents: Record<string, http.Agent> = {};
  const ahead = new Map<string, net.Socket>();

  /** A connection that was opened ahead, one that is idle if `keepAlive`, or a new one. */
  async function wayTo({ origin, protocol }: URL, keepAlive: boolean): Promise<http.RequestOptions> {
    const socket = ahead.get(origin);
    if (socket !== undefined) {
      // It carries one request, or none.
      ahead.delete(origin);
      // Two turns of the event loop, between which is read what has arrived: a load balancer's 408 is no answer.
      await setImmediate();
      await setImmediate();
      socket.setTimeout(0);
      if (socket.readable && socket.readableLength === 0) return { createConnection: () => socket };
      socket.destroy();
    }
    const key = `${protocol}${keepAlive}`;
    agents[key] ??= newAgent(protocol, keepAlive);
    return { agent: agents[key] };
  }

  function newAgent(protocol: string, keepAlive: boolean): http.Agent {
    const { Agent } = moduleFor(protocol);
    // The timeout is for idle connections: a request in progress has its own limit.
    const agent = new Agent({ keepAlive, timeout: FRESH_MS, proxyEnv: proxyFor(protocol, env) });
    // Node would take it for the limit of a proxy that opens a tunnel, too.
    agent.createConnection = (options, done) =>
      Agent.prototype.createConnection.call(agent, { ...options, timeout: undefined }, done);
    return agent;
  }

  return {
    /** Follows no redirect, decodes nothing. @throws TransportError if no whole answer came, ActionError `proxy-invalid` */
    async send(request: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
      const started = uptimeMs();
      const way = await wayTo(request.url, !options.newConnection);
      const outcome = await exchange(way, request, options);
      try {
        options.onDone?.(request, uptimeMs() - started, outcome);
      } catch {
        // An answer must not be lost because nobody reads the debug log any more.
      }
      if (outcome instanceof TransportError) throw outcome;
      return outcome;
    },

    /**
     * Opens a connection for the first request to the same host within seconds, so that this need not wait for the
     * round trips of TCP and TLS. Fails silently: the request then opens its own, meets the same error, and reports it.
     */
    connectAhead({ origin, protocol, hostname, port }: URL): void {
      // Node's agents alone know how to reach a host through a proxy.
      if (proxyVariable(protocol, env) !== undefined) return;
      const { connect, isIP } = process.getBuiltinModule('node:net');
      const host = hostname.replace(/[[\]]/g, '');
      const at = { host, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
      const servername = isIP(host) === 0 ? { servername: host } : {};
      const tls = protocol === 'https:' ? process.getBuiltinModule('node:tls') : undefined;
      const socket = tls?.connect({ ...at, ALPNProtocols: ['http/1.1'], ...servername }) ?? connect(at);
      socket.on('error', () => undefined);
      socket.setTimeout(FRESH_MS, () => socket.destroy());
      ahead.get(origin)?.destroy();
      ahead.set(origin, socket);
    },

    /** Closes all connections, so that the process can end. */
    close(): void {
      for (const each of [...ahead.values(), ...Object.values(agents)]) each.destroy();
    },
  };
}

/** Loaded when it is used: TLS takes longer to load than everything else of a run that sends nothing. */
function moduleFor(protocol: string): Pick<typeof http, 'Agent' | 'request'> {
  return protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
}

function exchange(
  way: http.RequestOptions,
  { method, url, headers, body }: HttpRequest,
  { timeoutMs, maxBytes, signal, unsentSignal }: HttpOptions,
): Promise<HttpAnswer | TransportError> {
  return new Promise((resolve) => {
    const request = moduleFor(url.protocol).request(url, { method, headers, maxHeaderSize: MAX_HEADER_BYTES, ...way });
    const over = new AbortController();
    let sent = false;
    let answer: http.IncomingMessage | undefined;
    const chunks: Buffer[] = [];
    let size = 0;
    let unread = '';

    /** Ends the request: with its answer if that is whole, whatever else happened, otherwise for `reason`. */
    function finish(reason: string, cause?: unknown) {
      if (over.signal.aborted) return;
      over.abort();
      clearTimeout(timer);
      // Brings what was received but not yet handed over by `data` events.
      while (answer && answer.read() !== null);
      const partial = answer && {
        status: Number(answer.statusCode),
        headers: flatten(answer.headers),
        body: Buffer.concat(chunks).subarray(0, maxBytes),
      };
      if (partial && answer?.complete && size <= maxBytes) return resolve(partial);
      resolve(new TransportError(reason, sent, { cause, partial, unread }));
      request.destroy();
    }
    const fail = (error: Error) => finish(describe(error), error);
    const timer = setTimeout(() => finish(`timed out after ${timeoutMs / 1000} s`), timeoutMs);
    signal?.addEventListener('abort', () => finish('cancelled'), { signal: over.signal });
    unsentSignal?.addEventListener('abort', () => sent || finish('cancelled'), { signal: over.signal });

    // From the moment a connection is established, a byte may be on its way: what fails later counts as sent.
    // `secureConnecting` is true for a TLS connection up to that moment, and unknown to others.
    request.once('socket', (socket: net.Socket & { secureConnecting?: boolean }) => {
      sent = !socket.connecting && !socket.secureConnecting;
      if (!sent) socket.once('secureConnecting' in socket ? 'secureConnect' : 'connect', () => (sent = true));
    });
    // Also tells of bytes after a whole answer that are no HTTP, which do not matter.
    request.on('error', (error: Error & { rawPacket?: Buffer }) => {
      // It may hold a token, which is not lost, but in no debug output either.
      unread = error.rawPacket?.toString('utf8') ?? '';
      Reflect.deleteProperty(error, 'rawPacket');
      fail(error);
    });
    request.on('upgrade', () => finish('the answer switches to another protocol'));
    request.on('response', (message) => {
      answer = message;
      message.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes) finish(`the answer is larger than ${maxBytes} bytes`);
      });
      message.on('error', fail);
      message.on('end', () => finish('the connection was cut'));
    });
    if (signal?.aborted || unsentSignal?.aborted) finish('cancelled');
    request.end(body);
  });
}

function flatten(headers: http.IncomingHttpHeaders): Record<string, string> {
  const flat = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]);
  return Object.assign(Object.create(null), Object.fromEntries(flat));
}

const UNKNOWN_AUTHORITY = "the host's certificate comes from an unknown authority (NODE_EXTRA_CA_CERTS can name it)";

/** Node's error codes are stable and carry no secret; its messages may hold a proxy's credentials. */
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
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
};

function describe({ code }: NodeJS.ErrnoException): string {
  return code === undefined ? 'the connection failed' : (REASONS[code] ?? `the connection failed (${code})`);
}
