import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';
import { onTestFinished, vi } from 'vitest';
import { type HttpAnswer, type HttpOptions, httpClient, TransportError } from '../../src/http.ts';

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

export function get(url: string, options = OPTIONS, env: NodeJS.ProcessEnv = {}): Promise<HttpAnswer> {
  return client(env).send({ method: 'GET', url: new URL(url), headers: {} }, options);
}

/** The failure that a request must end in. */
export async function failureOf(request: Promise<HttpAnswer>): Promise<TransportError> {
  const error: unknown = await request.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof TransportError) return error;
  throw error;
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

/** DER (ITU-T X.690): a tag, the length and the contents. */
function der(tag: number, ...parts: (Buffer | string)[]): Buffer {
  const contents = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)));
  const length = contents.length < 128 ? [contents.length] : [0x82, contents.length >> 8, contents.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), contents]);
}

/** A certificate (RFC 5280) for cobo.test and 127.0.0.1, signed by itself, with its key. */
export function certificate(lastDay: string): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const ed25519 = der(0x30, '06032b6570');
  const name = der(0x30, der(0x31, der(0x30, '0603550403', der(0x0c, Buffer.from('cobo.test')))));
  const day = (text: string) => der(0x17, Buffer.from(`${text}000000Z`));
  const names = der(0x30, der(0x82, Buffer.from('cobo.test')), der(0x87, '7f000001'));
  const extensions = der(
    0x30,
    der(0x30, '0603551d11', der(0x04, names)),
    der(0x30, '0603551d13', der(0x04, der(0x30, '0101ff'))),
  );
  const body = der(
    0x30,
    'a003020102',
    '020101',
    ed25519,
    name,
    der(0x30, day('200101'), day(lastDay)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, extensions),
  );
  const whole = der(0x30, body, ed25519, der(0x03, Buffer.from([0]), sign(null, body, privateKey)));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/** Has this process trust a certificate until the test is over. */
export function trust({ cert }: { cert: string }): void {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, cert]);
  onTestFinished(() => tls.setDefaultCACertificates(before));
}
