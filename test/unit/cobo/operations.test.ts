import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getOrgAccessToken, refreshOrgAccessToken } from '../../../src/cobo/operations.ts';
import { RUNS } from './support.ts';

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

  it('has IDs that are escaped as RFC 3986 wants it, in upper case', () => {
    const { query } = getOrgAccessToken('/v2', "a!b'c(d)e*f", 'ö/*');
    expect(query).toBe('client_id=a%21b%27c%28d%29e%2Af&org_id=%C3%B6%2F%2A&grant_type=org_implicit');
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
      { ...RUNS, examples: [["o'neill", 'org-1']] },
    );
  });
});
