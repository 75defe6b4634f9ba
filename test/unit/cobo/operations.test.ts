import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENTS, isEnvironmentName } from '../../../src/cobo/environments.ts';
import { getOrgAccessToken, refreshOrgAccessToken } from '../../../src/cobo/operations.ts';

const AWKWARD_TOKENS = [
  ['quotes and backslashes', '"\\"\\\\'],
  ['line breaks', 'a\r\nb\u2028c'],
  ['percent signs and blanks', '%25 %zz +'],
  ['other scripts', 'é漢🔑'],
  ['bars', 'a|b'],
  ['control characters', '\0\x1b'],
  ['half of a surrogate pair', 'a\ud800b'],
];

describe('Refresh Org Access Token', () => {
  it('is a POST with a JSON body and no query', () => {
    expect(refreshOrgAccessToken('/v2', 'client-1', 'token-1')).toEqual({
      method: 'POST',
      path: '/v2/oauth/token',
      query: '',
      body: '{"client_id":"client-1","grant_type":"refresh_token","refresh_token":"token-1"}',
    });
  });

  it.each(AWKWARD_TOKENS)('carries a token with %s exactly', (_what, token) => {
    const { body } = refreshOrgAccessToken('/v2', 'client-1', token);
    expect(JSON.parse(Buffer.from(body, 'utf8').toString('utf8'))).toEqual({
      client_id: 'client-1',
      grant_type: 'refresh_token',
      refresh_token: token,
    });
  });

  it('keeps the path of a base URL with a prefix', () => {
    expect(refreshOrgAccessToken('/proxy/v2', 'c', 't').path).toBe('/proxy/v2/oauth/token');
  });
});

describe('Get Org Access Token', () => {
  it('is a GET with a query and no body', () => {
    expect(getOrgAccessToken('/v2', 'client-1', 'org-1')).toEqual({
      method: 'GET',
      path: '/v2/oauth/token',
      query: 'client_id=client-1&org_id=org-1&grant_type=org_implicit',
      body: '',
    });
  });

  it('keeps the path of a base URL with a prefix', () => {
    expect(getOrgAccessToken('/proxy/v2', 'c', 'o').path).toBe('/proxy/v2/oauth/token');
  });

  it('has IDs that cannot break out of their parameter', () => {
    const { query } = getOrgAccessToken('/v2', 'a&org_id=evil', 'b#?=+ %');
    expect(Object.fromEntries(new URLSearchParams(query))).toEqual({
      client_id: 'a&org_id=evil',
      org_id: 'b#?=+ %',
      grant_type: 'org_implicit',
    });
  });

  // The signature covers the query as it is sent, and a URL escapes a few characters by itself.
  it('has a query that a URL leaves as it is, for any ID that the inputs let pass', () => {
    const id = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(
      fc.property(id, id, (clientId, orgId) => {
        const { query } = getOrgAccessToken('/v2', clientId, orgId);
        const url = new URL('https://api.cobo.com/v2/oauth/token');
        url.search = query;
        expect(url.search).toBe(`?${query}`);
      }),
      { examples: [["o'neill", 'org-1']] },
    );
  });
});

describe('environments', () => {
  it.each([
    ['prod', 'https://api.cobo.com/v2', '8d4a482641adb2a34b726f05827dba9a9653e5857469b8749052bf4458a86729'],
    [
      'dev',
      'https://api.dev.cobo.com/v2',
      'a04ea1d5fa8da71f1dcfccf972b9c4eba0a2d8aba1f6da26f49977b08a0d2718',
    ],
    [
      'sandbox',
      'https://api.sandbox.cobo.com/v2',
      '893d8a6112ae22429a7453599256391d7928e16870ecab888ee3ce65febada08',
    ],
  ] as const)('%s has the address and the key that Cobo documents', (name, apiUrl, responseKey) => {
    expect(ENVIRONMENTS[name]).toEqual({ apiUrl, responseKey });
  });

  it.each(['prod', 'dev', 'sandbox'])('%s is the name of one', (name) => {
    expect(isEnvironmentName(name)).toBe(true);
  });

  it.each(['', 'PROD', 'production', 'toString', '__proto__'])('%j is the name of none', (name) => {
    expect(isEnvironmentName(name)).toBe(false);
  });
});
