import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';
import { onTestFinished, vi } from 'vitest';
import { type HttpAnswer, type HttpOptions, httpClient, type Sender, TransportError } from '../../src/http.ts';

// Servers on the loopback for one test each, and the action's own client for them.

export const OPTIONS: HttpOptions = { timeoutMs: 10_000, maxBytes: 1000 };
/** Long enough for the loopback, short enough to wait for it. */
export const SHORT: HttpOptions = { ...OPTIONS, timeoutMs: 300 };

const [MAJOR = 0, MINOR = 0] = process.versions.node.split('.').map(Number);
/** Since these versions Node's agents know proxies. */
export const KNOWS_PROXIES = MAJOR > 24 || (MAJOR === 24 && MINOR >= 5) || (MAJOR === 22 && MINOR >= 21);

/** Answers like this, byte for byte, as soon as a request arrives, and what then becomes of the connection. */
export function rawServer(answer: string, then: 'end' | 'destroy' | 'stay'): Server {
  return net.createServer((socket) => {
    socket.once('data', () => {
      if (then === 'stay') socket.write(answer);
      else if (then === 'end') socket.end(answer);
      else socket.write(answer, () => socket.destroy());
    });
  });
}

/** Starts a server for one test. Returns its port. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

export function client(env: NodeJS.ProcessEnv = {}) {
  const made = httpClient(env);
  onTestFinished(() => made.close());
  return made;
}

export function get(
  to: string | URL,
  options: Partial<HttpOptions> = {},
  sender: Sender = client(),
): Promise<HttpAnswer> {
  return sender.send({ method: 'GET', url: new URL(to), headers: {} }, { ...OPTIONS, ...options });
}

/** The failure that a request must end in. */
export async function failureOf(request: Promise<HttpAnswer>): Promise<TransportError> {
  const [settled] = await Promise.allSettled([request]);
  if (settled.status === 'fulfilled') throw new Error('it did not fail');
  if (settled.reason instanceof TransportError) return settled.reason;
  throw settled.reason;
}

/** What comes of a request: the text of its answer, or how it failed and what had arrived of the body. */
export async function ask(...given: Parameters<typeof get>): Promise<string | unknown[]> {
  try {
    return (await get(...given)).body.toString();
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return [error.message, error.sent, error.partial?.body.toString()];
  }
}

/** Turns of the event loop: what the loopback has carried is looked at in the next one. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}

/** The client's ends of the connections that its agents open from now on. */
export function clientSockets(): Socket[] {
  const sockets: Socket[] = [];
  const open = http.Agent.prototype.createConnection;
  const spy = vi.spyOn(http.Agent.prototype, 'createConnection').mockImplementation(function (
    this: http.Agent,
    ...args: Parameters<typeof open>
  ) {
    const socket = open.apply(this, args);
    if (socket instanceof net.Socket) sockets.push(socket);
    return socket;
  });
  onTestFinished(() => spy.mockRestore());
  return sockets;
}

/** Has this process trust a certificate until the test is over. */
export function trust({ cert }: { cert: string }): void {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, cert]);
  onTestFinished(() => tls.setDefaultCACertificates(before));
}
