import { getEventListeners, once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type HttpAnswer, TransportError } from '../../src/http.ts';
import {
  certificate,
  client,
  failureOf,
  get,
  KNOWS_PROXIES,
  listen,
  OPTIONS,
  SHORT,
  trust,
} from './support/servers.ts';

/** Answers like this, byte for byte, as soon as a request arrives, and what then becomes of the connection. */
function rawServer(answer: string, then: 'end' | 'destroy' | 'stay'): Server {
  return net.createServer((socket) => {
    socket.once('data', () => {
      if (then === 'stay') socket.write(answer);
      else if (then === 'end') socket.end(answer);
      else socket.write(answer, () => socket.destroy());
    });
  });
}

describe('a request', () => {
  /** What arrives at the other side. */
  async function arriving(method: string, headers: Record<string, string>, body?: string) {
    const requests: { line: string; headers: http.IncomingHttpHeaders; body: string }[] = [];
    const port = await listen(
      http.createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          requests.push({
            line: `${request.method} ${request.url}`,
            headers: request.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          });
          response.end();
        });
      }),
    );
    const url = new URL(`http://127.0.0.1:${port}/v2/oauth/token?a=b%20c`);
    await client().send({ method, url, headers, ...(body === undefined ? {} : { body }) }, OPTIONS);
    return requests;
  }

  it('arrives with method, path, query and headers as they are', async () => {
    const requests = await arriving('GET', { 'Biz-Api-Nonce': '1718588251593' });
    expect(requests).toMatchObject([
      { line: 'GET /v2/oauth/token?a=b%20c', headers: { 'biz-api-nonce': '1718588251593' } },
    ]);
  });

  it('carries its body in UTF-8, with its length in bytes', async () => {
    const requests = await arriving('POST', {}, '{"a":"é漢🔑"}');
    expect(requests).toMatchObject([{ body: '{"a":"é漢🔑"}', headers: { 'content-length': '17' } }]);
  });

  it('carries an empty body', async () => {
    expect(await arriving('PUT', {}, '')).toMatchObject([{ body: '', headers: { 'content-length': '0' } }]);
  });

  it('carries neither body nor length when it has none', async () => {
    const [request] = await arriving('GET', {});
    expect(request?.headers).not.toHaveProperty('content-length');
    expect(request?.body).toBe('');
  });

  it('does not leave, and does not show it, with a header that HTTP does not allow', async () => {
    const seen: string[] = [];
    const port = await listen(http.createServer((request) => seen.push(request.url ?? '')));
    const url = new URL(`http://127.0.0.1:${port}/`);
    const sent = client().send({ method: 'GET', url, headers: { Authorization: 'se\ncret' } }, OPTIONS);
    await expect(sent).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/se\s*cret/) }),
    );
    expect(seen).toEqual([]);
  });
});

describe('an answer', () => {
  async function answerOf(handler: http.RequestListener, options = OPTIONS): Promise<HttpAnswer> {
    return get(`http://127.0.0.1:${await listen(http.createServer(handler))}/`, options);
  }

  it.each([200, 204, 404, 500])('comes with its status: %i', async (status) => {
    expect((await answerOf((_request, response) => response.writeHead(status).end())).status).toBe(status);
  });

  it('comes with its body, byte for byte', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    expect((await answerOf((_request, response) => response.end(bytes))).body).toEqual(bytes);
  });

  it('comes whole when it is sent in pieces', async () => {
    const { body } = await answerOf((_request, response) => {
      response.write('first,');
      setImmediate(() => response.end('second'));
    });
    expect(body.toString()).toBe('first,second');
  });

  it('is not decoded, for the signature covers the raw bytes', async () => {
    const packed = gzipSync('text');
    const { body } = await answerOf((_request, response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(packed),
    );
    expect(body).toEqual(packed);
  });

  it('has the names of its headers in lower case', async () => {
    const { headers } = await answerOf((_request, response) =>
      response.writeHead(200, { 'BIZ-Timestamp': '1' }).end(),
    );
    expect(headers['biz-timestamp']).toBe('1');
  });

  it('has the values of a repeated header joined', async () => {
    const { headers } = await answerOf((_request, response) =>
      response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'], Link: ['x', 'y'] }).end(),
    );
    expect([headers['set-cookie'], headers['link']]).toEqual(['a=1, b=2', 'x, y']);
  });

  it.each(['toString', 'constructor', '__proto__'])('has no header %s unless it was sent', async (name) => {
    expect((await answerOf((_request, response) => response.end())).headers[name]).toBeUndefined();
  });

  it('that sends elsewhere is handed on, and nobody goes there', async () => {
    const seen: (string | undefined)[] = [];
    const { status, headers } = await answerOf((request, response) => {
      seen.push(request.url);
      response.writeHead(302, { Location: '/elsewhere' }).end();
    });
    expect({ status, location: headers['location'], seen }).toEqual({
      status: 302,
      location: '/elsewhere',
      seen: ['/'],
    });
  });

  it('that says to wait first is waited for', async () => {
    const { status } = await answerOf((_request, response) => {
      response.writeProcessing();
      response.writeHead(201).end();
    });
    expect(status).toBe(201);
  });

  it('may be as large as the limit', async () => {
    const { body } = await answerOf((_request, response) => response.end('x'.repeat(1000)));
    expect(body).toHaveLength(1000);
  });

  it('may not be larger than the limit', async () => {
    const failure = failureOf(answerOf((_request, response) => response.end('x'.repeat(1001))));
    expect(await failure).toMatchObject({ message: 'an answer larger than 1000 bytes', sent: true });
  });

  it('that never ends is cut off at the limit', async () => {
    const failure = failureOf(
      answerOf((_request, response) => {
        const more = () => {
          if (response.destroyed) return;
          response.write('x'.repeat(400));
          setImmediate(more);
        };
        more();
      }),
    );
    expect((await failure).message).toBe('an answer larger than 1000 bytes');
  });
});

describe('a connection', () => {
  async function countingServer(handler: http.RequestListener) {
    const server = http.createServer(handler);
    // It never ends a connection by itself.
    server.keepAliveTimeout = 0;
    const sockets: net.Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    return { url: new URL(`http://127.0.0.1:${await listen(server)}/`), sockets };
  }

  it('is used again for the next request', async () => {
    const { url, sockets } = await countingServer((_request, response) => response.end('ok'));
    const http = client();
    for (let request = 0; request < 3; request++)
      await http.send({ method: 'GET', url, headers: {} }, OPTIONS);
    expect(sockets).toHaveLength(1);
  });

  it('is closed with the client', async () => {
    const { url, sockets } = await countingServer((_request, response) => response.end('ok'));
    const http = client();
    await http.send({ method: 'GET', url, headers: {} }, OPTIONS);
    const [socket] = sockets;
    const closed = socket && once(socket, 'close');
    http.close();
    await expect(closed).resolves.toEqual([false]);
  });

  it('that breaks when it is used again may have carried the request', async () => {
    let requests = 0;
    const { url, sockets } = await countingServer((request, response) => {
      if (++requests === 1) response.end('ok');
      else request.socket.destroy();
    });
    const http = client();
    await http.send({ method: 'GET', url, headers: {} }, OPTIONS);
    const failure = await failureOf(http.send({ method: 'GET', url, headers: {} }, OPTIONS));
    expect({ sent: failure.sent, connections: sockets.length }).toEqual({ sent: true, connections: 1 });
  });
});

describe('a request that brings no answer', () => {
  it('was not sent when the connection was refused', async () => {
    const server = net.createServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    expect(await failureOf(get(`http://127.0.0.1:${port}/`))).toMatchObject({
      message: 'the connection was refused',
      sent: false,
    });
  });

  it('was not sent when there is no such host', async () => {
    expect((await failureOf(get('http://host.invalid/', SHORT))).sent).toBe(false);
  });

  it.each([
    ['before the answer', '', 'end'],
    ['before the answer, roughly', '', 'destroy'],
    ['within the status line', 'HTTP/1.1 20', 'end'],
    ['within the headers', 'HTTP/1.1 200 OK\r\nContent-', 'destroy'],
    ['within the body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"acc', 'end'],
    ['within the body, roughly', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"acc', 'destroy'],
    ['within a piece', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{"acc', 'end'],
  ] as const)('may have been sent when the connection was cut %s', async (_what, answer, then) => {
    const port = await listen(rawServer(answer, then));
    const { message, sent } = await failureOf(get(`http://127.0.0.1:${port}/`));
    expect({ message, sent }).toEqual({ message: 'the connection was cut', sent: true });
  });

  it('may have been sent when the answer is no HTTP', async () => {
    const port = await listen(rawServer('SSH-2.0-OpenSSH\r\n', 'end'));
    expect(await failureOf(get(`http://127.0.0.1:${port}/`))).toMatchObject({
      message: expect.stringMatching(/^the connection failed \(HPE_\w+\)$/),
      sent: true,
    });
  });

  it.each([
    ['no byte of it', ''],
    ['its headers alone', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
    ['a part of its body', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab'],
  ])('may have been sent when the time was over with %s', async (_what, answer) => {
    const port = await listen(rawServer(answer, 'stay'));
    expect(await failureOf(get(`http://127.0.0.1:${port}/`, SHORT))).toMatchObject({
      message: 'no answer within 0.3 s',
      sent: true,
    });
  });

  it('keeps the cause for those who look for it', async () => {
    const port = await listen(rawServer('', 'destroy'));
    expect((await failureOf(get(`http://127.0.0.1:${port}/`))).cause).toBeInstanceOf(Error);
  });

  it('does not show the text of an error that has no code', async () => {
    const port = await listen(rawServer('', 'stay'));
    const broken = vi.spyOn(http.Agent.prototype, 'createConnection').mockImplementationOnce(() => {
      const socket = net.connect(port, '127.0.0.1');
      process.nextTick(() => socket.destroy(new Error('http://user:secret@proxy')));
      return socket;
    });
    onTestFinished(() => broken.mockRestore());
    const { message } = await failureOf(get(`http://127.0.0.1:${port}/`));
    expect({ message, calls: broken.mock.calls.length }).toEqual({
      message: 'the connection failed',
      calls: 1,
    });
  });

  it('does not show its address, which may hold a secret', async () => {
    const port = await listen(rawServer('', 'destroy'));
    const { message } = await failureOf(get(`http://127.0.0.1:${port}/secret-path?secret-query`));
    expect(message).not.toContain('secret');
  });
});

describe('an abort', () => {
  it('that came before keeps a request from being sent', async () => {
    const server = net.createServer();
    const arrived: Buffer[] = [];
    server.on('connection', (socket) => socket.on('data', (chunk) => arrived.push(chunk)));
    const port = await listen(server);
    const failure = await failureOf(
      get(`http://127.0.0.1:${port}/`, { ...OPTIONS, signal: AbortSignal.abort() }),
    );
    expect({ message: failure.message, sent: failure.sent, arrived }).toEqual({
      message: 'cancelled',
      sent: false,
      arrived: [],
    });
  });

  it.each([
    ['before the answer', ''],
    ['within the answer', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab'],
  ])('%s ends a request that may have been sent', async (_what, answer) => {
    const controller = new AbortController();
    const server = net.createServer((socket) =>
      socket.once('data', () => socket.write(answer, () => controller.abort())),
    );
    const port = await listen(server);
    const failure = await failureOf(
      get(`http://127.0.0.1:${port}/`, { ...OPTIONS, signal: controller.signal }),
    );
    expect({ message: failure.message, sent: failure.sent }).toEqual({ message: 'cancelled', sent: true });
  });

  it.each([
    ['that succeeded', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['that failed', 'HTTP/1.1 200 OK\r\nContent-'],
  ])('is no longer listened for after a request %s', async (_what, answer) => {
    const { signal } = new AbortController();
    const port = await listen(rawServer(answer, 'end'));
    await Promise.allSettled([get(`http://127.0.0.1:${port}/`, { ...OPTIONS, signal })]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('whoever wants to be told', () => {
  async function told(answer: string) {
    const calls: unknown[] = [];
    const port = await listen(rawServer(answer, 'end'));
    const url = new URL(`http://127.0.0.1:${port}/`);
    const request = { method: 'GET', url, headers: {} };
    const [settled] = await Promise.allSettled([
      client().send(request, {
        ...OPTIONS,
        onDone: (about, ms, outcome) => calls.push({ about, long: ms >= 0, outcome }),
      }),
    ]);
    return { calls, request, settled };
  }

  it('hears of an answer once', async () => {
    const { calls, request, settled } = await told('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    expect(settled.status).toBe('fulfilled');
    expect(calls).toEqual([
      { about: request, long: true, outcome: expect.objectContaining({ status: 200 }) },
    ]);
  });

  it('hears of a failure once', async () => {
    const { calls, request, settled } = await told('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok');
    expect(settled.status).toBe('rejected');
    expect(calls).toEqual([{ about: request, long: true, outcome: expect.any(TransportError) }]);
  });
});

// tls.setDefaultCACertificates came with the same versions as the proxies.
describe.skipIf(!KNOWS_PROXIES)('TLS', () => {
  const good = certificate('491231');

  it('brings answers as well', async () => {
    trust(good);
    const port = await listen(https.createServer(good, (_request, response) => response.end('ok')));
    expect((await get(`https://127.0.0.1:${port}/`)).body.toString()).toBe('ok');
  });

  it('that broke after the handshake may have carried the request', async () => {
    trust(good);
    const port = await listen(https.createServer(good, (request) => request.socket.destroy()));
    expect((await failureOf(get(`https://127.0.0.1:${port}/`))).sent).toBe(true);
  });

  it('that broke within the handshake carried nothing', async () => {
    const port = await listen(rawServer('', 'destroy'));
    expect((await failureOf(get(`https://127.0.0.1:${port}/`))).sent).toBe(false);
  });

  it('that stalls within the handshake carried nothing', async () => {
    const port = await listen(rawServer('', 'stay'));
    expect(await failureOf(get(`https://127.0.0.1:${port}/`, SHORT))).toMatchObject({
      message: 'no answer within 0.3 s',
      sent: false,
    });
  });

  it('with a host that speaks none carried nothing', async () => {
    const port = await listen(rawServer('HTTP/1.1 400 Bad Request\r\n\r\n', 'end'));
    expect((await failureOf(get(`https://127.0.0.1:${port}/`))).sent).toBe(false);
  });

  it('with a certificate that nobody knows carried nothing', async () => {
    const port = await listen(https.createServer(good));
    expect((await failureOf(get(`https://127.0.0.1:${port}/`))).sent).toBe(false);
  });

  it('with a certificate of another host carried nothing', async () => {
    trust(good);
    const port = await listen(https.createServer(good));
    expect((await failureOf(get(`https://localhost:${port}/`))).sent).toBe(false);
  });

  it('with a certificate that has expired carried nothing, and says why', async () => {
    const expired = certificate('200201');
    trust(expired);
    const port = await listen(https.createServer(expired));
    expect(await failureOf(get(`https://127.0.0.1:${port}/`))).toMatchObject({
      message: "the host's certificate has expired",
      sent: false,
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
    ['says nothing', '', 'no answer within 0.3 s'],
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

  it('whose address makes no sense is a failure that was not sent and shows no credentials', async () => {
    const address = 'http://user:secret@@@ :99999';
    const failure = await failureOf(get('https://cobo.test/', OPTIONS, { HTTPS_PROXY: address }));
    expect({ message: failure.message, sent: failure.sent }).toEqual({
      message: 'the proxy variables of the environment make no sense',
      sent: false,
    });
  });
});
