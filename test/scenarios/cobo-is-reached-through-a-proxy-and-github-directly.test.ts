import { expect } from 'vitest';
import { startProxy } from './support/proxy.ts';
import { scenario } from './support/scenario.ts';

scenario(async ({ cobo, github, run }) => {
  const proxy = await startProxy();
  await run({}, { env: { HTTP_PROXY: proxy.url, NO_PROXY: new URL(github.url).host } });
  expect(proxy.passed).toEqual([`POST ${new URL(cobo.url).host}`]);
  proxy.close();
});
