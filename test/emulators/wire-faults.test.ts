import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CoboEmulator, startCobo } from '../../emulators/cobo.ts';
import { TIMEOUT_GREETING } from '../../emulators/server.ts';
import { refresh } from './cobo-client.ts';
import { raw, signedHeaders } from './raw-client.ts';
import { RawSocket } from './raw-socket.ts';

let cobo: CoboEmulator;
let token: string;
const sockets: RawSocket[] = [];

beforeEach(async () => {
  cobo = await startCobo();
  token = cobo.issueRefreshToken();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  expect(cobo.errors).toEqual([]);
  await cobo.close();
});

async function connected(): Promise<RawSocket> {
  const socket = await RawSocket.to(cobo);
  sockets.push(socket);
  return socket;
}

/** Sends a right refresh of `refreshToken` on this connection. */
function sendRefresh(socket: RawSocket, refreshToken = token): void {
  const fields = {
    client_id: cobo.client.clientId,
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
  };
  const body = JSON.stringify(fields);
  const signature = signedHeaders(cobo.client, { method: 'POST', path: '/v2/oauth/token', body });
  socket.send('POST /v2/oauth/token', { 'content-type': 'application/json', ...signature }, body);
}

const successor = (): string => cobo.livingRefreshTokens()[0] ?? 'none';

describe('cut', () => {
  test.each([false, true])('right after the refresh token, chunked: %s', async (chunked) => {
    const ugly = await startCobo({ tokenMaker: (kind, n) => `${kind} "${n}"\n\\` });
    ugly.faults.add({ fault: { kind: 'cut', when: 'after-token', chunked } });
    const outcome = await refresh(ugly, ugly.issueRefreshToken());
    expect([outcome.failure, outcome.status]).toEqual(['ECONNRESET', 200]);
    expect(outcome.body).toMatch(/"refresh_token":"refresh \\"2\\"\\n\\\\"$/);
    expect(outcome.headers).toHaveProperty(chunked ? 'transfer-encoding' : 'content-length');
    await ugly.close();
  });

  test.each(['"access_token":"', /"access_token":"/g])('right after %s', async (text) => {
    cobo.faults.add({ times: 2, fault: { kind: 'cut', when: 'after-text', text } });
    for (const one of [token, cobo.issueRefreshToken()]) {
      expect((await refresh(cobo, one)).body).toBe('{"access_token":"');
    }
  });

  test.each([
    ['there is no match', undefined],
    ['the body is compressed', 'gzip'],
  ] as const)('falls into the middle where %s', async (_, contentEncoding) => {
    cobo.behaviour.contentEncoding = contentEncoding;
    cobo.faults.add({ fault: { kind: 'cut', when: 'after-text', text: 'nowhere' } });
    const outcome = await refresh(cobo, token);
    expect([outcome.failure, outcome.bytes.length]).toEqual([
      'ECONNRESET',
      Number(outcome.headers['content-length']) >> 1,
    ]);
  });
});

describe('trailing', () => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('bytes come with a whole answer, chunked: %s, closed: %s', async (chunked, close) => {
    const bytes = 'HTTP/1.1 400 Bad Request\r\n\r\n';
    cobo.faults.add({ fault: { kind: 'trailing', bytes, chunked, close } });
    const socket = await connected();
    sendRefresh(socket);
    await socket.until(bytes);
    expect(socket.text).toContain(successor());
    expect(socket.text.endsWith(chunked ? `}\r\n0\r\n\r\n${bytes}` : `}${bytes}`)).toBe(true);
    // One read: the stray bytes must be there when the client looks at the answer.
    expect(socket.reads).toHaveLength(1);
    expect(cobo.requests[0]).toMatchObject({ status: 200, fault: 'trailing' });
    if (close) return await socket.ended();
    sendRefresh(socket, successor());
    await expect.poll(() => cobo.requests.length).toBe(2);
    await expect.poll(() => cobo.requests[1]?.status).toBe(200);
  });
});

describe('a server that speaks first', () => {
  test('at once; the connection stays open and works', async () => {
    cobo.greeting = { bytes: TIMEOUT_GREETING, times: 1 };
    const socket = await connected();
    await socket.until('408 Request Time-out');
    expect([socket.isEnded, cobo.requests]).toEqual([false, []]);
    sendRefresh(socket);
    await socket.until(`${TIMEOUT_GREETING}HTTP/1.1 200 OK`);
    const second = await connected();
    sendRefresh(second, successor());
    await second.until('HTTP/1.1 200 OK');
    expect(second.text).not.toContain('408 Request');
    expect(cobo.connections).toEqual({ opened: 2, greeted: 1 });
    cobo.greeting = { bytes: '\r\n', times: 1 };
    await (await connected()).until('\r\n');
  });

  test('at once, and hangs up', async () => {
    cobo.greeting = { bytes: TIMEOUT_GREETING, close: true };
    const socket = await connected();
    await socket.ended();
    expect(socket.text).toBe(TIMEOUT_GREETING);
    cobo.greeting = undefined;
    expect((await refresh(cobo, token)).status).toBe(200);
  });

  test('when nothing was asked for a while', async () => {
    cobo.greeting = { bytes: TIMEOUT_GREETING, afterMs: 250, close: true };
    const busy = await connected();
    sendRefresh(busy);
    const idle = await connected();
    await idle.ended();
    await busy.until('HTTP/1.1 200 OK');
    expect([idle.text, busy.isEnded]).toEqual([TIMEOUT_GREETING, false]);
    expect(busy.text).not.toContain('408 Request');
  });
});

describe('a network that forgets connections', () => {
  const probe = { authorization: 'none' };

  test('swallows every further request on them, and lets new ones through', async () => {
    const rule = cobo.faults.add({ times: Number.POSITIVE_INFINITY, fault: { kind: 'forget' } });
    const socket = await connected();
    socket.send('GET /v2/wallets', probe);
    await socket.until('401');
    await expect.poll(() => cobo.maxInFlight).toBe(1);
    sendRefresh(socket);
    await expect.poll(() => cobo.requests[1]?.fault).toBe('forget');
    expect(cobo.requests[1]).toMatchObject({ status: 'cut' });
    expect(cobo.requests[1]?.verdict).toContain('nothing processed');
    expect([cobo.state(token), socket.isEnded]).toEqual(['living', false]);
    expect((await refresh(cobo, token)).status).toBe(200);
    expect(rule.fired).toBe(1);
  });

  test('or only those that are idle now', async () => {
    const socket = await connected();
    socket.send('GET /v2/wallets', probe);
    await socket.until('401');
    const fresh = await connected();
    await expect.poll(() => cobo.connections.opened).toBe(2);
    cobo.forgetIdleConnections();
    sendRefresh(socket);
    sendRefresh(fresh);
    await expect.poll(() => cobo.requests.map(({ fault }) => fault)).toEqual([undefined, 'forget', 'forget']);
    expect(cobo.state(token)).toBe('living');
    const later = await connected();
    sendRefresh(later);
    await later.until('HTTP/1.1 200 OK');
  });

  test('a forgotten connection uses up no other fault', async () => {
    const socket = await connected();
    socket.send('GET /v2/wallets', probe);
    await socket.until('401');
    await expect.poll(() => cobo.requests[0]?.status).toBe(401);
    cobo.faults.add({ fault: { kind: 'forget' } });
    const other = cobo.faults.add({ fault: { kind: 'status', status: 503, when: 'before' } });
    for (const _ of [1, 2]) socket.send('GET /v2/wallets', probe);
    await expect.poll(() => cobo.requests.map(({ fault }) => fault)).toEqual([undefined, 'forget', 'forget']);
    expect(other.fired).toBe(0);
    expect((await raw(`${cobo.url}/wallets`)).status).toBe(503);
  });
});

test('a drip goes on until the emulator is closed', async () => {
  cobo.faults.add({ fault: { kind: 'drip', everyMs: 2, when: 'after' } });
  const socket = await connected();
  sendRefresh(socket);
  // Each blank is a chunk of its own.
  await socket.until('1\r\n \r\n'.repeat(4));
  expect([cobo.state(token), socket.isEnded]).toEqual(['spent', false]);
  await cobo.close();
  await socket.ended();
});
