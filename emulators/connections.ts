import type { Socket } from 'node:net';

/** What a server says on a new connection before anybody has asked, as a load balancer may do. */
export interface Greeting {
  /** Sent as latin1. */
  bytes: string;
  /** Sent when the connection has had no request for so many milliseconds. Default: at once. */
  afterMs?: number;
  /** Closes the connection behind it. Default: it stays open, and requests on it are answered. */
  close?: boolean;
  /** How many connections are greeted. Default: all. */
  times?: number;
}

/** `HTTP/1.1 408`, as a load balancer sends it on a connection that stays idle. */
export const TIMEOUT_GREETING = 'HTTP/1.1 408 Request Time-out\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

interface Connection {
  /** Requests that have been answered, or given up. */
  served: number;
  /** Requests under way. */
  active: number;
  forgotten: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** The open connections of an emulator. */
export class Connections {
  /** How many were opened so far. */
  opened = 0;
  /** How many were greeted so far. */
  greeted = 0;
  readonly #open = new Map<Socket, Connection>();
  #greeting: Greeting | undefined;
  #toGreet = 0;

  get greeting(): Greeting | undefined {
    return this.#greeting;
  }

  set greeting(greeting: Greeting | undefined) {
    this.#greeting = greeting;
    this.#toGreet = greeting?.times ?? Number.POSITIVE_INFINITY;
  }

  /** A connection is there, its TLS handshake done. */
  open(socket: Socket): void {
    this.opened += 1;
    const connection: Connection = { served: 0, active: 0, forgotten: false, timer: undefined };
    this.#open.set(socket, connection);
    socket.once('close', () => {
      clearTimeout(connection.timer);
      this.#open.delete(socket);
    });
    const greeting = this.#greeting;
    if (greeting === undefined) return;
    if (greeting.afterMs === undefined) this.#greet(socket, greeting);
    else connection.timer = setTimeout(() => this.#greet(socket, greeting), greeting.afterMs);
  }

  /** A request has come in; gives the function to call when it is over. */
  begin(socket: Socket): () => void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return () => undefined;
    clearTimeout(connection.timer);
    connection.active += 1;
    return () => {
      connection.active -= 1;
      connection.served += 1;
    };
  }

  /** Whether the connection has served a request before. */
  isReused(socket: Socket): boolean {
    return (this.#open.get(socket)?.served ?? 0) > 0;
  }

  isForgotten(socket: Socket): boolean {
    return this.#open.get(socket)?.forgotten === true;
  }

  /** Lets the network forget this connection, or every idle one: all later requests on it are swallowed. */
  forget(socket?: Socket): void {
    for (const [one, connection] of this.#open) {
      if (socket === undefined ? connection.active === 0 : one === socket) connection.forgotten = true;
    }
  }

  #greet(socket: Socket, greeting: Greeting): void {
    if (socket.destroyed || greeting !== this.#greeting || this.#toGreet <= 0) return;
    this.#toGreet -= 1;
    this.greeted += 1;
    socket.write(Buffer.from(greeting.bytes, 'latin1'));
    if (greeting.close === true) socket.destroySoon();
  }
}
