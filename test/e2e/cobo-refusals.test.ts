import { createServer } from 'node:http';
import { describe, expect } from 'vitest';
import { createClient } from '../../emulators/cobo.ts';
import type { Fault } from '../../emulators/faults.ts';
import type { Stage } from '../../emulators/stage.ts';
import { asked, expectFailure, type Failure, it, named } from './support/scenario.ts';

const signed = (status: number, body: object): Fault => {
  const headers = { 'content-type': 'application/json' };
  return { kind: 'status', status, headers, body: JSON.stringify(body), when: 'before', signed: true };
};
const apiError = (status: number, code: number, message: string): Fault =>
  signed(status, { error_code: code, error_message: message, error_id: 'a1b2c3d4e5f60718293a4b5c6d7e8f90' });
const webPage = (status: number): Fault => {
  const headers = { 'content-type': 'text/html', server: 'nginx' };
  return { kind: 'status', status, headers, body: `<html><h1>${status}</h1></html>`, when: 'before' };
};

interface Refusal extends Pick<Failure, 'code' | 'says' | 'remedy'> {
  name: string;
  fault: Fault;
  state: 'unspent' | 'unknown';
}

const REFUSALS: Refusal[] = [
  {
    name: "OAuth's invalid_grant, as a dead token [recovery: token-dead]",
    fault: signed(400, { error: 'invalid_grant', error_description: 'the refresh token is revoked' }),
    state: 'unspent',
    code: 'token-dead',
    says: ['spent, revoked or expired', 'HTTP 400, invalid_grant: the refresh token is revoked'],
    remedy: /run the job again to read the secret afresh\. Otherwise: .*`org-id`.*install the app again/,
  },
  {
    name: "OAuth's invalid_client, as a client that is not the key's own",
    fault: signed(401, { error: 'invalid_client', error_description: 'unknown client' }),
    state: 'unspent',
    code: 'cobo-refused',
    says: ['HTTP 401, invalid_client: unknown client'],
    remedy: '`client-id` belongs to the app of this `private-key`',
  },
  {
    name: "OAuth's unsupported_grant_type, as a grant that is not offered",
    fault: signed(400, { error: 'unsupported_grant_type' }),
    state: 'unspent',
    code: 'cobo-refused',
    says: ['HTTP 400, unsupported_grant_type.'],
    remedy: 'Cobo does not offer this grant to the app',
  },
  {
    name: 'error code 2024, as a key that is not registered or a runner that is not allowed [recovery: cobo-refused]',
    fault: apiError(401, 2024, 'the API key is not registered in this environment'),
    state: 'unspent',
    code: 'cobo-refused',
    says: ['HTTP 401, error code 2024', 'is not registered', 'error ID a1b2c3d4e5f60718293a4b5c6d7e8f90'],
    remedy: /registered and active in the environment.*IP allowlist/,
  },
  {
    name: 'error code 2023, as a request that was changed on its way or a wrong clock',
    fault: apiError(401, 2023, 'signature mismatch'),
    state: 'unspent',
    code: 'cobo-refused',
    says: ['error code 2023: signature mismatch'],
    remedy: /no proxy changes the request.*clock is right/,
  },
  {
    name: 'error code 2021, as a base URL without /v2',
    fault: apiError(404, 2021, 'wrong path'),
    state: 'unspent',
    code: 'cobo-refused',
    says: ['error code 2021'],
    remedy: '`api-url`: it must end in `/v2`',
  },
  {
    name: 'error code 10000, as an organization that is read-only',
    fault: apiError(403, 10000, 'read-only'),
    state: 'unspent',
    code: 'cobo-refused',
    says: ['error code 10000'],
    remedy: 'ask its administrators',
  },
  {
    name: 'an error code that nobody knows, by its text and error ID',
    fault: apiError(400, 31337, 'something new'),
    state: 'unspent',
    code: 'cobo-refused',
    says: ['error code 31337: something new', 'error ID'],
    remedy: 'Check that `client-id`',
  },
  {
    name: 'error code 2010 with 429, tried again, as too many requests',
    fault: apiError(429, 2010, 'slow down'),
    state: 'unspent',
    code: 'cobo-unavailable',
    says: ['HTTP 429, error code 2010: slow down'],
    remedy: 'Too many requests',
  },
  {
    name: 'error code 1000 with 500, tried again, as a token that may be spent [recovery: cobo-failing]',
    fault: apiError(500, 1000, 'internal error'),
    state: 'unknown',
    code: 'cobo-unavailable',
    says: ['HTTP 500, error code 1000', 'error ID'],
    remedy: /error ID\. Run the job again: if Cobo still takes the token, nothing was lost.*Start over/,
  },
  {
    name: 'the web page of a proxy, as what is not signed by Cobo [recovery: proxy-page]',
    fault: webPage(403),
    state: 'unknown',
    code: 'cobo-refused',
    says: ['HTTP 403 with a web page (not signed, so from a proxy or firewall in front of it)'],
    remedy: 'whether a proxy or firewall on the way to Cobo refuses the request',
  },
  {
    name: "a load balancer's page for an overload, tried again",
    fault: webPage(503),
    state: 'unknown',
    code: 'cobo-unavailable',
    says: ['HTTP 503 with a web page (not signed'],
    remedy: 'Run the job again',
  },
];

describe('an answer of Cobo is told apart:', () => {
  it.concurrent.for(named(REFUSALS))('%s', async ([, { fault, ...wanted }], { open }) => {
    const stage = await open();
    const struck = stage.cobo.faults.add({ fault, times: Number.POSITIVE_INFINITY });
    const result = await stage.run({ 'max-attempts': '2' });
    expectFailure(stage, result, wanted);
    expect(struck.fired).toBe(wanted.code === 'cobo-unavailable' ? 2 : 1);
    expect(stage.cobo.state(stage.refreshToken)).toBe('living');
  });
});

const REAL: (Pick<Failure, 'code' | 'says' | 'remedy' | 'state'> & {
  name: string;
  changes: (stage: Stage) => Record<string, string>;
})[] = [
  {
    name: 'a client ID that is not of this key',
    changes: ({ cobo }) => ({ 'client-id': cobo.addClient().clientId }),
    state: 'unspent',
    code: 'cobo-refused',
    says: ['invalid_client'],
    remedy: '`client-id`',
  },
  {
    name: 'a private key that is not registered',
    changes: () => ({ 'private-key': createClient().appSecretHex }),
    state: 'unspent',
    code: 'cobo-refused',
    says: ['error code 2024'],
    remedy: '`private-key`',
  },
  {
    name: 'a refresh token that was never issued',
    changes: () => ({ 'refresh-token': 'never-issued-anywhere' }),
    state: 'unspent',
    code: 'token-dead',
    says: ['unknown'],
    remedy: 'Start over',
  },
  {
    name: 'a base URL without /v2',
    changes: ({ cobo }) => ({ 'api-url': cobo.origin }),
    state: 'unspent',
    code: 'cobo-refused',
    says: ['error code 2021'],
    remedy: '`api-url`',
  },
];

describe('a run fails, with nothing spent, for', () => {
  it.concurrent.for(named(REAL))('%s', async ([, { changes, ...wanted }], { open }) => {
    const stage = await open();
    const result = await stage.run(changes(stage));
    expectFailure(stage, result, { ...wanted, secrets: ['never-issued-anywhere'] });
    expect(asked(stage.cobo)).toHaveLength(1);
    expect(stage.cobo.livingRefreshTokens()).toEqual([stage.refreshToken]);
  });

  it.concurrent('a Cobo that cannot be reached [recovery: cobo-unreachable]', async ({ open }) => {
    const stage = await open();
    const result = await stage.run({ 'api-url': `${await closedOrigin()}/v2`, 'max-attempts': '2' });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cobo-unavailable',
      says: ['Cobo cannot be reached: the connection was refused'],
      remedy: /`api-url`, the network and the proxy.*run the job again/,
    });
    expect(result.log).toContain('Attempt 1 at Cobo failed');
    expect(stage.cobo.requests).toEqual([]);
  });

  it.concurrent('a host name that does not exist', async ({ open }) => {
    const stage = await open();
    const result = await stage.run({ 'api-url': 'https://cobo.invalid/v2', 'max-attempts': '1' });
    expectFailure(stage, result, {
      state: 'unspent',
      code: 'cobo-unavailable',
      says: [/Cobo cannot be reached: the host name (was not found|could not be looked up)/],
      remedy: '`api-url`',
    });
  });
});

/** An address at which nobody listens. */
async function closedOrigin(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 1}`;
}
