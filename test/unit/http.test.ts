import { getEventListeners, once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HttpAnswer, HttpOptions, TransportError } from '../../src/http.ts';
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

const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const OK = `${HEAD}Content-Length: 2\r\n\r\nok`;
const STRAY = 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n';

/** The address of a server that answers like this, byte for byte. */
async function raw(answer: string, then: 'end' | 'destroy' | 'stay' = 'end'): Promise<string> {
  return `http://127.0.0.1:${await listen(rawServer(answer, then))}/`;
}

describe('a request', () => {
  it.each([
    ['its method, path, query and headers', 'GET', undefined, '', undefined],
    ['a body in UTF-8', 'POST', '{"a":"é漢🔑"}', '{"a":"é漢🔑"}', '17'],
    ['an empty body', 'PUT', '', '', '0'],
  ])('arrives with %s', async (_what, method, body, expected, length) => {
    const arrived: unknown[] = [];
    const server = http.createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { 'content-length': size, 'biz-api-nonce': nonce } = request.headers;
      arrived.push([request.method, request.url, nonce, size, Buffer.concat(chunks).toString()]);
      response.end();
    });
    const url = new URL(`http://127.0.0.1:${await listen(server)}/v2/token?a=b%20c`);
    const headers = { 'Biz-Api-Nonce': '1718588251593' };
    await client().send({ method, url, headers, ...(body === undefined ? {} : { body }) }, OPTIONS);
    expect(arrived).toEqual([[method, '/v2/token?a=b%20c', '1718588251593', length, expected]]);
  });

  it('does not leave, and does not show it, with a header that HTTP does not allow', async () => {
    let requests = 0;
    const url = new URL(`http://127.0.0.1:${await listen(http.createServer(() => (requests += 1)))}/`);
    const sent = client().send({ method: 'GET', url, headers: { Authorization: 'se\ncret' } }, OPTIONS);
    await expect(sent).rejects.toThrow(expect.objectContaining({ message: expect.not.stringMatching(/se\s*cret/) }));
    expect(requests).toBe(0);
  });
});

type Respond = (response: http.ServerResponse) => unknown;

describe('an answer', () => {
  /** What comes of a request that is answered like this. */
  async function answerTo(respond: Respond): Promise<HttpAnswer> {
    let requests = 0;
    const server = http.createServer((_request, response) => {
      requests += 1;
      respond(response);
    });
    const answer = await get(`http://127.0.0.1:${await listen(server)}/`);
    expect(requests).toBe(1);
    return answer;
  }

  const BYTES = Buffer.from([0, 255, 10, 13, 128]);
  const PACKED = gzipSync('text');
  const FULL = 'x'.repeat(1000);
  const rows: [string, Respond, object][] = [
    ['its status', (response) => response.writeHead(404).end(), { status: 404, body: Buffer.alloc(0) }],
    ['the last status', (response) => response.writeProcessing(() => response.end()), { status: 200 }],
    ['its body, byte for byte', (response) => response.end(BYTES), { body: BYTES }],
    [
      'a body that came in pieces',
      (response) => response.write('first,', () => response.end('second')),
      { body: Buffer.from('first,second') },
    ],
    [
      'a body that is not decoded, for the signature covers the raw bytes',
      (response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(PACKED),
      { body: PACKED },
    ],
    ['a body as large as the limit', (response) => response.end(FULL), { body: Buffer.from(FULL) }],
    [
      'a body as large as the limit whose end comes later',
      (response) => response.write(FULL, () => response.end()),
      { body: Buffer.from(FULL) },
    ],
    [
      'headers in lower case, the values of a repeated one joined',
      (response) => response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'], LINK: ['x', 'y'] }).end(),
      { headers: { 'set-cookie': 'a=1, b=2', link: 'x, y' } },
    ],
    [
      'the address of a redirect, and nobody goes there',
      (response) => response.writeHead(302, { Location: '/elsewhere' }).end(),
      { status: 302, headers: { location: '/elsewhere' } },
    ],
  ];

  it.each(rows)('comes with %s', async (_what, respond, expected) => {
    expect(await answerTo(respond)).toMatchObject(expected);
  });

  it.each(['toString', 'constructor', '__proto__'])('has no header %s unless it was sent', async (name) => {
    expect((await answerTo((response) => response.end())).headers[name]).toBeUndefined();
  });

  it.each<[string, Respond]>([
    ['too large', (response) => response.end('x'.repeat(1001))],
    [
      'endless',
      (response) => {
        const more = () => response.destroyed || response.write('x'.repeat(400), more);
        more();
      },
    ],
  ])('that is %s is cut off at the limit', async (_what, respond) => {
    expect(await failureOf(answerTo(respond))).toMatchObject({
      message: 'the answer is larger than 1000 bytes',
      sent: true,
    });
  });
});

describe('an answer that is whole by its own length or chunks', () => {
  it.each([
    ['nonsense behind it', `${OK}PUT it here`],
    ['nonsense behind its chunks', `${CHUNKED}2\r\nok\r\n0\r\n\r\n\0\0\0`],
    ['nonsense behind the announced end', `${HEAD}Connection: close\r\nContent-Length: 2\r\n\r\nok{}`],
    ['another answer behind it', `${OK}${STRAY}`],
    ['no length, up to the end of the connection', `${HEAD}\r\nok`],
  ])('counts with %s', async (_what, answer) => {
    for (const then of ['end', 'destroy'] as const) {
      const { status, body } = await get(await raw(answer, then));
      expect([status, body.toString()]).toEqual([200, 'ok']);
    }
  });

  it('counts although the connection stays open', async () => {
    const { body } = await get(await raw(OK.replace('\r\n', '\r\nConnection: close\r\n'), 'stay'));
    expect(body.toString()).toBe('ok');
  });

  it('counts with nonsense that comes later, which is no answer to the next request either', async () => {
    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => {
      sockets.push(socket);
      socket.on('data', (request) => {
        socket.write(OK.replace('ok', request.includes('first') ? '1.' : '2.'));
      });
    });
    const port = await listen(server);
    const sender = client();
    for (const [path, expected] of [
      ['first', '1.'],
      ['second', '2.'],
    ]) {
      const url = new URL(`http://127.0.0.1:${port}/${path}`);
      const { body } = await sender.send({ method: 'GET', url, headers: {} }, OPTIONS);
      expect(body.toString()).toBe(expected);
      await new Promise((resolve) => sockets.at(-1)?.write(STRAY, resolve));
      await turns();
    }
  });

  it('does not count beyond the limit, whatever follows it', async () => {
    const address = await raw(`${HEAD}Content-Length: 1001\r\n\r\n${'x'.repeat(1001)}nonsense`);
    const { message, partial } = await failureOf(get(address));
    expect(message).toMatch(/^the (answer is larger than 1000 bytes|connection failed \(HPE_\w+\))$/);
    expect(partial?.body.toString()).toBe('x'.repeat(1000));
  });

  it('counts when the time is over in the same moment', async () => {
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
    const { body } = await get(await raw(OK, 'stay'), { ...OPTIONS, signal: controller.signal });
    expect([body.toString(), controller.signal.aborted]).toEqual(['ok', true]);
  });
});

describe('an answer that is not whole', () => {
  /** The failure of a request whose time is over as soon as so many bytes of its answer have arrived. */
  async function lateAfter(bytes: number, address: string): Promise<TransportError> {
    const sockets = clientSockets();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const failure = failureOf(get(address));
    const arrived = () => {
      const [socket] = sockets;
      return socket !== undefined && socket.bytesWritten > 0 && socket.bytesRead >= bytes;
    };
    while (!arrived()) await setImmediate();
    vi.advanceTimersByTime(OPTIONS.timeoutMs);
    return failure;
  }

  const INCOMPLETE: [string, string, string | undefined][] = [
    ['no byte', '', undefined],
    ['half of its status line', 'HTTP/1.1 20', undefined],
    ['half of its head', `${HEAD}Content-`, undefined],
    ['its head', `${HEAD}Content-Length: 9\r\n\r\n`, ''],
    ['a part of its body', `${HEAD}Content-Length: 9\r\n\r\n{"acc`, '{"acc'],
    ['a part of its chunks', `${CHUNKED}5\r\n{"acc\r\n9\r\ness`, '{"access'],
  ];

  it.each(INCOMPLETE)('comes with the failure when the connection is cut: %s', async (_what, answer, body) => {
    for (const then of ['end', 'destroy'] as const) {
      const { message, sent, partial } = await failureOf(get(await raw(answer, then)));
      expect([message, sent, partial?.body.toString()]).toEqual(['the connection was cut', true, body]);
    }
  });

  it.each(INCOMPLETE)('comes with the failure when the time is over: %s', async (_what, answer, body) => {
    const { message, sent, partial } = await lateAfter(answer.length, await raw(answer, 'stay'));
    expect([message, sent, partial?.body.toString()]).toEqual(['timed out after 10 s', true, body]);
  });

  it.each([
    ['is no HTTP', 'SSH-2.0-OpenSSH\r\n', /^the connection failed \(HPE_\w+\)$/, undefined],
    ['is none in its middle', `${CHUNKED}5\r\n{"acc\r\nnonsense`, /^the connection failed \(HPE_\w+\)$/, '{"acc'],
    [
      'is too large',
      `${HEAD}Content-Length: 3000\r\n\r\n${'x'.repeat(1500)}`,
      /^the answer is larger than 1000 bytes$/,
      'x'.repeat(1000),
    ],
    [
      'switches to another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n',
      /^the answer switches to another protocol$/,
      undefined,
    ],
  ])('comes with the failure when it %s', async (_what, answer, expected, body) => {
    const { message, sent, partial } = await failureOf(get(await raw(answer, 'stay')));
    expect(message).toMatch(expected);
    expect([sent, partial?.body.toString()]).toEqual([true, body]);
  });

  it('has its status and headers, and the cause of the failure', async () => {
    const address = await raw('HTTP/1.1 502 No\r\nBiz-Timestamp: 1\r\nContent-Length: 9\r\n\r\n', 'destroy');
    const { partial, cause } = await failureOf(get(address));
    expect(partial).toMatchObject({ status: 502, headers: { 'biz-timestamp': '1' } });
    expect(cause).toBeInstanceOf(Error);
  });

  it.each([
    ['cut off', `${HEAD}Content-Length: 99\r\n\r\ns3cret`],
    ['no HTTP', 's3cret'],
    ['no HTTP in its middle', `${CHUNKED}6\r\ns3cret\r\nnonsense`],
  ])('is shown by no debug output, nor is its address: %s', async (_what, answer) => {
    const failure = await failureOf(get(`${await raw(answer)}s3cret?s3cret`));
    expect(inspect(failure, { showHidden: true, depth: 9 }) + JSON.stringify(failure)).not.toMatch(/s3cret|73 33/);
    expect(failure.name).toBe('TransportError');
  });
});

describe('a connection that fails', () => {
  it('carried nothing when it was refused', async () => {
    const server = net.createServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    const failure = await failureOf(get(`http://127.0.0.1:${port}/`));
    expect([failure.message, failure.sent]).toEqual(['the connection was refused', false]);
  });

  it('carried nothing when there is no such host', async () => {
    expect((await failureOf(get('http://host.invalid/', SHORT))).sent).toBe(false);
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
    ['DEPTH_ZERO_SELF_SIGNED_CERT', "the host's certificate is signed by itself (NODE_EXTRA_CA_CERTS can name it)"],
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
    expect([message, broken.mock.calls.length]).toEqual([expected, 1]);
  });
});

describe('a signal', () => {
  it.each(['signal', 'unsentSignal'])('that came before (%s) keeps a request from being sent', async (name) => {
    const arrived: Buffer[] = [];
    const server = net.createServer((socket) => socket.on('data', (chunk) => arrived.push(chunk)));
    const options = { ...OPTIONS, [name]: AbortSignal.abort() };
    const failure = await failureOf(get(`http://127.0.0.1:${await listen(server)}/`, options));
    expect([failure.message, failure.sent, arrived]).toEqual(['cancelled', false, []]);
  });

  it.each([
    ['before the answer', ''],
    ['within the answer', `${HEAD}Content-Length: 5\r\n\r\nab`],
  ])('that comes %s ends a request that may have been sent', async (_what, answer) => {
    const controller = new AbortController();
    const server = net.createServer((socket) =>
      socket.once('data', () => socket.write(answer, () => controller.abort())),
    );
    const options = { ...OPTIONS, signal: controller.signal };
    const failure = await failureOf(get(`http://127.0.0.1:${await listen(server)}/`, options));
    expect([failure.message, failure.sent]).toEqual(['cancelled', true]);
  });

  it.each([OK, `${HEAD}Content-`])('is no longer listened for after the request: %j', async (answer) => {
    const [{ signal }, { signal: unsentSignal }] = [new AbortController(), new AbortController()];
    await Promise.allSettled([get(await raw(answer), { ...OPTIONS, signal, unsentSignal })]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(getEventListeners(unsentSignal, 'abort')).toHaveLength(0);
  });

  it.each([
    ['in a TLS handshake', 'https'],
    ...(KNOWS_PROXIES ? [['in front of a proxy that opens no tunnel', 'proxy']] : []),
  ])('for what is unsent ends a request %s', async (_what, how) => {
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

  it('for what is unsent leaves alone what was sent, on a connection that is new or used again', async () => {
    const controller = new AbortController();
    const server = http.createServer((request, response) => {
      if (request.url === '/last') controller.abort();
      response.end('ok');
    });
    const port = await listen(server);
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
  const onDone = vi.fn<NonNullable<HttpOptions['onDone']>>();
  const options = { ...OPTIONS, onDone };

  it('hears once of an answer or a failure, and how long it took', async () => {
    vi.spyOn(process, 'uptime').mockReturnValueOnce(10).mockReturnValue(12.5);
    onTestFinished(() => void vi.restoreAllMocks());
    const url = await raw(OK);
    await get(url, options);
    expect(onDone.mock.calls).toEqual([
      [expect.objectContaining({ url: new URL(url) }), 2500, expect.objectContaining({ status: 200 })],
    ]);
    onDone.mockClear();
    const failure = await failureOf(get(await raw(''), options));
    expect(onDone.mock.calls).toEqual([[expect.anything(), expect.any(Number), failure]]);
  });

  it('cannot take away an answer or a failure by failing', async () => {
    onDone.mockImplementation(() => {
      throw new Error('EPIPE');
    });
    expect((await get(await raw(OK), options)).body.toString()).toBe('ok');
    expect((await failureOf(get(await raw(''), options))).message).toBe('the connection was cut');
  });
});

// tls.setDefaultCACertificates came with the same versions as the proxies.
describe.skipIf(!KNOWS_PROXIES)('TLS', () => {
  const good = certificate('491231');
  const expired = certificate('200201');
  const ok: http.RequestListener = (_request, response) => response.end('ok');

  it('brings answers as well', async () => {
    trust(good);
    const port = await listen(https.createServer(good, ok));
    expect((await get(`https://127.0.0.1:${port}/`)).body.toString()).toBe('ok');
  });

  it.each([
    ['broke within the handshake', () => rawServer('', 'destroy'), undefined, '127.0.0.1'],
    ['speaks no TLS', () => rawServer('HTTP/1.1 400 Bad Request\r\n\r\n', 'end'), undefined, '127.0.0.1'],
    ['has a certificate that nobody knows', () => https.createServer(good, ok), undefined, '127.0.0.1'],
    ['has a certificate of another host', () => https.createServer(good, ok), good, 'localhost'],
  ])('with a host that %s carried nothing', async (_what, server, trusted, host) => {
    if (trusted) trust(trusted);
    const port = await listen(server());
    expect((await failureOf(get(`https://${host}:${port}/`))).sent).toBe(false);
  });

  it.each([
    [
      'breaks after the handshake',
      () => https.createServer(good, ({ socket }) => socket.destroy()),
      'the connection was cut',
      true,
    ],
    ['stalls within the handshake', () => rawServer('', 'stay'), 'timed out after 0.3 s', false],
    ['has expired', () => https.createServer(expired, ok), "the host's certificate has expired", false],
  ])('that %s says so', async (_what, server, message, sent) => {
    trust(good);
    trust(expired);
    const port = await listen(server());
    const options = message.startsWith('timed out') ? SHORT : OPTIONS;
    const failure = await failureOf(get(`https://127.0.0.1:${port}/`, options));
    expect([failure.message, failure.sent]).toEqual([message, sent]);
  });
});
