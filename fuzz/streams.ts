import { createServer, type ServerResponse } from 'node:http';
import { createServer as createRawServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { type HttpAnswer, type HttpOptions, httpClient, TransportError } from '../src/http.ts';
import { breachesOf, expectNone, thrownBy } from './invariants.ts';
import { target } from './target.ts';

const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 1_500;
/** What may be kept beside the answer itself: buffers of sockets, and what the collector has not taken yet. */
const SLACK_BYTES = 128 * 1024 * 1024;

/** Sends one request to a server of this machine, and looks at what comes of it. */
async function ask(server: Server, options: Partial<HttpOptions> = {}): Promise<HttpAnswer | Error> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = httpClient({});
  try {
    let answer: HttpAnswer | undefined;
    const error = await thrownBy(
      async () => {
        answer = await client.send(
          { method: 'POST', url: new URL(`http://127.0.0.1:${port}/v2`), headers: {}, body: '{}' },
          { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, ...options },
        );
      },
      (thrown) => thrown instanceof TransportError,
    );
    expectNone(breachesOf(error?.message ?? ''));
    if (answer !== undefined && answer.body.length > MAX_BYTES) throw new Error('broken: too much was kept');
    return answer ?? error ?? new Error('broken: neither an answer nor an error');
  } finally {
    client.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Writes for ever, as long as somebody reads. */
function flood(answer: ServerResponse | Socket, chunk: Buffer, onBytes: (bytes: number) => void): void {
  const more = () => {
    // Not all at once: the reader lives in this process, too.
    for (let times = 0; times < 64; times++) {
      if (answer.destroyed) return;
      onBytes(chunk.length);
      if (!answer.write(chunk)) {
        answer.once('drain', more);
        return;
      }
    }
    setImmediate(more);
  };
  answer.on('error', () => undefined);
  more();
}

const rawAnswer = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'HTTP/1.1 200 OK',
        'HTTP/1.1 302 Found',
        'HTTP/1.1 101 Upgrade',
        'HTTP/9.9 -1',
        'ICY 200',
      ),
      fc.array(
        fc.constantFrom(
          'Content-Length: 5',
          'Content-Length: -5',
          'Content-Length: 99999999999999999999',
          'Transfer-Encoding: chunked',
          'Connection: upgrade',
          'Upgrade: websocket',
          'Location: https://evil.test/',
          'Content-Encoding: gzip',
          'Retry-After: 1\r\nRetry-After: 2',
          `X-Long: ${'x'.repeat(20_000)}`,
          '__proto__: x',
          ': no name',
        ),
        { maxLength: 4 },
      ),
      fc.uint8Array({ maxLength: 100 }),
    )
    .map(([first, headers, body]) =>
      Buffer.concat([Buffer.from(`${[first, ...headers].join('\r\n')}\r\n\r\n`), Buffer.from(body)]),
    ),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);

export const streamTargets = [
  target('bytes on the line', 250, rawAnswer, async (bytes) => {
    const server = createRawServer((socket) => {
      socket.once('data', () => socket.end(bytes));
    });
    await ask(server);
  }),

  target(
    'answers without end',
    8,
    fc.record({
      chunk: fc.constantFrom(1, 1_000, 65_536, 1_000_000),
      head: fc.boolean(),
      length: fc.boolean(),
    }),
    async ({ chunk, head, length }) => {
      let written = 0;
      const count = (bytes: number) => {
        written += bytes;
      };
      const server = head
        ? createRawServer((socket) => {
            // A head that never ends.
            socket.write('HTTP/1.1 200 OK\r\nX: ');
            flood(socket, Buffer.alloc(chunk, 0x78), count);
          })
        : createServer((_request, answer) => {
            if (length) answer.setHeader('Content-Length', String(2 ** 40));
            flood(answer, Buffer.alloc(chunk, 0x78), count);
          });
      const before = process.memoryUsage().rss;
      const came = await ask(server, { timeoutMs: 4_000 });
      const grown = process.memoryUsage().rss - before;
      if (!(came instanceof TransportError)) throw new Error('broken: an end was found');
      if (!head && !came.message.includes('larger than')) throw new Error(`broken: ${came.message}`);
      if (grown > SLACK_BYTES) throw new Error(`broken: ${grown} bytes more, of ${written} that were sent`);
    },
  ),

  target('answers that drip', 2, fc.boolean(), async (head) => {
    const server = createRawServer((socket) => {
      socket.write(head ? 'HTTP/1.1 200 OK\r\nX: ' : 'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 20);
      socket.once('close', () => clearInterval(drip));
    });
    const began = performance.now();
    const came = await ask(server, { timeoutMs: 400 });
    if (!(came instanceof TransportError)) throw new Error('broken: an end was found');
    if (performance.now() - began > 4_000) throw new Error('broken: it took longer than the limit');
  }),
];
