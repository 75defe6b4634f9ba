import { getEventListeners, once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net, { type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HttpClient, HttpOptions } from '../../src/http.ts';
import { type Certificate, certificate } from '../support/certificate.ts';
import {
  client,
  clientSockets,
  failureOf,
  get,
  KNOWS_PROXIES,
  listen,
  OPTIONS,
  outcomeOf,
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

/** The address of a server that answers like this, byte for byte. */
async function raw(answer: string, then: 'end' | 'destroy' | 'stay' = 'end'): Promise<string> {
  return `http://127.0.0.1:${await listen(rawServer(answer, then))}/`;
}

/** A server that remembers its connections, never ends one by itself, and does not say how long it keeps one. */
async function remembering(handler = ok, secret?: Certificate) {
  const server = secret ? https.createServer(secret, handler) : http.createServer(handler);
  server.keepAliveTimeout = 0;
  const connections: Socket[] = [];
  server.on(secret ? 'secureConnection' : 'connection', (socket: Socket) => connections.push(socket));
  const url = new URL(`${secret ? 'https' : 'http'}://127.0.0.1:${await listen(server)}/v2`);
  return { url, connections, sender: client() };
}

function ask(sender: HttpClient, url: URL, options: Partial<HttpOptions> = {}) {
  return outcomeOf(sender.send({ method: 'GET', url, headers: {} }, { ...OPTIONS, ...options }));
}

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = net.createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

describe('a request', () => {
  it.each([
    ['GET', undefined, undefined],
    ['POST', '{"a":"é漢🔑"}', '17'],
    ['PUT', '', '0'],
  ])('%s arrives with its path, query, headers and the body %j', async (method, body, length) => {
    const arrived: unknown[] = [];
    const { url, sender } = await remembering(async (request, response) => {
      const { 'content-length': size, 'biz-api-nonce': nonce } = request.headers;
      arrived.push(request.method, request.url, nonce, size, Buffer.concat(await request.toArray()).toString());
      response.end();
    });
    url.search = '?a=b%20c';
    await sender.send(
      { method, url, headers: { 'Biz-Api-Nonce': '17' }, ...(body !== undefined && { body }) },
      OPTIONS,
    );
    expect(arrived).toEqual([method, '/v2?a=b%20c', '17', length, body ?? '']);
  });

  it('does not leave, and does not show it, with a header that HTTP does not allow', async () => {
    const { url, connections, sender } = await remembering();
    const sent = sender.send({ method: 'GET', url, headers: { Authorization: 'se\ncret' } }, OPTIONS);
    await expect(sent).rejects.toThrow(expect.objectContaining({ message: expect.not.stringMatching(/se\s*cret/) }));
    expect(connections).toEqual([]);
  });
});

describe('an answer', () => {
  it.each<[string, http.RequestListener, object]>([
    ['its status', (_, response) => response.writeHead(404).end(), { status: 404, body: Buffer.alloc(0) }],
    ['the last status', (_, response) => response.writeProcessing(() => response.end()), { status: 200 }],
    ['its bytes', (_, response) => response.end(Buffer.from([0, 255, 10])), { body: Buffer.from([0, 255, 10]) }],
    ['its pieces', (_, response) => response.write('1,', () => response.end('2')), { body: Buffer.from('1,2') }],
    ['a body that is not decoded', (_, response) => response.end(gzipSync('x')), { body: gzipSync('x') }],
    ['as much as the limit', (_, its) => its.write(FULL, () => its.end()), { body: Buffer.from(FULL) }],
    [
      'headers in lower case, the values of a repeated one joined',
      (_, response) => response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'], LINK: ['x', 'y'] }).end(),
      { headers: expect.objectContaining({ 'set-cookie': 'a=1, b=2', link: 'x, y' }) },
    ],
    [
      'the address of a redirect, and nobody goes there',
      (_, response) => response.writeHead(302, { Location: '/elsewhere' }).end(),
      { status: 302, headers: expect.objectContaining({ location: '/elsewhere' }) },
    ],
  ])('comes with %s', async (_what, handler, expected) => {
    const listener = vi.fn(handler);
    const { url } = await remembering(listener);
    const answer = await get(url.href);
    expect(answer).toMatchObject(expected);
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

  it.each<[string, string, unknown]>([
    ['whole, with nonsense behind it', `${OK}PUT it here`, 'ok'],
    ['whole, with nonsense behind its chunks', `${CHUNKED}2\r\nok\r\n0\r\n\r\n\0\0\0`, 'ok'],
    ['whole, with nonsense behind its end', `${HEAD}Connection: close\r\nContent-Length: 2\r\n\r\nok{}`, 'ok'],
    ['whole, with another answer behind it', `${OK}${STRAY}`, 'ok'],
    ['whole with the end of the connection', `${HEAD}\r\nok`, 'ok'],
    ...INCOMPLETE.map(([what, bytes, body]) => [`cut after ${what}`, bytes, cut(body)] as [string, string, unknown]),
  ])('is %s', async (_what, bytes, expected) => {
    for (const then of ['end', 'destroy'] as const) {
      expect(await outcomeOf(get(await raw(bytes, then)))).toEqual(expected);
    }
  });

  const UPGRADE = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n';
  const TOO_LARGE = 'the answer is larger than 1000 bytes';
  const ANY = expect.any(String);
  const NO_HTTP = expect.stringMatching(/^the connection failed \(HPE_\w+\)$/);
  it.each<[string, string, unknown]>([
    ['announces an end that does not come', `${HEAD}Connection: close\r\nContent-Length: 2\r\n\r\nok`, 'ok'],
    ['is no HTTP', 'SSH-2.0-OpenSSH\r\n', [NO_HTTP, true, undefined]],
    ['is none in its middle', `${CHUNKED}5\r\n{"acc\r\nnonsense`, [NO_HTTP, true, '{"acc']],
    ['is too large', `${HEAD}Content-Length: 3000\r\n\r\n${FULL}+`, [TOO_LARGE, true, FULL]],
    ['has nonsense beyond the limit', `${HEAD}Content-Length: 1001\r\n\r\n${FULL}+nonsense`, [ANY, true, FULL]],
    ['switches to another protocol', `${UPGRADE}\r\n`, ['the answer switches to another protocol', true, undefined]],
  ])('%s, on a connection that stays open', async (_what, bytes, expected) => {
    expect(await outcomeOf(get(await raw(bytes, 'stay')))).toEqual(expected);
  });

  it.each(INCOMPLETE)('is late after %s', async (_what, bytes, body) => {
    const address = await raw(bytes, 'stay');
    const sockets = clientSockets();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const late = outcomeOf(get(address));
    while (!sockets.some((socket) => !socket.connecting && socket.bytesRead >= bytes.length)) await setImmediate();
    vi.advanceTimersByTime(OPTIONS.timeoutMs);
    expect(await late).toEqual(['timed out after 10 s', true, body]);
  });

  it('counts with nonsense that comes later, which is no answer to the next request either', async () => {
    const { url, connections, sender } = await remembering((request, response) => response.end(request.url));
    for (const path of ['/1', '/2']) {
      expect(await ask(sender, new URL(path, url))).toBe(path);
      await new Promise((resolve) => connections.at(-1)?.write(STRAY, resolve));
      await turns();
    }
  });

  it('counts when the request is cancelled in the same moment', async () => {
    const controller = new AbortController();
    const emit = http.IncomingMessage.prototype.emit;
    // The first event of the answer: everything has been parsed by then, and nothing handed over.
    const spy = vi.spyOn(http.IncomingMessage.prototype, 'emit').mockImplementation(function (
      this: http.IncomingMessage,
      ...args: Parameters<typeof emit>
    ) {
      if (args[0] === 'resume') controller.abort();
      return emit.apply(this, args);
    });
    onTestFinished(() => spy.mockRestore());
    expect(await outcomeOf(get(await raw(OK, 'stay'), { ...OPTIONS, signal: controller.signal }))).toBe('ok');
    expect(controller.signal.aborted).toBe(true);
  });
});

describe('a failure', () => {
  it('has the status and headers that arrived, and its cause', async () => {
    const address = await raw('HTTP/1.1 502 No\r\nBiz-Timestamp: 1\r\nContent-Length: 9\r\n\r\n', 'destroy');
    const { partial, cause } = await failureOf(get(address));
    expect(partial).toMatchObject({ status: 502, headers: expect.objectContaining({ 'biz-timestamp': '1' }) });
    expect(cause).toBeInstanceOf(Error);
  });

  it.each([
    ['cut off', `${HEAD}Content-Length: 99\r\n\r\ns3cret`],
    ['no HTTP', 's3cret'],
    ['no HTTP in its middle', `${CHUNKED}6\r\ns3cret\r\nnonsense`],
  ])('shows neither answer nor address in debug output: %s', async (_what, answer) => {
    const failure = await failureOf(get(`${await raw(answer)}s3cret?s3cret`));
    expect(inspect(failure, { showHidden: true, depth: 9 }) + JSON.stringify(failure)).not.toMatch(/s3cret|73 33/);
    expect(failure.name).toBe('TransportError');
  });

  it('says that nothing was sent when the connection was refused, or there is no such host', async () => {
    const refused = await outcomeOf(get(`http://127.0.0.1:${await closedPort()}/`));
    expect(refused).toEqual(['the connection was refused', false, undefined]);
    expect((await failureOf(get('http://host.invalid/', SHORT))).sent).toBe(false);
  });

  const UNKNOWN = "the host's certificate comes from an unknown authority (NODE_EXTRA_CA_CERTS can name it)";
  it.each([
    [undefined, 'the connection failed'],
    ['EINVAL', 'the connection failed (EINVAL)'],
    ['ECONNRESET', 'the connection was cut'],
    ['EPIPE', 'the connection was cut'],
    ['ENOTFOUND', 'the host name was not found'],
    ['EAI_AGAIN', 'the host name could not be looked up'],
    ['ETIMEDOUT', 'the connection timed out'],
    ['ERR_PROXY_TUNNEL', 'the proxy opened no tunnel'],
    ['CERT_HAS_EXPIRED', "the host's certificate has expired"],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', "the host's certificate is signed by itself (NODE_EXTRA_CA_CERTS can name it)"],
    ['SELF_SIGNED_CERT_IN_CHAIN', UNKNOWN],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNKNOWN],
  ])('says why by the code of the error alone: %s', async (code, expected) => {
    const address = await raw('', 'stay');
    const spy = vi.spyOn(http.Agent.prototype, 'createConnection').mockImplementationOnce(() => {
      const socket = new net.Socket();
      const error = Object.assign(new Error('http://user:secret@proxy'), { code });
      process.nextTick(() => socket.destroy(error));
      return socket;
    });
    onTestFinished(() => spy.mockRestore());
    expect((await failureOf(get(address))).message).toBe(expected);
  });
});

describe('a signal', () => {
  it.each(['signal', 'unsentSignal'])('that came before (%s) keeps a request from being sent', async (name) => {
    const arrived: Buffer[] = [];
    const server = net.createServer((socket) => socket.on('data', (chunk) => arrived.push(chunk)));
    const url = new URL(`http://127.0.0.1:${await listen(server)}/`);
    expect(await ask(client(), url, { [name]: AbortSignal.abort() })).toEqual(['cancelled', false, undefined]);
    expect(arrived).toEqual([]);
  });

  it('ends a request that may have been sent', async () => {
    const { signal, abort } = abortable();
    const { url, sender } = await remembering(abort);
    expect(await ask(sender, url, { signal })).toEqual(['cancelled', true, undefined]);
  });

  it.each([OK, `${HEAD}Content-`])('is no longer listened for after the request: %j', async (answer) => {
    const [{ signal }, { signal: unsentSignal }] = [abortable(), abortable()];
    await outcomeOf(get(await raw(answer), { ...OPTIONS, signal, unsentSignal }));
    expect([signal, unsentSignal].flatMap((one) => getEventListeners(one, 'abort'))).toEqual([]);
  });

  it.each(KNOWS_PROXIES ? [false, true] : [false])(
    'ends an unsent request in a handshake (proxy: %s)',
    async (proxy) => {
      const { signal: unsentSignal, abort } = abortable();
      const host = `127.0.0.1:${await listen(net.createServer((socket) => socket.once('data', abort)))}`;
      const sender = client(proxy ? { HTTPS_PROXY: host } : {});
      const url = new URL(`https://${proxy ? 'cobo.test' : host}/`);
      expect(await ask(sender, url, { unsentSignal })).toEqual(['cancelled', false, undefined]);
    },
  );

  it('for what is unsent leaves alone what was sent, on a connection that is new or used again', async () => {
    for (const before of [[], ['first']]) {
      const { signal: unsentSignal, abort } = abortable();
      const { url, sender } = await remembering((_request, response) => {
        if (before.shift() === undefined) abort();
        response.end('ok');
      });
      while (before.length > 0) await ask(sender, url, { unsentSignal });
      expect(await ask(sender, url, { unsentSignal })).toBe('ok');
      expect(unsentSignal.aborted).toBe(true);
    }
  });

  function abortable() {
    const controller = new AbortController();
    return { signal: controller.signal, abort: () => controller.abort() };
  }
});

it('whoever wants to be told hears once of the outcome and the time, and cannot take it away by failing', async () => {
  const onDone = vi.fn<NonNullable<HttpOptions['onDone']>>(() => {
    throw new Error('EPIPE');
  });
  const uptime = vi.spyOn(process, 'uptime').mockReturnValue(12.5);
  onTestFinished(() => uptime.mockRestore());
  const [whole, broken] = [await raw(OK), await raw('')];
  uptime.mockReturnValueOnce(10);
  const answer = await get(whole, { ...OPTIONS, onDone });
  uptime.mockReturnValueOnce(11);
  const failure = await failureOf(get(broken, { ...OPTIONS, onDone }));
  expect(onDone.mock.calls).toEqual([
    [expect.objectContaining({ url: new URL(whole) }), 2500, answer],
    [expect.objectContaining({ url: new URL(broken) }), 1500, failure],
  ]);
});

// tls.setDefaultCACertificates came with the same versions as the proxies.
describe.skipIf(!KNOWS_PROXIES)('TLS with a host that', () => {
  const expired = certificate('200202');
  const ANOTHER = 'the connection failed (ERR_TLS_CERT_ALTNAME_INVALID)';

  it.each<[string, () => net.Server, string, boolean, string?]>([
    ['breaks within the handshake', () => rawServer('', 'destroy'), 'the connection was cut', false],
    ['speaks no TLS', () => rawServer(STRAY, 'end'), 'the connection failed (EPROTO)', false],
    ['stalls within the handshake', () => rawServer('', 'stay'), 'timed out after 0.3 s', false],
    ['has expired', () => https.createServer(expired, ok), "the host's certificate has expired", false],
    ['is another', () => https.createServer(good, ok), ANOTHER, false, 'localhost'],
    ['breaks after the handshake', () => https.createServer(good, broken), 'the connection was cut', true],
  ])('%s', async (_what, server, message, sent, host = '127.0.0.1') => {
    trust(good);
    trust(expired);
    const url = `https://${host}:${await listen(server())}/`;
    const options = message.startsWith('timed out') ? SHORT : OPTIONS;
    expect(await outcomeOf(get(url, options))).toEqual([message, sent, undefined]);
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
    const [socket] = server.connections;
    if (socket === undefined) throw new Error('there is none');
    return { ...server, socket, closed: once(socket, 'close') };
  }

  it.each([
    ['http', undefined, opening],
    ['http', undefined, opened],
    ...(KNOWS_PROXIES ? ([opening, opened] as const).map((start) => ['https', good, start] as const) : []),
  ] as const)('carries a request by %s, established or not', async (_protocol, secret, start) => {
    if (secret) trust(secret);
    for (const [handler, expected] of [
      [ok, 'ok'],
      [broken, cut()],
    ] as const) {
      const { url, connections, sender } = await start(handler, secret);
      expect(await ask(sender, url)).toEqual(expected);
      expect(connections).toHaveLength(1);
    }
  });

  it.each([false, true])('carries the first request to its host, and no other (new: %s)', async (newConnection) => {
    const { sender, url, connections } = await opened();
    await ask(sender, (await remembering()).url);
    for (const count of [1, 2]) {
      expect(await ask(sender, url, { newConnection })).toBe('ok');
      expect(connections).toHaveLength(count);
    }
  });

  it('carries nothing while its handshake goes on', async () => {
    let connections = 0;
    const url = new URL(`https://127.0.0.1:${await listen(net.createServer(() => (connections += 1)))}/`);
    const sender = client();
    sender.connectAhead(url);
    await vi.waitFor(() => expect(connections).toBe(1), { interval: 2 });
    expect(await ask(sender, url, SHORT)).toEqual(['timed out after 0.3 s', false, undefined]);
    expect(connections).toBe(1);
  });

  it.each<[string, (its: Socket, own: Socket) => unknown]>([
    ['its host ends it', (its) => its.end()],
    ['its host cuts it', (its) => its.destroy()],
    ['anything arrives on it, which is no answer', (its) => its.write(STRAY)],
    ['it has been idle for five seconds', (_its, own) => own.emit('timeout')],
  ])('is left alone, and closed, when %s', async (_what, happen) => {
    const { sender, url, connections, socket, own, idleMs, closed } = await opened();
    expect(idleMs).toBe(5_000);
    happen(socket, own);
    expect(await ask(sender, url)).toBe('ok');
    await closed;
    expect(connections).toHaveLength(2);
  });

  it('is not closed while a request takes longer', async () => {
    const { sender, url, own } = await opened();
    await ask(sender, url);
    expect(own.timeout).toBe(0);
  });

  it('is the newer of two to the same host, and one of two to two hosts', async () => {
    const other = await remembering();
    const { sender, url, connections, closed } = await opened();
    sender.connectAhead(other.url);
    sender.connectAhead(url);
    await closed;
    await ask(sender, url);
    await ask(sender, other.url);
    expect([connections.length, other.connections.length]).toEqual([2, 1]);
  });

  it('is closed with the client, as one that is idle', async () => {
    const sockets = clientSockets();
    const { sender, own } = await opened();
    await ask(sender, (await remembering()).url);
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

  it('says nothing when it cannot be opened: the request does', async () => {
    const url = new URL(`http://127.0.0.1:${await closedPort()}/`);
    const sender = client();
    sender.connectAhead(url);
    await turns();
    expect(await ask(sender, url)).toEqual(['the connection was refused', false, undefined]);
  });

  it.each([
    ['HTTP_PROXY', 'proxy.test:3128', 0],
    ['http_proxy', 'socks5://proxy.test:1080', 0],
    ['HTTPS_PROXY', 'proxy.test:3128', 1],
    ['HTTP_PROXY', '', 1],
  ])('is none where its protocol has a proxy: %s, %j', async (variable, value, expected) => {
    const { url, connections } = await remembering();
    client({ [variable]: value }).connectAhead(url);
    await turns();
    expect(connections).toHaveLength(expected);
  });
});

describe('a connection that has carried a request', () => {
  it('carries the next ones, but not one that wants a new one, which is closed after it', async () => {
    const { url, connections, sender } = await remembering();
    await ask(sender, url);
    await ask(sender, url);
    expect(connections).toHaveLength(1);
    await ask(sender, url, { newConnection: true });
    const [, fresh] = connections;
    if (fresh && !fresh.closed) await once(fresh, 'close');
    await ask(sender, url);
    expect(connections).toHaveLength(2);
  });

  it('is closed when it has been idle for five seconds, but not under a request', async () => {
    const sockets = clientSockets();
    const { url, connections, sender } = await remembering((_request, response) => {
      sockets[0]?.emit('timeout');
      response.end('ok');
    });
    expect(await ask(sender, url)).toBe('ok');
    await turns();
    expect(sockets.map(({ timeout }) => timeout)).toEqual([5_000]);
    sockets[0]?.emit('timeout');
    await ask(sender, url);
    expect(connections).toHaveLength(2);
  });

  it('that breaks when it is used again may have carried the request', async () => {
    const handlers = [ok];
    const { url, connections, sender } = await remembering((...exchange) => (handlers.pop() ?? broken)(...exchange));
    await ask(sender, url);
    expect(await ask(sender, url)).toEqual(cut());
    expect(connections).toHaveLength(1);
  });
});

describe.skipIf(!KNOWS_PROXIES)('a proxy', () => {
  /** One that answers by itself, and opens tunnels to `target` whatever the host. Remembers what it was asked for. */
  async function proxy(target = 0) {
    const asked: [string, string | undefined][] = [];
    const remember = ({ method, url, headers }: http.IncomingMessage) =>
      asked.push([`${method} ${url}`, headers['proxy-authorization']]);
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
  it.each<[NodeJS.ProcessEnv, (string | undefined)?]>([
    [{ HTTP_PROXY: 'http://HOST' }],
    [{ http_proxy: 'HTTP://HOST/', HTTP_PROXY: 'socks5://proxy.test' }],
    [{ HTTP_PROXY: 'user:secret@HOST' }, BASIC],
  ])('is used for HTTP with %j', async (env, authorization) => {
    const { host, asked } = await proxy();
    for (const [name, value] of Object.entries(env)) env[name] = value?.replace('HOST', host);
    expect(await outcomeOf(get('http://cobo.test/path?query', OPTIONS, env))).toBe('by the proxy');
    expect(asked).toEqual([['GET http://cobo.test/path?query', authorization]]);
  });

  it.each([{ NO_PROXY: '127.0.0.1' }, { no_proxy: '127.0.0.1' }, { HTTP_PROXY: '', HTTPS_PROXY: 'proxy.test' }])(
    'is not used with %j',
    async (env) => {
      const { host, asked } = await proxy();
      const { url } = await remembering();
      expect(await outcomeOf(get(url.href, OPTIONS, { HTTP_PROXY: host, ...env }))).toBe('ok');
      expect(asked).toEqual([]);
    },
  );

  it.each([
    ['brings the answer', () => https.createServer(good, ok), 'ok'],
    [
      'ends in a failed handshake',
      () => rawServer('no TLS\r\n', 'end'),
      [expect.stringContaining('the connection failed'), false, undefined],
    ],
    ['breaks after the handshake', () => https.createServer(good, broken), cut()],
  ])('sees of HTTPS nothing but the host, and its tunnel %s', async (_what, server, expected) => {
    trust(good);
    const { host, asked } = await proxy(await listen(server()));
    expect(await outcomeOf(get('https://cobo.test/secret-path', OPTIONS, { HTTPS_PROXY: host }))).toEqual(expected);
    expect(asked).toEqual([['CONNECT cobo.test:443', undefined]]);
  });

  const REFUSAL = 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n';
  it.each([
    ['refuses the tunnel', () => listen(rawServer(REFUSAL, 'stay')), 'the proxy opened no tunnel'],
    ['says nothing', () => listen(rawServer('', 'stay')), 'timed out after 0.3 s'],
    ['is not there', closedPort, 'the connection was refused'],
  ])('that %s carried nothing', async (_what, port, message) => {
    const env = { HTTPS_PROXY: `http://user:secret@127.0.0.1:${await port()}` };
    expect(await outcomeOf(get('https://cobo.test/', SHORT, env))).toEqual([message, false, undefined]);
  });

  it.each([
    [ok, 'ok'],
    [broken, cut()],
  ])('may speak TLS itself', async (handler, expected) => {
    trust(good);
    const { url, connections } = await remembering(handler, good);
    expect(await outcomeOf(get('http://cobo.test/x', OPTIONS, { HTTP_PROXY: url.origin }))).toEqual(expected);
    expect(connections).toHaveLength(1);
  });
});

describe('a proxy that cannot be used', () => {
  it.each([
    ['HTTPS_PROXY', 'socks5://user:s3cret@proxy.test:1080'],
    ['https_proxy', 'socks5h://proxy.test'],
    ['HTTPS_PROXY', 'user:s3cret@@@ :99999'],
    ['HTTP_PROXY', 'ftp://proxy.test'],
  ])('ends every request of its protocol, and no other: %s=%s', async (variable, value) => {
    const { url, connections } = await remembering();
    const isHttp = variable === 'HTTP_PROXY';
    const sender = client({ [variable]: value });
    const own = new URL(isHttp ? url.href : url.href.replace('http', 'https'));
    const error: unknown = await ask(sender, own).catch((reason) => reason);
    expect(error).toMatchObject({
      name: 'ActionError',
      code: 'proxy-invalid',
      message: `The proxy in the environment variable \`${variable}\` must be an \`http://\` or \`https://\` URL.`,
      remedy: `Set \`${variable}\` to the URL of an HTTP proxy, such as \`http://proxy.example:3128\`, or remove it. Then re-run the job.`,
    });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
    expect(connections).toEqual([]);
    if (!isHttp) expect(await ask(sender, url)).toBe('ok');
  });
});
