import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { proxyFor, proxyVariable } from '../../src/proxy.ts';

it.each([
  [{}, undefined, undefined],
  [{ HTTP_PROXY: 'a.test', https_proxy: '' }, undefined, undefined],
  [{ HTTPS_PROXY: 'a.test:3128' }, 'HTTPS_PROXY', { https_proxy: 'http://a.test:3128/', no_proxy: undefined }],
  [{ HTTPS_PROXY: 'b', https_proxy: 'https://a' }, 'https_proxy', { https_proxy: 'https://a/', no_proxy: undefined }],
  [{ https_proxy: 'http://u:p@a', NO_PROXY: 'x' }, 'https_proxy', { https_proxy: 'http://u:p@a/', no_proxy: 'x' }],
  [{ https_proxy: 'a', NO_PROXY: 'x', no_proxy: 'y' }, 'https_proxy', { https_proxy: 'http://a/', no_proxy: 'y' }],
])('of %j, %s names the proxy for HTTPS, and Node is told %j', (env, variable, told) => {
  expect([proxyVariable('https:', env), proxyFor('https:', env)]).toEqual([variable, told]);
});

it.each([
  ['HTTPS_PROXY', 'socks5://user:s3cret@proxy.test:1080'],
  ['https_proxy', 'user:s3cret@@@ :99999'],
  ['HTTP_PROXY', 'ftp://proxy.test'],
])('a proxy that cannot be used is an error for its protocol, and no other: %s=%s', (variable, value) => {
  const isHttp = variable === 'HTTP_PROXY';
  let error: unknown;
  try {
    proxyFor(isHttp ? 'http:' : 'https:', { [variable]: value });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({
    code: 'proxy-invalid',
    message: `The proxy in the environment variable \`${variable}\` must be an \`http://\` or \`https://\` URL.`,
    remedy: `Set \`${variable}\` to the URL of an HTTP proxy, such as \`http://proxy.example:3128\`, or remove it. Then re-run the job.`,
  });
  expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
  expect(proxyFor(isHttp ? 'https:' : 'http:', { [variable]: value })).toBeUndefined();
});
