import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { REPOSITORY } from '../../emulators/stage.ts';
import { furnish } from './support/example.ts';
import { scenario } from './support/scenario.ts';

const grants = [{ repo: REPOSITORY, environments: 'write' }] as const;

scenario({ github: { pathPrefix: '/api/v3' }, grants }, async ({ example, ...scene }) => {
  furnish(scene);
  // The emulated services have no certificates, so the company's proxy is one for HTTP (RFC 9112, absolute form).
  const passed: string[] = [];
  const proxy = createServer((message, response) => {
    const { method, headers, url = '' } = message;
    passed.push(`${method} ${new URL(url).host}`);
    const onward = request(url, { method, headers }, (answer) => {
      answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers));
    });
    message.pipe(onward.once('error', () => response.destroy()));
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const NO_PROXY = new URL(scene.github.url).host;
  await example('enterprise-server', {
    env: { HTTPS_PROXY: undefined, HTTP_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS: undefined },
  });
  expect(passed).toEqual([`POST ${new URL(scene.cobo.url).host}`]);
  proxy.close().closeAllConnections();
});
