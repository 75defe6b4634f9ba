import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CoboEmulator, startCobo } from '../../emulators/cobo.ts';

/** The part of the official SDK (CommonJS, without types) that is used here. */
interface Sdk {
  ApiClient: new (env: { basePath: string }, privateKey: string) => object;
  OAuthApi: new (
    client: object,
  ) => {
    refreshToken(request: object): Promise<Pair>;
    getToken(clientId: string, orgId: string, grantType: string): Promise<Pair>;
  };
  RefreshTokenRequest: { constructFromObject(fields: Record<string, string>): object };
}

interface Pair {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

const { ApiClient, OAuthApi, RefreshTokenRequest } = createRequire(import.meta.url)('@cobo/cobo-waas2') as Sdk;
let cobo: CoboEmulator;
let api: InstanceType<Sdk['OAuthApi']>;

beforeEach(async () => {
  cobo = await startCobo();
  api = new OAuthApi(new ApiClient({ basePath: cobo.url }, cobo.client.appSecretHex));
  // The SDK prints what it signs, and its nonce is the millisecond: no two requests may share one.
  vi.spyOn(console, 'log').mockReturnValue(undefined);
  vi.useFakeTimers({ toFake: ['Date'] });
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await cobo.close();
});

test('the official SDK rotates through one form of answers after the other', async () => {
  let token = cobo.issueRefreshToken();
  const forms: Partial<CoboEmulator['behaviour']>[] = [
    {},
    { signatureHeaders: 'underscore' },
    { signatureHeaders: 'both', contentEncoding: 'gzip' },
    { signatureHeaders: 'folded', contentEncoding: 'deflate' },
    { contentEncoding: 'gzip', signatureOver: 'decoded' },
  ];
  for (const form of forms) {
    vi.setSystemTime(Date.now() + 1);
    Object.assign(cobo.behaviour, form);
    const fields = { client_id: cobo.client.clientId, grant_type: 'refresh_token', refresh_token: token };
    const pair = await api.refreshToken(RefreshTokenRequest.constructFromObject(fields));
    expect([cobo.state(token), cobo.state(pair.refresh_token)]).toEqual(['spent', 'living']);
    expect([cobo.isLivingAccessToken(pair.access_token), pair.expires_in]).toEqual([true, 43199]);
    token = pair.refresh_token;
  }
});

test('the official SDK gets a pair by org_implicit, and the OAuth body of a refusal', async () => {
  const { clientId, orgId } = cobo.client;
  const pair = await api.getToken(clientId, orgId, 'org_implicit');
  expect(cobo.livingRefreshTokens()).toEqual([pair.refresh_token]);
  vi.setSystemTime(Date.now() + 1);
  const refused: unknown = await api.getToken(clientId, 'another', 'org_implicit').catch((error) => error);
  expect(refused).toMatchObject({
    status: 400,
    response: { body: { error: 'invalid_grant', error_description: expect.any(String) } },
  });
});
