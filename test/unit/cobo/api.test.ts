import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENTS, getOrgAccessToken, isEnvironmentName, refreshOrgAccessToken } from '../../../src/cobo/api.ts';
import { RUNS } from './support.ts';

describe('environments', () => {
  it('have the addresses and keys that Cobo documents', () => {
    expect(Object.entries(ENVIRONMENTS).map(([name, { apiUrl, responseKey }]) => [name, apiUrl, responseKey])).toEqual([
      ['prod', 'https://api.cobo.com/v2', '8d4a482641adb2a34b726f05827dba9a9653e5857469b8749052bf4458a86729'],
      ['dev', 'https://api.dev.cobo.com/v2', 'a04ea1d5fa8da71f1dcfccf972b9c4eba0a2d8aba1f6da26f49977b08a0d2718'],
      [
        'sandbox',
        'https://api.sandbox.cobo.com/v2',
        '893d8a6112ae22429a7453599256391d7928e16870ecab888ee3ce65febada08',
      ],
    ]);
  });

  it.each(['prod', 'dev', 'sandbox', '', 'PROD', 'toString', '__proto__'])('%j is the name of one, or not', (name) => {
    expect(isEnvironmentName(name)).toBe(['prod', 'dev', 'sandbox'].includes(name));
  });
});

describe('Refresh Org Access Token', () => {
  it('is a POST with a JSON body and no query', () => {
    expect(refreshOrgAccessToken('https://proxy.test/cobo/v2', 'client-1', 'token-1')).toEqual({
      method: 'POST',
      url: new URL('https://proxy.test/cobo/v2/oauth/token'),
      body: '{"client_id":"client-1","grant_type":"refresh_token","refresh_token":"token-1"}',
    });
  });
});

describe('Get Org Access Token', () => {
  it('is a GET with a query and no body', () => {
    expect(getOrgAccessToken('https://cobo.test/v2', 'client-1', 'org-1')).toEqual({
      method: 'GET',
      url: new URL('https://cobo.test/v2/oauth/token?client_id=client-1&org_id=org-1&grant_type=org_implicit'),
    });
  });

  it('has IDs that cannot break out of their parameter, whatever the inputs let pass', () => {
    const id = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(id, id, (clientId, orgId) => {
        const { url } = getOrgAccessToken('https://cobo.test/v2', clientId, orgId);
        expect([...url.searchParams]).toEqual([
          ['client_id', clientId],
          ['org_id', orgId],
          ['grant_type', 'org_implicit'],
        ]);
        expect(url.pathname).toBe('/v2/oauth/token');
      }),
      { ...RUNS, examples: [["o'neill+%20", 'a&org_id=evil#?=/']] },
    );
  });
});
