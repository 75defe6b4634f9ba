import { describe, expect } from 'vitest';
import type { StepResult } from '../../emulators/runner/step.ts';
import type { Stage } from '../../emulators/stage.ts';
import { expectFailure, expectSuccess } from '../e2e/support/scenario.ts';
import { BY_NAME, COBO_HOST, GITHUB_HOST, hostsOf, overTls } from './support/network.ts';
import { it } from './support/stores.ts';

/** As hard to write in a URL as a password gets. */
const USER = 'runner';
const PASSWORD = 'p@ss/w%rd-of-the-proxy';
const CREDENTIALS = `${USER}:${PASSWORD}`;

/** The password in every form in which it comes near the action. */
const FORMS = [
  PASSWORD,
  encodeURIComponent(PASSWORD),
  Buffer.from(CREDENTIALS).toString('base64'),
  Buffer.from(`${USER}:nonsense-for-the-proxy`).toString('base64'),
  'nonsense-for-the-proxy',
];

function expectNoCredentials(result: StepResult): void {
  const seen = [result.rawLog, result.debug.join('\n'), result.rawSummary, JSON.stringify(result.outputs)];
  for (const form of FORMS) expect(seen.join('\n')).not.toContain(form);
}

function expectUntouched(stage: Stage): void {
  expect([...stage.cobo.requests, ...stage.github.requests]).toEqual([]);
  expect(stage.cobo.state(stage.refreshToken)).toBe('living');
}

describe('behind a proxy that wants a password', () => {
  it.concurrent.for(['HTTPS_PROXY', 'https_proxy'])(
    'both services are reached over TLS through %s',
    async (variable, { open, proxy, file }) => {
      const { authority, options } = overTls();
      const stage = await open(options);
      const { url, close } = await proxy({ credentials: CREDENTIALS, hosts: hostsOf(stage) });
      const env = { [variable]: url, NODE_EXTRA_CA_CERTS: await file('ca.pem', authority.certificate) };
      const result = await stage.run(BY_NAME, { env, debug: true });
      expectSuccess(stage, result, { state: 'stored' });
      expectNoCredentials(result);
      const passages = await close();
      expect(new Set(passages.map(({ how, to, outcome }) => `${how} ${to} ${outcome}`))).toEqual(
        new Set([`tunnel ${GITHUB_HOST}:443 passed`, `tunnel ${COBO_HOST}:443 passed`]),
      );
      // Neither service may see what was meant for the proxy.
      const headers = [...stage.cobo.requests, ...stage.github.requests].flatMap((request) =>
        Object.keys(request.headers),
      );
      expect(headers).not.toContain('proxy-authorization');
    },
  );

  it.concurrent.for(['HTTP_PROXY', 'http_proxy'])(
    'plain requests go in absolute form through %s',
    async (variable, { open, proxy }) => {
      const stage = await open();
      const [cobo, github] = [new URL(stage.cobo.origin), new URL(stage.github.origin)];
      const hosts = { [cobo.host]: Number(cobo.port), [github.host]: Number(github.port) };
      const { url, close } = await proxy({ credentials: CREDENTIALS, hosts });
      const result = await stage.run({}, { env: { [variable]: url } });
      expectSuccess(stage, result, { state: 'stored' });
      expectNoCredentials(result);
      const passages = await close();
      expect(passages).toHaveLength(stage.cobo.requests.length + stage.github.requests.length);
      expect(new Set(passages.map(({ how, outcome }) => `${how} ${outcome}`))).toEqual(
        new Set(['forward passed']),
      );
    },
  );

  it.concurrent('the variable in lower case goes before the other, as everywhere', async ({
    open,
    proxy,
    file,
  }) => {
    const { authority, options } = overTls();
    const stage = await open(options);
    const { url } = await proxy({ hosts: hostsOf(stage) });
    const env = {
      HTTPS_PROXY: 'http://127.0.0.1:1',
      https_proxy: url,
      NODE_EXTRA_CA_CERTS: await file('ca.pem', authority.certificate),
    };
    expectSuccess(stage, await stage.run(BY_NAME, { env }), { state: 'stored' });
  });

  it.concurrent('an address without a scheme is one of a plain proxy', async ({ open, proxy, file }) => {
    const { authority, options } = overTls();
    const stage = await open(options);
    const { address, close } = await proxy({ hosts: hostsOf(stage) });
    const env = {
      HTTPS_PROXY: address,
      NODE_EXTRA_CA_CERTS: await file('ca.pem', authority.certificate),
    };
    expectSuccess(stage, await stage.run(BY_NAME, { env }), { state: 'stored' });
    expect(await close()).not.toEqual([]);
  });
});

describe('NO_PROXY', () => {
  it.concurrent.for(['NO_PROXY', 'no_proxy'])(
    '%s: what it names is called directly, and nothing else',
    async (variable, { open, proxy, file }) => {
      const { authority, options } = overTls();
      const stage = await open(options);
      const { url, close } = await proxy({ credentials: CREDENTIALS, hosts: hostsOf(stage) });
      const env = {
        HTTPS_PROXY: url,
        [variable]: '127.0.0.1, .internal.test',
        NODE_EXTRA_CA_CERTS: await file('ca.pem', authority.certificate),
      };
      // Cobo by its address, which is on the list; GitHub by its name, which is not.
      const result = await stage.run({ 'github-api-url': BY_NAME['github-api-url'] }, { env });
      expectSuccess(stage, result, { state: 'stored' });
      expect(new Set((await close()).map(({ to }) => to))).toEqual(new Set([`${GITHUB_HOST}:443`]));
    },
  );

  it.concurrent('an asterisk switches the proxy off', async ({ open, proxy }) => {
    const stage = await open();
    const { url, close } = await proxy({ credentials: CREDENTIALS, hosts: {} });
    const env = { HTTPS_PROXY: url, HTTP_PROXY: url, NO_PROXY: '*' };
    expectSuccess(stage, await stage.run({}, { env }), { state: 'stored' });
    expect(await close()).toEqual([]);
  });
});

describe('a proxy that lets nothing through', () => {
  const WRONG = `${USER}:nonsense-for-the-proxy`;

  it.concurrent.for<[string, string, Record<string, string | undefined>]>([
    ['GitHub', 'github-unavailable', {}],
    ['Cobo', 'cobo-unavailable', { 'refresh-token-secret': undefined, 'github-token': undefined }],
  ])(
    'because of a wrong password: nothing reaches %s, nothing is spent',
    async ([, code, changes], { open, proxy, file }) => {
      const { authority, options } = overTls();
      const stage = await open(options);
      const { address, close } = await proxy({ credentials: CREDENTIALS, hosts: hostsOf(stage) });
      const env = {
        HTTPS_PROXY: `http://${WRONG}@${address}`,
        NODE_EXTRA_CA_CERTS: await file('ca.pem', authority.certificate),
      };
      const inputs = { ...BY_NAME, ...changes, 'max-attempts': '2' };
      const result = await stage.run(inputs, { env, debug: true });
      expectFailure(stage, result, {
        state: 'unspent',
        code,
        says: ['the proxy opened no tunnel'],
        remedy: /run the job again/i,
      });
      expectNoCredentials(result);
      expectUntouched(stage);
      expect(new Set((await close()).map(({ outcome }) => outcome))).toEqual(new Set(['refused']));
    },
  );

  it.concurrent('because the certificate behind it is not trusted: never sent, nothing is spent', async ({
    open,
    proxy,
  }) => {
    const stage = await open(overTls().options);
    const { url, close } = await proxy({ credentials: CREDENTIALS, hosts: hostsOf(stage) });
    const changes = {
      ...BY_NAME,
      'refresh-token-secret': undefined,
      'github-token': undefined,
      'max-attempts': '1',
    };
    const result = await stage.run(changes, { env: { HTTPS_PROXY: url }, debug: true });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cobo-unavailable',
      says: ["the host's certificate comes from an unknown authority"],
      remedy: 'then run the job again',
    });
    expectNoCredentials(result);
    expectUntouched(stage);
    expect((await close()).map(({ outcome }) => outcome)).toEqual(['passed']);
  });

  it.concurrent('because it is not there', async ({ open }) => {
    const stage = await open(overTls().options);
    const env = {
      HTTPS_PROXY: `http://${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}@127.0.0.1:1`,
    };
    const result = await stage.run({ ...BY_NAME, 'max-attempts': '1' }, { env, debug: true });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'github-unavailable',
      says: ['the connection was refused'],
      remedy: 'nothing was spent',
    });
    expectNoCredentials(result);
    expectUntouched(stage);
  });

  it.concurrent.for([
    ['a port that is none', `http://${USER}:${encodeURIComponent(PASSWORD)}@proxy.test:port`],
    ['a password that is not encoded', `http://${USER}:${PASSWORD.replace('/', '')}@proxy.test:8080`],
  ] as const)('because its address has %s', async ([, address], { open }) => {
    for (const [code, changes] of [
      ['github-unavailable', {}],
      ['cobo-unavailable', { 'refresh-token-secret': undefined, 'github-token': undefined }],
    ] as const) {
      const stage = await open(overTls().options);
      const inputs = { ...BY_NAME, ...changes, 'max-attempts': '1' };
      const result = await stage.run(inputs, { env: { HTTPS_PROXY: address }, debug: true });
      expectFailure(stage, result, {
        state: 'unspent',
        code,
        says: ['the proxy variables of the environment make no sense'],
        remedy: /run the job again/i,
      });
      expectNoCredentials(result);
      expectUntouched(stage);
    }
  });
});
