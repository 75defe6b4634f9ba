import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Proxy {
  url: string;
  /** What has come through: the method and the host of each request. */
  passed: string[];
  close(): void;
}

/** A forward proxy as a company runs one, for plain HTTP (RFC 9112, absolute form). */
export async function startProxy(): Promise<Proxy> {
  const passed: string[] = [];
  const forward = (message: IncomingMessage, response: ServerResponse) => {
    const { method, headers, url = '' } = message;
    passed.push(`${method} ${new URL(url).host}`);
    const onward = request(url, { method, headers });
    onward.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    message.pipe(onward);
  };
  const server = createServer(forward);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, passed, close };
}
