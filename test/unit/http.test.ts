import { getEventListeners, once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net, { type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HttpOptions } from '../../src/http.ts';
import { type Certificate, certificate } from '../support/certificate.ts';
import {
  ask,
  client,
  clientSockets,
  failureOf,
  get,
  KNOWS_PROXIES,
  listen,
  OPTIONS,
  rawServer,
  SHORT,
  trust,
  turns,
} from '../support/servers.ts';

const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const OK = `${HEAD}Content-Length: 2\r\n\r\nok`;
const STRAY = 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n';
const FULL = 'x'.repeat(1000);

const good = certificate();
const ok: http.RequestListener = (_request, response) => response.end('ok');
const broken: http.RequestListener = ({ socket }) => socket.destroy();

/** How a request ends whose connection is cut after so much of the answer's body. */
const cut = (body?: string) => ['the connection was cut', true, body];
/** How a request ends of which nothing was sent. */
const unsent = (message: unknown) => [message, false, undefined];

/** The address of a server that answers like this, byte for byte. */
async function raw(answer: string, then: 'end' | 'destroy' | 'stay' = 'end'): Promise<string> {
  return `http://127.0.0.1:${await listen(rawServer(answer, then))}/`;
}

/** A server that remembers its connections and never ends one by itself, and a client that asks it. */
async function remembering(handler = ok, secret?: Certificate) {
  const server = secret ? https.createServer(secret, handler) : http.createServer(handler);
  // It does not say how long it keeps a connection.
  server.keepAliveTimeout = 0;
  const connections: Socket[] = [];
  server.on(secret ? 'secureConnection' : 'connection', (socket: Socket) => connections.push(socket));
  const url = new URL(`${secret ? 'https' : 'http'}://127.0.0.1:${await listen(server)}/v2`);
  const sender = client();
  return { url, connections, sender, again: (options?: Partial<HttpOptions>) => ask(url, options, sender) };
}

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = net.createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

it.each([
  ['GET', undefined, undefined],
  ['POST', '{"a":"é漢🔑"}', '17'],
  ['PUT', '', '0'],
])('a request, %s, arrives with its path, query, headers and the body %j', async (method, body, length) => {
  const arrived: unknown[] = [];
  const { url, sender } = await remembering(async (request, response) => {
    const { 'content-length': size, 'biz-api-nonce': nonce } = request.headers;
    arrived.push(request.method, request.url, nonce, size, Buffer.concat(await request.toArray()).toString());
    response.end();
  });
  url.search = '?a=b%20c';
  const headers = { 'Biz-Api-Nonce': '17' };
  await sender.send({ method, url, headers, ...(body !== undefined && { body }) }, OPTIONS);
  expect(arrived).toEqual([method, '/v2?a=b%20c', '17', length, body ?? '']);
});

describe('an answer', () => {
  const cookies = { 'Set-Cookie': ['a=1', 'b=2'], LINK: ['x', 'y'] };
  it.each<[string, http.RequestListener, object, object?]>([
    ['its status', (_, its) => its.writeHead(404).end(), { status: 404, body: Buffer.alloc(0) }],
    ['the last status', (_, its) => its.writeProcessing(() => its.end()), { status: 200 }],
    ['its bytes', (_, its) => its.end(Buffer.from([0, 255, 10])), { body: Buffer.from([0, 255, 10]) }],
    ['a body that is not decoded', (_, its) => its.end(gzipSync('x')), { body: gzipSync('x') }],
    ['as much as the limit', (_, its) => its.write(FULL, () => its.end()), { body: Buffer.from(FULL) }],
    ['headers', (_, its) => its.writeHead(200, cookies).end(), {}, { 'set-cookie': 'a=1, b=2', link: 'x, y' }],
    ['a redirect, not followed', (_, its) => its.writeHead(302, { Location: '/x' }).end(), {}, { location: '/x' }],
  ])('comes with %s', async (_what, handler, expected, headers = {}) => {
    const listener = vi.fn(handler);
    const answer = await get((await remembering(listener)).url);
    expect(answer).toMatchObject({ ...expected, headers: expect.objectContaining(headers) });
    expect(['toString', '__proto__'].map((name) => answer.headers[name])).toEqual([undefined, undefined]);
    expect(listener).toHaveBeenCalledOnce();
  });

  const INCOMPLETE: [string, string, string?][] = [
    ['no byte', ''],
    ['half of its head', `${HEAD}Content-`],
    ['its head', `${HEAD}Content-Length: 9\r\n\r\n`, ''],
    ['a part of its body', `${HEAD}Content-Length: 9\r\n\r\n{"acc`, '{"acc'],
    ['a part of its chunks', `${CHUNKED}5\r\n{"acc\r\n9\r\ness`, '{"access'],
  ];
  const UPGRADE = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n';
  const TOO_LARGE = 'the answer is larger than 1000 bytes';
  const NO_HTTP = expect.stringMatching(/^the connection failed \(HPE_\w+\)$/);
  type Then = 'end' | 'destroy' | 'stay';
  const CLOSED: Then[] = ['end', 'destroy'];
  const OPEN: Then[] = ['stay'];
  type Row = [what: string, bytes: string, expected: unknown, ways: Then[]];

  it.each<Row>([
    ['whole, with nonsense behind it', `${OK}PUT it here`, 'ok', CLOSED],
    ['whole, with nonsense behind its chunks', `${CHUNKED}2\r\nok\r\n0\r\n\r\n\0\0\0`, 'ok', CLOSED],
    ['whole with the end of the connection', `${HEAD}\r\nok`, 'ok', CLOSED],
    ...INCOMPLETE.map(([what, bytes, body]) => [`cut after ${what}`, bytes, cut(body), CLOSED] as Row),
    ['whole before the end', `${HEAD}Connection: close\r\nContent-Length: 2\r\n\r\nok`, 'ok', OPEN],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n', [NO_HTTP, true, undefined], OPEN],
    ['of a long head', `${HEAD}X: ${'a'.repeat(60_000)}\r\nContent-Length: 2\r\n\r\nok`, 'ok', CLOSED],
    ['no HTTP in its middle', `${CHUNKED}5\r\n{"acc\r\nnonsense`, [NO_HTTP, true, '{"acc'], OPEN],
    ['too large', `${HEAD}Content-Length: 3000\r\n\r\n${FULL}+`, [TOO_LARGE, true, FULL], OPEN],
    ['of another protocol', `${UPGRADE}\r\n`, ['the answer switches to another protocol', true, undefined], OPEN],
  ])('is %s', async (_what, bytes, expected, ways) => {
    for (const then of ways) expect(await ask(await raw(bytes, then))).toEqual(expected);
  });

  it.each(INCOMPLETE)('is late after %s', async (_what, bytes, body) => {
    const address = await raw(bytes, 'stay');
    const sockets = clientSockets();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const late = ask(address);
    while (!sockets.some((socket) => !socket.connecting && socket.bytesRead >= bytes.length)) await setImmediate();
    vi.advanceTimersByTime(OPTIONS.timeoutMs);
    expect(await late).toEqual(['timed out after 10 s', true, body]);
  });

  it('counts with nonsense that comes later, which is no answer to the next request either', async () => {
    const { url, connections, sender } = await remembering((request, response) => response.end(request.url));
    for (const path of ['/1', '/2']) {
      expect(await ask(new URL(path, url), {}, sender)).toBe(path);
      await new Promise((resolve) => connections.at(-1)?.write(STRAY, resolve));
      await turns();
    }
  });

  it('counts when the request is cancelled in the same moment', async () => {
    const stop = new AbortController();
    const emit = http.IncomingMessage.prototype.emit;
    // The first event of the answer: everything has been parsed by then, and nothing handed over.
    vi.spyOn(http.IncomingMessage.prototype, 'emit').mockImplementation(function (this: unknown, ...event) {
      if (event[0] === 'resume') stop.abort();
      return Reflect.apply(emit, this, event);
    });
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await ask(await raw(OK, 'stay'), { signal: stop.signal })).toBe('ok');
    expect(stop.signal.aborted).toBe(true);
  });
});

describe('a failure', () => {
  it.each([
    ['cut off', `${HEAD}Biz-Timestamp: 1\r\nContent-Length: 99\r\n\r\ns3cret`, '1', false],
    ['no HTTP', 's3cret', undefined, true],
    ['two lengths', `${HEAD}${'Content-Length: 6\r\n'.repeat(2)}\r\ns3cret`, undefined, true],
  ])('has what arrived, and shows neither that nor the address in debug output: %s', async (_what, answer, at, all) => {
    const failure = await failureOf(get(`${await raw(answer)}s3cret?s3cret`));
    const { name, cause, partial, unread } = failure;
    expect([name, partial?.status, partial?.headers['biz-timestamp']]).toEqual(['TransportError', at && 200, at]);
    expect(unread).toBe(all ? answer : '');
    expect(cause).toBeInstanceOf(Error);
    expect(inspect(failure, { showHidden: true, depth: 9 }) + JSON.stringify(failure)).not.toMatch(/s3cret|73 33/);
  });

  it('says that nothing was sent when the connection was refused, or there is no such host', async () => {
    const url = new URL(`http://127.0.0.1:${await closedPort()}/`);
    const sender = client();
    // What fails ahead says nothing.
    sender.connectAhead(url);
    await turns();
    expect(await ask(url, {}, sender)).toEqual(unsent('the connection was refused'));
    expect((await failureOf(get('http://host.invalid/', SHORT))).sent).toBe(false);
  });

  it.each([
    [undefined, 'the connection failed'],
    ['EINVAL', 'the connection failed (EINVAL)'],
    ['EPIPE', 'the connection was cut'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', expect.stringContaining('NODE_EXTRA_CA_CERTS')],
  ])('says why by the code of the error alone: %s', async (code, expected) => {
    const port = await listen(rawServer('', 'stay'));
    vi.spyOn(http.Agent.prototype, 'createConnection').mockImplementationOnce(() => {
      const socket = net.connect(port, '127.0.0.1');
      const error = Object.assign(new Error('http://user:secret@proxy'), { code });
      process.nextTick(() => socket.destroy(error));
      return socket;
    });
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await ask(`http://127.0.0.1:${port}/`)).toEqual([expected, expect.any(Boolean), undefined]);
  });
});

describe('a signal', () => {
  it.each(['signal', 'unsentSignal'])('that came before (%s) keeps a request from being sent', async (name) => {
    const arrived: Buffer[] = [];
    const server = net.createServer((socket) => socket.on('data', (chunk) => arrived.push(chunk)));
    const address = `http://127.0.0.1:${await listen(server)}/`;
    expect(await ask(address, { [name]: AbortSignal.abort() })).toEqual(unsent('cancelled'));
    expect(arrived).toEqual([]);
  });

  it('ends a request that may have been sent', async () => {
    const stop = new AbortController();
    const { again } = await remembering(() => stop.abort());
    expect(await again({ signal: stop.signal })).toEqual(['cancelled', true, undefined]);
  });

  it.each([OK, `${HEAD}Content-`])('is no longer listened for after the request: %j', async (answer) => {
    const [signal, unsentSignal] = [new AbortController().signal, new AbortController().signal];
    await ask(await raw(answer), { signal, unsentSignal });
    expect([signal, unsentSignal].flatMap((one) => getEventListeners(one, 'abort'))).toEqual([]);
  });

  it.each(KNOWS_PROXIES ? [false, true] : [false])('ends an unsent handshake (proxy: %s)', async (proxy) => {
    const stop = new AbortController();
    const host = `127.0.0.1:${await listen(net.createServer((socket) => socket.once('data', () => stop.abort())))}`;
    const url = `https://${proxy ? 'cobo.test' : host}/`;
    const sender = client(proxy ? { HTTPS_PROXY: host } : {});
    expect(await ask(url, { unsentSignal: stop.signal }, sender)).toEqual(unsent('cancelled'));
  });

  it.each([1, 2])('for what is unsent leaves alone what was sent: request %i of a connection', async (last) => {
    const stop = new AbortController();
    let count = 0;
    const { again } = await remembering((_request, response) => {
      count += 1;
      if (count === last) stop.abort();
      response.end('ok');
    });
    while (count < last) expect(await again({ unsentSignal: stop.signal })).toBe('ok');
    expect(stop.signal.aborted).toBe(true);
  });
});

it('whoever wants to be told hears once of the outcome and the time, and cannot take it away by failing', async () => {
  const onDone = vi.fn<NonNullable<HttpOptions['onDone']>>(() => {
    throw new Error('EPIPE');
  });
  const [whole, broken] = [await raw(OK), await raw('')];
  const uptime = vi.spyOn(process, 'uptime');
  onTestFinished(() => uptime.mockRestore());
  for (const seconds of [10, 12.5, 11, 12.5]) uptime.mockReturnValueOnce(seconds);
  const answer = await get(whole, { onDone });
  const failure = await failureOf(get(broken, { onDone }));
  expect(onDone.mock.calls).toEqual([
    [expect.objectContaining({ url: new URL(whole) }), 2500, answer],
    [expect.objectContaining({ url: new URL(broken) }), 1500, failure],
  ]);
});

// tls.setDefaultCACertificates came with the same versions as the proxies.
describe.skipIf(!KNOWS_PROXIES)('TLS with a host that', () => {
  const expired = certificate('200202');
  const ANOTHER = 'the connection failed (ERR_TLS_CERT_ALTNAME_INVALID)';

  it.each<[string, () => Server, unknown, string?]>([
    ['breaks within the handshake', () => rawServer('', 'destroy'), unsent('the connection was cut')],
    ['has expired', () => https.createServer(expired, ok), unsent("the host's certificate has expired")],
    ['is another', () => https.createServer(good, ok), unsent(ANOTHER), 'localhost'],
    ['breaks after the handshake', () => https.createServer(good, broken), cut()],
  ])('%s', async (_what, server, expected, host = '127.0.0.1') => {
    trust(good);
    trust(expired);
    expect(await ask(`https://${host}:${await listen(server())}/`)).toEqual(expected);
  });
});

describe('a connection that was opened ahead', () => {
  /** A client that is about to open one, to a server that remembers it. */
  async function opening(handler = ok, secret?: Certificate) {
    const server = await remembering(handler, secret);
    const timeouts = vi.spyOn(net.Socket.prototype, 'setTimeout');
    server.sender.connectAhead(server.url);
    const [own, idleMs] = [timeouts.mock.contexts[0] as Socket, timeouts.mock.calls[0]?.[0]];
    timeouts.mockRestore();
    return { ...server, own, idleMs };
  }

  /** The same, when the connection stands on both sides. */
  async function opened(handler = ok, secret?: Certificate) {
    const server = await opening(handler, secret);
    await vi.waitFor(() => expect(server.connections).toHaveLength(1), { interval: 2 });
    await turns();
    const [socket = new net.Socket()] = server.connections;
    return { ...server, socket, closed: once(socket, 'close') };
  }

  it.each([
    ['http', undefined, opening],
    ['http', undefined, opened],
    ...(KNOWS_PROXIES ? ([opening, opened] as const).map((start) => ['https', good, start] as const) : []),
  ] as const)('carries a request by %s, established or not', async (_protocol, secret, start) => {
    if (secret) trust(secret);
    const whole = await start(ok, secret);
    expect([await whole.again(), whole.connections.length]).toEqual(['ok', 1]);
    const failed = await start(broken, secret);
    expect([await failed.again(), failed.connections.length]).toEqual([cut(), 1]);
  });

  it.each([false, true])('carries the first request to its host, and no other (new: %s)', async (newConnection) => {
    const { sender, again, connections, own } = await opened();
    await ask((await remembering()).url, {}, sender);
    expect([await again({ newConnection }), connections.length]).toEqual(['ok', 1]);
    // A request may take longer than it could be idle.
    expect(own.timeout).toBe(0);
    expect([await again({ newConnection }), connections.length]).toEqual(['ok', 2]);
  });

  it('carries nothing while its handshake goes on', async () => {
    const server = rawServer('', 'stay');
    const url = new URL(`https://127.0.0.1:${await listen(server)}/`);
    const [sender, connected] = [client(), once(server, 'connection')];
    sender.connectAhead(url);
    await connected;
    await turns();
    expect(await ask(url, SHORT, sender)).toEqual(unsent('timed out after 0.3 s'));
  });

  it.each<[string, (its: Socket, own: Socket) => unknown]>([
    ['its host ends it', (its) => its.end()],
    ['its host cuts it', (its) => its.destroy()],
    ['anything arrives on it, which is no answer', (its) => its.write(STRAY)],
    ['it has been idle for five seconds', (_its, own) => own.emit('timeout')],
  ])('is left alone, and closed, when %s', async (_what, happen) => {
    const { again, connections, socket, own, idleMs, closed } = await opened();
    expect(idleMs).toBe(5_000);
    happen(socket, own);
    expect(await again()).toBe('ok');
    await closed;
    expect(connections).toHaveLength(2);
  });

  it('is the newer of two to the same host, and one of two to two hosts', async () => {
    const other = await remembering();
    const { sender, url, again, connections, closed } = await opened();
    sender.connectAhead(other.url);
    sender.connectAhead(url);
    await closed;
    await again();
    await ask(other.url, {}, sender);
    expect([connections.length, other.connections.length]).toEqual([2, 1]);
  });

  it('is closed with the client, as one that is idle', async () => {
    const sockets = clientSockets();
    const { sender, own } = await opened();
    await ask((await remembering()).url, {}, sender);
    await turns();
    sender.close();
    // At once: after some seconds they would close by themselves.
    expect([own, ...sockets].map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });

  it.each([
    ['http://cobo.test/v2', { host: 'cobo.test', port: 80 }],
    ['http://[::1]:8080/v2', { host: '::1', port: 8080 }],
    ['https://cobo.test/v2', { host: 'cobo.test', port: 443, servername: 'cobo.test', ALPNProtocols: ['http/1.1'] }],
    ['https://127.0.0.1:8443/', { host: '127.0.0.1', port: 8443, ALPNProtocols: ['http/1.1'] }],
  ])('goes where %s leads', (url, expected) => {
    const connect = vi.fn(() => new net.Socket());
    for (const module of [net, tls]) vi.spyOn(module, 'connect').mockImplementation(connect as never);
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    syncBuiltinESMExports();
    client().connectAhead(new URL(url));
    expect(connect.mock.calls).toStrictEqual([[expected]]);
  });
});

describe('a connection that has carried a request', () => {
  it('carries the next ones, but not one that wants a new one, which is closed after it', async () => {
    const { again, connections } = await remembering();
    await again();
    await again();
    expect(connections).toHaveLength(1);
    await again({ newConnection: true });
    const [, fresh] = connections;
    if (fresh && !fresh.closed) await once(fresh, 'close');
    await again();
    expect(connections).toHaveLength(2);
  });

  it('is closed when it has been idle for five seconds, but not under a request', async () => {
    const sockets = clientSockets();
    const { again, connections } = await remembering((_request, response) => {
      sockets[0]?.emit('timeout');
      response.end('ok');
    });
    expect(await again()).toBe('ok');
    await turns();
    expect(sockets.map(({ timeout }) => timeout)).toEqual([5_000]);
    sockets[0]?.emit('timeout');
    await again();
    expect(connections).toHaveLength(2);
  });

  it('that breaks when it is used again may have carried the request', async () => {
    const handlers = [ok];
    const { again, connections } = await remembering((...exchange) => (handlers.pop() ?? broken)(...exchange));
    expect([await again(), await again(), connections.length]).toEqual(['ok', cut(), 1]);
  });
});

describe.skipIf(!KNOWS_PROXIES)('a proxy', () => {
  /** One that answers by itself, and opens tunnels to `target` whatever the host. Remembers what it was asked for. */
  async function proxy(target = 0) {
    const asked: string[] = [];
    const remember = ({ method, url, headers }: http.IncomingMessage) =>
      asked.push([method, url, headers['proxy-authorization']].join(' ').trim());
    const server = http.createServer((request, response) => {
      remember(request);
      response.end('by the proxy');
    });
    server.on('connect', (request, socket) => {
      remember(request);
      const onward = net.connect(target, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
    });
    return { asked, host: `127.0.0.1:${await listen(server)}` };
  }

  const BASIC = `Basic ${Buffer.from('user:secret').toString('base64')}`;
  it.each<[NodeJS.ProcessEnv, string?]>([
    [{ HTTP_PROXY: 'http://HOST' }, ''],
    [{ http_proxy: 'HTTP://HOST/', HTTP_PROXY: 'socks5://proxy.test' }, ''],
    [{ HTTP_PROXY: 'user:secret@HOST' }, ` ${BASIC}`],
    [{ HTTP_PROXY: 'HOST', NO_PROXY: '127.0.0.1' }],
    [{ HTTP_PROXY: 'HOST', no_proxy: '127.0.0.1' }],
    [{ HTTP_PROXY: '', HTTPS_PROXY: 'HOST' }],
  ])('is used for HTTP, or not: %j', async (env, authorization) => {
    const { host, asked } = await proxy();
    const { url, connections } = await remembering();
    for (const [name, value] of Object.entries(env)) env[name] = value?.replace('HOST', host);
    const sender = client(env);
    // Not past the proxy.
    sender.connectAhead(url);
    const isUsed = authorization !== undefined;
    expect(await ask(url, {}, sender)).toBe(isUsed ? 'by the proxy' : 'ok');
    expect(asked).toEqual(isUsed ? [`GET ${url}${authorization}`] : []);
    expect(connections).toHaveLength(isUsed ? 0 : 1);
  });

  const FAILED = expect.stringContaining('the connection failed');
  it.each<[string, () => Server, unknown]>([
    ['brings the answer', () => https.createServer(good, ok), 'ok'],
    ['ends in a failed handshake', () => rawServer('no TLS\r\n', 'end'), unsent(FAILED)],
    ['breaks after the handshake', () => https.createServer(good, broken), cut()],
  ])('sees of HTTPS nothing but the host, and its tunnel %s', async (_what, server, expected) => {
    trust(good);
    const { host, asked } = await proxy(await listen(server()));
    const connect = vi.spyOn(https.Agent.prototype, 'createConnection');
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await ask('https://cobo.test/secret-path', {}, client({ HTTPS_PROXY: host }))).toEqual(expected);
    expect(asked).toEqual(['CONNECT cobo.test:443']);
    // The limit for idle connections is none for the tunnel.
    expect(connect.mock.calls.map(([options]) => options.timeout)).toEqual([undefined]);
  });

  const REFUSAL = 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n';
  it.each([
    ['refuses the tunnel', () => listen(rawServer(REFUSAL, 'stay')), 'the proxy opened no tunnel'],
    ['is not there', closedPort, 'the connection was refused'],
  ])('that %s carried nothing', async (_what, port, message) => {
    const sender = client({ HTTPS_PROXY: `http://user:secret@127.0.0.1:${await port()}` });
    expect(await ask('https://cobo.test/', SHORT, sender)).toEqual(unsent(message));
  });

  it('may speak TLS itself', async () => {
    trust(good);
    const { url, connections } = await remembering(broken, good);
    expect(await ask('http://cobo.test/x', {}, client({ HTTP_PROXY: url.origin }))).toEqual(cut());
    expect(connections).toHaveLength(1);
  });
});
