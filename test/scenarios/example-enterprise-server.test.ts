import { expect } from 'vitest';
import { REPOSITORY } from '../../emulators/stage.ts';
import { furnish } from './support/example.ts';
import { startProxy } from './support/proxy.ts';
import { scenario } from './support/scenario.ts';

const grants = [{ repo: REPOSITORY, environments: 'write' }] as const;

scenario({ github: { pathPrefix: '/api/v3' }, grants }, async ({ example, ...scene }) => {
  furnish(scene);
  const proxy = await startProxy();
  // The emulated services have no certificates, so the proxy is one for HTTP.
  const env = {
    HTTPS_PROXY: undefined,
    HTTP_PROXY: proxy.url,
    NO_PROXY: new URL(scene.github.url).host,
    NODE_EXTRA_CA_CERTS: undefined,
  };
  await example('enterprise-server', { env });
  expect(proxy.passed).toEqual([`POST ${new URL(scene.cobo.url).host}`]);
  proxy.close();
});
