import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import * as tls from 'node:tls';
import { uptimeMs } from './clock.ts';
import { ActionError } from './errors.ts';

/** What has been idle for longer may be about to be closed by the other side, or forgotten by the network. */
const FRESH_MS = 5_000;

/** Finds each request its connection: one that was opened ahead, one that is idle, or a new one. */
export class Connections {
  readonly #env: NodeJS.ProcessEnv;
  readonly #agents = new Map<string, http.Agent>();
  readonly #ahead = new Map<string, ConnectionAhead>();
  #closed = false;

  /** @param env with `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in either case */
  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /**
   * The way that a request to `url` takes.
   * @param idle whether it may use a connection that has carried a request before
   * @throws ActionError `proxy-invalid`
   */
  async find({ origin, protocol }: URL, idle: boolean): Promise<http.Agent | ConnectionAhead> {
    const ahead = this.#ahead.get(origin);
    if (ahead !== undefined) {
      // It carries one request, or none.
      this.#ahead.delete(origin);
      if (await ahead.usable()) return ahead;
      ahead.socket.destroy();
    }
    return this.#agent(protocol, idle);
  }

  #agent(protocol: string, keepAlive: boolean): http.Agent {
    const key = `${protocol}${keepAlive}`;
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      const { Agent } = protocol === 'https:' ? https : http;
      const proxyEnv = proxyFor(protocol, this.#env);
      // The timeout ends connections that are idle for as long. A request in progress has its own limit.
      agent = new Agent({ keepAlive, timeout: FRESH_MS, proxyEnv });
      this.#agents.set(key, agent);
    }
    return agent;
  }

  /** Opens a connection for the first request to the same host within seconds. Fails silently. */
  openAhead(url: URL): void {
    // Node's agents alone know how to reach a host through a proxy. After `close` nobody would close it.
    if (this.#closed || proxyVariable(url.protocol, this.#env) !== undefined) return;
    this.#ahead.get(url.origin)?.socket.destroy();
    this.#ahead.set(url.origin, new ConnectionAhead(url));
  }

  close(): void {
    this.#closed = true;
    for (const { socket } of this.#ahead.values()) socket.destroy();
    for (const agent of this.#agents.values()) agent.destroy();
  }
}

/**
 * A connection that is opened before the request that will use it, so that the request need not wait for the
 * round trips of TCP and TLS. Losing it costs nothing: the request opens its own then.
 */
export class ConnectionAhead {
  readonly socket: net.Socket;
  readonly #establishedEvent: 'secureConnect' | 'connect';
  readonly #begun = uptimeMs();
  #established = false;

  /** @param url where the request will go, `http:` or `https:`, straight and not through a proxy */
  constructor({ protocol, hostname, port }: URL) {
    const host = hostname.replace(/[[\]]/g, '');
    const servername = net.isIP(host) === 0 ? { servername: host } : {};
    const secure = protocol === 'https:';
    this.socket = secure
      ? tls.connect({ host, port: Number(port || 443), ALPNProtocols: ['http/1.1'], ...servername })
      : net.connect({ host, port: Number(port || 80) });
    this.#establishedEvent = secure ? 'secureConnect' : 'connect';
    this.onEstablished(() => {
      this.#established = true;
    });
    // The request that opens its own connection meets the same error, and reports it.
    this.socket.on('error', () => undefined);
  }

  /** Calls `listener` once bytes of a request can be sent. */
  onEstablished(listener: () => void): void {
    if (this.#established) listener();
    else this.socket.once(this.#establishedEvent, listener);
  }

  /**
   * Whether a request may use it: it is established or about to be, fresh, and nothing has arrived on it.
   * What arrives before a request was sent, such as a load balancer's 408, is not the answer to it.
   */
  async usable(): Promise<boolean> {
    // Two turns of the event loop: what has arrived by now is read between them.
    await setImmediate();
    await setImmediate();
    const { readable, readableLength } = this.socket;
    return readable && readableLength === 0 && uptimeMs() - this.#begun < FRESH_MS;
  }
}

/** The variable that names a proxy for `protocol`. The one in lower case wins, as in curl. */
function proxyVariable(protocol: string, env: NodeJS.ProcessEnv): string | undefined {
  const lowerCase = protocol.replace(':', '_proxy');
  return [lowerCase, lowerCase.toUpperCase()].find((name) => env[name]);
}

/**
 * What Node's agents need to know of the proxy for `protocol`; `undefined` where there is none.
 * @throws ActionError `proxy-invalid`
 */
function proxyFor(protocol: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv | undefined {
  const variable = proxyVariable(protocol, env);
  if (variable === undefined) return undefined;
  const value = env[variable] ?? '';
  // A proxy without a scheme speaks HTTP, as in curl.
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ActionError(
      'proxy-invalid',
      `The proxy in the environment variable \`${variable}\` must be an \`http://\` or \`https://\` URL.`,
      `Set \`${variable}\` to the URL of an HTTP proxy, such as \`http://proxy.example:3128\`, or remove it. Then re-run the job.`,
    );
  }
  return { [variable.toLowerCase()]: url.href, no_proxy: env['no_proxy'] || env['NO_PROXY'] };
}
