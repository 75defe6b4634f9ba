import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net, { type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ActionError } from '../../src/errors.ts';
import type { HttpClient } from '../../src/http.ts';
import {
  certificate,
  client,
  failureOf,
  get,
  KNOWS_PROXIES,
  listen,
  OPTIONS,
  rawServer,
  SHORT,
  trust,
} from '../support/servers.ts';

type Handler = http.RequestListener;

const ok: Handler = (_request, response) => response.end('ok');

/** A server that remembers its connections, each of which can be waited for. */
async function remembering(handler: Handler = ok, tls?: { cert: string; key: string }) {
  const server = tls ? https.createServer(tls, handler) : http.createServer(handler);
  const connections: Socket[] = [];
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => connections.push(socket));
  const port = await listen(server);
  return {
    url: new URL(`${tls ? 'https' : 'http'}://127.0.0.1:${port}/v2`),
    connections,
    /** The first connection, once it stands on both sides. */
    async first(): Promise<Socket> {
      await vi.waitFor(() => expect(connections).toHaveLength(1), { interval: 2 });
      await turns();
      const [socket] = connections;
      if (socket === undefined) throw new Error('there is none');
      return socket;
    },
  };
}

/** Turns of the event loop: what the loopback has carried is looked at in the next one. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}

async function ask(sender: HttpClient, url: URL): Promise<string> {
  const { body } = await sender.send({ method: 'GET', url, headers: {} }, OPTIONS);
  return body.toString();
}

describe('a connection that was opened ahead', () => {
  it('carries the first request to its host, and no other', async () => {
    const server = await remembering();
    const sender = client();
    sender.connectAhead(server.url);
    await server.first();
    expect(await ask(sender, server.url)).toBe('ok');
    expect(server.connections).toHaveLength(1);
    expect(await ask(sender, server.url)).toBe('ok');
    expect(server.connections).toHaveLength(2);
  });

  it('carries a body too', async () => {
    const server = await remembering((request, response) => request.pipe(response));
    const sender = client();
    sender.connectAhead(server.url);
    await server.first();
    const request = { method: 'POST', url: server.url, headers: {}, body: '{"a":"ü"}' };
    expect((await sender.send(request, OPTIONS)).body.toString()).toBe('{"a":"ü"}');
    expect(server.connections).toHaveLength(1);
  });

  it('stays when another host is asked in between', async () => {
    const [server, other] = [await remembering(), await remembering()];
    const sender = client();
    sender.connectAhead(server.url);
    await server.first();
    await ask(sender, other.url);
    await ask(sender, server.url);
    expect([server.connections.length, other.connections.length]).toEqual([1, 1]);
  });

  it('may have carried a request to which no answer came', async () => {
    const server = await remembering((request) => request.socket.destroy());
    const sender = client();
    sender.connectAhead(server.url);
    await server.first();
    const failure = await failureOf(sender.send({ method: 'GET', url: server.url, headers: {} }, OPTIONS));
    expect({ sent: failure.sent, connections: server.connections.length }).toEqual({
      sent: true,
      connections: 1,
    });
  });

  it.each(['end', 'destroy'] as const)('is left alone when its host has closed it (%s)', async (how) => {
    const server = await remembering();
    const sender = client();
    sender.connectAhead(server.url);
    (await server.first())[how]();
    await turns();
    expect(await ask(sender, server.url)).toBe('ok');
    expect(server.connections).toHaveLength(2);
  });

  it('is used when it has been idle for almost five seconds', async () => {
    const server = await remembering();
    const sender = client();
    const uptime = process.uptime();
    const clock = vi.spyOn(process, 'uptime').mockReturnValue(uptime);
    onTestFinished(() => clock.mockRestore());
    sender.connectAhead(server.url);
    await server.first();
    clock.mockReturnValue(uptime + 4.999);
    expect(await ask(sender, server.url)).toBe('ok');
    expect(server.connections).toHaveLength(1);
  });

  it('is left alone, and closed, when it has been idle for five seconds', async () => {
    const server = await remembering();
    const sender = client();
    // A whole number: a fraction would be rounded below the limit now and then.
    const uptime = Math.ceil(process.uptime());
    const clock = vi.spyOn(process, 'uptime').mockReturnValue(uptime);
    onTestFinished(() => clock.mockRestore());
    sender.connectAhead(server.url);
    const closed = once(await server.first(), 'close');
    // A whole request elsewhere: by its end the client knows of the connection too.
    await ask(sender, (await remembering()).url);
    clock.mockReturnValue(uptime + 5);
    expect(await ask(sender, server.url)).toBe('ok');
    await closed;
    expect(server.connections).toHaveLength(2);
  });

  it('is waited for when it is not established yet', async () => {
    const server = await remembering();
    const sender = client();
    sender.connectAhead(server.url);
    expect(await ask(sender, server.url)).toBe('ok');
    expect(server.connections).toHaveLength(1);
  });

  it('carries the first request that wants a new connection', async () => {
    const server = await remembering();
    const sender = client();
    sender.connectAhead(server.url);
    for (const count of [1, 2]) {
      await sender.send({ method: 'GET', url: server.url, headers: {} }, { ...OPTIONS, newConnection: true });
      expect(server.connections).toHaveLength(count);
    }
  });

  it('is left alone, and closed, when anything has arrived on it: that is no answer', async () => {
    const server = await remembering();
    const sender = client();
    sender.connectAhead(server.url);
    const socket = await server.first();
    const closed = once(socket, 'close');
    socket.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n');
    // In this very turn: the loopback has it, and nobody has looked.
    expect(await ask(sender, server.url)).toBe('ok');
    await closed;
    expect(server.connections).toHaveLength(2);
  });

  it('is the newer of two to the same host, and one of two to two hosts', async () => {
    const [server, other] = [await remembering(), await remembering()];
    const sender = client();
    sender.connectAhead(server.url);
    const closed = once(await server.first(), 'close');
    sender.connectAhead(other.url);
    sender.connectAhead(server.url);
    await closed;
    await ask(sender, server.url);
    await ask(sender, other.url);
    expect([server.connections.length, other.connections.length]).toEqual([2, 1]);
  });

  it('is closed with the client when nobody has used it', async () => {
    const server = await remembering();
    const sender = client();
    sender.connectAhead(server.url);
    const closed = once(await server.first(), 'close');
    sender.close();
    await closed;
  });

  it('is none when the client is closed already', async () => {
    const server = await remembering();
    const sender = client();
    sender.close();
    sender.connectAhead(server.url);
    await turns();
    expect(server.connections).toHaveLength(0);
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
    const server = net.createServer();
    const url = new URL(`http://127.0.0.1:${await listen(server)}/`);
    server.close();
    await once(server, 'close');
    const sender = client();
    sender.connectAhead(url);
    await turns();
    const failure = await failureOf(sender.send({ method: 'GET', url, headers: {} }, OPTIONS));
    expect(failure).toMatchObject({ message: 'the connection was refused', sent: false });
  });

  it.each([
    ['HTTP_PROXY', 'proxy.test:3128', 0],
    ['http_proxy', 'socks5://proxy.test:1080', 0],
    ['HTTPS_PROXY', 'proxy.test:3128', 1],
    ['NO_PROXY', 'proxy.test', 1],
    ['HTTP_PROXY', '', 1],
  ])('is none where a proxy is named: %s, %j', async (variable, value, expected) => {
    const server = await remembering();
    const sender = client({ [variable]: value });
    sender.connectAhead(server.url);
    await turns();
    expect(server.connections).toHaveLength(expected);
  });
});

describe('a connection that has carried a request', () => {
  /** It never ends a connection by itself, and does not say how long it keeps one. */
  async function patient(handler: Handler = ok) {
    const server = http.createServer(handler);
    server.keepAliveTimeout = 0;
    const connections: Socket[] = [];
    server.on('connection', (socket: Socket) => connections.push(socket));
    return { url: new URL(`http://127.0.0.1:${await listen(server)}/`), connections };
  }

  /** The client's ends of the connections that its agents open. */
  function clientSockets(): Socket[] {
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

  it('carries the next ones', async () => {
    const { url, connections } = await patient();
    const sender = client();
    for (let request = 0; request < 3; request++) await ask(sender, url);
    expect(connections).toHaveLength(1);
  });

  it('is not used for a request that wants a new one, which is closed after it', async () => {
    const { url, connections } = await patient();
    const sender = client();
    await ask(sender, url);
    const request = { method: 'GET', url, headers: {} };
    await sender.send(request, { ...OPTIONS, newConnection: true });
    const [, fresh] = connections;
    if (fresh && !fresh.closed) await once(fresh, 'close');
    expect(connections).toHaveLength(2);
    await ask(sender, url);
    expect(connections).toHaveLength(2);
  });

  it('is closed when it has been idle for five seconds', async () => {
    const { url, connections } = await patient();
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
    let answer = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let release = (): void => undefined;
    const { url } = await patient((_request, response) => {
      answer();
      release = () => void response.end('late');
    });
    const sockets = clientSockets();
    const late = ask(client(), url);
    await arrived;
    sockets[0]?.emit('timeout');
    release();
    expect(await late).toBe('late');
  });

  it('is closed with the client', async () => {
    const { url, connections } = await patient();
    const sender = client();
    await ask(sender, url);
    const [socket] = connections;
    const closed = socket && once(socket, 'close');
    sender.close();
    await expect(closed).resolves.toEqual([false]);
  });

  it('that breaks when it is used again may have carried the request', async () => {
    let requests = 0;
    const { url, connections } = await patient((request, response) => {
      if (++requests === 1) response.end('ok');
      else request.socket.destroy();
    });
    const sender = client();
    await ask(sender, url);
    const failure = await failureOf(sender.send({ method: 'GET', url, headers: {} }, OPTIONS));
    expect({ sent: failure.sent, connections: connections.length }).toEqual({ sent: true, connections: 1 });
  });
});

// Trusting a certificate within a process came with the same versions as the proxies.
describe.skipIf(!KNOWS_PROXIES)('a TLS connection that was opened ahead', () => {
  const good = certificate('491231');

  it('carries the first request', async () => {
    trust(good);
    const server = await remembering(ok, good);
    const sender = client();
    sender.connectAhead(server.url);
    await server.first();
    expect(await ask(sender, server.url)).toBe('ok');
    expect(server.connections).toHaveLength(1);
  });

  it('names the host, and carries nothing when the host is another', async () => {
    trust(good);
    const names: (string | undefined)[] = [];
    const server = https.createServer(
      {
        ...good,
        SNICallback: (name, done) => {
          names.push(name);
          done(null);
        },
      },
      ok,
    );
    const port = await listen(server);
    const sender = client();
    const url = new URL(`https://localhost:${port}/`);
    sender.connectAhead(url);
    await vi.waitFor(() => expect(names).toHaveLength(1), { interval: 2 });
    // The certificate is for cobo.test.
    const failure = await failureOf(sender.send({ method: 'GET', url, headers: {} }, OPTIONS));
    expect(failure.sent).toBe(false);
    expect(names).toEqual(['localhost', 'localhost']);
  });

  it('is waited for while its handshake goes on, and nothing is sent before', async () => {
    let connections = 0;
    const port = await listen(net.createServer(() => (connections += 1)));
    const url = new URL(`https://127.0.0.1:${port}/`);
    const sender = client();
    sender.connectAhead(url);
    await vi.waitFor(() => expect(connections).toBe(1), { interval: 2 });
    const failure = await failureOf(sender.send({ method: 'GET', url, headers: {} }, SHORT));
    expect({ sent: failure.sent, connections }).toEqual({ sent: false, connections: 1 });
  });

  it('may have carried a request that it was waited for', async () => {
    trust(good);
    const server = await remembering((request) => request.socket.destroy(), good);
    const sender = client();
    sender.connectAhead(server.url);
    const failure = await failureOf(sender.send({ method: 'GET', url: server.url, headers: {} }, OPTIONS));
    expect({ sent: failure.sent, connections: server.connections.length }).toEqual({
      sent: true,
      connections: 1,
    });
  });
});

describe.skipIf(!KNOWS_PROXIES)('a proxy', () => {
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
    return { port: await listen(server), asked };
  }

  async function origin(): Promise<number> {
    return listen(http.createServer((request, response) => response.end(`answer to ${request.url}`)));
  }

  it.each(['HTTP_PROXY', 'http_proxy'])('is used when %s names it', async (name) => {
    const { port, asked } = await proxy(await origin());
    const { body } = await get('http://cobo.test/path?query', OPTIONS, {
      [name]: `http://127.0.0.1:${port}`,
    });
    expect({ body: body.toString(), asked }).toEqual({
      body: 'answer to /path?query',
      asked: [{ line: 'GET http://cobo.test/path?query', authorization: undefined }],
    });
  });

  it('is given the credentials of its address', async () => {
    const { port, asked } = await proxy(await origin());
    await get('http://cobo.test/', OPTIONS, { HTTP_PROXY: `http://user:secret@127.0.0.1:${port}` });
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from('user:secret').toString('base64')}`);
  });

  it('is the one in lower case where there are two', async () => {
    const target = await origin();
    const [lower, upper] = [await proxy(target), await proxy(target)];
    await get('http://cobo.test/', OPTIONS, {
      http_proxy: `http://127.0.0.1:${lower.port}`,
      HTTP_PROXY: `http://127.0.0.1:${upper.port}`,
    });
    expect([lower.asked.length, upper.asked.length]).toEqual([1, 0]);
  });

  it.each(['NO_PROXY', 'no_proxy'])('is not used for a host that %s names', async (name) => {
    const target = await origin();
    const { port, asked } = await proxy(target);
    const env = { HTTP_PROXY: `http://127.0.0.1:${port}`, [name]: '127.0.0.1' };
    const { body } = await get(`http://127.0.0.1:${target}/`, OPTIONS, env);
    expect({ body: body.toString(), asked }).toEqual({ body: 'answer to /', asked: [] });
  });

  it('of HTTPS is not used for HTTP', async () => {
    const target = await origin();
    const { port, asked } = await proxy(target);
    await get(`http://127.0.0.1:${target}/`, OPTIONS, { HTTPS_PROXY: `http://127.0.0.1:${port}` });
    expect(asked).toEqual([]);
  });

  it('that is an empty variable is none', async () => {
    const { body } = await get(`http://127.0.0.1:${await origin()}/`, OPTIONS, { HTTP_PROXY: '' });
    expect(body.toString()).toBe('answer to /');
  });

  it('opens a tunnel for HTTPS, and sees nothing but the host', async () => {
    const good = certificate('491231');
    trust(good);
    const target = await listen(https.createServer(good, (_request, response) => response.end('ok')));
    const { port, asked } = await proxy(target);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const { body } = await get('https://cobo.test/secret-path', OPTIONS, env);
    expect({ body: body.toString(), asked: asked.map(({ line }) => line) }).toEqual({
      body: 'ok',
      asked: ['CONNECT cobo.test:443'],
    });
  });

  it('whose tunnel ends in a failed handshake carried nothing', async () => {
    const { port } = await proxy(await listen(rawServer('no TLS\r\n', 'end')));
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    expect((await failureOf(get('https://cobo.test/', OPTIONS, env))).sent).toBe(false);
  });

  it('whose tunnel broke after the handshake may have carried the request', async () => {
    const good = certificate('491231');
    trust(good);
    const { port } = await proxy(
      await listen(https.createServer(good, (request) => request.socket.destroy())),
    );
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    expect((await failureOf(get('https://cobo.test/', OPTIONS, env))).sent).toBe(true);
  });

  it.each([
    [
      'refuses the tunnel',
      'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n',
      'the proxy opened no tunnel',
    ],
    ['says nothing', '', 'timed out after 0.3 s'],
  ])('that %s carried nothing', async (_what, answer, message) => {
    const port = await listen(rawServer(answer, 'stay'));
    const env = { HTTPS_PROXY: `http://user:secret@127.0.0.1:${port}` };
    const failure = await failureOf(get('https://cobo.test/', SHORT, env));
    expect({ message: failure.message, sent: failure.sent }).toEqual({ message, sent: false });
  });

  it.each(['http', 'https'])('that is not there carried nothing (%s)', async (protocol) => {
    const server = net.createServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    const address = `http://user:secret@127.0.0.1:${port}`;
    const failure = await failureOf(
      get(`${protocol}://cobo.test/`, OPTIONS, { HTTP_PROXY: address, HTTPS_PROXY: address }),
    );
    expect({ message: failure.message, sent: failure.sent }).toEqual({
      message: 'the connection was refused',
      sent: false,
    });
  });

  it('may speak TLS itself', async () => {
    const good = certificate('491231');
    trust(good);
    const server = https.createServer(good, (request, response) => response.end(`proxied ${request.url}`));
    const env = { HTTP_PROXY: `https://127.0.0.1:${await listen(server)}` };
    expect((await get('http://cobo.test/x', OPTIONS, env)).body.toString()).toBe(
      'proxied http://cobo.test/x',
    );
  });

  it.each(['127.0.0.1:PORT', 'HTTP://127.0.0.1:PORT', 'http://127.0.0.1:PORT/'])(
    'may be written as %s',
    async (address) => {
      const { port, asked } = await proxy(await origin());
      await get('http://cobo.test/', OPTIONS, { HTTP_PROXY: address.replace('PORT', String(port)) });
      expect(asked).toHaveLength(1);
    },
  );
});

describe('a proxy that cannot be used', () => {
  it.each([
    ['HTTPS_PROXY', 'socks5://user:s3cret@proxy.test:1080'],
    ['https_proxy', 'socks5h://proxy.test'],
    ['HTTPS_PROXY', 'http://user:s3cret@@@ :99999'],
    ['HTTPS_PROXY', 'user:s3cret@@@ :99999'],
    ['HTTP_PROXY', 'ftp://proxy.test'],
  ])('ends every request: %s=%s', async (variable, value) => {
    const server = await remembering();
    const protocol = variable.slice(0, -6).toLowerCase();
    const url = new URL(server.url.href.replace('http', protocol));
    const sender = client({ [variable]: value });
    const done: unknown[] = [];
    const sent = sender.send({ method: 'GET', url, headers: {} }, { ...OPTIONS, onDone: () => done.push(1) });
    const error: unknown = await sent.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ActionError);
    expect(error).toMatchObject({
      code: 'proxy-invalid',
      message: `The proxy in the environment variable \`${variable}\` must be an \`http://\` or \`https://\` URL.`,
      remedy: `Set \`${variable}\` to the URL of an HTTP proxy, such as \`http://proxy.example:3128\`, or remove it. Then re-run the job.`,
    });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
    expect([server.connections, done]).toEqual([[], []]);
  });

  it('does not matter to a request of another protocol', async () => {
    const server = await remembering();
    const sender = client({ HTTPS_PROXY: 'socks5://proxy.test' });
    expect(await ask(sender, server.url)).toBe('ok');
  });

  it.skipIf(!KNOWS_PROXIES)('does not matter in upper case where there is one in lower case', async () => {
    const server = await remembering((request, response) => response.end(`proxied ${request.url}`));
    const sender = client({ http_proxy: server.url.href, HTTP_PROXY: 'socks5://proxy.test' });
    expect(await ask(sender, new URL('http://cobo.test/x'))).toBe('proxied http://cobo.test/x');
  });
});
