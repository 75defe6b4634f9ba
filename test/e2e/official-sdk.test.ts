import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type CoboEmulator, createClient, startCobo } from '../../emulators/cobo.ts';
import type { RecordedRequest } from '../../emulators/server.ts';
import { readAppSecret } from '../../src/cobo/app-key.ts';
import { type CoboAccess, exchange } from '../../src/cobo/exchange.ts';
import { httpClient } from '../../src/http.ts';

/** What of the official SDK is used here; the package brings no types. */
interface OfficialSdk {
  ApiClient: new () => {
    setEnv(env: { basePath: string }): void;
    setPrivateKey(hex: string): void;
  };
  OAuthApi: new (
    client: unknown,
  ) => {
    refreshToken(request: object): Promise<unknown>;
    getToken(clientId: string, orgId: string, grantType: string): Promise<unknown>;
  };
}

// It is large: loaded once, whole, as its users load it.
const sdk = createRequire(import.meta.url)('@cobo/cobo-waas2') as OfficialSdk;
const TOKEN = 'refresh-token/with+what=may?need&care: "é"';
const NOON = Date.UTC(2026, 7, 1, 12);

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Two Cobos with the same client and the same refresh token: each checks one of the two, by itself. */
async function twoCobos(clientId: string, orgId: string): Promise<CoboEmulator[]> {
  const clients = [createClient({ clientId, orgId })];
  const both = await Promise.all([1, 2].map(() => startCobo({ clients, now: () => Date.now() })));
  onTestFinished(async () => {
    await Promise.all(both.map((cobo) => cobo.close()));
  });
  for (const cobo of both) cobo.issueRefreshToken(clientId, TOKEN);
  return both;
}

function official(cobo: CoboEmulator): InstanceType<OfficialSdk['OAuthApi']> {
  // It prints what it signs, the refresh token in it.
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const client = new sdk.ApiClient();
  client.setEnv({ basePath: cobo.url });
  client.setPrivateKey(cobo.client.appSecretHex);
  return new sdk.OAuthApi(client);
}

function ours(cobo: CoboEmulator): CoboAccess {
  const http = httpClient({});
  onTestFinished(() => http.close());
  return {
    http,
    httpOptions: { timeoutMs: 10_000 },
    clock: { now: () => Date.now(), sleep: () => Promise.resolve(), random: () => 0 },
    log: { info: () => undefined, debug: () => undefined, warning: () => undefined },
    maxAttempts: 1,
    apiUrl: cobo.url,
    responseKey: cobo.responsePublicKeyHex,
    keys: readAppSecret(cobo.client.appSecretHex),
    clientId: cobo.client.clientId,
  };
}

/** Everything of a request that Cobo looks at. */
function essence({ method, path, query, headers, body, verdict }: RecordedRequest) {
  const signed = ['biz-api-key', 'biz-api-nonce', 'biz-api-signature', 'accept', 'content-type'];
  const picked = signed
    .map((name) => [name, headers[name]] as const)
    .filter(([, value]) => value !== undefined);
  // A GET has no body, so what the SDK says of its type means nothing.
  const meant = picked.filter(([name]) => name !== 'content-type' || body !== '');
  return { method, path, query, body, headers: Object.fromEntries(meant), verdict };
}

const last = (cobo: CoboEmulator): RecordedRequest => {
  const request = cobo.requests.at(-1);
  if (request === undefined) throw new Error('no request arrived');
  return request;
};

describe('the action sends, byte for byte, what the official SDK sends', () => {
  // Each at a moment of its own: a nonce is never used twice in one process.
  it.each([
    ['plain identifiers', 'LwzLFWSDGyo2hBKQP0X2SWNkjbjYRM1p', 'c8e1a0f2-5d3b-4f6a-9c7d-2b1e0d9f8a7c', 0],
    ['identifiers that a query has to escape', 'a+b/c=d&e', 'é|~ö', 60_000],
  ])('to refresh, and to get a fresh pair: %s', async (_name, clientId, orgId, later) => {
    const [theirs, own] = await twoCobos(clientId, orgId);
    if (theirs === undefined || own === undefined) throw new Error('no Cobo');
    const api = official(theirs);
    vi.useFakeTimers({ toFake: ['Date'] });

    vi.setSystemTime(NOON + later);
    await api.refreshToken({ client_id: clientId, grant_type: 'refresh_token', refresh_token: TOKEN });
    await exchange(ours(own), TOKEN, undefined);
    expect(last(theirs).verdict).toMatch(/^signature ok/);
    expect(essence(last(own))).toEqual(essence(last(theirs)));

    vi.setSystemTime(NOON + later + 1000);
    await api.getToken(clientId, orgId, 'org_implicit');
    await exchange(ours(own), undefined, orgId);
    expect(last(theirs).verdict).toMatch(/^signature ok/);
    expect(essence(last(own))).toEqual(essence(last(theirs)));
  });

  it('except where the SDK signs something else than it sends: there the action signs what it sends', async () => {
    const [cobo] = await twoCobos("client!'()*", "org!'()*");
    if (cobo === undefined) throw new Error('no Cobo');
    await exchange(ours(cobo), undefined, cobo.client.orgId);
    expect(last(cobo).verdict).toMatch(/^signature ok/);
  });
});
