import { createRequire } from 'node:module';
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type CoboOptions, type ContentEncoding, createClient, startCobo } from '../../emulators/cobo.ts';
import vectors from '../vectors/request-signing.json' with { type: 'json' };
import { get, implicit, post, raw, refresh, refusalIn, signedBy, signedHeaders, tokensIn } from './client.ts';

/** A Cobo that is closed when the test ends. */
async function start(options: CoboOptions = {}) {
  const cobo = await startCobo(options);
  onTestFinished(async () => {
    expect(cobo.errors).toEqual([]);
    await cobo.close();
  });
  return cobo;
}

describe('requests signed by the official SDK', () => {
  test('there are eight', () => expect(vectors).toHaveLength(8));

  test.each(vectors.map((vector, index) => ({ index, ...vector })))(
    '$index: $operation is accepted, tampered or repeated refused',
    async ({ client_id, private_key, org_id, refresh_token, request, headers: signature }) => {
      const org = org_id === undefined ? {} : { orgId: org_id };
      const client = createClient({ clientId: client_id, appSecretHex: private_key, ...org });
      expect(client.appKeyHex).toBe(signature['biz-api-key']);
      const cobo = await start({ clients: [client], now: () => Number(signature['biz-api-nonce']) });
      if (refresh_token !== undefined) cobo.issueRefreshToken(client_id, refresh_token);
      const { method, path, query, body } = request;
      const url = `${cobo.origin}${path}${query && `?${query}`}`;
      const headers = { 'content-type': 'application/json', ...signature };

      const tampered =
        method === 'GET' ? raw(`${url}&x=1`, { headers }) : raw(url, { method, headers, body: `${body} ` });
      expect(refusalIn(await tampered)).toEqual([401, 2023]);
      const answer = await raw(url, { method, headers, body });
      expect([answer.status, signedBy(cobo, answer)]).toEqual([200, true]);
      expect(tokensIn(answer).refresh).toMatch(/^[0-9A-Za-z]{64}$/);
      const again = await raw(url, { method, headers, body });
      expect([...refusalIn(again), signedBy(cobo, again)]).toEqual([401, 2023, true]);
      expect(again.body).toContain('used before');
    },
  );
});

describe('the official SDK', () => {
  type Pair = Record<'access_token' | 'refresh_token', string> & { expires_in: number };

  /** The part of it (CommonJS, without types) that is used here. */
  interface Sdk {
    ApiClient: new (env: { basePath: string }, privateKey: string) => object;
    OAuthApi: new (client: object) => Record<'refreshToken' | 'getToken', (...args: unknown[]) => Promise<Pair>>;
    RefreshTokenRequest: { constructFromObject(fields: object): object };
  }

  const { ApiClient, OAuthApi, RefreshTokenRequest } = createRequire(import.meta.url)('@cobo/cobo-waas2') as Sdk;

  test('gets a pair, rotates through one form of answers after the other, and reads a refusal', async () => {
    const cobo = await start();
    const { clientId, orgId, appSecretHex } = cobo.client;
    const api = new OAuthApi(new ApiClient({ basePath: cobo.url }, appSecretHex));
    // The SDK prints what it signs, and its nonce is the millisecond: no two requests may share one.
    vi.spyOn(console, 'log').mockReturnValue(undefined);
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => {
      vi.useRealTimers();
      vi.restoreAllMocks();
    });
    let { refresh_token: token } = await api.getToken(clientId, orgId, 'org_implicit');
    for (const form of [
      {},
      { signatureHeaders: 'underscore' },
      { signatureHeaders: 'both', contentEncoding: 'gzip' },
      { signatureHeaders: 'folded', contentEncoding: 'deflate' },
      { contentEncoding: 'gzip', signatureOver: 'decoded' },
    ]) {
      vi.setSystemTime(Date.now() + 1);
      Object.assign(cobo.behaviour, form);
      const fields = { client_id: clientId, grant_type: 'refresh_token', refresh_token: token };
      const pair = await api.refreshToken(RefreshTokenRequest.constructFromObject(fields));
      expect([cobo.state(token), cobo.livingRefreshTokens()]).toEqual(['spent', [pair.refresh_token]]);
      expect([cobo.isLivingAccessToken(pair.access_token), pair.expires_in]).toEqual([true, 43199]);
      token = pair.refresh_token;
    }
    vi.setSystemTime(Date.now() + 1);
    const response = { body: { error: 'invalid_grant', error_description: expect.any(String) } };
    await expect(api.getToken(clientId, 'another', 'org_implicit')).rejects.toMatchObject({ status: 400, response });
  });
});

describe('Cobo refuses', () => {
  test.each(['Biz-Api-Key', 'Biz-Api-Nonce', 'Biz-Api-Signature'] as const)('a request without %s', async (name) => {
    const cobo = await start();
    const { [name]: _, ...headers } = signedHeaders(cobo.client, { method: 'GET', path: '/v2/wallets' });
    const answer = await raw(`${cobo.url}/wallets`, { headers });
    expect([...refusalIn(answer), signedBy(cobo, answer)]).toEqual([401, 2022, true]);
    expect(answer.body).toContain(name);
  });

  test.each([-300_001, 300_001])('a nonce %i ms off, and signs that', async (off) => {
    const cobo = await start({ now: () => 1_785_000_000_000, signatureHeaders: 'underscore' });
    const headers = signedHeaders(cobo.client, { method: 'GET', path: '/v2/wallets' }, 1_785_000_000_000 + off);
    const answer = await raw(`${cobo.url}/wallets`, { headers });
    expect([...refusalIn(answer), signedBy(cobo, answer, UNDERSCORES)]).toEqual([401, 2023, true]);
  });

  test('a key that nobody registered, and a key of another client', async () => {
    const cobo = await start();
    const token = cobo.issueRefreshToken();
    const other = cobo.addClient();
    for (const [client, refusal] of [
      [createClient(), [401, 2024]],
      [{ ...other, clientId: cobo.client.clientId }, [401, 'invalid_client']],
      [other, [400, 'invalid_grant']],
    ] as const) {
      expect(refusalIn(await refresh(cobo, token, client))).toEqual(refusal);
    }
    expect(cobo.state(token)).toBe('living');
  });

  test.each([
    ['{', 'invalid_request'],
    ['[]', 'invalid_request'],
    ['{"client_id":1,"grant_type":"refresh_token","refresh_token":"x"}', 'invalid_request'],
    ['{"client_id":"x","grant_type":"refresh_token"}', 'invalid_request'],
    ['{"client_id":"x","grant_type":"refresh_token","refresh_token":""}', 'invalid_request'],
    ['{"client_id":"x","grant_type":"password","refresh_token":"x"}', 'unsupported_grant_type'],
  ])('the body %s', async (body, code) => {
    const cobo = await start();
    const answer = await post(cobo, body);
    expect([...refusalIn(answer), signedBy(cobo, answer)]).toEqual([400, code, true]);
    expect(Object.keys(JSON.parse(answer.body) as object)).toEqual(['error', 'error_description']);
  });

  test('a wrong path or method', async () => {
    const cobo = await start();
    expect(refusalIn(await get(cobo, '/oauth/token'))).toEqual([404, 2021]);
    expect(refusalIn(await raw(`${cobo.url}/oauth/token`, { method: 'PUT' }))).toEqual([404, 2021]);
  });
});

describe('rotation', () => {
  test('spends the token, and the access token works', async () => {
    const cobo = await start();
    const first = cobo.issueRefreshToken();
    const answer = await refresh(cobo, first);
    const { access, refresh: second } = tokensIn(answer);
    expect(JSON.parse(answer.body)).toMatchObject({ token_type: 'Bearer', scope: '', expires_in: 43199 });
    expect([cobo.state(first), cobo.livingRefreshTokens()]).toEqual(['spent', [second]]);
    expect((await get(cobo, '/v2/wallets', '', { Authorization: `Bearer ${access}` })).status).toBe(200);
    expect((await get(cobo, '/v2/wallets', '', { Authorization: `Bearer ${second}` })).status).toBe(401);
    expect(cobo.history).toMatchObject([{ operation: 'install' }, { operation: 'refresh', spent: first }]);
    const log = cobo.requests.map(({ verdict }) => verdict).join();
    expect(log).toContain('signature ok, refresh token 1 rotated to 2');
    for (const token of [first, second, access]) expect(log).not.toContain(token);
  });

  test('twice kills the whole family, or not', async () => {
    const cobo = await start();
    const [first, other] = [cobo.issueRefreshToken(), cobo.issueRefreshToken()];
    const { access, refresh: second } = tokensIn(await refresh(cobo, first));
    expect(refusalIn(await refresh(cobo, first))).toEqual([400, 'invalid_grant']);
    expect([first, second, other, access].map((one) => cobo.state(one))).toEqual([
      'spent',
      'revoked',
      'living',
      'revoked',
    ]);
    expect(refusalIn(await refresh(cobo, second))).toEqual([400, 'invalid_grant']);

    cobo.behaviour.revokeFamilyOnReplay = false;
    const third = tokensIn(await refresh(cobo, other)).refresh;
    expect([(await refresh(cobo, other)).status, cobo.state(third)]).toEqual([400, 'living']);
  });

  test('by org_implicit starts a family, and leaves the others alone or not', async () => {
    const cobo = await start();
    const old = cobo.issueRefreshToken();
    const next = tokensIn(await implicit(cobo)).refresh;
    expect(cobo.livingRefreshTokens()).toEqual([old, next]);
    cobo.behaviour.implicitRevokesOthers = true;
    const newest = tokensIn(await implicit(cobo)).refresh;
    expect(cobo.livingRefreshTokens()).toEqual([newest]);
    expect(refusalIn(await implicit(cobo, 'another'))).toEqual([400, 'invalid_grant']);
    const strict = await start({ clients: [createClient({ implicitAllowed: false })] });
    expect(refusalIn(await implicit(strict))).toEqual([400, 'unauthorized_client']);
  });

  test('without a new refresh token leaves the old one alive', async () => {
    const cobo = await start({ omitRefreshToken: true });
    const token = cobo.issueRefreshToken();
    expect(JSON.parse((await refresh(cobo, token)).body)).not.toHaveProperty('refresh_token');
    expect(cobo.livingRefreshTokens()).toEqual([token]);
  });

  test('obeys a maker of ugly tokens', async () => {
    const cobo = await start({ tokenMaker: (kind, n) => `${kind} "${n}"\n%é漢` });
    const token = cobo.issueRefreshToken();
    expect([token, tokensIn(await refresh(cobo, token)).refresh]).toEqual(['refresh "1"\n%é漢', 'refresh "2"\n%é漢']);
  });

  test('ends when a token is revoked, expired, or old', async () => {
    let now = Date.now();
    const cobo = await start({ now: () => now });
    const [a, b, c] = [cobo.issueRefreshToken(), cobo.issueRefreshToken(), cobo.issueRefreshToken()];
    cobo.revokeFamily(a);
    cobo.expireToken(b);
    expect([a, b, c, 'x'].map((token) => cobo.state(token))).toEqual(['revoked', 'expired', 'living', 'unknown']);
    const { access } = tokensIn(await refresh(cobo, c));
    cobo.expireToken(access);
    expect(refusalIn(await get(cobo, '/v2/wallets', '', { Authorization: `Bearer ${access}` }))).toEqual([500, 1000]);
    expect(cobo.livingRefreshTokens()).toHaveLength(1);
    now += 31 * 24 * 3600_000;
    expect(cobo.livingRefreshTokens()).toEqual([]);
  });
});

const HYPHENS = ['biz-timestamp', 'biz-resp-signature'];
const UNDERSCORES = ['biz_timestamp', 'biz_resp_signature'];

describe('an answer', () => {
  test.each([
    ['hyphen', true, undefined, true],
    ['underscore', undefined, true, true],
    ['both', true, true, true],
    ['disagreeing', true, true, false],
    ['disagreeing-signature', true, false, true],
  ] as const)('is signed with the headers %s', async (signatureHeaders, hyphens, underscores, agree) => {
    const cobo = await start({ signatureHeaders });
    const outcome = await refresh(cobo, cobo.issueRefreshToken());
    const signed = [HYPHENS, UNDERSCORES].map((names) => signedBy(cobo, outcome, names));
    expect(signed).toEqual([hyphens, underscores]);
    const times = [HYPHENS, UNDERSCORES].flatMap(([name = '']) => outcome.headers[name] ?? []);
    expect(new Set(times).size === 1).toBe(agree);
  });

  test('is signed with folded headers: the same value twice in each', async () => {
    const cobo = await start({ signatureHeaders: 'folded' });
    const { headers, bytes } = await refresh(cobo, cobo.issueRefreshToken());
    const single = HYPHENS.map((name) => {
      const [first = '', ...more] = String(headers[name]).split(', ');
      expect(more).toEqual([first]);
      return [name, first];
    });
    expect(signedBy(cobo, { headers: Object.fromEntries(single), bytes })).toBe(true);
  });

  test('that is spoiled is spoiled under both names', async () => {
    const cobo = await start({ signatureHeaders: 'both' });
    cobo.faults.add({ fault: { kind: 'bad-signature' } });
    const outcome = await refresh(cobo, cobo.issueRefreshToken());
    expect([HYPHENS, UNDERSCORES].map((names) => signedBy(cobo, outcome, names))).toEqual([false, false]);
  });

  test.each([
    [0, false],
    [-600_001, false],
    [3_600_000, true],
  ])('has a signed timestamp %i ms off, in seconds: %s', async (timestampOffsetMs, timestampInSeconds) => {
    const now = 1_785_000_000_000;
    const cobo = await start({ timestampOffsetMs, timestampInSeconds });
    cobo.setClock(now);
    const headers = signedHeaders(cobo.client, { method: 'GET', path: '/v2/wallets' }, now);
    const outcome = await raw(`${cobo.url}/wallets`, { headers });
    const expected = (now + timestampOffsetMs) / (timestampInSeconds ? 1000 : 1);
    expect([outcome.headers['biz-timestamp'], signedBy(cobo, outcome)]).toEqual([String(expected), true]);
  });

  test.each([
    ['gzip', 'gzip', gunzipSync],
    ['deflate', 'deflate', inflateSync],
    ['deflate-raw', 'deflate', inflateRawSync],
    ['br', 'br', brotliDecompressSync],
  ] satisfies [ContentEncoding, string, (bytes: Buffer) => Buffer][])(
    'in %s',
    async (contentEncoding, named, decode) => {
      const cobo = await start({ contentEncoding, byteOrderMark: true });
      for (const signatureOver of ['sent', 'decoded'] as const) {
        cobo.behaviour.signatureOver = signatureOver;
        const { headers, bytes } = await refresh(cobo, cobo.issueRefreshToken());
        expect([headers['content-encoding'], headers['content-length']]).toEqual([named, String(bytes.length)]);
        const decoded = decode(bytes);
        const signed = [bytes, decoded].map((one) => signedBy(cobo, { headers, bytes: one }));
        expect(signed).toEqual([signatureOver === 'sent', signatureOver === 'decoded']);
        expect(decoded.subarray(0, 4).toString('latin1')).toBe('\xEF\xBB\xBF{');
      }
    },
  );

  test('is not coded when something in front of Cobo gives it', async () => {
    const cobo = await start({ contentEncoding: 'gzip' });
    cobo.faults.add({ fault: { kind: 'status', status: 200, body: '<html>login</html>', when: 'before' } });
    const token = cobo.issueRefreshToken();
    const { body, headers } = await refresh(cobo, token);
    expect([body, headers['content-encoding'], cobo.state(token)]).toEqual(['<html>login</html>', undefined, 'living']);
  });
});
