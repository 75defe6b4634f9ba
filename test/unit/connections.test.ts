import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ActionError } from '../../src/errors.ts';
import type { HttpClient } from '../../src/http.ts';
import {
  certificate,
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

const ok: http.RequestListener = (_request, response) => response.end('ok');
const broken: http.RequestListener = ({ socket }) => socket.destroy();

/** A server that remembers its connections, never ends one by itself, and does not say how long it keeps one. */
async function remembering(handler = ok, tls?: { cert: string; key: string }) {
  const server = tls ? https.createServer(tls, handler) : http.createServer(handler);
  server.keepAliveTimeout = 0;
  const connections: Socket[] = [];
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => connections.push(socket));
  const url = new URL(`${tls ? 'https' : 'http'}://127.0.0.1:${await listen(server)}/v2`);
  return { url, connections };
}

/** The same, with a client that has opened a connection to it ahead, which stands on both sides. */
async function opened(handler = ok, tls?: { cert: string; key: string }) {
  const server = await remembering(handler, tls);
  const sender = client();
  sender.connectAhead(server.url);
  await vi.waitFor(() => expect(server.connections).toHaveLength(1), { interval: 2 });
  await turns();
  const [socket] = server.connections;
  if (socket === undefined) throw new Error('there is none');
  return { ...server, sender, socket, closed: once(socket, 'close') };
}

async function ask(sender: HttpClient, url: URL, options = OPTIONS): Promise<string> {
  const { body } = await sender.send({ method: 'GET', url, headers: {} }, options);
  return body.toString();
}

function failureAt(sender: HttpClient, url: URL, options = OPTIONS) {
  return failureOf(sender.send({ method: 'GET', url, headers: {} }, options));
}

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = net.createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** The time since the process began, in seconds, as a test sets it. */
function heldUptime() {
  // A whole number: a fraction would be rounded below the limit now and then.
  const begin = Math.ceil(process.uptime());
  const clock = vi.spyOn(process, 'uptime').mockReturnValue(begin);
  onTestFinished(() => clock.mockRestore());
  return { skip: (seconds: number) => clock.mockReturnValue(begin + seconds) };
}

describe('a connection that was opened ahead', () => {
  it.each([false, true])('carries the first request to its host, and no other (new: %s)', async (newConnection) => {
    const { sender, url, connections } = await opened();
    await ask(sender, (await remembering()).url);
    for (const count of [1, 2]) {
      expect(await ask(sender, url, { ...OPTIONS, newConnection })).toBe('ok');
      expect(connections).toHaveLength(count);
    }
  });

  it('carries a body too', async () => {
    const { sender, url, connections } = await opened((request, response) => request.pipe(response));
    const request = { method: 'POST', url, headers: {}, body: '{"a":"ü"}' };
    expect((await sender.send(request, OPTIONS)).body.toString()).toBe('{"a":"ü"}');
    expect(connections).toHaveLength(1);
  });

  it('may have carried a request to which no answer came', async () => {
    const { sender, url, connections } = await opened(broken);
    expect((await failureAt(sender, url)).sent).toBe(true);
    expect(connections).toHaveLength(1);
  });

  it('is waited for when it is not established yet', async () => {
    const { url, connections } = await remembering();
    const sender = client();
    sender.connectAhead(url);
    expect(await ask(sender, url)).toBe('ok');
    expect(connections).toHaveLength(1);
  });

  it.each([
    [4.999, 1],
    [5, 2],
  ])('that has been there for %d s leaves %i connections made', async (seconds, count) => {
    const uptime = heldUptime();
    const { sender, url, connections, closed } = await opened();
    uptime.skip(seconds);
    expect(await ask(sender, url)).toBe('ok');
    expect(connections).toHaveLength(count);
    if (count === 2) await closed;
  });

  it.each(['end', 'destroy'] as const)('is left alone when its host has closed it (%s)', async (how) => {
    const { sender, url, connections, socket } = await opened();
    socket[how]();
    await turns();
    expect(await ask(sender, url)).toBe('ok');
    expect(connections).toHaveLength(2);
  });

  it('is left alone, and closed, when anything has arrived on it: that is no answer', async () => {
    const { sender, url, connections, socket, closed } = await opened();
    socket.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n');
    // In this very turn: the loopback has it, and nobody has looked.
    expect(await ask(sender, url)).toBe('ok');
    await closed;
    expect(connections).toHaveLength(2);
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

  it('is closed with the client, which then opens no other', async () => {
    const { sender, url, connections, closed } = await opened();
    sender.close();
    await closed;
    sender.connectAhead(url);
    await turns();
    expect(connections).toHaveLength(1);
  });

  it.each([
    ['http://cobo.test/v2', { host: 'cobo.test', port: 80 }],
    ['http://[::1]:8080/v2', { host: '::1', port: 8080 }],
    ['https://cobo.test/v2', { host: 'cobo.test', port: 443, servername: 'cobo.test' }],
    ['https://127.0.0.1:8443/', { host: '127.0.0.1', port: 8443 }],
    ['https://[::1]/', { host: '::1', port: 443 }],
  ])('goes where %s leads', (url, expected) => {
    const asked: unknown[] = [];
    for (const module of [net, tls]) {
      const spy = vi.spyOn(module, 'connect').mockImplementation(((options: unknown) => {
        asked.push(options);
        return new net.Socket();
      }) as never);
      onTestFinished(() => {
        spy.mockRestore();
        syncBuiltinESMExports();
      });
    }
    syncBuiltinESMExports();
    client().connectAhead(new URL(url));
    const secure = url.startsWith('https:') ? { ALPNProtocols: ['http/1.1'] } : {};
    expect(asked).toStrictEqual([{ ...expected, ...secure }]);
  });

  it('says nothing when it cannot be opened: the request does', async () => {
    const url = new URL(`http://127.0.0.1:${await closedPort()}/`);
    const sender = client();
    sender.connectAhead(url);
    await turns();
    expect(await failureAt(sender, url)).toMatchObject({
      message: 'the connection was refused',
      sent: false,
    });
  });

  it.each([
    ['HTTP_PROXY', 'proxy.test:3128', 0],
    ['http_proxy', 'socks5://proxy.test:1080', 0],
    ['HTTPS_PROXY', 'proxy.test:3128', 1],
    ['NO_PROXY', 'proxy.test', 1],
    ['HTTP_PROXY', '', 1],
  ])('is none where its protocol has a proxy: %s, %j', async (variable, value, expected) => {
    const { url, connections } = await remembering();
    client({ [variable]: value }).connectAhead(url);
    await turns();
    expect(connections).toHaveLength(expected);
  });
});

// Trusting a certificate within a process came with the same versions as the proxies.
describe.skipIf(!KNOWS_PROXIES)('a TLS connection that was opened ahead', () => {
  const good = certificate('491231');

  it('carries the first request', async () => {
    trust(good);
    const { sender, url, connections } = await opened(ok, good);
    expect(await ask(sender, url)).toBe('ok');
    expect(connections).toHaveLength(1);
  });

  it('names the host, and carries nothing when the host is another', async () => {
    trust(good);
    const names: (string | undefined)[] = [];
    const SNICallback = (name: string, done: (error: null) => void) => {
      names.push(name);
      done(null);
    };
    const port = await listen(https.createServer({ ...good, SNICallback }, ok));
    const sender = client();
    const url = new URL(`https://localhost:${port}/`);
    sender.connectAhead(url);
    await vi.waitFor(() => expect(names).toHaveLength(1), { interval: 2 });
    // The certificate is for cobo.test.
    expect((await failureAt(sender, url)).sent).toBe(false);
    expect(names).toEqual(['localhost', 'localhost']);
  });

  it('is waited for while its handshake goes on, and nothing is sent before', async () => {
    let connections = 0;
    const port = await listen(net.createServer(() => (connections += 1)));
    const url = new URL(`https://127.0.0.1:${port}/`);
    const sender = client();
    sender.connectAhead(url);
    await vi.waitFor(() => expect(connections).toBe(1), { interval: 2 });
    expect((await failureAt(sender, url, SHORT)).sent).toBe(false);
    expect(connections).toBe(1);
  });

  it('may have carried a request that it was waited for', async () => {
    trust(good);
    const { url, connections } = await remembering(broken, good);
    const sender = client();
    sender.connectAhead(url);
    expect((await failureAt(sender, url)).sent).toBe(true);
    expect(connections).toHaveLength(1);
  });
});

describe('a connection that has carried a request', () => {
  it('carries the next ones, but not one that wants a new one, which is closed after it', async () => {
    const { url, connections } = await remembering();
    const sender = client();
    await ask(sender, url);
    await ask(sender, url);
    expect(connections).toHaveLength(1);
    await ask(sender, url, { ...OPTIONS, newConnection: true });
    const [, fresh] = connections;
    if (fresh && !fresh.closed) await once(fresh, 'close');
    await ask(sender, url);
    expect(connections).toHaveLength(2);
  });

  it('is closed when it has been idle for five seconds', async () => {
    const { url, connections } = await remembering();
    const sockets = clientSockets();
    const sender = client();
    await ask(sender, url);
    await turns();
    expect(sockets.map(({ timeout }) => timeout)).toEqual([5_000]);
    // As its own clock does when the time is over.
    sockets[0]?.emit('timeout');
    await ask(sender, url);
    expect(connections).toHaveLength(2);
  });

  it('is not closed while a request takes longer', async () => {
    let response: http.ServerResponse | undefined;
    const { url } = await remembering((_request, its) => {
      response = its;
    });
    const sockets = clientSockets();
    const late = ask(client(), url);
    await vi.waitFor(() => expect(response).toBeDefined(), { interval: 2 });
    sockets[0]?.emit('timeout');
    response?.end('late');
    expect(await late).toBe('late');
  });

  it('is closed with the client', async () => {
    const { url, connections } = await remembering();
    const sender = client();
    await ask(sender, url);
    const [socket] = connections;
    const closed = socket && once(socket, 'close');
    sender.close();
    await expect(closed).resolves.toEqual([false]);
  });

  it('that breaks when it is used again may have carried the request', async () => {
    let requests = 0;
    const { url, connections } = await remembering((request, response) => {
      requests += 1;
      (requests === 1 ? ok : broken)(request, response);
    });
    const sender = client();
    await ask(sender, url);
    expect((await failureAt(sender, url)).sent).toBe(true);
    expect(connections).toHaveLength(1);
  });
});

describe.skipIf(!KNOWS_PROXIES)('a proxy', () => {
  const good = certificate('491231');

  /** Hands everything on to `target`, whatever the host. Remembers what it was asked for. */
  async function proxy(target: number) {
    const asked: { line: string; authorization: string | undefined }[] = [];
    const remember = ({ method, url, headers }: http.IncomingMessage) =>
      asked.push({ line: `${method} ${url}`, authorization: headers['proxy-authorization'] });
    const server = http.createServer((request, response) => {
      remember(request);
      const { pathname, search } = new URL(request.url ?? '');
      const options = { host: '127.0.0.1', port: target, path: pathname + search, agent: false };
      http.get(options, (answer) => {
        response.writeHead(answer.statusCode ?? 0);
        answer.pipe(response);
      });
    });
    server.on('connect', (request, socket) => {
      remember(request);
      const onward = net.connect(target, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
    });
    const port = await listen(server);
    return { port, asked, url: `http://127.0.0.1:${port}` };
  }

  async function origin(): Promise<number> {
    return listen(http.createServer((request, response) => response.end(`answer to ${request.url}`)));
  }

  it.each([
    ['HTTP_PROXY', ''],
    ['http_proxy', ''],
    ['HTTP_PROXY', 'user:secret@'],
  ])('is used when %s names it, with its credentials: %j', async (name, credentials) => {
    const { port, asked } = await proxy(await origin());
    const env = { [name]: `http://${credentials}127.0.0.1:${port}` };
    const { body } = await get('http://cobo.test/path?query', OPTIONS, env);
    expect(body.toString()).toBe('answer to /path?query');
    const authorization = credentials && `Basic ${Buffer.from('user:secret').toString('base64')}`;
    expect(asked).toEqual([{ line: 'GET http://cobo.test/path?query', authorization: authorization || undefined }]);
  });

  it.each(['127.0.0.1:PORT', 'HTTP://127.0.0.1:PORT', 'http://127.0.0.1:PORT/'])(
    'may be written as %s',
    async (address) => {
      const { port, asked } = await proxy(await origin());
      await get('http://cobo.test/', OPTIONS, { HTTP_PROXY: address.replace('PORT', String(port)) });
      expect(asked).toHaveLength(1);
    },
  );

  it('is the one in lower case where there are two', async () => {
    const { url, asked } = await proxy(await origin());
    await get('http://cobo.test/', OPTIONS, { http_proxy: url, HTTP_PROXY: 'socks5://proxy.test' });
    expect(asked).toHaveLength(1);
  });

  it.each<NodeJS.ProcessEnv>([
    { HTTP_PROXY: 'URL', NO_PROXY: '127.0.0.1' },
    { HTTP_PROXY: 'URL', no_proxy: '127.0.0.1' },
    { HTTPS_PROXY: 'URL' },
    { HTTP_PROXY: '' },
  ])('is not used with %j', async (given) => {
    const target = await origin();
    const { url, asked } = await proxy(target);
    const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value?.replace('URL', url)]));
    const { body } = await get(`http://127.0.0.1:${target}/`, OPTIONS, env);
    expect([body.toString(), asked]).toEqual(['answer to /', []]);
  });

  it('opens a tunnel for HTTPS, and sees nothing but the host', async () => {
    trust(good);
    const { url, asked } = await proxy(await listen(https.createServer(good, ok)));
    const { body } = await get('https://cobo.test/secret-path', OPTIONS, { HTTPS_PROXY: url });
    expect([body.toString(), asked.map(({ line }) => line)]).toEqual(['ok', ['CONNECT cobo.test:443']]);
  });

  it.each([
    ['ends in a failed handshake carried nothing', () => rawServer('no TLS\r\n', 'end'), false],
    ['broke after the handshake may have carried it', () => https.createServer(good, broken), true],
  ])('whose tunnel %s', async (_what, server, sent) => {
    trust(good);
    const { url } = await proxy(await listen(server()));
    expect((await failureOf(get('https://cobo.test/', OPTIONS, { HTTPS_PROXY: url }))).sent).toBe(sent);
  });

  const REFUSAL = 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n';
  it.each([
    ['refuses the tunnel', () => listen(rawServer(REFUSAL, 'stay')), OPTIONS, 'the proxy opened no tunnel'],
    ['says nothing', () => listen(rawServer('', 'stay')), SHORT, 'timed out after 0.3 s'],
    ['is not there', closedPort, OPTIONS, 'the connection was refused'],
  ])('that %s carried nothing', async (_what, port, options, message) => {
    const env = { HTTPS_PROXY: `http://user:secret@127.0.0.1:${await port()}` };
    const failure = await failureOf(get('https://cobo.test/', options, env));
    expect([failure.message, failure.sent]).toEqual([message, false]);
  });

  it('may speak TLS itself', async () => {
    trust(good);
    const server = https.createServer(good, (request, response) => response.end(`proxied ${request.url}`));
    const env = { HTTP_PROXY: `https://127.0.0.1:${await listen(server)}` };
    const { body } = await get('http://cobo.test/x', OPTIONS, env);
    expect(body.toString()).toBe('proxied http://cobo.test/x');
  });
});

describe('a proxy that cannot be used', () => {
  it.each([
    ['HTTPS_PROXY', 'socks5://user:s3cret@proxy.test:1080'],
    ['https_proxy', 'socks5h://proxy.test'],
    ['HTTPS_PROXY', 'http://user:s3cret@@@ :99999'],
    ['HTTPS_PROXY', 'user:s3cret@@@ :99999'],
    ['HTTP_PROXY', 'ftp://proxy.test'],
  ])('ends every request of its protocol, and no other: %s=%s', async (variable, value) => {
    const { url, connections } = await remembering();
    const [own, other] = variable.slice(0, -6).toLowerCase() === 'http' ? ['http', 'https'] : ['https', 'http'];
    const sender = client({ [variable]: value });
    const error: unknown = await ask(sender, new URL(url.href.replace('http', own))).catch((reason) => reason);
    expect(error).toBeInstanceOf(ActionError);
    expect(error).toMatchObject({
      code: 'proxy-invalid',
      message: `The proxy in the environment variable \`${variable}\` must be an \`http://\` or \`https://\` URL.`,
      remedy: `Set \`${variable}\` to the URL of an HTTP proxy, such as \`http://proxy.example:3128\`, or remove it. Then re-run the job.`,
    });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
    expect(connections).toEqual([]);
    if (other === 'http') expect(await ask(sender, url)).toBe('ok');
  });
});
