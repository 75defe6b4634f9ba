import { getEventListeners, once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { inspect } from 'node:util';
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
  rawServer,
  SHORT,
  trust,
} from '../support/servers.ts';

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
    const requests = await arriving('POST', { 'Content-Type': 'application/json' }, '{"a":"é漢🔑"}');
    expect(requests).toMatchObject([
      {
        body: '{"a":"é漢🔑"}',
        headers: { 'content-length': '17', 'content-type': 'application/json' },
      },
    ]);
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

  it('may be as large as the limit where its end comes later', async () => {
    const { body } = await answerOf((_request, response) => {
      response.write('x'.repeat(1000), () => setImmediate(() => response.end()));
    });
    expect(body).toHaveLength(1000);
  });

  it('may not be larger than the limit', async () => {
    const failure = failureOf(answerOf((_request, response) => response.end('x'.repeat(1001))));
    expect(await failure).toMatchObject({ message: 'the answer is larger than 1000 bytes', sent: true });
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
    expect((await failure).message).toBe('the answer is larger than 1000 bytes');
  });
});

const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const STRAY = 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n';

describe('an answer that is whole by its own length or chunks', () => {
  it.each([
    ['nonsense behind it', `${HEAD}Content-Length: 2\r\n\r\nokPUT it here`],
    ['nonsense behind its chunks', `${CHUNKED}2\r\nok\r\n0\r\n\r\n\0\0\0`],
    ['nonsense behind the announced end', `${HEAD}Connection: close\r\nContent-Length: 2\r\n\r\nok{}`],
    ['another answer behind it', `${HEAD}Content-Length: 2\r\n\r\nok${STRAY}`],
    ['no length, up to the end of the connection', `${HEAD}\r\nok`],
  ])('counts with %s', async (_what, answer) => {
    for (const then of ['end', 'destroy'] as const) {
      const port = await listen(rawServer(answer, then));
      const { status, body } = await get(`http://127.0.0.1:${port}/`);
      expect([status, body.toString()]).toEqual([200, 'ok']);
    }
  });

  it('counts although the connection stays open', async () => {
    const port = await listen(rawServer(`${HEAD}Connection: close\r\nContent-Length: 2\r\n\r\nok`, 'stay'));
    expect((await get(`http://127.0.0.1:${port}/`)).body.toString()).toBe('ok');
  });

  it('counts with nonsense that comes later, which is no answer to the next request either', async () => {
    const sockets: net.Socket[] = [];
    const port = await listen(
      net.createServer((socket) => {
        sockets.push(socket);
        socket.on('data', (request) => {
          socket.write(`${HEAD}Content-Length: 2\r\n\r\n${request.includes('first') ? '1.' : '2.'}`);
        });
      }),
    );
    const sender = client();
    for (const [path, expected] of [
      ['first', '1.'],
      ['second', '2.'],
    ]) {
      const url = new URL(`http://127.0.0.1:${port}/${path}`);
      const { status, body } = await sender.send({ method: 'GET', url, headers: {} }, OPTIONS);
      expect([status, body.toString()]).toEqual([200, expected]);
      await new Promise((resolve) => sockets.at(-1)?.write(STRAY, resolve));
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it('does not count beyond the limit, whatever follows it', async () => {
    const port = await listen(
      rawServer(`${HEAD}Content-Length: 1001\r\n\r\n${'x'.repeat(1001)}nonsense`, 'end'),
    );
    const { message, partial } = await failureOf(get(`http://127.0.0.1:${port}/`));
    expect(message).toMatch(/^the (answer is larger than 1000 bytes|connection failed \(HPE_\w+\))$/);
    expect(partial?.body.toString()).toBe('x'.repeat(1000));
  });

  it('counts when the time is over in the same moment', async () => {
    const port = await listen(rawServer(`${HEAD}Content-Length: 2\r\n\r\nok`, 'stay'));
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
    const { body } = await get(`http://127.0.0.1:${port}/`, { ...OPTIONS, signal: controller.signal });
    expect([body.toString(), controller.signal.aborted]).toEqual(['ok', true]);
  });
});

describe('what had arrived of an answer', () => {
  it.each([
    ['no byte', '', undefined],
    ['half of its head', 'HTTP/1.1 200 OK\r\nContent-', undefined],
    ['its head', `${HEAD}Content-Length: 9\r\n\r\n`, ''],
    ['a part of its body', `${HEAD}Content-Length: 9\r\n\r\n{"acc`, '{"acc'],
    ['a part of its chunks', `${CHUNKED}5\r\n{"acc\r\n9\r\ness`, '{"access'],
    ['chunks before one that is none', `${CHUNKED}5\r\n{"acc\r\nnonsense`, '{"acc'],
    ['more than is allowed', `${HEAD}Content-Length: 3000\r\n\r\n${'x'.repeat(1500)}`, 'x'.repeat(1000)],
  ])('comes with the failure: %s', async (_what, answer, body) => {
    for (const then of ['end', 'destroy', 'stay'] as const) {
      const port = await listen(rawServer(answer, then));
      const { partial, sent } = await failureOf(get(`http://127.0.0.1:${port}/`, SHORT));
      expect([partial?.status, partial?.body.toString(), sent]).toEqual([
        body === undefined ? undefined : 200,
        body,
        true,
      ]);
    }
  });

  it('has its headers', async () => {
    const port = await listen(rawServer(`${HEAD}Biz-Timestamp: 1\r\nContent-Length: 9\r\n\r\n`, 'end'));
    expect((await failureOf(get(`http://127.0.0.1:${port}/`))).partial?.headers['biz-timestamp']).toBe('1');
  });

  it.each([
    ['cut off', `${HEAD}Content-Length: 99\r\n\r\ns3cret`],
    ['no HTTP', 's3cret'],
    ['no HTTP in its middle', `${CHUNKED}6\r\ns3cret\r\nnonsense`],
  ])('is shown by no debug output: %s', async (_what, answer) => {
    const port = await listen(rawServer(answer, 'end'));
    const failure = await failureOf(get(`http://127.0.0.1:${port}/`));
    expect(inspect(failure, { showHidden: true, depth: 9 }) + JSON.stringify(failure)).not.toMatch(
      /s3cret|73 33/,
    );
    expect(failure.name).toBe('TransportError');
  });
});

describe('an answer that switches to another protocol', () => {
  it('is none', async () => {
    const port = await listen(
      rawServer('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n', 'stay'),
    );
    expect(await failureOf(get(`http://127.0.0.1:${port}/`))).toMatchObject({
      message: 'the answer switches to another protocol',
      sent: true,
      partial: undefined,
    });
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
      message: 'timed out after 0.3 s',
      sent: true,
    });
  });

  it('keeps the cause for those who look for it', async () => {
    const port = await listen(rawServer('', 'destroy'));
    expect((await failureOf(get(`http://127.0.0.1:${port}/`))).cause).toBeInstanceOf(Error);
  });

  const UNKNOWN = "the host's certificate comes from an unknown authority (NODE_EXTRA_CA_CERTS can name it)";

  it.each([
    [undefined, 'the connection failed'],
    ['EINVAL', 'the connection failed (EINVAL)'],
    ['ECONNREFUSED', 'the connection was refused'],
    ['ECONNRESET', 'the connection was cut'],
    ['EPIPE', 'the connection was cut'],
    ['ENOTFOUND', 'the host name was not found'],
    ['EAI_AGAIN', 'the host name could not be looked up'],
    ['ETIMEDOUT', 'the connection timed out'],
    ['ERR_PROXY_TUNNEL', 'the proxy opened no tunnel'],
    ['CERT_HAS_EXPIRED', "the host's certificate has expired"],
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      "the host's certificate is signed by itself (NODE_EXTRA_CA_CERTS can name it)",
    ],
    ['SELF_SIGNED_CERT_IN_CHAIN', UNKNOWN],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNKNOWN],
  ])('says why by the code of the error alone: %s', async (code, expected) => {
    const port = await listen(rawServer('', 'stay'));
    const broken = vi.spyOn(http.Agent.prototype, 'createConnection').mockImplementationOnce(() => {
      const socket = net.connect(port, '127.0.0.1');
      const error = Object.assign(new Error('http://user:secret@proxy'), { code });
      process.nextTick(() => socket.destroy(error));
      return socket;
    });
    onTestFinished(() => broken.mockRestore());
    const { message } = await failureOf(get(`http://127.0.0.1:${port}/`));
    expect({ message, calls: broken.mock.calls.length }).toEqual({ message: expected, calls: 1 });
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
    const [{ signal }, { signal: unsentSignal }] = [new AbortController(), new AbortController()];
    const port = await listen(rawServer(answer, 'end'));
    await Promise.allSettled([get(`http://127.0.0.1:${port}/`, { ...OPTIONS, signal, unsentSignal })]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(getEventListeners(unsentSignal, 'abort')).toHaveLength(0);
  });
});

describe('an abort for what is unsent', () => {
  it('that came before keeps a request from being sent', async () => {
    let requests = 0;
    const port = await listen(http.createServer(() => (requests += 1)));
    const failure = await failureOf(
      get(`http://127.0.0.1:${port}/`, { ...OPTIONS, unsentSignal: AbortSignal.abort() }),
    );
    expect([failure.message, failure.sent, requests]).toEqual(['cancelled', false, 0]);
  });

  it.each([
    ['in a TLS handshake', 'https'],
    ...(KNOWS_PROXIES ? [['in front of a proxy that opens no tunnel', 'proxy']] : []),
  ])('ends a request %s', async (_what, how) => {
    const controller = new AbortController();
    const port = await listen(net.createServer((socket) => socket.once('data', () => controller.abort())));
    const options = { ...OPTIONS, unsentSignal: controller.signal };
    const failure = await failureOf(
      how === 'https'
        ? get(`https://127.0.0.1:${port}/`, options)
        : get('https://cobo.test/', options, { HTTPS_PROXY: `http://127.0.0.1:${port}` }),
    );
    expect([failure.message, failure.sent]).toEqual(['cancelled', false]);
  });

  it('leaves alone what was sent, on a new connection and on one that is used again', async () => {
    const controller = new AbortController();
    const port = await listen(
      http.createServer((request, response) => {
        if (request.url === '/last') controller.abort();
        response.end('ok');
      }),
    );
    const sender = client();
    for (const path of ['first', 'last']) {
      const url = new URL(`http://127.0.0.1:${port}/${path}`);
      const options = { ...OPTIONS, unsentSignal: controller.signal };
      expect((await sender.send({ method: 'GET', url, headers: {} }, options)).status).toBe(200);
    }
    expect(controller.signal.aborted).toBe(true);
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

  it('hears how long it took', async () => {
    vi.spyOn(process, 'uptime').mockReturnValueOnce(10).mockReturnValue(12.5);
    onTestFinished(() => void vi.restoreAllMocks());
    const port = await listen(rawServer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'end'));
    let took = 0;
    await get(`http://127.0.0.1:${port}/`, { ...OPTIONS, onDone: (_request, ms) => (took = ms) });
    expect(took).toBe(2500);
  });

  it.each([
    ['an answer', 2, 'ok'],
    ['a failure', 9, 'the connection was cut'],
  ])('cannot take away %s by failing', async (_what, length, expected) => {
    const port = await listen(rawServer(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\nok`, 'end'));
    const onDone = () => {
      throw new Error('EPIPE');
    };
    const request = get(`http://127.0.0.1:${port}/`, { ...OPTIONS, onDone });
    const outcome = length === 2 ? (await request).body.toString() : (await failureOf(request)).message;
    expect(outcome).toBe(expected);
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
      message: 'timed out after 0.3 s',
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
