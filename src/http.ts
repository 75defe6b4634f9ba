import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import { uptimeMs } from './clock.ts';
import { ConnectionAhead } from './connection-ahead.ts';

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
  body: Buffer;
}

/**
 * A request that brought no whole answer.
 *
 * `sent` tells whether any byte of it may have reached the other side: `false` only when no connection
 * came about (name not found, refused, TLS or proxy failure), so that nothing can have happened there.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly sent: boolean;

  constructor(reason: string, sent: boolean, options?: ErrorOptions) {
    super(reason, options);
    this.sent = sent;
  }
}

export interface HttpOptions {
  /** Limit for the whole request, from the connection to the last byte of the answer. */
  timeoutMs: number;
  /** Most bytes of an answer's body that are read. */
  maxBytes: number;
  /** Ends the request early. */
  signal?: AbortSignal;
  /** Told of each request that is over, with its duration: for the debug log. */
  onDone?(request: HttpRequest, ms: number, outcome: HttpAnswer | TransportError): void;
}

export interface HttpClient {
  /**
   * Sends one request over a kept-alive connection. Follows no redirect, decodes nothing.
   * @throws TransportError when no whole answer came
   */
  send(request: HttpRequest, options: HttpOptions): Promise<HttpAnswer>;
  /** Opens a connection for the first request to the same host within seconds. Fails silently. */
  connectAhead(url: URL): void;
  /** Closes idle connections, so that the process can end. */
  close(): void;
}

/** What is enough to ask a service. */
export type Sender = Pick<HttpClient, 'send'>;

/**
 * A client that honours `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` of `env`, in either case, through
 * Node's own agents (Node 24.5 and later), and `NODE_EXTRA_CA_CERTS` as Node always does.
 */
export function httpClient(env: NodeJS.ProcessEnv): HttpClient {
  const proxies = proxyEnv(env);
  const agents = new Map<string, Agent>();
  let ahead: ConnectionAhead | undefined;
  let closed = false;

  function transport(protocol: string): { agent: Agent; request: Requester } {
    const module = protocol === 'https:' ? https : http;
    let agent = agents.get(protocol);
    if (agent === undefined) {
      try {
        agent = new module.Agent({ keepAlive: true, proxyEnv: proxies });
      } catch (error) {
        // Its message holds the proxy's address, credentials included.
        throw new TransportError(REASONS.ERR_PROXY_INVALID_CONFIG ?? '', false, { cause: error });
      }
      agents.set(protocol, agent);
    }
    return { agent, request: module.request };
  }

  return {
    async send(request, options) {
      const started = uptimeMs();
      try {
        const { agent, request: requester } = transport(request.url.protocol);
        const opened = ahead?.take(request.url);
        if (opened !== undefined) ahead = undefined;
        const answer = await exchange(requester, opened ?? agent, request, options);
        options.onDone?.(request, uptimeMs() - started, answer);
        return answer;
      } catch (error) {
        if (error instanceof TransportError) options.onDone?.(request, uptimeMs() - started, error);
        throw error;
      }
    },
    connectAhead(url) {
      // How to reach a host through a proxy is the agents' own affair. And whoever makes something ready may
      // be late: the run may have failed meanwhile.
      if (!closed && proxies === undefined) ahead = new ConnectionAhead(url);
    },
    close() {
      closed = true;
      ahead?.close();
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

type Requester = (url: URL, options: RequestOptions) => ClientRequest;

/**
 * Only the variables that matter, `undefined` when they name no proxy; a lower-case one wins, as everywhere in
 * the field.
 */
function proxyEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv | undefined {
  const picked: NodeJS.ProcessEnv = {};
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy']) {
    const value = env[name] || env[name.toUpperCase()];
    if (!value) continue;
    // As curl does: a proxy without a scheme is one that speaks HTTP.
    picked[name] = name === 'no_proxy' || value.includes('://') ? value : `http://${value}`;
  }
  return picked.http_proxy === undefined && picked.https_proxy === undefined ? undefined : picked;
}

function exchange(
  requester: Requester,
  way: Agent | Socket,
  { method, url, headers, body }: HttpRequest,
  { timeoutMs, maxBytes, signal }: HttpOptions,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let sent = false;
    const payload = body === undefined ? undefined : Buffer.from(body, 'utf8');
    const request = requester(url, {
      method,
      ...('destroySoon' in way ? { createConnection: () => way } : { agent: way }),
      headers: payload ? { ...headers, 'Content-Length': payload.length } : headers,
    });
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
    const onAbort = () => fail('cancelled');
    signal?.addEventListener('abort', onAbort, { once: true });

    function settle() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
    function fail(reason: string, cause?: unknown) {
      settle();
      reject(new TransportError(reason, sent, cause === undefined ? undefined : { cause }));
      request.destroy();
    }

    // From the moment a connection stands, a byte may be on its way: what fails later counts as sent.
    request.once('socket', (socket) => {
      if (!socket.connecting) sent = true;
      else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => (sent = true));
    });
    request.once('error', (error) => fail(describe(error), error));
    request.once('upgrade', () => fail('an answer that switches to another protocol'));
    request.once('response', (answer: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) fail(`an answer larger than ${maxBytes} bytes`);
        else chunks.push(chunk);
      });
      answer.once('error', (error) => fail(describe(error), error));
      answer.once('close', () => {
        if (!answer.complete) return fail('the connection broke off within the answer');
        settle();
        resolve({
          status: answer.statusCode ?? 0,
          headers: flatten(answer.headers),
          body: Buffer.concat(chunks),
        });
      });
    });
    if (signal?.aborted) onAbort();
    request.end(payload);
  });
}

function flatten(headers: IncomingMessage['headers']): Record<string, string> {
  const flat: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

/** Node's error codes are stable and carry no secret; its messages may hold a proxy's credentials. */
function describe(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === undefined ? 'the connection failed' : (REASONS[code] ?? `the connection failed (${code})`);
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'the host name was not found',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'the connection timed out',
  ERR_PROXY_TUNNEL: 'the proxy opened no tunnel',
  ERR_PROXY_INVALID_CONFIG: 'the proxy variables of the environment make no sense',
  CERT_HAS_EXPIRED: "the host's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the host's certificate is signed by itself (NODE_EXTRA_CA_CERTS can name it)",
  SELF_SIGNED_CERT_IN_CHAIN:
    "the host's certificate comes from an unknown authority (NODE_EXTRA_CA_CERTS can name it)",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the host's certificate comes from an unknown authority (NODE_EXTRA_CA_CERTS can name it)",
};
