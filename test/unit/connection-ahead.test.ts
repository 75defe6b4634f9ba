import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { HttpClient } from '../../src/http.ts';
import { certificate, client, failureOf, KNOWS_PROXIES, listen, OPTIONS, trust } from './support/servers.ts';

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

  it('is left alone, and closed, when it has been idle for long', async () => {
    const server = await remembering();
    const sender = client();
    sender.connectAhead(server.url);
    const closed = once(await server.first(), 'close');
    const uptime = process.uptime();
    vi.spyOn(process, 'uptime').mockReturnValue(uptime + 5.5);
    expect(await ask(sender, server.url)).toBe('ok');
    await closed;
    vi.restoreAllMocks();
    expect(server.connections).toHaveLength(2);
  });

  it('does not hold up the request when it does not stand yet', async () => {
    const server = await remembering();
    const sender = client();
    sender.connectAhead(server.url);
    expect(await ask(sender, server.url)).toBe('ok');
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
    ['HTTPS_PROXY', 0],
    ['http_proxy', 0],
    ['NO_PROXY', 1],
  ])('is none where %s is set: %i', async (variable, expected) => {
    const server = await remembering();
    const sender = client({ [variable]: 'proxy.test:3128' });
    sender.connectAhead(server.url);
    await turns();
    expect(server.connections).toHaveLength(expected);
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

  it('is not used before its handshake is over', async () => {
    let connections = 0;
    const port = await listen(net.createServer(() => (connections += 1)));
    const url = new URL(`https://127.0.0.1:${port}/`);
    const sender = client();
    sender.connectAhead(url);
    await vi.waitFor(() => expect(connections).toBe(1), { interval: 2 });
    const failure = await failureOf(
      sender.send({ method: 'GET', url, headers: {} }, { ...OPTIONS, timeoutMs: 200 }),
    );
    expect({ sent: failure.sent, connections }).toEqual({ sent: false, connections: 2 });
  });
});
