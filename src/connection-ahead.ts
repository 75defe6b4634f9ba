import * as net from 'node:net';
import * as tls from 'node:tls';
import { uptimeMs } from './clock.ts';

/** What has been idle for longer may be about to be closed by the other side. */
const FRESH_MS = 5_000;

/**
 * A connection that is opened before the request that will use it, so that the request need not wait for the
 * round trips of TCP and TLS. Losing it costs nothing: the request opens its own then.
 */
export class ConnectionAhead {
  readonly #origin: string;
  readonly #socket: net.Socket;
  #readyAt: number | undefined;

  /** @param url where the request will go, `http:` or `https:`, straight and not through a proxy */
  constructor({ origin, protocol, hostname, port }: URL) {
    this.#origin = origin;
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const servername = net.isIP(host) === 0 ? { servername: host } : {};
    this.#socket =
      protocol === 'https:'
        ? tls.connect({ host, port: Number(port || 443), ALPNProtocols: ['http/1.1'], ...servername })
        : net.connect({ host, port: Number(port || 80) });
    this.#socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      this.#readyAt = uptimeMs();
    });
    // The request that opens its own connection will meet the same error, and tell it.
    this.#socket.on('error', () => this.#socket.destroy());
  }

  /** The connection, if it stands, is fresh, and leads to where `url` is. Whoever takes it has to close it. */
  take(url: URL): net.Socket | undefined {
    if (url.origin !== this.#origin) return undefined;
    const fresh = this.#readyAt !== undefined && uptimeMs() - this.#readyAt < FRESH_MS;
    if (fresh && this.#socket.readable && this.#socket.writable) return this.#socket;
    this.close();
    return undefined;
  }

  close(): void {
    this.#socket.destroy();
  }
}
