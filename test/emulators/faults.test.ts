import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type CoboEmulator, startCobo } from '../../emulators/cobo.ts';
import { type Fault, FaultBook } from '../../emulators/faults.ts';
import { TIMEOUT_GREETING } from '../../emulators/server.ts';
import { raw, rawSocket, refresh, refreshRequest, signedBy, tokensIn } from './client.ts';
import { call, SECRETS, sealed, startOcto, statuses } from './octo.ts';

let cobo: CoboEmulator;
let token: string;

beforeEach(async () => {
  cobo = await startCobo();
  token = cobo.issueRefreshToken();
  onTestFinished(() => cobo.close());
});

async function struckBy(fault: Fault, timeoutMs?: number) {
  cobo.faults.add({ match: { method: 'POST', path: /\/oauth\/token$/ }, fault });
  const outcome = await refresh(cobo, token, cobo.client, timeoutMs);
  const record = cobo.requests.at(-1);
  await expect.poll(() => record?.ms).toBeGreaterThan(0);
  expect(record?.fault).toBe(fault.kind);
  expect(record?.verdict).not.toContain(token);
  return { ...outcome, record, state: cobo.state(token), signed: signedBy(cobo, outcome) };
}

describe('a fault that keeps the answer back', () => {
  test.each<[Fault, string, string, string]>([
    [{ kind: 'refuse' }, 'ECONNRESET', 'living', 'connection reset at once'],
    [{ kind: 'cut', when: 'before' }, 'ECONNRESET', 'living', 'nothing processed; connection reset, no byte answered'],
    [{ kind: 'cut', when: 'after' }, 'ECONNRESET', 'spent', 'rotated to 2; connection reset, no byte answered'],
    [{ kind: 'hang', when: 'before' }, 'timeout', 'living', 'nothing processed; not answered'],
    [{ kind: 'hang', when: 'after' }, 'timeout', 'spent', 'rotated to 2; not answered'],
  ])('%j', async (fault, failure, state, verdict) => {
    const { record, ...outcome } = await struckBy(fault, fault.kind === 'hang' ? 80 : undefined);
    expect(outcome).toMatchObject({ failure, state, status: undefined });
    expect(record).toMatchObject({ status: 'cut', verdict: expect.stringContaining(verdict) });
    expect(record?.body.includes(token)).toBe(fault.kind !== 'refuse');
  });

  test('hangs until the emulator is closed', async () => {
    cobo.faults.add({ fault: { kind: 'hang', when: 'after' } });
    const pending = refresh(cobo, token);
    await expect.poll(() => cobo.requests.at(-1)?.verdict).toContain('not answered');
    await cobo.close();
    expect((await pending).failure).toBe('ECONNRESET');
  });
});

describe('a fault that cuts the answer', () => {
  test('in its middle, or in its head where it has no body', async () => {
    const { failure, status, state, body } = await struckBy({ kind: 'cut', when: 'during' });
    expect([failure, status, state]).toEqual(['ECONNRESET', 200, 'spent']);
    expect(body).toMatch(/^\{"access_token":"(?!.*expires_in)/);
    const github = await startOcto();
    github.setSecret('repository@octo/app', 'A', 'old');
    github.faults.add({ match: { method: 'PUT' }, fault: { kind: 'cut', when: 'during' } });
    const outcome = await call(github, `PUT ${SECRETS}/A`, await sealed(github, SECRETS, 'new'));
    expect([outcome.failure, outcome.status]).toEqual([expect.any(String), undefined]);
    expect(github.secretValue('repository@octo/app', 'A')).toBe('new');
  });

  test.each([false, true])('right after the refresh token, chunked: %s', async (chunked) => {
    const ugly = await startCobo({ tokenMaker: (kind, n) => `${kind} "${n}"\n\\` });
    ugly.faults.add({ fault: { kind: 'cut', when: 'after-token', chunked } });
    const outcome = await refresh(ugly, ugly.issueRefreshToken());
    expect([outcome.failure, outcome.status]).toEqual(['ECONNRESET', 200]);
    expect(outcome.body).toMatch(/"refresh_token":"refresh \\"2\\"\\n\\\\"$/);
    expect(outcome.headers).toHaveProperty(chunked ? 'transfer-encoding' : 'content-length');
    await ugly.close();
  });

  test('in its middle where there is no refresh token to be seen', async () => {
    cobo.behaviour.contentEncoding = 'gzip';
    const { failure, bytes, headers } = await struckBy({ kind: 'cut', when: 'after-token' });
    expect([failure, bytes.length]).toEqual(['ECONNRESET', Number(headers['content-length']) >> 1]);
  });
});

describe('a fault that changes the answer', () => {
  test.each(['before', 'after'] as const)('delays it (%s), also for a client that leaves', async (when) => {
    const outcome = await struckBy({ kind: 'delay', ms: 60, when });
    expect([outcome.status, outcome.state]).toEqual([200, 'spent']);
    expect(outcome.record?.ms).toBeGreaterThan(55);
    const next = tokensIn(outcome).refresh;
    cobo.faults.add({ fault: { kind: 'delay', ms: 100, when } });
    expect((await refresh(cobo, next, cobo.client, 30)).failure).toBe('timeout');
    await expect.poll(() => cobo.state(next)).toBe('spent');
    await expect.poll(() => cobo.requests.at(-1)?.verdict).toContain('the client had left');
  });

  const headers = { 'Retry-After': '2' };
  const location = 'https://example.com/';
  test.each<[Fault, number, string, unknown?, object?]>([
    [
      { kind: 'status', status: 503, headers, when: 'before' },
      503,
      'living',
      undefined,
      { headers: { 'retry-after': '2' } },
    ],
    [{ kind: 'status', status: 503, body: 'x', when: 'after', signed: true }, 503, 'spent', true, { body: 'x' }],
    [{ kind: 'rewrite', rewrite: (its) => ({ ...its, body: '{}' }), resign: true }, 200, 'spent', true, { body: '{}' }],
    [{ kind: 'rewrite', rewrite: (its) => ({ ...its, status: 201, body: '{}' }) }, 201, 'spent', false],
    [{ kind: 'unsigned' }, 200, 'spent'],
    [{ kind: 'bad-signature' }, 200, 'spent', false],
    [{ kind: 'foreign-signature' }, 200, 'spent', false],
    [{ kind: 'redirect', location, status: 307 }, 307, 'living', undefined, { headers: { location } }],
  ])('%j', async (fault, status, state, signed, more = {}) => {
    expect(await struckBy(fault)).toMatchObject({ status, state, signed, ...more });
  });

  test('may be a new key of GitHub, right before the PUT', async () => {
    const github = await startOcto();
    github.faults.add({ match: { method: 'PUT' }, fault: { kind: 'rotate-key' } });
    const [old, put] = [await sealed(github, SECRETS, 'x'), `PUT ${SECRETS}/A`];
    expect(await statuses(github, [put, old])).toEqual([422]);
    expect(await statuses(github, [put, await sealed(github, SECRETS, 'x')])).toEqual([201]);
  });
});

test('hooks run before and after, and hand over to another fault', async () => {
  const seen: string[] = [];
  const look = () => void seen.push(cobo.state(token));
  const inner: Fault = { kind: 'hook', when: 'after', run: look, next: { kind: 'cut', when: 'after' } };
  cobo.faults.add({ fault: { kind: 'hook', when: 'before', run: look, next: inner } });
  expect((await refresh(cobo, token)).failure).toBe('ECONNRESET');
  expect(seen).toEqual(['living', 'spent']);
});

test('rules are used in order, may skip, and end', () => {
  const book = new FaultBook();
  const first = book.add({ match: { path: /^\/a/g }, skip: 1, times: 2, fault: { kind: 'refuse' } });
  book.add({ match: { method: 'put' }, times: Number.POSITIVE_INFINITY, fault: { kind: 'unsigned' } });
  const lines = ['GET /a', 'PUT /a', 'PUT /b', 'PUT /a', 'PUT /a', 'GET /a'];
  const kinds = lines.map((line) => book.take(...(line.split(' ') as [string, string]))?.kind);
  expect(kinds).toEqual([undefined, 'refuse', 'unsigned', 'refuse', 'unsigned', undefined]);
  expect(first.fired).toBe(2);
});

test('latency is added, and the peak of requests counted', async () => {
  cobo.latencyMs = 40;
  let inHand = 0;
  const run = async () => {
    inHand += 1;
    await expect.poll(() => inHand, { interval: 2 }).toBe(5);
  };
  cobo.faults.add({ times: 5, fault: { kind: 'hook', when: 'before', run } });
  const started = performance.now();
  const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(cobo, cobo.issueRefreshToken())));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(performance.now() - started).toBeGreaterThan(38);
  expect(cobo.maxInFlight).toBe(5);
});

describe('on one connection', () => {
  const successor = () => cobo.livingRefreshTokens()[0] ?? 'none';

  /** A connection, with a way to send a right refresh on it. */
  async function connected() {
    const socket = await rawSocket(cobo);
    return {
      socket,
      sendRefresh(refreshToken = token) {
        const { headers, body } = refreshRequest(cobo.client, refreshToken);
        socket.send('POST /v2/oauth/token', headers, body);
      },
    };
  }

  /** The same, when it has carried a request. */
  async function used() {
    const connection = await connected();
    connection.socket.send('GET /v2/wallets', {});
    await connection.socket.until('401');
    await expect.poll(() => cobo.requests[0]?.status).toBe(401);
    return connection;
  }

  test.each([
    [false, false],
    [true, false],
    [false, true],
  ])('bytes come behind a whole answer, chunked: %s, closed: %s', async (chunked, close) => {
    const bytes = 'HTTP/1.1 400 Bad Request\r\n\r\n';
    cobo.faults.add({ fault: { kind: 'trailing', bytes, chunked, close } });
    const { socket, sendRefresh } = await connected();
    sendRefresh();
    await socket.until(bytes);
    expect(socket.text).toContain(successor());
    expect(socket.text.endsWith(chunked ? `}\r\n0\r\n\r\n${bytes}` : `}${bytes}`)).toBe(true);
    // One read: the stray bytes must be there when the client looks at the answer.
    expect(socket.reads).toHaveLength(1);
    expect(cobo.requests[0]).toMatchObject({ status: 200, fault: 'trailing' });
    if (close) return await socket.ended();
    sendRefresh(successor());
    await expect.poll(() => cobo.requests[1]?.status).toBe(200);
  });

  test('a server speaks first; the connection stays open and works', async () => {
    cobo.greeting = { bytes: TIMEOUT_GREETING, times: 1 };
    const { socket, sendRefresh } = await connected();
    await socket.until(TIMEOUT_GREETING);
    expect([socket.isEnded, cobo.requests]).toEqual([false, []]);
    sendRefresh();
    await socket.until(`${TIMEOUT_GREETING}HTTP/1.1 200 OK`);
    const second = await connected();
    second.sendRefresh(successor());
    await second.socket.until('HTTP/1.1 200 OK');
    expect(second.socket.text).not.toContain('408 Request');
    expect(cobo.connections).toEqual({ opened: 2, greeted: 1 });
  });

  test('a server speaks first and hangs up, at once or when nothing was asked for a while', async () => {
    cobo.greeting = { bytes: TIMEOUT_GREETING, close: true };
    const { socket } = await connected();
    await socket.ended();
    cobo.greeting = { ...cobo.greeting, afterMs: 250 };
    const busy = await connected();
    busy.sendRefresh();
    const idle = await connected();
    await idle.socket.ended();
    await busy.socket.until('HTTP/1.1 200 OK');
    expect([socket.text, idle.socket.text, busy.socket.isEnded]).toEqual([TIMEOUT_GREETING, TIMEOUT_GREETING, false]);
    expect(busy.socket.text).not.toContain('408 Request');
  });

  test('a network forgets it: every further request is swallowed, and uses up no other fault', async () => {
    const rule = cobo.faults.add({ times: Number.POSITIVE_INFINITY, fault: { kind: 'forget' } });
    const other = cobo.faults.add({ skip: 1, fault: { kind: 'status', status: 503, when: 'before' } });
    const { socket, sendRefresh } = await used();
    sendRefresh();
    sendRefresh();
    await expect.poll(() => cobo.requests.map(({ fault }) => fault)).toEqual([undefined, 'forget', 'forget']);
    const swallowed = { status: 'cut', verdict: expect.stringContaining('nothing processed') };
    expect(cobo.requests[1]).toMatchObject(swallowed);
    expect([cobo.state(token), socket.isEnded, rule.fired, other.fired]).toEqual(['living', false, 1, 0]);
    expect((await raw(`${cobo.url}/wallets`)).status).toBe(503);
    expect((await refresh(cobo, token)).status).toBe(200);
  });

  test('a network forgets those that are idle now', async () => {
    const connections = [await used(), await connected()];
    await expect.poll(() => cobo.connections.opened).toBe(2);
    cobo.forgetIdleConnections();
    for (const { sendRefresh } of connections) sendRefresh();
    await expect.poll(() => cobo.requests.map(({ fault }) => fault)).toEqual([undefined, 'forget', 'forget']);
    expect([cobo.state(token), (await refresh(cobo, token)).status]).toEqual(['living', 200]);
  });
});
