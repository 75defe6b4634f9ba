import { createPublicKey, verify } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { doubleSha256 } from '../../emulators/cobo/keys.ts';
import { type CoboEmulator, type CoboOptions, createClient, startCobo } from '../../emulators/cobo.ts';
import { errorIn, get, implicit, post, refresh, tokensIn } from './cobo-client.ts';
import { type Outcome, raw, signedHeaders } from './raw-client.ts';
import { vectors } from './vectors.ts';

const open: CoboEmulator[] = [];

async function start(options: CoboOptions = {}): Promise<CoboEmulator> {
  const cobo = await startCobo(options);
  open.push(cobo);
  return cobo;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((cobo) => cobo.close()));
});

function signedWell(cobo: CoboEmulator, outcome: Outcome): boolean {
  const der = Buffer.from(`302a300506032b6570032100${cobo.responsePublicKeyHex}`, 'hex');
  const text = Buffer.from(`${outcome.body}|${String(outcome.headers['biz-timestamp'])}`);
  const signature = Buffer.from(String(outcome.headers['biz-resp-signature']), 'hex');
  return verify(null, doubleSha256(text), createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
}

describe('requests signed by the official SDK', () => {
  test('there are eight', () => expect(vectors).toHaveLength(8));

  test.each(vectors.map((vector, index) => ({ index, ...vector })))(
    '$index: $operation is accepted, tampered refused',
    async (vector) => {
      const client = createClient({
        clientId: vector.client_id,
        appSecretHex: vector.private_key,
        ...(vector.org_id === undefined ? {} : { orgId: vector.org_id }),
      });
      expect(client.appKeyHex).toBe(vector.headers['biz-api-key']);
      const cobo = await start({ clients: [client], now: () => Number(vector.headers['biz-api-nonce']) });
      if (vector.refresh_token !== undefined) cobo.issueRefreshToken(client.clientId, vector.refresh_token);
      const { method, path, query, body } = vector.request;
      const url = `${cobo.origin}${path}${query === '' ? '' : `?${query}`}`;
      const headers = { 'content-type': 'application/json', ...vector.headers };

      const tampered = method === 'GET' ? `${url}&x=1` : url;
      const refused = await raw(tampered, { method, headers, body: method === 'GET' ? '' : `${body} ` });
      expect([refused.status, errorIn(refused)]).toEqual([401, 2023]);

      const answer = await raw(url, { method, headers, body });
      expect(answer.status).toBe(200);
      expect(tokensIn(answer).refresh).toMatch(/^[0-9A-Za-z]{64}$/);
      expect(signedWell(cobo, answer)).toBe(true);

      const again = await raw(url, { method, headers, body });
      expect([again.status, errorIn(again)]).toEqual([401, 2023]);
      expect(again.body).toContain('used before');
      expect(signedWell(cobo, again)).toBe(true);
    },
  );
});

describe('what Cobo refuses', () => {
  test.each(['Biz-Api-Key', 'Biz-Api-Nonce', 'Biz-Api-Signature'])('no %s', async (name) => {
    const cobo = await start();
    const headers = signedHeaders(cobo.client, { method: 'GET', path: '/v2/wallets' });
    delete headers[name];
    const answer = await raw(`${cobo.url}/wallets`, { headers });
    expect([answer.status, errorIn(answer)]).toEqual([401, 2022]);
    expect(answer.body).toContain(name);
    expect(signedWell(cobo, answer)).toBe(true);
  });

  test.each([-300_001, 300_001])('a nonce %i ms off', async (off) => {
    const now = 1_785_000_000_000;
    const cobo = await start({ now: () => now });
    const headers = signedHeaders(cobo.client, { method: 'GET', path: '/v2/wallets' }, now + off);
    const answer = await raw(`${cobo.url}/wallets`, { headers });
    expect([answer.status, errorIn(answer)]).toEqual([401, 2023]);
    expect(signedWell(cobo, answer)).toBe(true);
  });

  test('a key that nobody registered, and a key of another client', async () => {
    const cobo = await start();
    const token = cobo.issueRefreshToken();
    const stranger = await refresh(cobo, token, createClient());
    expect([stranger.status, errorIn(stranger)]).toEqual([401, 2024]);
    const other = cobo.addClient();
    const mixed = await refresh(cobo, token, { ...other, clientId: cobo.client.clientId });
    expect([mixed.status, errorIn(mixed)]).toEqual([401, 'invalid_client']);
    const stolen = await refresh(cobo, token, other);
    expect([stolen.status, errorIn(stolen)]).toEqual([400, 'invalid_grant']);
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
    expect([answer.status, errorIn(answer)]).toEqual([400, code]);
    expect(Object.keys(JSON.parse(answer.body) as object)).toEqual(['error', 'error_description']);
    expect(signedWell(cobo, answer)).toBe(true);
  });

  test('a wrong path or method', async () => {
    const cobo = await start();
    expect(errorIn(await get(cobo, '/oauth/token'))).toBe(2021);
    const answer = await raw(`${cobo.url}/oauth/token`, { method: 'PUT' });
    expect([answer.status, errorIn(answer)]).toEqual([404, 2021]);
  });
});

describe('rotation', () => {
  test('a refresh spends the token, and its access token works', async () => {
    const cobo = await start();
    const first = cobo.issueRefreshToken();
    const answer = await refresh(cobo, first);
    const { access, refresh: second } = tokensIn(answer);
    expect(JSON.parse(answer.body)).toMatchObject({ token_type: 'Bearer', scope: '', expires_in: 43199 });
    expect([cobo.state(first), cobo.state(second)]).toEqual(['spent', 'living']);
    expect(cobo.livingRefreshTokens()).toEqual([second]);
    expect(cobo.isLivingAccessToken(access)).toBe(true);
    expect((await get(cobo, '/v2/wallets', '', { Authorization: `Bearer ${access}` })).status).toBe(200);
    expect((await get(cobo, '/v2/wallets', '', { Authorization: `Bearer ${second}` })).status).toBe(401);
    expect(cobo.history.map(({ operation, spent }) => [operation, spent])).toEqual([
      ['install', undefined],
      ['refresh', first],
    ]);
    const log = cobo.requests.map(({ verdict }) => verdict).join();
    expect(log).toContain('signature ok, refresh token 1 rotated to 2');
    for (const token of [first, second, access]) expect(log).not.toContain(token);
  });

  test('a replay kills the whole family, or not', async () => {
    const cobo = await start();
    const first = cobo.issueRefreshToken();
    const other = cobo.issueRefreshToken();
    const { access, refresh: second } = tokensIn(await refresh(cobo, first));
    expect(errorIn(await refresh(cobo, first))).toBe('invalid_grant');
    expect([cobo.state(first), cobo.state(second), cobo.state(other)]).toEqual(['spent', 'revoked', 'living']);
    expect(cobo.isLivingAccessToken(access)).toBe(false);
    expect(errorIn(await refresh(cobo, second))).toBe('invalid_grant');

    cobo.behaviour.revokeFamilyOnReplay = false;
    const third = tokensIn(await refresh(cobo, other)).refresh;
    expect((await refresh(cobo, other)).status).toBe(400);
    expect(cobo.state(third)).toBe('living');
  });

  test('org_implicit starts a family and leaves the others alone', async () => {
    const cobo = await start();
    const old = cobo.issueRefreshToken();
    const answer = await implicit(cobo);
    expect(answer.status).toBe(200);
    expect(cobo.livingRefreshTokens()).toEqual([old, tokensIn(answer).refresh]);
    cobo.behaviour.implicitRevokesOthers = true;
    const newest = tokensIn(await implicit(cobo)).refresh;
    expect(cobo.livingRefreshTokens()).toEqual([newest]);
    expect(errorIn(await implicit(cobo, 'another'))).toBe('invalid_grant');
  });

  test('org_implicit needs to be allowed', async () => {
    const cobo = await start({ clients: [createClient({ implicitAllowed: false })] });
    const answer = await implicit(cobo);
    expect([answer.status, errorIn(answer)]).toEqual([400, 'unauthorized_client']);
  });

  test('an answer without a refresh token leaves the old one alive', async () => {
    const cobo = await start();
    cobo.omitRefreshToken = true;
    const token = cobo.issueRefreshToken();
    const answer = await refresh(cobo, token);
    expect(JSON.parse(answer.body)).not.toHaveProperty('refresh_token');
    expect(cobo.livingRefreshTokens()).toEqual([token]);
  });

  test('a maker of ugly tokens is obeyed', async () => {
    const cobo = await start({ tokenMaker: (kind, n) => `${kind} "${n}"\n%é漢` });
    const token = cobo.issueRefreshToken();
    expect(token).toBe('refresh "1"\n%é漢');
    expect(tokensIn(await refresh(cobo, token)).refresh).toBe('refresh "2"\n%é漢');
  });

  test('tokens die when revoked, expired, or old', async () => {
    let now = Date.now();
    const cobo = await start({ now: () => now });
    const [a, b, c] = [cobo.issueRefreshToken(), cobo.issueRefreshToken(), cobo.issueRefreshToken()];
    cobo.revokeFamily(a);
    cobo.expireToken(b);
    expect([a, b, c, 'x'].map((token) => cobo.state(token))).toEqual(['revoked', 'expired', 'living', 'unknown']);
    const { access } = tokensIn(await refresh(cobo, c));
    cobo.expireToken(access);
    const answer = await get(cobo, '/v2/wallets', '', { Authorization: `Bearer ${access}` });
    expect([answer.status, errorIn(answer)]).toEqual([500, 1000]);
    const young = cobo.livingRefreshTokens();
    expect(young).toHaveLength(1);
    now += 31 * 24 * 3600_000;
    expect(cobo.livingRefreshTokens()).toEqual([]);
  });
});
