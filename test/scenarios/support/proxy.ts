import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A forward proxy as a company runs one, for plain HTTP (RFC 9112, absolute form).
 * @returns `passed` tells what has come through: the method and the host of each request
 */
export async function startProxy(): Promise<{ url: string; passed: string[]; close(): void }> {
  const passed: string[] = [];
  const server = createServer((message, response) => {
    const { method, headers, url = '' } = message;
    passed.push(`${method} ${new URL(url).host}`);
    const onward = request(url, { method, headers }, (answer) => {
      answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers));
    });
    message.pipe(onward.once('error', () => response.destroy()));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, passed, close };
}
